"""The door to the web, on a loopback server that misbehaves on purpose."""

import gzip
import http.server
import socket
import threading
import time
import zlib

import pytest

from archiver import fetch
from archiver.fetch import Fetcher, FetchError, is_public
from archiver.manners import Manners

PAGE = b"<!doctype html><title>t</title><p>An article.</p>" * 20


def _reply(status="200 OK", body=PAGE, length=None, **headers):
    lines = [f"HTTP/1.1 {status}", "Connection: close"]
    if length is not False:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    named = {"Content-Type": "text/html; charset=utf-8"} | {
        k.replace("_", "-"): v for k, v in headers.items()
    }
    lines += [f"{k}: {v}" for k, v in named.items() if v is not None]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _bomb():
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1 << 20)
    return b"".join(packer.compress(block) for _ in range(40)) + packer.flush()


def _gzip(**headers):
    return _reply(body=gzip.compress(PAGE), Content_Encoding="gzip", **headers)


ROUTES = {
    "/ok": lambda: _reply(Date="Thu, 20 Jan 2022 13:23:00 GMT"),
    "/gzip": _gzip,
    "/members": lambda: _reply(
        body=gzip.compress(PAGE[:9]) + gzip.compress(PAGE[9:]), Content_Encoding="x-gzip"
    ),
    "/nested": lambda: _reply(body=gzip.compress(gzip.compress(PAGE)), Content_Encoding="gzip, gzip"),
    "/deflate": lambda: _reply(body=zlib.compress(PAGE), Content_Encoding="deflate"),
    "/bare-deflate": lambda: _reply(body=zlib.compress(PAGE)[2:-4], Content_Encoding="deflate"),
    "/no-length": lambda: _reply(length=False),
    "/chunked": lambda: _reply(body=b"5\r\nhello\r\n0\r\n\r\n", length=False, Transfer_Encoding="chunked"),
    "/step": lambda: _reply("302 Found", Location="/ok"),
    "/loop": lambda: _reply("302 Found", Location="/loop"),
    "/nowhere": lambda: _reply("302 Found"),
    "/file": lambda: _reply("302 Found", Location="file:///etc/passwd"),
    "/bad": lambda: _reply("302 Found", Location="http://[bad"),
    "/inside": lambda: _reply("302 Found", Location="http://10.0.0.5/"),
    "/404": lambda: _reply("404 Not Found"),
    "/500": lambda: _reply("500 Internal Server Error"),
    "/pdf": lambda: _reply(Content_Type="application/pdf"),
    "/image": lambda: _reply(Content_Type="image/png"),
    "/untyped": lambda: _reply(Content_Type=None),
    "/cut": lambda: _reply(length=len(PAGE) + 500),
    "/cut-chunk": lambda: _reply(body=b"ff\r\nhello", length=False, Transfer_Encoding="chunked"),
    "/cut-gzip": lambda: _reply(body=gzip.compress(PAGE)[:-12], Content_Encoding="gzip"),
    "/broken-gzip": lambda: _reply(Content_Encoding="gzip"),
    "/strange-coding": lambda: _reply(Content_Encoding="br"),
    "/bomb": lambda: _reply(body=_bomb(), Content_Encoding="gzip"),
    "/large": lambda: _reply(length=10**12),
    "/garbage": lambda: b"\x00\x01\x02 nonsense\r\n\r\n",
    "/nothing": lambda: b"",
}


ASKED = []


