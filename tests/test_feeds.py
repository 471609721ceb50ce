"""Feeds and sitemaps: what they hold, what they name, and that nothing else is read because of them."""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
import sys
import time
from contextlib import closing
from html import escape
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from archiver import run, work, xmltree
from archiver.manners import Manners
from archiver.model import Document
from archiver.readers import Failure, Line, Source, Wanted
from archiver.readers.feeds import held as held_in
from archiver.readers.feeds import read_list
from tests.archives import READ_AT, page, tweet
from tests.servers import door, reply, serving

BASE = "https://news.example/feed"
LONG = "<p>" + "Many words of an article that stands in the feed as a whole. " * 12 + "</p>"


def rss(*items: str, more: str = "") -> str:
    inner = "".join(f"<item>{item}</item>" for item in items)
    names = (
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    )
    about = "<title>News</title><link>https://news.example/</link>"
    picture = "<image><url>https://news.example/logo.png</url></image>"
    inner = f"{about}{picture}{more}{inner}"
    return f'<?xml version="1.0"?><rss version="2.0" {names}><channel>{inner}</channel></rss>'


def atom(*entries: str) -> str:
    inner = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title>{inner}</feed>'


def sitemap(*urls: str, root: str = "urlset", name: str = "url") -> str:
    inner = "".join(f"<{name}>{url}</{name}>" for url in urls)
    return (
        f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        f' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
        f' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">{inner}</{root}>'
    )


def read(body: str | bytes, kind: str = "feed", source: Source | None = None, **wanted):
    raw = body.encode() if isinstance(body, str) else body
    found = Document(raw, kind, BASE, url=BASE)
    return list(read_list(found, source or Source(BASE), Wanted(**wanted)))


def named(body: str | bytes, kind: str = "feed", **wanted) -> list[str]:
    return [source.name for source in read(body, kind, **wanted)[0].more]


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        ("<link>https://news.example/a</link>", "https://news.example/a"),
        ("<link> /a?x=1&amp;y=2\n</link>", "https://news.example/a?x=1&y=2"),
        ("<link><![CDATA[https://news.example/a?x=1&y=2]]></link>", "https://news.example/a?x=1&y=2"),
        ("<guid>https://news.example/a</guid>", "https://news.example/a"),
        ('<guid isPermaLink="false">https://news.example/a</guid>', None),
        ('<link rel="self" href="/self"/><link href="/a"/>', "https://news.example/a"),
        ("<link>file:///etc/passwd</link>", None),
        ("<link>javascript:alert(1)</link>", None),
        ("<link>http://</link>", None),
        ("<link>http://[bad</link>", None),
        ("<title>no link</title>", None),
        ("<guid>12345</guid>", None),
    ],
)
def test_the_address_of_an_entry(entry, address):
    assert named(rss(entry)) == ([address] if address else [])
    assert named(atom(entry)) == ([address] if address else [])


def test_kinds_of_feeds():
    rdf = (
        '<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        "<channel><link>https://news.example/</link></channel>"
        "<item><link>https://news.example/a</link></item></rdf:RDF>"
    )
    assert named(rdf) == ["https://news.example/a"]
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [{"url": "/a"}, {"external_url": "/b"}, 7],
    }
    assert named(json.dumps(told)) == ["https://news.example/a", "https://news.example/b"]


@pytest.mark.parametrize(
    ("content", "is_held"),
    [
        (f"<content:encoded>{escape(LONG)}</content:encoded>", True),
        (f"<content:encoded><![CDATA[{LONG}]]></content:encoded>", True),
        (f"<content:encoded>{escape(LONG)}Read on …&lt;/p&gt;</content:encoded>", False),
        ("<content:encoded>&lt;p&gt;A few words.</content:encoded>", False),
        (f"<description>{escape(LONG)}</description>", False),
        (f"<description>{escape(tweet(1))}</description>", True),
        ("<description>A few words.</description>", False),
    ],
)
def test_an_article_that_stands_in_the_feed_is_read_from_it(content, is_held):
    first, *held = read(rss(f"<link>/a</link>{content}"))
    assert bool(held) == is_held
    assert [source.name for source in first.more] == ([] if is_held else ["https://news.example/a"])
    assert first.records == 1
    if held:
        assert (held[0].source, held[0].url, held[0].origin) == (
            "https://news.example/a",
            "https://news.example/a",
            BASE,
        )
        assert held[0].http_status is None


