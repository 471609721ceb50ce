"""Sources as documents: what is read, what is refused, and with which words."""

import gzip
import io
import os
import random
import socket
import sys
import time

import pytest

from archiver import readers
from archiver.fetch import FetchError, Page
from archiver.manners import Manners
from archiver.model import Document
from archiver.readers import Failure, Source, expand
from archiver.readers.kinds import recognise

EMBED = (
    '<blockquote class="twitter-tweet"><p>Hello</p>&mdash; A (@a) <a href="https://twitter.com/a/status/1">'
)
ESCAPED = EMBED.replace("<", "\\u003c").replace('"', '\\"')


def _read(path, **given):
    return next(readers.open(Source(str(path), **given)))


@pytest.mark.parametrize(
    ("name", "body", "kind"),
    [
        ("page.html", "<!doctype html><p>Hello", "html"),
        ("page", "\ufeff \n<html><body>Hello", "html"),
        ("page.xhtml", '<?xml version="1.0"?><html xmlns="x">Hello</html>', "html"),
        ("post.md", f"# Title\n\nWords.\n\n{EMBED}", "html"),
        ("post.md", "# Title\n\nWords, <https://example.org/a> and a > b.", "text"),
        ("post.Rmd", f"---\ntitle: x\n---\n{EMBED}", "html"),
        ("data.json", f'{{"html": "{ESCAPED}"}}', "html"),
        ("data.json", '{"url": "https://x.example", "html": "<p class=\\"a\\">one page</p>"}', "html"),
        ("data.json", '{"a": 1}', "text"),
        ("embed.ts", "const html = `" + EMBED + "`", "html"),
        ("types.ts", "const a: Map<string, Array<T>> = b < c", "text"),
        ("page.js", "return &lt;blockquote class=&quot;x&quot;&gt;", "html"),
        ("notes.txt", "Some words. — Name (@name) January 20, 2022", "text"),
        ("notes.txt", "A text about </x-element> and <time is='x'>.", "text"),
        ("notes.txt", f"Pasted: {EMBED}", "html"),
        ("page.txt", "<p>Saved under the wrong name</p>", "html"),
        ("-", "A text about </x-element>.", "text"),
        ("-", EMBED, "html"),
        ("a.txt", "The new WAVE of posts, ID3 tags and BZh", "text"),
        ("a.txt", "OTTO was here", "text"),
        ("a", '<?xml version="1.0"?>\n<!-- made by x -->\n<rss version="2.0"><channel>', "feed"),
        ("a.xml", "<feed xmlns='http://www.w3.org/2005/Atom'>", "feed"),
        ("a.xml", '<urlset xmlns="x"><url>', "sitemap"),
        ("a", '{"version": "https:\\/\\/jsonfeed.org\\/version\\/1.1", "items": []}', "feed"),
    ],
)
def test_kinds_by_content_then_by_name(name, body, kind):
    assert recognise(body.encode(), name).name == kind


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "shift_jis", "euc-jp"]
)
def test_kinds_in_any_encoding(encoding):
    assert recognise(f"<html><body><p>速報です</p>{EMBED}".encode(encoding), "page").name == "html"
    assert recognise("速報です。<3 today, and more of it".encode(encoding), "page.txt").name == "text"


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "PNG"),
        (b"%PDF-1.7\n1 0 obj", "PDF"),
        (b"PK\x03\x04" + bytes(99), "damaged ZIP"),
        (b"PK\x05\x06" + bytes(18), "empty ZIP"),
        (b"\0\0\0\x18ftypmp42" + bytes(99), "video"),
        (gzip.compress(b"<p>Hello</p>")[:-9], "damaged: it is cut short"),
        (b"SQLite format 3\0" + bytes(99), "SQLite"),
        (random.Random(1).randbytes(100_000), "binary"),
        (random.Random(2).randbytes(50), "binary"),
    ],
)
def test_what_is_no_article_is_refused_by_name_and_with_a_cure(tmp_path, body, word):
    path = tmp_path / "thing"
    path.write_bytes(body)
    failure = _read(path)
    assert isinstance(failure, Failure)
    assert failure.outcome == "failed"
    assert word in failure.reason
    assert ":" in failure.reason


