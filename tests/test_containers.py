"""Files that hold many articles: what is read of them, what is left out, what damage costs."""

from __future__ import annotations

import base64
import gzip
import io
import json
import random
import subprocess
import sys
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest

from archiver import readers
from archiver.model import Document
from archiver.readers import Container, Failure, Source, shapes
from archiver.readers.saved import said_of_itself
from tests.archives import http, page, record, tweet, warc
from tests.modules import ROOT

URL = "https://news.example/"
PAGES = {f"{URL}{n}": page(tweet(n), f"{URL}{n}") for n in range(20)}


def read(path: Path, **given) -> tuple[list[Document], Container]:
    *documents, container = readers.open(Source(str(path), **given))
    assert isinstance(container, Container), container
    return documents, container


def read_bytes(tmp_path: Path, body: bytes, name: str = "a.warc.gz") -> tuple[list[Document], Container]:
    path = tmp_path / name
    path.write_bytes(body)
    return read(path)


@pytest.mark.parametrize("packed", [True, False])
def test_the_records_of_a_web_archive(tmp_path: Path, packed: bool) -> None:
    documents, container = read_bytes(tmp_path, warc(PAGES, packed))
    assert [document.url for document in documents] == list(PAGES)
    assert [document.body.decode() for document in documents] == list(PAGES.values())
    first = documents[0]
    assert (first.source, first.captured_at, first.http_status) == (f"{URL}0", "2022-01-21T00:00:00Z", 200)
    assert first.container == str(tmp_path / "a.warc.gz") and first.warc_record_id == "urn:uuid:1"
    data = (tmp_path / "a.warc.gz").read_bytes()[first.record_offset :]
    assert (gzip.decompress(data[: data.find(b"\x1f\x8b", 2)]) if packed else data).startswith(b"WARC/1.0")
    assert (container.records, container.articles, container.left_out) == (21, 20, (("warcinfo", 1),))
    assert container.troubles == ()


def test_one_member_for_all_records(tmp_path: Path) -> None:
    documents, container = read_bytes(tmp_path, gzip.compress(warc(PAGES, packed=False)))
    assert len(documents) == 20 and container.troubles == ()
    assert len({document.record_offset for document in documents}) == 20


