"""The record of what went over the line: a WARC that others can read, whole whatever happens."""

from __future__ import annotations

import gzip
import multiprocessing

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from archiver.errors import ArchiverError
from archiver.fetch import FetchError, prepare
from tests.servers import door, reply, serving

PAGE = b"<p>An article.</p>" * 2000


def records(path):
    with open(path, "rb") as stream:
        return [
            (record.rec_headers, record.http_headers, record.raw_stream.read())
            for record in ArchiveIterator(stream)
        ]


def is_sound(path):
    """Whether warcio finds every digest right."""
    wanted = type("Options", (), {"verbose": False, "inputs": [str(path)]})()
    checker = Checker(wanted)
    checker.process_all()
    return checker.exit_value == 0


@pytest.fixture(autouse=True)
def _own_queue(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.mark.parametrize("name", ["e.warc", "e.warc.gz"])
def test_every_exchange_is_kept_as_it_was(tmp_path, name):
    path = str(tmp_path / name)
    packed = reply(body=gzip.compress(PAGE), Content_Encoding="gzip", X_Strange="a\tb")
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    routes = {"/a": reply("302 Found", Location="/b"), "/b": packed, "/c": chunked}
    with serving(routes) as host:
        prepare(path)
        getter = door(warc=path, robots=True)
        page = getter.get(f"{host.base}/a")
        assert getter.get(f"{host.base}/c").body == b"hello"
        with pytest.raises(FetchError):
            getter.get(f"{host.base}/none")
    assert page.body == PAGE
    found = records(path)
    assert is_sound(path)
    kinds = [head.get_header("WARC-Type") for head, _, _ in found]
    assert kinds == ["warcinfo"] + ["response", "request"] * 5
    targets = [head.get_header("WARC-Target-URI") for head, _, _ in found[1::2]]
    assert [target.removeprefix(host.base) for target in targets] == [
        "/robots.txt",
        "/a",
        "/b",
        "/c",
        "/none",
    ]
    head, http, body = found[5]
    assert head.get_header("WARC-Record-ID") == page.record.id
    assert head.get_header("WARC-IP-Address") == "127.0.0.1"
    assert head.get_header("WARC-Truncated") is None
    assert (http.get_header("X-Strange"), gzip.decompress(body)) == ("a\tb", PAGE)
    assert found[6][0].get_header("WARC-Concurrent-To") == page.record.id
    assert found[7][2] == b"5\r\nhello\r\n0\r\n\r\n"
    with open(path, "rb") as stream:
        stream.seek(page.record.offset)
        record = next(ArchiveIterator(stream))
        assert record.rec_headers.get_header("WARC-Record-ID") == page.record.id


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (reply(body=PAGE, Content_Length="99999"), "disconnect"),
        (reply(body=PAGE, Content_Type="application/pdf"), "unspecified"),
        (reply(body=b"a" * 200_000), "length"),
        (reply("404 Not Found", body=PAGE), None),
        (b"", "nothing"),
    ],
)
def test_what_was_not_heard_to_its_end_says_so(tmp_path, answer, why):
    path = str(tmp_path / "e.warc")
    with serving({"/a": answer}) as host, pytest.raises(FetchError):
        door(warc=path, limit=100_000, deadline=0.8).get(f"{host.base}/a")
    if why == "nothing":
        assert not (tmp_path / "e.warc").exists()
        return
    head, _, _ = records(path)[0]
    assert head.get_header("WARC-Truncated") == why
    assert is_sound(path)


def _ask(base, path):
    for n in range(5):
        door(warc=path, per_host=9).get(f"{base}/{n}")


def test_several_processes_write_one_file(tmp_path):
    path = str(tmp_path / "e.warc.gz")
    with serving({f"/{n}": reply(body=PAGE * (n + 1)) for n in range(5)}) as host:
        context = multiprocessing.get_context("spawn")
        workers = [context.Process(target=_ask, args=(host.base, path)) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(30)
    assert len(records(path)) == 30
    assert is_sound(path)


def test_what_is_there_is_added_to_and_something_else_is_refused(tmp_path):
    path = str(tmp_path / "e.warc.gz")
    for _ in range(2):
        prepare(path)
    assert len(records(path)) == 1
    for name, body in (("a.db", b"SQLite format 3\0"), ("b.warc", gzip.compress(b"WARC/1.1"))):
        (tmp_path / name).write_bytes(body)
        with pytest.raises(ArchiverError, match="name another file with --warc"):
            prepare(str(tmp_path / name))
        assert (tmp_path / name).read_bytes() == body
    with pytest.raises(ArchiverError, match="cannot write the WARC"):
        prepare(str(tmp_path / "none" / "e.warc"))


def test_a_record_that_cannot_be_written_is_not_half_there(tmp_path, monkeypatch):
    path = str(tmp_path / "e.warc")
    prepare(path)
    before = (tmp_path / "e.warc").read_bytes()

    def full(_, view):
        raise OSError(28, "No space left on device")

    with serving({"/a": reply(body=PAGE)}) as host:
        getter = door(warc=path)
        monkeypatch.setattr("archiver.fetch.warc.os.write", full)
        with pytest.raises(FetchError, match="No space left on device"):
            getter.get(f"{host.base}/a")
    assert (tmp_path / "e.warc").read_bytes() == before
