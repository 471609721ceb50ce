"""From an address to the archive: what a visit leaves there, and what a second one does."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from contextlib import closing

import pytest

from archiver import run, work
from archiver.manners import Manners
from tests.archives import LATER, READ_AT, dump, page, tweet, warc
from tests.servers import door, reply, serving

ARTICLE = page(tweet(1))
DATE = "Thu, 20 Jan 2022 13:23:00 GMT"


@pytest.fixture(autouse=True)
def _loopback(tmp_path, monkeypatch):
    """Doors that lead to loopback, with the manners that the run was given, but in no hurry."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def loopback(options):
        told = {name: getattr(options.manners, name) for name in ("timegate", "warc", "robots")}
        return door(**told)

    monkeypatch.setattr(work, "_fetcher", loopback)


def add(db, *names, read_at=READ_AT, again=False, bodies=True, **manners):
    told = Manners(**{"robots": False, **manners})
    options = run.Options(read_at=read_at, manners=told, again=again, bodies=bodies)
    return list(run.add(str(db), run.sources(names), options, 1))


def rows(db, sql):
    with closing(sqlite3.connect(db)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql)]


def test_a_visit_keeps_what_the_next_one_asks_by(tmp_path):
    db = tmp_path / "q.db"
    routes = {
        "/a": reply("302 Found", Location="/b"),
        "/b": reply(body=ARTICLE, ETag='"v1"', Last_Modified=DATE, Date=DATE),
    }
    with serving(routes) as host:
        [result] = add(db, f"{host.base}/a")
    assert (result.outcome, result.quotes) == ("kept", 1)
    [capture] = rows(db, "select * from captures")
    assert capture["origin"] == f"{host.base}/a"
    assert capture["address"] == f"{host.base}/b"
    assert (capture["etag"], capture["last_modified"]) == ('"v1"', DATE)
    assert (capture["captured_at"], capture["captured_by"]) == ("2022-01-20T13:23:00Z", "http")


def test_a_page_that_has_not_changed_is_not_sent_again(tmp_path):
    db = tmp_path / "q.db"

    def answer(request):
        known = "If-None-Match" in request.headers
        return reply("304 Not Modified") if known else reply(body=ARTICLE, ETag='"v1"', Date=DATE)

    with serving({"/a": answer}) as host:
        add(db, f"{host.base}/a")
        before = dump(db, but=["last_seen"])
        [result] = add(db, f"{host.base}/a", read_at=LATER)
        assert (result.outcome, result.quotes, result.reason) == ("unchanged", 1, None)
        [again] = add(db, f"{host.base}/a", read_at=LATER, again=True)
        assert "If-None-Match" not in host.asked[-1].headers
        assert again.outcome == "unchanged"
    assert dump(db, but=["last_seen"]) == before
    for table in ("articles", "posts"):
        assert [row["last_seen"] for row in rows(db, f"select last_seen from {table}")] == [LATER]


def test_a_page_that_has_changed_is_a_new_capture(tmp_path):
    db = tmp_path / "q.db"
    with serving({"/a": reply(body=ARTICLE, ETag='"v1"')}) as host:
        add(db, f"{host.base}/a")
        host.routes["/a"] = reply(body=page(tweet(1) + tweet(2)), ETag='"v2"')
        [result] = add(db, f"{host.base}/a", read_at=LATER)
        assert host.asked[1].headers["If-None-Match"] == '"v1"'
        assert (result.outcome, result.quotes) == ("kept", 2)
        add(db, f"{host.base}/a", read_at="2026-03-31T12:00:00Z")
        assert host.asked[2].headers["If-None-Match"] == '"v2"'
    assert len(rows(db, "select * from captures")) == 2


def test_an_archived_copy_is_marked_as_one(tmp_path):
    db = tmp_path / "q.db"
    with serving() as archive, serving({"/a": reply("404 Not Found")}) as host:
        archive.routes[f"/web/{host.base}/a"] = reply(
            body=ARTICLE, Memento_Datetime="Sun, 12 Feb 2023 09:30:00 GMT"
        )
        add(db, f"{host.base}/a", timegate=f"{archive.base}/web/")
    [capture] = rows(db, "select * from captures")
    assert capture["origin"] == f"{host.base}/a"
    assert capture["memento"] == f"{archive.base}/web/{host.base}/a"
    assert (capture["captured_at"], capture["captured_by"]) == ("2023-02-12T09:30:00Z", "memento")
    assert (capture["address"], capture["etag"]) == (None, None)
    [article] = rows(db, "select url from articles")
    assert article["url"] == f"{host.base}/a"


@pytest.mark.parametrize("warc", ["e.warc", "e.warc.gz"])
def test_captures_point_into_the_record(tmp_path, warc):
    db, path = tmp_path / "q.db", str(tmp_path / warc)
    with serving({"/a": reply(body=ARTICLE), "/b": reply("404 Not Found")}) as host:
        add(db, f"{host.base}/a", f"{host.base}/b", warc=path)
    kept, failed = rows(db, "select * from captures order by outcome desc")
    from warcio.archiveiterator import ArchiveIterator

    for capture in (kept, failed):
        assert capture["container"] == path
        with open(path, "rb") as stream:
            stream.seek(capture["record_offset"])
            record = next(ArchiveIterator(stream))
        assert record.rec_headers.get_header("WARC-Record-ID") == capture["warc_record_id"]
        assert record.rec_headers.get_header("WARC-Target-URI") == capture["origin"]
    assert kept["captured_by"] == "reading"
    assert rows(db, "select * from bodies") == []


