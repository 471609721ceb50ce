"""Lists beside containers: in files, on standard input, inside archives, in one run with all else."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import sys
import tarfile
import zipfile
from contextlib import closing
from html import escape
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from archiver import readers, run, work
from archiver.evidence.verify import verify
from archiver.manners import Manners
from archiver.model import Document
from archiver.readers import Failure, Source
from tests.archives import LATER, READ_AT, TIMES, dump, http, page, record, tweet, warc
from tests.servers import door, reply, serving

URL = "https://news.example/"


def feed(*numbers: int, named: str = "") -> str:
    """A feed that holds articles, each with a quote, and names others."""
    held = "".join(
        f"<item><link>{URL}{n}</link><description>{escape(tweet(n))}</description></item>" for n in numbers
    )
    links = "".join(f"<item><link>{link}</link></item>" for link in named.split())
    return f"<rss><channel><title>News</title>{held}{links}</channel></rss>"


def packed(name: str, files: dict[str, str]) -> bytes:
    made = io.BytesIO()
    if name.endswith(".zip"):
        with zipfile.ZipFile(made, "w") as archive:
            for path, body in files.items():
                archive.writestr(path, body)
    else:
        with tarfile.open(fileobj=made, mode="w:gz") as tar:
            for path, body in files.items():
                about = tarfile.TarInfo(path)
                about.size = len(body.encode())
                tar.addfile(about, io.BytesIO(body.encode()))
    return made.getvalue()


@pytest.fixture(autouse=True)
def _loopback(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def fetcher(options: run.Options) -> object:
        return door(warc=options.manners.warc)

    monkeypatch.setattr(work, "_fetcher", fetcher)


def add(db: Path, *names: str, jobs: int = 1, read_at: str = READ_AT, **manners) -> list[run.Result]:
    told = Manners(delay=0, robots=False, **manners)
    options = run.Options(read_at=read_at, manners=told)
    return list(run.add(str(db), run.sources(names), options, jobs))


def rows(db: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(sql).fetchall()


JSON_FEED = json.dumps(
    {"version": "https://jsonfeed.org/version/1.1", "items": [{"url": f"{URL}1", "content_html": tweet(1)}]}
)


@pytest.mark.parametrize(
    ("name", "body", "kind"),
    [
        ("a.xml", feed(1).encode(), None),
        ("a.xml.gz", gzip.compress(feed(1).encode()), None),
        ("a.gz", gzip.compress(feed(1).encode()), "feed"),
        ("a.json", JSON_FEED.encode(), None),
        ("a.jsonl", JSON_FEED.encode() + b"\n", None),
        ("a.txt", feed(1).encode("utf-16"), None),
    ],
)
@pytest.mark.parametrize("piped", [False, True])
def test_a_list_in_a_file_and_on_standard_input(tmp_path, name, body, kind, piped):
    (tmp_path / name).write_bytes(body)
    given = readers.piped(io.BytesIO(body), 10**6) if piped else (None, False)
    source = Source("-" if piped else str(tmp_path / name), kind, body=given[0], piped=given[1])
    first, article = readers.open(source)
    assert isinstance(first, Failure) and (first.outcome, first.records, first.more) == ("empty", 1, ())
    assert isinstance(article, Document) and article.url == f"{URL}1"


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.warc", "a.warc.gz"])
def test_in_a_container_the_articles_that_a_feed_holds_count_and_those_it_names_do_not(tmp_path, name):
    files = {"feed.xml": feed(1, 2, named="https://elsewhere.example/"), "page.html": page(tweet(3))}
    if "warc" in name:
        # As text/html too: what a feed is said to be does not change what it is.
        made = [record(f"{URL}{path}", http(body, media_type="text/html")) for path, body in files.items()]
        body = b"".join(map(gzip.compress, made) if name.endswith("gz") else made)
    else:
        body = packed(name, files)
    path = tmp_path / name
    path.write_bytes(body)
    *documents, container = readers.open(Source(str(path)))
    assert [document.url for document in documents[:2]] == [f"{URL}1", f"{URL}2"]
    assert {document.container for document in documents} == {str(path)}
    assert (container.articles, container.left_out, container.troubles) == (3, (("feed", 1),), ())
    db = tmp_path / "q.db"
    for outcome in ("kept", "unchanged"):
        *_, result = add(db, str(path))
        assert (result.outcome, result.sum and result.sum.articles) == (outcome, 3)
    assert rows(db, "select distinct source from sources") == [(str(path),)]
    assert rows(db, "select count(*) from posts") == [(3,)]
    assert list(verify(str(db))) == []


def test_a_feed_of_the_same_file_is_asked_for_in_full_each_time(tmp_path):
    """A file that has not changed is not read again; but who is interrupted between a list and what it names
    must find the list again."""
    path = tmp_path / "feed.xml"
    with serving({"/a": reply(body=page(tweet(9)), ETag='"1"')}) as host:
        path.write_text(feed(1, named=f"{host.base}/a"))
        first = add(tmp_path / "q.db", str(path))
        before = dump(tmp_path / "q.db", TIMES)
        second = add(tmp_path / "q.db", str(path), read_at=LATER)
        assert len(host.asked) == 2
    assert [result.outcome for result in first] == ["empty", "kept", "kept"]
    assert [result.outcome for result in second] == ["unchanged"] * 3
    assert dump(tmp_path / "q.db", TIMES) == before
    assert list(verify(str(tmp_path / "q.db"))) == []


@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_lists_containers_and_pages_in_one_run(tmp_path, jobs, monkeypatch):
    """Large web archives in parts, and lists whose addresses come when the line was already at its end."""
    monkeypatch.setattr("archiver.readers.shapes.PART", 4000)
    pages = {f"{URL}{n}": page(tweet(n) + f"<!--{n:0800}-->", f"{URL}{n}") for n in range(100, 130)}
    (tmp_path / "a.warc").write_bytes(warc(pages, packed=False))
    (tmp_path / "b.html").write_text(page(tweet(200)))
    (tmp_path / "c.xml").write_text(feed(300, 301))
    routes = {f"/{n}": reply(body=page(tweet(n))) for n in range(5)}
    names = " ".join(f"/{n}" for n in range(4))
    routes["/feed"] = reply(body=feed(302, named=names), Content_Type="application/rss+xml")
    routes["/more"] = reply(body=feed(named="/4 /0 /feed"), Content_Type="application/rss+xml")
    with serving(routes) as host:
        given = [str(tmp_path / name) for name in ("a.warc", "b.html", "c.xml")]
        add(tmp_path / "q.db", f"{host.base}/more", *given, f"{host.base}/feed", jobs=jobs)
        assert sorted(request.path for request in host.asked) == sorted(routes)
    assert rows(tmp_path / "q.db", "select count(*) from posts") == [(30 + 1 + 3 + 5,)]
    [whole] = rows(tmp_path / "q.db", "select outcome, articles from captures where articles is not null")
    assert whole == ("kept", 30)
    assert list(verify(str(tmp_path / "q.db"))) == []


def test_a_recorded_feed_holds_no_container(tmp_path):
    """What stands in a feed that is recorded has the feed among its sources, and points to the record."""
    db, path = tmp_path / "q.db", str(tmp_path / "e.warc")
    with serving({"/feed": reply(body=feed(1), Content_Type="application/rss+xml")}) as host:
        results = add(db, f"{host.base}/feed", warc=path)
        assert [(result.outcome, result.record) for result in results] == [("empty", False), ("kept", False)]
        found = rows(
            db, "select source from sources join captures on captures.id = capture where article != ''"
        )
        assert sorted(found) == [(f"{host.base}/feed",), (f"{URL}1",)]
    [where] = rows(db, "select origin, container from captures where article is not null")
    assert where == (f"{URL}1", path)


def test_every_source_is_counted_once(tmp_path):
    (tmp_path / "a.zip").write_bytes(packed("a.zip", {"feed.xml": feed(1, 2), "page.html": page("Nothing.")}))
    routes = {"/a": reply(body=page(tweet(3))), "/b": reply(body=page("Nothing."))}
    with serving(routes) as host:
        (tmp_path / "feed.xml").write_text(feed(4, named=f"{host.base}/a {host.base}/b {host.base}/gone"))
        given = ["add", str(tmp_path / "q.db"), str(tmp_path / "a.zip"), str(tmp_path / "feed.xml")]
        found = CliRunner().invoke(cli.main, given)
    assert found.exit_code == 1
    assert "Read 6 articles: 4 quotes in 4, 2 without, named by 1 feed or sitemap, 1 failed." in found.output
    assert "6 sources given or named: 2 empty, 1 failed, 3 kept." in found.output