def test_zstandard_with_and_without_a_dictionary(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    records = [record(url, http(body)) for url, body in PAGES.items()]
    plain = b"".join(zstandard.ZstdCompressor().compress(one) for one in records)
    assert len(read_bytes(tmp_path, plain, "a.warc.zst")[0]) == 20
    words = zstandard.train_dictionary(4096, [one + bytes([n]) for n in range(40) for one in records])
    head = b"\x5d\x2a\x4d\x18" + len(words.as_bytes()).to_bytes(4, "little") + words.as_bytes()
    machine = zstandard.ZstdCompressor(dict_data=words)
    documents, container = read_bytes(tmp_path, head + b"".join(map(machine.compress, records)), "b.warc.zst")
    assert len(documents) == 20 and container.troubles == ()


def test_arc(tmp_path: Path) -> None:
    block = http(PAGES[f"{URL}1"])
    info = b"1 0 x\nURL IP-address Archive-date Content-type Archive-length\n"
    head = b"filedesc://x.arc 127.0.0.1 20220121000000 text/plain %d\n" % len(info) + info + b"\n"
    one = b"%s1 127.0.0.1 20220121010203 text/html %d\n" % (URL.encode(), len(block)) + block + b"\n"
    for body, name in (
        (head + one * 3, "a.arc"),
        (b"".join(map(gzip.compress, (head, one, one, one))), "a.arc.gz"),
    ):
        documents, container = read_bytes(tmp_path, body, name)
        assert [(d.url, d.captured_at) for d in documents] == [(f"{URL}1", "2022-01-21T01:02:03Z")] * 3
        assert container.troubles == ()


def members() -> list[bytes]:
    return [gzip.compress(record(url, http(body))) for url, body in PAGES.items()]


def _cut(member: bytes, at: int, by: bytes) -> bytes:
    return member[:at] + by + member[at + len(by) :]


@pytest.mark.parametrize("deflate", [True, False])
@pytest.mark.parametrize(
    ("harm", "lost"),
    [
        (lambda member: _cut(member, 0, b"XXXX"), 1),
        (lambda member: _cut(member, len(member) // 2, b"\xff" * 8), 1),
        (lambda member: member[:-8] + bytes(4) + member[-4:], 1),
        (lambda member: member[:-40], 1),
        (lambda member: member + b"garbage" * 20, 0),
        (lambda member: b"\x1f\x8b\x08" * 5 + member, 0),
        (lambda member: gzip.compress(record(f"{URL}7", http("x"), length=10)), 1),
        (lambda member: gzip.compress(record(f"{URL}7", http("x"), length=10**9)), 1),
        (lambda member: gzip.compress(record(f"{URL}7", http("x"), length="no")), 1),
        (lambda member: gzip.compress(b"no record at all"), 1),
    ],
)
def test_a_damaged_record_costs_itself_and_is_named(tmp_path, monkeypatch, harm, lost, deflate) -> None:
    if not deflate:
        monkeypatch.setitem(sys.modules, "deflate", None)
    made = members()
    offset = sum(map(len, made[:7]))
    made[7] = harm(made[7])
    documents, container = read_bytes(tmp_path, b"".join(made))
    assert len(documents) == 20 - lost
    assert len({document.url for document in documents}) == 20 - lost
    assert [trouble.place for trouble in container.troubles] == [
        f"offset {offset if lost else container.troubles[0].place.split()[1]}"
    ]


def test_zeros_between_members_are_no_damage(tmp_path: Path) -> None:
    documents, container = read_bytes(tmp_path, bytes(4096).join(members()))
    assert len(documents) == 20 and container.troubles == ()


@pytest.mark.parametrize("length", [3, 10**9, "no", -5])
def test_a_wrong_length_where_nothing_is_packed(tmp_path: Path, length: object) -> None:
    made = [record(url, http(body)) for url, body in PAGES.items()]
    made[7] = record(f"{URL}7", http("x" * 100), length=length)
    documents, container = read_bytes(tmp_path, b"".join(made), "a.warc")
    assert len(documents) == 19 and len(container.troubles) == 1
    assert container.troubles[0].place == f"offset {sum(map(len, made[:7]))}"


@pytest.mark.parametrize("packed", [True, False])
def test_a_file_that_ends_inside_a_record(tmp_path: Path, packed: bool) -> None:
    documents, container = read_bytes(tmp_path, warc(PAGES, packed)[:-100])
    assert len(documents) == 19 and len(container.troubles) == 1


BODY = PAGES[f"{URL}1"].encode()
CHUNKS = b"5\r\n" + BODY[:5] + b"\r\n%x;x=y\r\n" % (len(BODY) - 5) + BODY[5:] + b"\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (http(CHUNKS, "Transfer-Encoding: chunked"), False),
        (http(BODY, "Transfer-Encoding: chunked"), False),
        (http(CHUNKS[:-80], "Transfer-Encoding: chunked"), True),
        (http(gzip.compress(BODY), "Content-Encoding: gzip"), False),
        (http(gzip.compress(gzip.compress(BODY)), "Content-Encoding: gzip, gzip"), False),
        (http(gzip.compress(BODY)[:-4], "Content-Encoding: gzip"), True),
        (http(BODY, "Content-Encoding: gzip"), False),
        (http(zlib.compress(BODY), "Content-Encoding: deflate"), False),
        (http(zlib.compress(BODY)[2:-4], "Content-Encoding: deflate"), False),
        (http(BODY, "X-Crawler-Content-Encoding: gzip"), False),
        (http(BODY, *(f"X-{n}: {'x' * 3000}" for n in range(9))), False),
        (b"HTTP/1.0 200 OK\nContent-Type: text/html\n\n" + BODY, False),
        (b"ICY 200 OK\r\nContent-Type: text/html\r\n\r\n" + BODY, False),
    ],
)
def test_bodies_as_a_browser_would_have_them(tmp_path: Path, answer: bytes, trouble: bool) -> None:
    documents, container = read_bytes(tmp_path, record(f"{URL}1", answer), "a.warc")
    assert bool(container.troubles) == trouble
    assert documents[0].body == BODY or trouble


def test_a_blank_line_in_a_page_does_not_end_its_head(tmp_path: Path) -> None:
    text = b"<p>One.\r\n\r\n<p>Two."
    answer = b"HTTP/1.0 200 OK\nContent-Type: text/html\n\n" + text
    documents, _ = read_bytes(tmp_path, record(f"{URL}1", answer), "a.warc")
    assert documents[0].body == text


def test_a_bomb_in_a_record_is_named_and_the_next_record_read(tmp_path: Path) -> None:
    bomb = record(f"{URL}0", http(gzip.compress(bytes(80_000_000)), "Content-Encoding: gzip"))
    large = record(f"{URL}2", http(b"<p>" + bytes(70_000_000)))
    body = b"".join(map(gzip.compress, (bomb, large, record(f"{URL}1", http(BODY)))))
    documents, container = read_bytes(tmp_path, body)
    assert [document.url for document in documents] == [f"{URL}1"]
    assert [("larger than 64 MB" in trouble.why) for trouble in container.troubles] == [True, True]


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (record(f"{URL}robots.txt", http("x", media_type="text/plain")), "robots.txt"),
        (record(URL, http(BODY, status="404 Not Found")), "status 404"),
        (record(URL, http(BODY, media_type="image/png")), "type image"),
        (record(URL, http(BODY), "request"), "request"),
        (record(URL, BODY, "metadata", "text/html"), "metadata"),
        (record(URL, http(""), "revisit"), "revisit"),
        (record(URL, http("")), "empty"),
        (record(URL, http(b"%PDF-1.7 x")), "a PDF"),
        (record("dns:news.example", b"1.2.3.4", "response", "text/dns"), "dns"),
    ],
)
def test_what_is_no_article_is_left_out_and_counted(tmp_path: Path, one: bytes, reason: str) -> None:
    documents, container = read_bytes(tmp_path, one, "a.warc")
    assert (documents, container.left_out, container.articles) == ([], ((reason, 1),), 0)
    assert container.troubles == ()