def test_atom_content_as_markup_and_json_content_as_text():
    markup = f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{LONG}</div></content>'
    [_, held] = read(atom(f'<link href="/a"/>{markup}'))
    assert held.kind == "html"
    assert b"<p>Many words" in held.body
    told = {
        "version": "https://jsonfeed.org/version/1",
        "items": [{"url": "/a", "content_text": "Words. " * 99}],
    }
    [_, held] = read(json.dumps(told))
    assert held.kind == "text"


def test_an_article_without_an_address_has_a_name():
    [_, held] = read(rss(f"<description>{escape(tweet(1))}</description>"))
    assert (held.source, held.url) == (f"{BASE}#1", None)


DATED = (
    "<link>/old</link><pubDate>Wed, 31 Dec 2021 23:59:59 GMT</pubDate>",
    "<link>/new</link><pubDate>Sat, 01 Jan 2022 00:00:00 +0100</pubDate>",
    "<link>/dc</link><dc:date>2022-02-03T10:00:00Z</dc:date>",
    "<link>/none</link><pubDate>yesterday</pubDate>",
)


def test_articles_since_a_day():
    assert named(rss(*DATED), since="2022-01-01") == [
        "https://news.example/new",
        "https://news.example/dc",
        "https://news.example/none",
    ]
    body = sitemap(
        "<loc>/a</loc><lastmod>2022</lastmod>",
        "<loc>/b</loc><lastmod>2021-12</lastmod>",
        "<loc>/c</loc><news:news><news:publication_date>2022-01-01T08:00:00+02:00</news:publication_date></news:news>",
    )
    assert named(body, "sitemap", since="2022-01-01") == ["https://news.example/a", "https://news.example/c"]


def test_articles_whose_address_matches():
    body = sitemap("<loc>/2022/a</loc>", "<loc>/2021/b</loc>", "<loc>/tag/c</loc>")
    [first] = read(body, "sitemap", match=re.compile(r"/202\d/"))
    assert [source.name[-2:] for source in first.more] == ["/a", "/b"]
    assert first.reason == "a sitemap of 3 articles, 1 not wanted"


def test_an_index_is_followed_whatever_the_addresses_but_not_into_the_past():
    body = sitemap(
        "<loc>/old.xml</loc><lastmod>2019-01-01</lastmod>",
        "<loc>/new.xml</loc><lastmod>2022-01-01</lastmod>",
        root="sitemapindex",
        name="sitemap",
    )
    wanted = {"since": "2021-01-01", "match": re.compile("story")}
    assert named(body, "sitemap", **wanted) == ["https://news.example/new.xml"]


def test_pictures_of_a_sitemap_are_no_articles():
    body = sitemap("<loc>/a</loc><image:image><image:loc>/a.png</image:loc></image:image>")
    assert named(body, "sitemap") == ["https://news.example/a"]


def test_the_date_of_an_article_leads_to_its_archived_copy():
    [first] = read(rss(DATED[2]))
    assert first.more[0].near == "Thu, 03 Feb 2022 00:00:00 GMT"


def test_lists_that_lead_to_one_another_end():
    [failure] = read(rss("<link>/a</link>"), source=Source(BASE, depth=4))
    assert (failure.outcome, failure.more) == ("failed", ())
    assert "not followed" in failure.reason


def test_a_feed_in_a_folder_is_read_but_nothing_is_fetched():
    held = f"<link>/a</link><description>{escape(tweet(1))}</description>"
    first, article = read(rss("<link>/b</link>", held), source=Source("saved/feed.xml", found=True))
    assert first.more == ()
    assert "1 left unread" in first.reason
    assert article.source == "https://news.example/a"