@pytest.mark.parametrize("body", [b"", b" \n\t\r\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file_is_read_and_holds_nothing(tmp_path, body):
    path = tmp_path / "empty.html"
    path.write_bytes(body)
    assert (_read(path).outcome, _read(path).reason) == ("empty", "empty: there is nothing to read")


def test_a_document_as_it_was_received(tmp_path):
    path = tmp_path / "page.html"
    path.write_bytes(EMBED.encode())
    document = _read(path, url="https://news.example/a")
    assert document == Document(
        EMBED.encode(), "html", str(path), url="https://news.example/a", origin=str(path)
    )


def test_nul_bytes_do_not_make_a_page_binary(tmp_path):
    path = tmp_path / "page.html"
    path.write_bytes(b"\0<html><p>a\0b</p>" + EMBED.encode())
    assert _read(path).kind == "html"


def test_the_kind_can_be_forced(tmp_path):
    path = tmp_path / "page.html"
    path.write_bytes(EMBED.encode())
    assert _read(path, kind="text").kind == "text"


def test_files_that_cannot_be_read(tmp_path):
    assert _read(tmp_path / "none.html").reason == "no such file: check the path"
    assert "https://www.example.org/a" in _read("www.example.org/a").reason
    assert "not file" in _read("file:///etc/passwd").reason
    assert "not javascript" in _read("javascript:alert(1)").reason
    assert "NUL" in _read("a\0b").reason
    assert "cannot be read" in _read("x" * 5000).reason


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser reads everything")
def test_a_file_without_the_right_to_read(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("x")
    path.chmod(0)
    assert "chmod" in _read(path).reason


def test_a_file_without_the_right_to_read_whoever_asks(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    assert "chmod" in _read(tmp_path / "page.html").reason


def test_a_file_that_is_too_large(tmp_path):
    path = tmp_path / "page.html"
    path.write_bytes(EMBED.encode() * 100)
    failure = next(readers.open(Source(str(path)), limit=1000))
    assert "larger than 0.001 MB" in failure.reason
    assert "--max-size" in failure.reason


def test_a_folder_is_its_files_in_order(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("b.html", "a/z.md", "a/b/c.txt", ".hidden.html", ".git/x.html", "B.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "again").symlink_to(tmp_path / "a")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        found = [item.name for item in expand([str(tmp_path)])]
    assert [os.path.relpath(name, tmp_path) for name in found] == ["B.html", "a/b/c.txt", "a/z.md", "b.html"]
    assert all(item.found for item in expand([str(tmp_path)]))


def test_a_deep_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for _ in range(1200):
        os.mkdir("d")
        os.chdir("d")
    os.chdir(tmp_path)
    assert len(list(expand([str(tmp_path)]))) == 1


def test_an_empty_folder_and_a_link_to_nowhere(tmp_path):
    (tmp_path / "empty").mkdir()
    [failure] = expand([str(tmp_path / "empty")])
    assert (failure.outcome, failure.reason) == ("empty", "the folder holds no files")
    (tmp_path / "empty" / "link.html").symlink_to("/nonexistent")
    [failure] = expand([str(tmp_path / "empty")])
    assert failure.reason.startswith("a link that leads to no file")


def test_every_trouble_in_a_folder_is_told(tmp_path):
    (tmp_path / "a.html").write_text("x")
    for name, target in (("b.html", "/nonexistent"), ("c.html", "c.html"), ("d.html", "nowhere")):
        (tmp_path / name).symlink_to(target)
    found = list(expand([str(tmp_path), str(tmp_path)]))
    assert [str(tmp_path / f"{name}.html") for name in "bcd"] == [
        item.source for item in found if isinstance(item, Failure)
    ]
    assert len(found) == 4


def test_pictures_in_a_folder_are_no_loss_but_named_ones_are(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))
    [source] = expand([str(tmp_path)])
    found = next(readers.open(source))
    assert (found.outcome, found.minor) == ("empty", True)
    assert _read(path).outcome == "failed"


def test_the_database_is_left_out_of_its_folder_and_nothing_comes_twice(tmp_path):
    (tmp_path / "a.html").write_text("x")
    (tmp_path / "q.db").write_text("x")
    names = [str(tmp_path), str(tmp_path / "a.html")]
    assert [source.name for source in expand(names, skip=[str(tmp_path / "q.db")])] == [
        str(tmp_path / "a.html")
    ]


def test_a_list_of_sources(tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes(b"\xef\xbb\xbf# addresses\r\n\r\n  https://a.example/ \r\nb.html\n\xff\n")
    assert list(readers.named_in(str(path), bytes)) == ["https://a.example/", "b.html", "\udcff"]
    assert list(readers.named_in("-", lambda: b"a\nb")) == ["a", "b"]
    with pytest.raises(readers.source.ArchiverError, match="cannot read the list"):
        list(readers.named_in(str(tmp_path / "none"), bytes))


@pytest.mark.parametrize(
    "body",
    ["a.html\r\nb.html\r\n".encode("utf-16"), b"a.html\rb.html\r", b"\xef\xbb\xbfa.html\n\n \t\nb.html"],
)
def test_lists_as_other_systems_save_them(tmp_path, body):
    path = tmp_path / "list.txt"
    path.write_bytes(body)
    assert list(readers.named_in(str(path), bytes)) == ["a.html", "b.html"]


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text on this system")
def test_a_list_names_files_by_their_bytes(tmp_path):
    name = os.fsencode(tmp_path) + b"/caf\xe9.html"
    with open(name, "w") as file:
        file.write(EMBED)
    (tmp_path / "list.txt").write_bytes(name + b"\nhttps://news.example/caf\xe9\n")
    page, address = expand(readers.named_in(str(tmp_path / "list.txt"), bytes))
    assert next(readers.open(page)).body == EMBED.encode()
    assert address.name == "https://news.example/caf%E9"


def test_standard_input_was_read_beforehand():
    found = next(readers.open(Source("-", url="https://news.example/a", body=EMBED.encode())))
    assert (found.source, found.url, found.origin, found.kind) == (
        "-",
        "https://news.example/a",
        None,
        "html",
    )


class _Door:
    """Stands in for the web."""

    manners = Manners()

    def __init__(self, answer):
        self.answer = answer

    def get(self, url, known=None, near=None):
        if isinstance(self.answer, FetchError):
            raise self.answer
        return self.answer


def _fetched(answer):
    return next(readers.open(Source("https://news.example/a"), fetcher=lambda: _Door(answer)))


def test_an_address_gives_the_page_with_what_the_server_said():
    page = Page("https://news.example/b", 200, b"Hello", "text/html", "koi8-r", "2022-01-20T13:23:00Z")
    assert _fetched(page) == Document(
        b"Hello",
        "html",
        "https://news.example/a",
        url="https://news.example/b",
        charset="koi8-r",
        captured_at="2022-01-20T13:23:00Z",
        captured_by="http",
        media_type="text/html",
        http_status=200,
    )


def test_an_address_that_fails_keeps_its_status():
    failure = _fetched(FetchError("the server answered 404", url="https://news.example/b", status=404))
    assert (failure.source, failure.url, failure.http_status) == (
        "https://news.example/a",
        "https://news.example/b",
        404,
    )


def test_the_content_of_an_address_decides():
    assert _fetched(
        Page("https://a.example/", 200, b"MZ" + random.Random(3).randbytes(99), "text/html")
    ).reason
    assert _fetched(Page("https://a.example/", 200, b"", "text/html")).outcome == "empty"
    assert _fetched(Page("https://a.example/", 200, EMBED.encode(), None)).kind == "html"
    assert _fetched(Page("https://a.example/", 200, b"Plain (@words)", "text/plain")).kind == "text"


@pytest.mark.parametrize(
    "piece",
    [b" ", b"<", b"<!--", b"<a ", b"</", b"&lt;", b"<?", b"\\u003c", b"a:", b"{", b'{"url":', b"\0", b"\xff"],
)
def test_hostile_bodies_are_told_apart_in_linear_time(piece):
    start = time.monotonic()
    recognise(piece * (4_000_000 // len(piece)), "page.md")
    assert time.monotonic() - start < 2


def test_a_stream_is_read_up_to_the_limit_only():
    stream = io.BytesIO(b"<p>" + bytes(10_000_000))
    body, goes_on = readers.piped(stream, 100)
    assert (len(body), goes_on) == (101, False)
    assert stream.tell() <= 2_000_000
