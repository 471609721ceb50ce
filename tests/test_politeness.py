"""Manners towards servers: rules, queues, further tries, second visits, archived copies."""

from __future__ import annotations

import multiprocessing
import os
import socket
import time
from email.utils import formatdate
from itertools import pairwise

import pytest

from archiver.fetch import FetchError, Known, fetcher
from archiver.fetch.queues import Queue
from tests.servers import door, reply, serving

PAGE = reply(body="<p>An article.</p>")
FORBIDS = reply(body="User-agent: *\nDisallow: /private/\nCrawl-delay: 1", Content_Type="text/plain")


def failing(times: int, status: str = "503 Service Unavailable", **headers: str):
    """An answer that fails so many times, and is the page afterwards."""
    return lambda request: reply(status, **headers) if request.count <= times else PAGE


def refused(getter, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        getter.get(url)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.fixture(autouse=True)
def _own_queue(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(fetcher, "_PAUSES", (0.01, 0.02, 0.03))


@pytest.mark.parametrize("status", ["429 Too Many", "500 Error", "502 Bad", "503 Out", "504 Late", "522 Odd"])
def test_what_passes_is_tried_again(quick, status):
    with serving({"/a": failing(2, status)}) as host:
        assert door().get(f"{host.base}/a").status == 200
        assert len(host.asked) == 3


@pytest.mark.parametrize("status", ["400 Bad", "401 Who", "403 No", "404 Not Found", "410 Gone", "501 Never"])
def test_what_lasts_is_not_tried_again(quick, status):
    with serving({"/a": failing(9, status)}) as host:
        error = refused(door(), f"{host.base}/a")
        assert error.status == int(status[:3])
        assert len(host.asked) == 1


def test_patience_ends(quick):
    with serving({"/a": failing(99)}) as host:
        assert "the server answered 503" in str(refused(door(), f"{host.base}/a"))
        assert len(host.asked) == 4


def test_broken_connections_and_cut_bodies_are_tried_again(quick):
    cut = reply(body="<p>An article.</p>", Content_Length="500")
    answers = {1: b"", 2: cut, 3: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\ncut"}
    with serving({"/a": lambda request: answers.get(request.count, PAGE)}) as host:
        assert door().get(f"{host.base}/a").body == b"<p>An article.</p>"
        assert len(host.asked) == 4


def test_tries_and_redirects_together_are_ten_requests_at_most(quick):
    def answer(request):
        step = int(request.path.split("/")[-1])
        return reply("503 Out") if request.count == 1 else reply("302 Found", Location=f"/step/{step + 1}")

    with serving({f"/step/{n}": answer for n in range(50)}) as host:
        refused(door(), f"{host.base}/step/0")
        assert len(host.asked) <= 10


@pytest.mark.parametrize("kind", ["seconds", "date"])
def test_retry_after_is_obeyed(kind):
    def busy(request):
        after = "1" if kind == "seconds" else formatdate(time.time() + 2, usegmt=True)
        return reply("429 Too Many Requests", Retry_After=after) if request.count == 1 else PAGE

    with serving({"/a": busy}) as host:
        door().get(f"{host.base}/a")
        assert host.asked[1].at - host.asked[0].at >= 0.99


def test_a_server_that_asks_for_too_much_is_left_alone():
    with serving({"/a": failing(9, "429 Too Many", Retry_After="1000000000"), "/b": PAGE}) as host:
        getter = door()
        assert "asks us to stay away for 1000000000 s" in str(refused(getter, f"{host.base}/a"))
        assert "asked us to stay away" in str(refused(getter, f"{host.base}/b"))
        assert len(host.asked) == 1


@pytest.mark.parametrize("words", ["soon", "-5", "１", ""])
def test_a_retry_after_that_is_none_counts_for_nothing(quick, words):
    with serving({"/a": failing(1, "429 Too Many", Retry_After=words.encode().decode("latin-1"))}) as host:
        assert door().get(f"{host.base}/a").status == 200


def test_pauses_end_with_the_time():
    start = time.monotonic()
    with serving({"/a": failing(9)}) as host:
        refused(door(deadline=1.2), f"{host.base}/a")
    assert time.monotonic() - start < 2


def test_robots_are_obeyed_on_every_hop():
    routes = {"/robots.txt": FORBIDS, "/private/a": PAGE, "/b": reply("302 Found", Location="/private/a")}
    with serving(routes) as host:
        for path in ("/private/a", "/b"):
            error = refused(door(robots=True), f"{host.base}{path}")
            assert "robots.txt of 127.0.0.1 forbids it" in str(error)
            assert "--no-robots" in str(error)
        assert [request.path for request in host.asked] == ["/b"]
        assert door().get(f"{host.base}/private/a").status == 200


def test_robots_are_asked_once(quick):
    routes = {"/robots.txt": reply(body="User-agent: archiver\nDisallow:"), "/a": PAGE, "/b": PAGE}
    with serving(routes) as host:
        getter = door(robots=True)
        for path in ("/a", "/b", "/a"):
            getter.get(f"{host.base}{path}")
        assert [request.path for request in host.log] == ["/robots.txt", "/a", "/b", "/a"]


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        (reply("404 Not Found"), True),
        (reply("403 Forbidden"), True),
        (reply("302 Found", Location="/robots.txt"), True),
        (reply("500 Error"), False),
        (reply("429 Busy"), False),
        (reply(body=os.urandom(5000), Content_Type="text/plain"), True),
        (reply(body="<html>No such page</html>"), True),
        (reply(body="\ufeffUser-agent: *\nDisallow: /"), False),
        (reply(body="User-agent: *\nDisallow: /\n\nUser-agent: Archiver\nAllow: /"), True),
        (b"", False),
    ],
)
def test_what_answers_instead_of_robots(rules, allowed):
    with serving({"/robots.txt": rules, "/a": PAGE}) as host:
        getter = door(robots=True)
        if allowed:
            assert getter.get(f"{host.base}/a").status == 200
        else:
            assert "robots.txt" in str(refused(getter, f"{host.base}/a"))
            assert host.asked == []


def test_robots_that_fail_once_are_asked_again(quick, monkeypatch):
    rules = failing(2)
    with serving({"/robots.txt": rules, "/a": PAGE}) as host:
        assert door(robots=True).get(f"{host.base}/a").status == 200
    with serving({"/robots.txt": failing(3), "/a": PAGE}) as host:
        getter = door(robots=True)
        refused(getter, f"{host.base}/a")
        refused(getter, f"{host.base}/a")
        monkeypatch.setattr("archiver.fetch.robots.time.monotonic", lambda: 1e9)
        assert getter.robots.check(f"{host.base}/a") == 0


def test_a_huge_robots_is_read_as_far_as_the_standard_asks(quick):
    body = "User-agent: *\nDisallow: /private/\n" + "Disallow: /x\n" * 500_000
    with serving({"/robots.txt": reply(body=body), "/a": PAGE}) as host:
        start = time.monotonic()
        assert door(robots=True).get(f"{host.base}/a").status == 200
        assert "forbids" in str(refused(door(robots=True), f"{host.base}/private/a"))
        assert time.monotonic() - start < 10


def test_robots_that_hang_are_not_waited_for(monkeypatch):
    monkeypatch.setattr(fetcher, "_ROBOTS_DEADLINE", 0.3)

    def hang(_):
        time.sleep(2)
        return b""

    with serving({"/robots.txt": hang, "/a": PAGE}) as host:
        start = time.monotonic()
        assert "robots.txt cannot be read" in str(refused(door(robots=True), f"{host.base}/a"))
        assert time.monotonic() - start < 1.9


def test_a_host_that_is_not_there_is_not_blamed_on_its_robots():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert "no connection to 127.0.0.1" in str(refused(door(robots=True), f"http://127.0.0.1:{port}/"))


def test_pages_of_one_host_keep_their_distance():
    with serving({"/a": PAGE, "/b": reply("302 Found", Location="/a")}) as host:
        getter = door(delay=0.8)
        for path in ("/a", "/b", "/a"):
            getter.get(f"{host.base}{path}")
        at = [request.at for request in host.asked]
        assert at[1] - at[0] >= 0.79
        assert at[2] - at[1] < 0.75, "a redirect is no other page"
        assert at[3] - at[2] >= 0.79


def test_a_host_may_ask_for_a_longer_distance():
    with serving({"/robots.txt": FORBIDS, "/a": PAGE}) as host:
        getter = door(delay=0, robots=True)
        for _ in range(2):
            getter.get(f"{host.base}/a")
        assert host.asked[1].at - host.asked[0].at >= 0.99


def _ask(base: str, per_host: int) -> None:
    door(delay=0.5, per_host=per_host).get(f"{base}/a")


@pytest.mark.parametrize("per_host", [1, 2])
def test_the_queue_holds_across_processes(per_host):
    def slow(_):
        time.sleep(0.8)
        return PAGE

    with serving({"/a": slow}) as host:
        context = multiprocessing.get_context("spawn")
        workers = [context.Process(target=_ask, args=(host.base, per_host)) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(30)
        assert len(host.asked) == 4
        assert host.busiest == per_host
        at = sorted(request.at for request in host.asked)
        assert min(b - a for a, b in pairwise(at)) >= 0.2


def _die(folder) -> None:
    with Queue(0, 1, folder).turn("a.example"):
        os._exit(1)


def test_a_process_that_dies_gives_its_turn_back(tmp_path):
    worker = multiprocessing.get_context("spawn").Process(target=_die, args=(tmp_path,))
    worker.start()
    worker.join(30)
    start = time.monotonic()
    with Queue(0, 1, tmp_path).turn("a.example"):
        assert time.monotonic() - start < 1


def test_a_clock_that_was_set_back_stops_nobody(tmp_path):
    queue = Queue(0.01, 1, tmp_path)
    with queue.turn("a.example"):
        pass
    for path in tmp_path.iterdir():
        path.write_text(str(time.time() + 100_000))
    start = time.monotonic()
    with queue.turn("a.example"):
        assert time.monotonic() - start < 1


def test_a_place_for_the_queue_that_is_another_users(tmp_path, monkeypatch):
    folder = tmp_path / f"archiver-{os.getuid()}"
    folder.symlink_to(tmp_path)
    assert "belongs to another user" in str(refused(door(), "http://127.0.0.1:1/"))


def test_waiting_for_a_turn_takes_nothing_from_the_time():
    with serving({"/a": PAGE}) as host:
        getter = door(deadline=2, delay=2.5)
        getter.get(f"{host.base}/a")
        assert getter.get(f"{host.base}/a").status == 200


def test_a_second_visit_asks_whether_the_page_has_changed():
    def answer(request):
        same = request.headers.get("If-None-Match") == '"v1"'
        return reply("304 Not Modified") if same else reply(body="x", ETag='"v1"', Last_Modified="then")

    with serving({"/a": answer, "/b": reply("302 Found", Location="/a")}) as host:
        first = door().get(f"{host.base}/b")
        assert (first.etag, first.last_modified, first.url) == ('"v1"', "then", f"{host.base}/a")
        again = door().get(f"{host.base}/b", Known(first.url, first.etag, first.last_modified))
        assert (again.status, again.body) == (304, b"")
        assert "If-None-Match" not in host.asked[2].headers
        assert host.asked[3].headers["If-Modified-Since"] == "then"


def test_an_address_is_known_in_every_spelling():
    with serving({"/": reply(body="x", ETag="1"), "/%C3%A4": reply(body="x", ETag="2")}) as host:
        for url in (host.base, f"{host.base}/ä"):
            first = door().get(url)
            door().get(url, Known(first.url, first.etag))
            assert host.asked[-1].headers["If-None-Match"] == first.etag


def test_a_304_that_was_not_asked_for_is_no_page():
    with serving({"/a": reply("304 Not Modified")}) as host:
        assert refused(door(), f"{host.base}/a").status == 304


def memento(body: str = "<p>As it was.</p>") -> bytes:
    return reply(body=body, Memento_Datetime="Sun, 12 Feb 2023 09:30:00 GMT", ETag="no")


def test_a_page_that_is_gone_is_read_from_an_archive():
    with serving() as archive, serving({"/a": reply("410 Gone")}) as host:
        copy = f"/web/20230212093000/{host.base}/a"
        archive.routes |= {
            f"/web/{host.base}/a": reply("302 Found", Location=copy),
            copy: memento("<p>With a toolbar.</p>"),
            copy.replace("/http:", "id_/http:"): memento(),
        }
        getter, near = door(timegate=f"{archive.base}/web/"), "Sun, 12 Feb 2023 00:00:00 GMT"
        page = getter.get(f"{host.base}/a", near=near)
        assert page.body == b"<p>As it was.</p>"
        assert (page.url, page.date, page.etag) == (f"{host.base}/a", "2023-02-12T09:30:00Z", None)
        assert page.memento == f"{archive.base}{copy}".replace("/http:", "id_/http:")
        assert archive.asked[0].headers["Accept-Datetime"] == near


def test_an_archive_without_raw_copies_gives_what_it_has():
    with serving() as archive, serving() as host:
        copy = f"/web/20230212093000/{host.base}/a"
        archive.routes |= {f"/web/{host.base}/a": reply("302 Found", Location=copy), copy: memento()}
        page = door(timegate=f"{archive.base}/web/").get(f"{host.base}/a")
        assert page.memento == f"{archive.base}{copy}"


def test_a_host_that_is_gone_is_looked_for_too():
    def resolve(host, port):
        if host != "127.0.0.1":
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]

    with serving() as archive:
        archive.routes["/web/http://gone.example/a"] = memento()
        getter = door(timegate=f"{archive.base}/web/", robots=True)
        getter.guard._resolve = resolve
        assert getter.get("http://gone.example/a").url == "http://gone.example/a"


@pytest.mark.parametrize("answer", [reply("404 Not Found"), reply(body="<p>No date.</p>")])
def test_what_no_archive_has_fails_with_both_reasons(answer):
    with serving() as archive, serving() as host:
        archive.routes[f"/web/{host.base}/a"] = answer
        error = refused(door(timegate=f"{archive.base}/web/"), f"{host.base}/a")
        assert str(error).startswith("the server answered 404 Not Found; 127.0.0.1: ")
        assert error.status == 404


def test_a_page_that_is_not_gone_is_looked_for_nowhere(quick):
    with serving() as archive, serving({"/a": reply("403 Forbidden")}) as host:
        refused(door(timegate=f"{archive.base}/web/"), f"{host.base}/a")
        assert archive.log == []
