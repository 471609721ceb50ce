"""A WACZ at an address: read part by part, whatever the server makes of that."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver import readers
from archiver.model import Document
from archiver.readers import Container, Failure, Source, remote
from tests.archives import page, tweet, warc
from tests.servers import Answer, Request, door, reply, serving

URL = "https://news.example/"
CHANCE = random.Random(1)  # noise, so that packing does not make a small file of it
PAGES = {
    f"{URL}{n}": page(tweet(n) + f"<!-- {CHANCE.randbytes(1500).hex()} -->", f"{URL}{n}") for n in range(60)
}
_RANGE = re.compile(r"bytes=(\d+)-(\d+)")


def wacz(packing: int = zipfile.ZIP_STORED) -> bytes:
    made = io.BytesIO()
    half = len(PAGES) // 2
    with zipfile.ZipFile(made, "w", packing) as out:
        out.writestr("archive/one.warc.gz", warc(dict(list(PAGES.items())[:half]), True))
        out.writestr("indexes/index.cdx.gz", b"x" * 200_000)
        out.writestr("archive/two.warc.gz", warc(dict(list(PAGES.items())[half:]), True))
        out.writestr("pages/pages.jsonl", '{"format": "json-pages-1.0"}\n')
        out.writestr("datapackage.json", "{}")
    return made.getvalue()


BODY = wacz()


def span(request: Request, size: int) -> tuple[int, int]:
    found = _RANGE.fullmatch(request.headers.get("Range", ""))
    assert found, request.headers
    return int(found[1]), min(int(found[2]), size - 1)


def parts(body: bytes, etag: str | None = '"v1"', **told: str | None) -> Callable[[Request], bytes]:
    def answer(request: Request) -> bytes:
        first, last = span(request, len(body))
        headers = {"Content_Type": "application/zip", "ETag": etag, **told}
        headers = {"Content_Range": f"bytes {first}-{last}/{len(body)}", **headers}
        return reply("206 Partial Content", body[first : last + 1], **headers)

    return answer


@pytest.fixture(autouse=True)
def _small_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(remote, "_SMALL", 4096)
    monkeypatch.setattr(remote, "_LARGE", 16384)
    monkeypatch.setattr("archiver.fetch.fetcher._PAUSES", (0.0, 0.0, 0.0))


def read(
    answer: Answer | bytes, limit: int = 5_000_000
) -> tuple[list[Document | Failure | Container], list[Request]]:
    with serving({"/a.wacz": answer}) as host:
        found = list(readers.open(Source(f"{host.base}/a.wacz"), limit, lambda: door(limit=limit)))
        return found, host.asked


def test_what_a_file_gives_an_address_gives(tmp_path: Path) -> None:
    (tmp_path / "a.wacz").write_bytes(BODY)
    *local, _ = readers.open(Source(str(tmp_path / "a.wacz")))
    (*documents, container), asked = read(parts(BODY))
    known = [(d.source, d.body, d.record_offset, d.captured_at) for d in local if isinstance(d, Document)]
    assert [(d.source, d.body, d.record_offset, d.captured_at) for d in documents] == known
    assert len(known) == len(PAGES)
    assert container.troubles == () and container.articles == len(PAGES)
    assert container.records == len(PAGES) + 2 + 3
    taken = [span(request, len(BODY)) for request in asked]
    assert max(last - first for first, last in taken) < 16384
    assert sum(last + 1 - first for first, last in taken) < len(BODY) - 150_000, "the index was read"
    assert all(request.headers["Accept-Encoding"] == "identity" for request in asked)
    assert {request.headers.get("If-Range") for request in asked[1:]} == {'"v1"'}


def test_members_that_are_packed() -> None:
    (*documents, container), _ = read(parts(wacz(zipfile.ZIP_DEFLATED)))
    assert len(documents) == len(PAGES) and container.troubles == ()


def test_a_redirect_is_followed_for_each_part() -> None:
    with serving({"/b": parts(BODY)}) as host:
        host.routes["/a.wacz"] = reply("302 Found", Location="/b")
        *documents, _ = readers.open(Source(f"{host.base}/a.wacz"), 5_000_000, door)
    assert len(documents) == len(PAGES)


def test_a_server_without_parts_is_asked_for_all_of_it_once() -> None:
    (*documents, container), asked = read(reply(body=BODY, Content_Type="application/zip"))
    assert len(documents) == len(PAGES) and container.troubles == () and len(asked) == 1


@pytest.mark.parametrize("length", ["told", "untold"])
def test_without_parts_a_large_file_is_refused(length: str) -> None:
    told = {} if length == "told" else {"Content_Length": None}
    [failure], asked = read(reply(body=BODY, **told), limit=100_000)
    assert isinstance(failure, Failure) and failure.outcome == "failed"
    assert "larger than 0.1 MB, and the server gives no parts of it" in failure.reason
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"Content_Range": "bytes 0-99/1000000"}, "another part than bytes 0-4095"),
        ({"Content_Range": f"bytes 100-4195/{len(BODY)}"}, "another part"),
        ({"Content_Range": None}, "does not say which"),
        ({"Content_Range": "bytes 0-4095/*"}, "another part"),
        ({"Content_Range": "pages 1-2/3"}, "another part"),
        ({"Content_Encoding": "gzip"}, "packs what it sends"),
    ],
)
def test_a_server_that_does_not_keep_to_what_was_asked(told: dict[str, str | None], why: str) -> None:
    [failure], _ = read(parts(BODY, **told))
    assert isinstance(failure, Failure) and why in failure.reason


@pytest.mark.parametrize("size", [10, 100_000])
def test_a_part_that_is_not_as_long_as_it_says(size: int) -> None:
    def answer(request: Request) -> bytes:
        first, last = span(request, len(BODY))
        told = f"bytes {first}-{last}/{len(BODY)}"
        return reply("206 Partial Content", BODY[:size], Content_Range=told)

    [failure], asked = read(answer)
    assert isinstance(failure, Failure) and failure.outcome == "failed"
    assert ("incomplete" in failure.reason) == (size == 10)
    assert len(asked) == (4 if size == 10 else 1)


OTHER = BODY.replace(b"news", b"mews")


@pytest.mark.parametrize(
    "changed",
    [
        parts(BODY, '"v2"'),
        parts(OTHER + b"\0" * 9),
        parts(BODY, '"v1"', Last_Modified="Thu, 20 Jan 2022 13:23:00 GMT"),
        reply(body=OTHER),
    ],
    ids=["etag", "size", "date", "whole"],
)
@pytest.mark.parametrize("at", [2, 12])
def test_a_file_that_changes_while_it_is_read(changed: Answer | bytes, at: int) -> None:
    def answer(request: Request) -> bytes:
        if request.count < at:
            return parts(BODY)(request)
        return changed if isinstance(changed, bytes) else changed(request)

    found, asked = read(answer)
    assert len(asked) == at
    if at == 2:  # its directory was not read yet
        [failure] = found
        assert isinstance(failure, Failure) and "changed while it was read" in failure.reason
        return
    *documents, container = found
    assert isinstance(container, Container) and 0 < len(documents) < len(PAGES)
    [trouble] = [t for t in container.troubles if t.place == "the rest"]
    assert "changed while it was read" in trouble.why
    assert all(d.body.decode() == PAGES[d.source] for d in documents if isinstance(d, Document))


def test_what_breaks_off_is_asked_for_again() -> None:
    def answer(request: Request) -> bytes:
        whole = parts(BODY)(request)
        return whole[:-100] if request.count % 2 else whole

    (*documents, container), _ = read(answer)
    assert len(documents) == len(PAGES) and container.troubles == ()


def test_what_stays_broken_costs_the_rest() -> None:
    def answer(request: Request) -> bytes:
        return parts(BODY)(request) if request.count < 12 else b""

    (*documents, container), asked = read(answer)
    assert 0 < len(documents) < len(PAGES) and len(asked) == 11 + 4
    assert [trouble.place for trouble in container.troubles][-1] == "the rest"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (reply("404 Not Found"), "404"),
        (reply("416 Range Not Satisfiable"), "416"),
        (reply(body="<p>Please log in."), "named as a WACZ, but text/html, which is none"),
        (parts(b"PK\x03\x04" + b"\0" * 30_000), "a damaged ZIP file"),
    ],
)
def test_what_is_no_wacz_says_why(answer: Answer | bytes, why: str) -> None:
    [failure], _ = read(answer)
    assert isinstance(failure, Failure) and why in failure.reason


def test_robots_txt_is_obeyed() -> None:
    with serving({"/a.wacz": parts(BODY), "/robots.txt": reply(body="User-agent: *\nDisallow: /")}) as host:
        [failure] = readers.open(Source(f"{host.base}/a.wacz"), 5_000_000, lambda: door(robots=True))
        assert isinstance(failure, Failure) and "robots.txt" in failure.reason
        assert host.asked == []