def test_what_fails_is_in_the_archive_with_its_reason(tmp_path):
    db = tmp_path / "q.db"
    with serving({"/a": reply(body="%PDF", Content_Type="application/pdf")}) as host:
        [result] = add(db, f"{host.base}/a")
    [capture] = rows(db, "select * from captures")
    assert (capture["outcome"], capture["reason"]) == ("failed", "no article but application/pdf")
    assert result.reason == capture["reason"]


SOFT = {
    "login": page('<h1>Log in</h1><form><input name=u><input type="PASSWORD" name=p></form>'),
    "check": page(
        '<div id="challenge-form">Checking your browser before accessing.</div>', title="Just a moment..."
    ),
    "gone": page("<h1>Seite nicht gefunden</h1><p>Leider gibt es sie nicht.</p>"),
    "number": page("<p>Sorry.</p>", title="404 | News"),
    "consent": page("<h1>Before you continue</h1><p>We value your privacy</p><button>Accept</button>"),
    "script": "<title>News</title><div id=app></div><noscript>You need to enable JavaScript.</noscript>",
}
ARTICLES = {
    "long": page("<h1>Page not found: a short history</h1>" + "<p>Words of an article.</p>" * 400),
    "quoting": page("<h1>Page not found</h1>" + tweet(1)),
    "form": page("<p>Words of an article.</p>" * 400 + "<form><input type=password></form>"),
    "flight": page("<p>It landed.</p>", title="404 people flew"),
    "plain": page("<p>No quotes here.</p>"),
}


@pytest.mark.parametrize("name", SOFT)
def test_what_stands_in_the_place_of_an_article_is_a_failure(tmp_path, name):
    with serving({"/a": reply(body=SOFT[name])}) as host:
        [result] = add(tmp_path / "q.db", f"{host.base}/a")
    assert result.outcome == "failed"
    assert "stands in the place of the article" in result.reason
    [capture] = rows(tmp_path / "q.db", "select * from captures")
    assert (capture["outcome"], capture["http_status"]) == ("failed", 200)


@pytest.mark.parametrize("name", ARTICLES)
def test_an_article_about_it_is_an_article(tmp_path, name):
    with serving({"/a": reply(body=ARTICLES[name])}) as host:
        [result] = add(tmp_path / "q.db", f"{host.base}/a")
    assert result.outcome == ("kept" if name == "quoting" else "empty")


def test_a_page_that_says_that_it_is_gone_is_looked_for_in_the_archive(tmp_path):
    db = tmp_path / "q.db"
    with (
        serving() as archive,
        serving({"/a": reply(body=SOFT["gone"]), "/b": reply(body=SOFT["gone"])}) as host,
    ):
        archive.routes[f"/web/{host.base}/a"] = reply(
            body=ARTICLE, Memento_Datetime="Sun, 12 Feb 2023 09:30:00 GMT"
        )
        found = add(db, f"{host.base}/a", f"{host.base}/b", timegate=f"{archive.base}/web/")
    assert [result.outcome for result in found] == ["kept", "failed"]
    assert (
        "no such page stands in the place of the article; 127.0.0.1: the server answered 404"
        in found[1].reason
    )


def test_a_file_is_what_it_is(tmp_path):
    (tmp_path / "a.html").write_text(SOFT["login"])
    assert add(tmp_path / "q.db", str(tmp_path / "a.html"))[0].outcome == "empty"


def test_a_recorded_page_is_no_record_of_a_container(tmp_path):
    """It is counted and kept without quotes too, under its address, and asked for again by what it said."""
    db, path = tmp_path / "q.db", str(tmp_path / "e.warc")

    def answer(request):
        known = "If-None-Match" in request.headers
        return reply("304 Not Modified") if known else reply(body=page("Nothing."), ETag='"v1"')

    with serving({"/a": answer}) as host:
        [first] = add(db, f"{host.base}/a", warc=path)
        [second] = add(db, f"{host.base}/a", warc=path)
        assert (first.outcome, second.outcome, first.record) == ("empty", "unchanged", False)
        [source] = rows(db, "select * from sources")
        assert source["source"] == f"{host.base}/a"
        [capture] = rows(db, "select * from captures")
        assert (capture["origin"], capture["container"]) == (f"{host.base}/a", path)


def test_an_archive_elsewhere_is_no_evidence_of_ours(tmp_path):
    db, made = tmp_path / "q.db", io.BytesIO()
    with zipfile.ZipFile(made, "w") as out:
        out.writestr(
            "archive/a.warc.gz", warc({"https://news.example/1": ARTICLE, "https://news.example/2": "-"})
        )
        out.writestr("datapackage.json", "{}")
    for name in ("a.wacz", "b.wacz"):
        (tmp_path / name).write_bytes(made.getvalue())
    add(db, str(tmp_path / "a.wacz"))
    assert rows(db, "select * from bodies") == []
    with serving({"/b.wacz": reply(body=made.getvalue(), Content_Type="application/wacz")}) as host:
        name = f"{host.base}/b.wacz"
        [_, result] = add(tmp_path / "new.db", name)
        assert (result.source, result.outcome, result.sum.articles) == (name, "kept", 2)
        before = dump(tmp_path / "new.db", but=["last_seen"])
        assert [result.outcome for result in add(tmp_path / "new.db", name)] == ["unchanged", "unchanged"]
    assert dump(tmp_path / "new.db", but=["last_seen"]) == before
    [capture] = rows(tmp_path / "new.db", "select * from captures where container is not null")
    assert capture["container"] == f"{name}/archive/a.warc.gz" and capture["record_offset"] > 0
    [body] = rows(tmp_path / "new.db", "select sha256 from bodies")
    assert body["sha256"] == capture["sha256"]