class _Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        ASKED.append((self.path, self.headers["User-Agent"]))
        if self.path == "/drip":
            self._drip(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Slow: ")
        elif self.path == "/drip-body":
            self._drip(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        elif self.path == "/hang":
            time.sleep(4)
        elif self.path == "/endless":
            self._endless()
        else:
            self.wfile.write(ROUTES[self.path]())

    def _drip(self, head):
        self.wfile.write(head)
        for _ in range(80):
            self.wfile.write(b"a")
            time.sleep(0.05)

    def _endless(self):
        self.wfile.write(_reply(length=False))
        for _ in range(200):
            self.wfile.write(b"<p>more</p>" * 100_000)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def server():
    class Quiet(http.server.ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_):
            pass  # clients hang up here on purpose

    with Quiet(("127.0.0.1", 0), _Server) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()


def _door(deadline=2.5, **manners):
    manners = Manners(**{"delay": 0, "robots": False} | manners)
    return Fetcher(
        allow=lambda address: address.startswith("127."),
        limit=5_000_000,
        deadline=deadline,
        manners=manners,
    )


@pytest.fixture
def fetcher():
    return _door()


def _refused(fetcher, url):
    with pytest.raises(FetchError) as caught:
        fetcher.get(url)
    assert "\n" not in str(caught.value)
    assert "object at 0x" not in str(caught.value)
    return caught.value


def test_a_page_comes_whole_with_what_the_server_said(server, fetcher):
    page = fetcher.get(f"{server}/ok")
    assert page.body == PAGE
    assert (page.status, page.media_type, page.charset) == (200, "text/html", "utf-8")
    assert page.date == "2022-01-20T13:23:00Z"
    assert page.url == f"{server}/ok"


@pytest.mark.parametrize(
    "path", ["gzip", "members", "nested", "deflate", "bare-deflate", "no-length", "untyped"]
)
def test_codings_and_lengths(server, fetcher, path):
    assert fetcher.get(f"{server}/{path}").body == PAGE


def test_chunks(server, fetcher):
    assert fetcher.get(f"{server}/chunked").body == b"hello"


def test_redirects_are_followed_to_the_address_that_answers(server, fetcher):
    assert fetcher.get(f"{server}/step").url == f"{server}/ok"


def test_the_server_is_told_who_asks(server):
    _door(contact="desk@news.example").get(f"{server}/ok")
    assert "archiver/" in ASKED[-1][1]
    assert "contact: desk@news.example" in ASKED[-1][1]


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        ("404", 404, "the server answered 404 Not Found"),
        ("500", 500, "the server answered 500 Internal Server Error"),
        ("nowhere", 302, "the server answered 302 Found"),
        ("pdf", 200, "no article but application/pdf"),
        ("image", 200, "no article but image/png"),
        ("cut", 200, "incomplete"),
        ("cut-chunk", 200, "incomplete"),
        ("cut-gzip", 200, "damaged on the way: incomplete: the packed body ends too early"),
        ("broken-gzip", 200, "damaged on the way"),
        ("strange-coding", 200, "content coding br is not understood"),
        ("bomb", 200, "larger than 5 MB when unpacked"),
        ("large", 200, "larger than 5 MB"),
        ("endless", 200, "larger than 5 MB"),
        ("loop", 302, "redirected without end: not there after 10 requests"),
        ("file", None, "leads to file:///etc/passwd, which is no web address: not followed"),
        ("bad", None, "not a valid web address"),
        ("garbage", None, "the connection failed"),
        ("nothing", None, "the connection failed"),
        ("inside", None, "refused: 10.0.0.5 leads to 10.0.0.5, which is no public address"),
        ("drip", 200, "no complete answer within 2.5 s"),
        ("drip-body", 200, "no complete answer within 2.5 s"),
        ("hang", None, "no complete answer within 2.5 s"),
    ],
)
def test_what_is_not_whole_is_refused_with_the_reason(server, fetcher, path, status, reason):
    start = time.monotonic()
    error = _refused(fetcher, f"{server}/{path}")
    assert reason in str(error)
    assert error.status == status
    assert time.monotonic() - start < 4


def test_a_loop_ends_after_ten_requests(server, fetcher):
    before = len(ASKED)
    _refused(fetcher, f"{server}/loop")
    assert len(ASKED) - before == 10


INSIDE = """127.0.0.1 127.1 2130706433 0x7f000001 0177.0.0.1 127.8.8.8 0.0.0.0 0 localhost localhost. [::1]
    [::ffff:127.0.0.1] [::ffff:7f00:1] [64:ff9b::7f00:1] [2002:7f00:1::] [::] [fe80::1] [fc00::1] 10.0.0.5
    192.168.1.1 172.16.0.1 169.254.169.254 100.64.0.1 224.0.0.1 255.255.255.255 １２７.０.０.１
    news.example@127.0.0.1""".split()


@pytest.mark.parametrize("host", INSIDE)
def test_addresses_inside_are_never_connected_to(server, host, monkeypatch):
    def connect(*_):
        raise AssertionError("connected")

    monkeypatch.setattr(socket.socket, "connect", connect)
    error = _refused(Fetcher(), f"http://{host}:{server.rsplit(':')[-1]}/ok")
    assert "which is no public address" in str(error) or "no such host" in str(error) or "valid" in str(error)


def test_what_is_checked_is_what_is_connected_to(server):
    """A name server that answers with a public address first and an inside one afterwards."""
    answers = iter(["93.184.215.14", "127.0.0.1"])
    asked = []

    def resolve(host, port):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def allow(address):
        return is_public(address) and not address.startswith("93.")

    error = _refused(Fetcher(resolve, allow), "http://rebind.example/")
    assert "93.184.215.14" in str(error)
    assert asked == ["rebind.example"]


def test_one_inside_address_among_many_refuses_the_host():
    def resolve(host, port):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("93.184.215.14", "10.0.0.1")
        ]

    assert "10.0.0.1" in str(_refused(Fetcher(resolve), "http://mixed.example/"))


def test_proxies_of_the_environment_are_not_used(server, fetcher, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    assert fetcher.get(f"{server}/ok").body == PAGE


@pytest.mark.parametrize("url", ["file:///etc/passwd", "gopher://example.org/", "ftp://example.org/a"])
def test_other_schemes_are_refused(url):
    assert "no web address" in str(_refused(Fetcher(), url))


@pytest.mark.parametrize(
    "url", ["http://", "http://[bad", "http://a..b/", "http://" + "x" * 300 + "/", "http://a:b/"]
)
def test_broken_addresses_are_refused(url):
    _refused(Fetcher(), url)


def test_a_port_where_nobody_listens(fetcher):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert "no connection to 127.0.0.1" in str(_refused(fetcher, f"http://127.0.0.1:{port}/"))


def test_a_host_without_a_certificate(server, fetcher):
    error = _refused(fetcher, server.replace("http:", "https:") + "/ok")
    assert "no secure connection" in str(error) or "the connection failed" in str(error)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"]
)
def test_public_addresses(address):
    assert is_public(address)


def _timers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


def test_no_thread_and_no_socket_is_left(server, fetcher):
    for _ in range(3):
        fetcher.get(f"{server}/ok")
    deadline = time.monotonic() + 2
    while (timers := _timers()) and time.monotonic() < deadline:
        time.sleep(0.05)  # a timer that was called off ends on its own, a moment later
    assert not timers
    assert fetch.DEADLINE <= 90