def test_a_feed_in_a_web_archive_gives_what_it_holds():
    whole = f"<link>/a</link><description>{escape(tweet(1))}</description>"
    found = Document(
        rss(whole, "<link>/b</link>").encode(), "feed", BASE, BASE, container="e.warc", origin="e.warc"
    )
    [article] = held_in(found)
    assert (article.source, article.container, article.origin) == (
        "https://news.example/a",
        "e.warc",
        "e.warc",
    )


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>',
        '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd">',
        "<!DOCTYPE rss",
    ],
)
def test_entities_and_outside_files_are_never_looked_at(head):
    body = f"{head}<rss><item><title>&b;&x; &nbsp; AT&T</title><link>/a</link></item></rss>"
    found, _ = xmltree.records(body, ["item"])
    assert not found or found[0].text("title") == "&b;&x; &nbsp; AT&T"
    assert "root:" not in str(found)


def test_damage_costs_what_is_damaged_only():
    whole = f"<link>/a</link><description>{escape(tweet(1))}</description>"
    body = rss(whole, "<link>/b</link>", whole.replace("/a<", "/c<"))
    [first, *_] = read(body[:-60])
    assert first.outcome == "partial"
    assert "damaged" in first.reason
    assert [source.name for source in first.more] == ["https://news.example/b"]
    broken = rss("<link>/x</link><b></i>", f"<link>/a</link><description>{escape(tweet(2))}</description>")
    assert b"<blockquote" in read(broken)[-1].body
    for nothing in ("<rss", "{", '{"version": "https://jsonfeed.org/version/1"', "<rss>" + "<a>" * 99_999):
        [failure] = read(nothing)
        assert failure.outcome == "failed"


def test_feeds_in_other_encodings():
    body = rss("<title>新闻</title><link>/新闻</link>").replace('"1.0"', '"1.0" encoding="gbk"').encode("gbk")
    assert named(body) == ["https://news.example/新闻"]


def test_control_characters_are_no_damage():
    [first] = read(rss("<title>a\x0b\x1f\0b&#0;&#xD800;</title><link>/a</link>"))
    assert (first.outcome, len(first.more)) == ("empty", 1)