def test_resources_conversions_and_answers_without_a_head(tmp_path: Path) -> None:
    body = record(URL, BODY, "resource", "text/html") + record(
        URL, b"Flat words.", "conversion", "text/plain"
    )
    body += record(URL, BODY, "response", "application/http")
    documents, _ = read_bytes(tmp_path, body, "a.warc")
    assert [document.kind for document in documents] == ["html", "text", "html"]


def test_a_digest_that_is_not_that_of_the_page_is_named(tmp_path: Path) -> None:
    wrong = record(URL, http(BODY), "response", "application/http", "WARC-Payload-Digest: sha1:" + "A" * 32)
    documents, container = read_bytes(tmp_path, wrong, "a.warc")
    assert len(documents) == 1 and "digest" in container.troubles[0].why
    import hashlib

    right = base64.b32encode(hashlib.sha1(BODY).digest()).decode()
    fine = record(URL, http(BODY), "response", "application/http", f"WARC-Payload-Digest: sha1:{right}")
    assert read_bytes(tmp_path, fine, "b.warc")[1].troubles == ()


@pytest.mark.parametrize("name", ["a.warc.gz", "a.warc", "a.arc.gz"])
@pytest.mark.parametrize("body", [b"<!doctype html><p>Hello", gzip.compress(b"Hello there, hello.")])
def test_what_is_named_as_a_web_archive_and_is_none(tmp_path: Path, name: str, body: bytes) -> None:
    (tmp_path / name).write_bytes(body)
    [failure] = readers.open(Source(str(tmp_path / name)))
    assert isinstance(failure, Failure) and "web archive" in failure.reason


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("part", [1, 700, 5000])
def test_parts_are_the_whole(tmp_path: Path, monkeypatch, packed: bool, part: int) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(warc(PAGES, packed))
    whole, container = read(path)
    monkeypatch.setattr(shapes, "PART", part)
    sources = list(readers.parts(Source(str(path))))
    assert len(sources) == -(-path.stat().st_size // part)
    if part == 1:
        sources = sources[::97]
    found = [read(path, span=source.span, exact=source.exact) for source in sources]
    if part > 1:
        assert [document for documents, _ in found for document in documents] == whole
        assert sum(one.records for _, one in found) == container.records
    assert all(one.troubles == () for _, one in found)


LARGE = {f"{URL}large/{n}": f"<p>{n}" + random.Random(n).randbytes(400_000).hex() for n in range(8)}


def test_a_web_archive_from_a_pipe(tmp_path: Path) -> None:
    code = "import cli; cli.main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "extract", "-", "--jobs", "2"],
        input=warc({**LARGE, **PAGES}), cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["source"] for one in found] == list(PAGES)
    assert done.returncode == 0, done.stderr