@pytest.mark.parametrize(
    "piece", ["<![CDATA[", "&#", "&amp", "<!DOCTYPE rss [", "</item>", "<item>", "]>", "<a:"]
)
def test_hostile_feeds_take_linear_time(piece):
    start = time.monotonic()
    xmltree.records("<rss>" + piece * (2_000_000 // len(piece)), ["item"])
    assert time.monotonic() - start < 4


def test_a_line_takes_what_is_added_while_it_is_read_and_nothing_twice():
    line = Line(lambda source: [source], spread=False)
    line.extend([Source("https://a.example/1"), Source("b.html"), Source("https://a.example/1")])
    assert [source.name for source in line] == ["https://a.example/1", "b.html"]
    line.extend([Source("https://a.example/2"), Source("https://a.example/1")])
    assert [source.name for source in line] == ["https://a.example/2"]


def test_hosts_take_turns_where_several_processes_read():
    names = ["https://a.example/1", "https://a.example/2", "https://b.example/1", "x.html", "y.html"]
    line = Line(lambda source: [source], spread=True)
    line.extend([*map(Source, names), Failure("z", "no")])
    found = [source.name if isinstance(source, Source) else source.source for source in line]
    assert found == [
        "https://a.example/1",
        "https://b.example/1",
        "x.html",
        "https://a.example/2",
        "y.html",
        "z",
    ]


@pytest.fixture
def _loopback(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(work, "_fetcher", lambda options: door())


def add(db, *names, jobs=1, **wanted):
    options = run.Options(read_at=READ_AT, manners=Manners(delay=0, robots=False), wanted=Wanted(**wanted))
    return list(run.add(str(db), run.sources(names), options, jobs))


@pytest.mark.parametrize(
    "jobs", [1, pytest.param(3, marks=pytest.mark.skipif(sys.platform != "linux", reason="forks"))]
)
def test_from_an_index_to_the_archive(tmp_path, _loopback, jobs):
    db = tmp_path / "q.db"
    articles = [page(tweet(n)) for n in range(5)]
    feed = rss("<link>/1</link>", f"<link>/2</link><content:encoded>{escape(articles[2])}</content:encoded>")
    index = sitemap("<loc>/map.xml.gz</loc>", "<loc>/feed</loc>", root="sitemapindex", name="sitemap")
    packed = gzip.compress(sitemap("<loc>/0</loc>", "<loc>/1</loc>", "<loc>/index.xml</loc>").encode())
    routes = {f"/{n}": reply(body=articles[n]) for n in (0, 1)}
    routes["/index.xml"] = reply(body=index, Content_Type="application/xml")
    routes["/map.xml.gz"] = reply(body=packed, Content_Type="application/x-gzip")
    routes["/feed"] = reply(body=feed, Content_Type="application/rss+xml")
    with serving(routes) as host:
        results = add(db, f"{host.base}/index.xml", jobs=jobs)
        paths = sorted(request.path for request in host.asked)
    assert paths == ["/0", "/1", "/feed", "/index.xml", "/map.xml.gz"], "each once"
    assert sum(result.quotes for result in results) == 3
    with closing(sqlite3.connect(db)) as connection:
        lists = connection.execute(
            "select origin, records from captures where records is not null"
        ).fetchall()
        assert sorted((origin[len(host.base) :], records) for origin, records in lists) == [
            ("/feed", 2),
            ("/index.xml", 2),
            ("/map.xml.gz", 3),
        ]
        named_by = connection.execute("select source from sources where source like '%/feed'").fetchall()
        assert len(named_by) == 2
        assert connection.execute("select count(*) from posts").fetchone() == (3,)


def test_data_that_is_no_feed_is_refused(tmp_path, _loopback):
    routes = {
        "/a": reply(body=json.dumps({"html": tweet(1)}), Content_Type="application/json"),
        "/b": reply(body=gzip.compress(page(tweet(1)).encode()), Content_Type="application/gzip"),
        "/c": reply(body=gzip.compress(bytes(99))[:12] + b"damaged", Content_Type="application/gzip"),
    }
    with serving(routes) as host:
        results = add(tmp_path / "q.db", *(f"{host.base}{path}" for path in routes))
    assert [result.outcome for result in results] == ["failed"] * 3
    assert results[0].reason == "no article but application/json"


def test_a_feed_from_a_file(tmp_path, _loopback):
    path = Path(tmp_path / "feed.xml")
    with serving({"/a": reply(body=page(tweet(1)))}) as host:
        path.write_text(
            rss(f"<link>{host.base}/a</link>", "<link>/relative</link>", "<link>/etc/passwd</link>")
        )
        results = add(tmp_path / "q.db", str(path))
    assert [result.outcome for result in results] == ["empty", "kept"]


def test_options_that_are_none(tmp_path):
    for wrong in (["--match", "("], ["--since", "soon"], ["--delay", "-1"], ["--per-host", "0"]):
        found = CliRunner().invoke(cli.main, ["add", str(tmp_path / "q.db"), str(tmp_path), *wrong])
        assert found.exit_code == 2, found.output
    (tmp_path / "e.warc").write_text("no such thing")
    given = ["add", str(tmp_path / "q.db"), str(tmp_path), "--warc", str(tmp_path / "e.warc")]
    found = CliRunner().invoke(cli.main, given)
    assert (found.exit_code, "name another file with --warc" in found.output) == (1, True)


def test_what_a_run_tells_of_lists(tmp_path, _loopback):
    routes = {"/map": reply(body=sitemap("<loc>/a</loc>", "<loc>/b</loc>")), "/a": reply(body=page(tweet(1)))}
    with serving(routes) as host:
        given = ["extract", f"{host.base}/map", "-v", "--match", "/a$"]
        found = CliRunner().invoke(cli.main, given)
    assert "a sitemap of 2 articles, 1 not wanted" in found.output
    assert "Read 1 article: 1 quote in 1, 0 without, named by 1 feed or sitemap." in found.output