def zipped(entries: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in entries.items():
            packed.writestr(name, body)
    return stream.getvalue()


def tarred(entries: dict[str, str | bytes], mode: str) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as packed:
        for name, body in entries.items():
            data = body if isinstance(body, bytes) else body.encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            packed.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("evil.html")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        packed.addfile(link)
    return stream.getvalue()


ENTRIES: dict[str, str | bytes] = {
    "a.html": page(tweet(1)),
    "../../up.html": page(tweet(2)),
    "/abs.html": page(tweet(3)),
    "deep/" * 40 + "d.html.gz": gzip.compress(page(tweet(4)).encode()),
    "pic.png": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "inner.zip": zipped({"a.html": "x"}),
    "empty.html": "",
    "data.warc.gz": warc({f"{URL}9": page(tweet(9))}),
}


@pytest.mark.parametrize(
    "body",
    [zipped(ENTRIES), *(tarred(ENTRIES, mode) for mode in ("w:", "w:gz", "w:bz2", "w:xz"))],
    ids=["zip", "tar", "tar.gz", "tar.bz2", "tar.xz"],
)
def test_pages_in_a_zip_or_tar_file(tmp_path: Path, body: bytes) -> None:
    documents, container = read_bytes(tmp_path, body, "pages")
    path = tmp_path / "pages"
    assert [document.source for document in documents] == [
        *(f"{path}/a.html", f"{path}/../../up.html", f"{path}//abs.html", f"{path}/{'deep/' * 40}d.html.gz"),
        f"{URL}9",
    ]
    assert documents[3].body == page(tweet(4)).encode()
    assert documents[4].container == f"{path}/data.warc.gz" and documents[4].origin == str(path)
    assert dict(container.left_out) == {"a PNG image": 1, "packed inside": 1, "empty": 1, "warcinfo": 1}
    assert container.troubles == ()
    assert list(tmp_path.iterdir()) == [path]


def test_a_damaged_entry_costs_itself(tmp_path: Path) -> None:
    body = zipped({f"{n}.html": page(tweet(n)) + str(n) * 500 for n in range(5)})
    at = body.find(b"2.html") + 40
    documents, container = read_bytes(tmp_path, body[:at] + b"\xff" * 20 + body[at + 20 :], "a.zip")
    assert len(documents) == 4 and container.troubles[0].place == "2.html"
    documents, container = read_bytes(tmp_path, tarred(ENTRIES, "w:")[:1000], "a.tar")
    assert len(documents) == 1 and container.troubles


def test_a_document_in_a_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.epub").write_bytes(zipped({"mimetype": "application/epub+zip", "a.xhtml": page(tweet(1))}))
    [failure] = readers.open(Source(str(tmp_path / "a.epub")))
    assert isinstance(failure, Failure) and "a book" in failure.reason


def test_json_lines(tmp_path: Path) -> None:
    lines = [
        {"url": f"{URL}1", "html": page(tweet(1)), "captured_at": "2022-01-21T01:00:00+01:00"},
        {"url": f"{URL}2", "text": "Flat."},
        {"html": "<p>no address"},
        {"url": "no page"},
    ]
    body = "\n".join(map(json.dumps, lines)) + "\nno json\n\n"
    for name, packed in (("a.jsonl", body.encode()), ("a.jsonl.gz", gzip.compress(body.encode()))):
        documents, container = read_bytes(tmp_path, packed, name)
        assert [(document.url, document.kind) for document in documents] == [
            (f"{URL}1", "html"), (f"{URL}2", "text"), (None, "html"),
        ]  # fmt: skip
        assert documents[0].captured_at == "2022-01-21T00:00:00Z"
        assert (container.records, container.left_out) == (5, (("line without html or text", 1),))
        assert [trouble.place for trouble in container.troubles] == ["line 5"]


MHTML = f"""From: <Saved by Blink>
Snapshot-Content-Location: {URL}saved
Subject: A title
Date: Fri, 21 Jan 2022 01:00:00 +0100
MIME-Version: 1.0
Content-Type: multipart/related; type="text/html"; boundary="----X"

------X
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable
Content-Location: {URL}saved

{page(tweet(1)).replace("=", "=3D")}
------X
Content-Type: image/png
Content-Transfer-Encoding: base64
Content-Location: {URL}a.png

iVBORw0KGgo=
------X--
"""
LETTER = f"""Date: Fri, 21 Jan 2022 00:00:00 +0000
From: letter@news.example
Subject: The week
MIME-Version: 1.0
Archived-At: <{URL}letter>
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

Flat words.
--b
Content-Type: text/html; charset=iso-8859-1
Content-Transfer-Encoding: base64

{base64.encodebytes(page(tweet(1)).encode("latin-1")).decode()}
--b--
"""


@pytest.mark.parametrize(
    ("body", "name", "url"),
    [(MHTML, "a.mhtml", f"{URL}saved"), (MHTML, "noname", f"{URL}saved"), (LETTER, "a.eml", f"{URL}letter")],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_saved_pages_and_newsletters(tmp_path: Path, body: str, name: str, url: str, ends: str) -> None:
    path = tmp_path / name
    path.write_bytes(body.replace("\n", ends).encode())
    [document] = readers.open(Source(str(path)))
    assert isinstance(document, Document), document
    assert (document.url, document.captured_at, document.kind) == (url, "2022-01-21T00:00:00Z", "html")
    assert document.body.decode().split() == page(tweet(1)).split()


def test_mails_without_a_page_and_with_too_many_parts(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_text("Subject: x\nMIME-Version: 1.0\nContent-Type: image/png\n\nabc")
    [failure] = readers.open(Source(str(path)))
    assert isinstance(failure, Failure) and failure.outcome == "empty"
    nested = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(5000))
    path.write_text("Subject: x\nMIME-Version: 1.0\n" + nested)
    [failure] = readers.open(Source(str(path)))
    assert isinstance(failure, Failure) and "too many parts" in failure.reason


@pytest.mark.parametrize(
    ("head", "url", "date"),
    [
        ("<!-- saved from url=(0022)https://news.example/a -->", "https://news.example/a", None),
        (
            "<!--\n Page saved with SingleFile \n url: https://news.example/a \n"
            " saved date: Fri Jan 21 2022 01:00:00 GMT+0100 (Central European Standard Time)\n-->",
            "https://news.example/a",
            "2022-01-21T00:00:00Z",
        ),
        (
            "<!-- Saved from https://news.example/a at 2022-01-21T00:00:00Z using monolith v2.6 -->",
            "https://news.example/a",
            "2022-01-21T00:00:00Z",
        ),
        (
            "<!-- Mirrored from news.example/a by HTTrack Website Copier/3.x [XR&CO'2014],"
            " Fri, 21 Jan 2022 00:00:00 GMT -->",
            "http://news.example/a",
            "2022-01-21T00:00:00Z",
        ),
        ("<!-- a comment about SingleFile and saved from url=( -->", None, None),
    ],
)
def test_a_saved_page_says_where_it_is_from(
    tmp_path: Path, head: str, url: str | None, date: str | None
) -> None:
    path = tmp_path / "a.html"
    path.write_text(f"<!doctype html>{head}{tweet(1)}")
    [document] = readers.open(Source(str(path)))
    assert isinstance(document, Document)
    assert (document.url, document.captured_at) == (url, date)
    assert said_of_itself(path.read_bytes()) == (url, date)


def test_a_packed_page(tmp_path: Path) -> None:
    path = tmp_path / "a.html.gz"
    path.write_bytes(gzip.compress(BODY))
    [document] = readers.open(Source(str(path)))
    assert isinstance(document, Document) and document.body == BODY
    path.write_bytes(gzip.compress(bytes(100_000_000)))
    [failure] = readers.open(Source(str(path)))
    assert isinstance(failure, Failure) and "larger than 64 MB" in failure.reason


MAIL = b"""From: Ann <ann@news.example>
Date: Fri, 21 Jan 2022 10:00:00 +0000
Archived-At: <https://news.example/letters/7>
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

"""


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_mails_in_a_file_of_files(tmp_path: Path, kind: str) -> None:
    files = {
        "in/letter.eml": MAIL + page(tweet(1)).encode(),
        "empty.eml": MAIL,
        "deep.zip": b"PK\x03\x04" * 9,
    }
    path = tmp_path / f"letters.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as packed:
            for name, body in files.items():
                packed.writestr(name, body)
    else:
        with tarfile.open(path, "w") as packed:
            for name, body in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(body)
                packed.addfile(info, io.BytesIO(body))
    (letter,), container = read(path)
    assert (letter.source, letter.captured_at) == ("https://news.example/letters/7", "2022-01-21T10:00:00Z")
    assert (letter.origin, letter.container, letter.charset) == (str(path), str(path), "utf-8")
    assert dict(container.left_out) == {"empty": 1, "packed inside": 1}
    assert (container.records, container.articles) == (3, 1)
