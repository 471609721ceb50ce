"""The Datasette plugin, walked through as a researcher would, in this process and without a browser. Runs on
Datasette 0.65 here, and on the next one by tests/test_datasette_next.py."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests import exhibit
from tests.modules import ROOT

datasette_app = pytest.importorskip("datasette.app", reason="Datasette is not installed")
utils = pytest.importorskip("datasette.utils", reason="Datasette is not installed")
fragments = pytest.importorskip("archiver.datasette.fragments", reason="Datasette is not installed")

ANCHOR = re.compile(r'href="([^"]*)"')
KEPT = "/exhibit/posts/twitter~3A"


class Browser:
    """Asks pages of one Datasette."""

    def __init__(self, *paths: Path, **settings: Any) -> None:
        self.datasette = datasette_app.Datasette([str(path) for path in paths], **settings)
        asyncio.run(self.datasette.invoke_startup())

    def get(self, path: str, status: int = 200) -> Any:
        answer = asyncio.run(self.datasette.client.get(path))
        assert answer.status_code == status, (path, answer.status_code, answer.text[:2000])
        return answer


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("exhibit") / "exhibit.db"
    exhibit.make(made)
    return made


@pytest.fixture(scope="module")
def browser(path: Path) -> Browser:
    return Browser(path)


@pytest.fixture(scope="module")
def rows(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as conn:
        yield conn


def key_of(rows: sqlite3.Connection, words: str) -> str:
    return str(rows.execute("SELECT id FROM posts WHERE text LIKE ?", (words + "%",)).fetchone()[0])


def address(kind: str, key: str) -> str:
    return f"/exhibit/{kind}/{utils.tilde_encode(key)}"


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def test_the_home_page_tells_what_there_is(browser: Browser) -> None:
    page = browser.get("/").text
    told = text_of(page)
    assert "14 social posts, as 8 articles of 3 sites quoted them, from 2012 to 2023." in told
    assert "4 gone of 8 checked" in told and "Mara Quillon" in told and "gazette.example" in told
    assert "<svg" in page and "<script" not in page
    assert browser.get("/exhibit").text == page


def test_every_link_leads_somewhere(browser: Browser) -> None:
    """From the home page, three clicks deep: no page of ours fails, none leads out of the web."""
    seen: set[str] = set()
    waiting = ["/"]
    for _ in range(3):
        found: list[str] = []
        for one in waiting:
            page = browser.get(one).text
            found += [link.replace("&amp;", "&") for link in ANCHOR.findall(page)]
            assert not [link for link in ANCHOR.findall(page) if not link.startswith(("/", "http", "#", "?"))]
        inside = {
            link.split("#")[0]
            for link in found
            if link.startswith("/exhibit") and "." not in link.split("?")[0][-6:]
        }
        waiting = sorted(inside - seen)[:60]
        seen |= set(waiting)
    assert len(seen) > 60


def test_a_post_and_all_that_is_known_of_it(browser: Browser, rows: sqlite3.Connection) -> None:
    key = key_of(rows, "Never did we")
    page = browser.get(address("posts", key)).text
    told = text_of(page)
    assert "Quoted in 3 articles of 3 sites" in told
    assert "<del>Never</del><ins>Gladly</ins>" in page
    assert "account suspended" in told and "15 January 2026" in told
    assert "Signed here: Mara Q. (keeper)" in told
    assert "exact, by the number of the post" in told
    assert "The printed day is not the day on which the post was made" in told
    assert key in told and "{{cite web" in told and "&lt;iframe" in page


def test_words_keep_their_direction_and_language(browser: Browser, rows: sqlite3.Connection) -> None:
    page = browser.get(address("posts", key_of(rows, "لا ضوء"))).text
    assert re.search(r'<p class="words" dir="auto"[^>]*>لا ضوء', page)
    assert '<a href="/exhibit/-/search?q=%23CorbelPoint">#CorbelPoint</a>' in page


def test_old_keys_and_quotes_have_permanent_addresses(browser: Browser, rows: sqlite3.Connection) -> None:
    (heir,) = rows.execute("SELECT post FROM aliases WHERE alias = 'old:1'").fetchone()
    answer = browser.get(address("posts", "old:1"), 301)
    assert answer.headers["location"] == address("posts", heir)
    name, post = rows.execute("SELECT id, post FROM quotes LIMIT 1").fetchone()
    assert (
        browser.get(address("quotes", name), 302).headers["location"]
        == f"{address('posts', post)}#quote-{name}"
    )
    browser.get(address("posts", "nothing:1"), 404)
    browser.get(address("quotes", "nothing"), 404)
    browser.get(address("articles", "nothing"), 404)
    browser.get(address("authors", "nothing"), 404)
    browser.get("/exhibit/-/questions/nothing", 404)


def test_an_article_shows_what_disappeared(browser: Browser, rows: sqlite3.Connection) -> None:
    (key,) = rows.execute("SELECT id FROM articles WHERE title = 'Light at last'").fetchone()
    told = text_of(browser.get(address("articles", key)).text)
    assert "1 of its quotes disappeared." in told and "no longer in the article" in told
    assert "Two lamps now." in told and "The lamp burns." in told


def test_an_author_through_time(browser: Browser) -> None:
    told = text_of(browser.get(address("authors", "twitter:maraquillon_ex")).text)
    assert "5 posts, quoted 7 times" in told and "Mara Q. (keeper)" in told and "coast.example" in told


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({"q": "lamp"}, 3),
        ({"q": "LÁMPARA"}, 1),
        ({"q": "灯台"}, 1),
        ({"q": "灯"}, 1),
        ({"q": "lamp*"}, 5),
        ({"q": '"the lamp"'}, 2),
        ({"q": '"'}, None),
        ({"q": "lamp", "state": "gone"}, 1),
        ({"q": "light", "site": "gazette.example"}, 2),
        ({"state": "gone"}, 4),
        ({"state": "unchecked"}, 6),
        ({"author": "@MaraQuillon_ex"}, 5),
        ({"since": "2022-02", "until": "2022-04"}, 5),
        ({"since": "nonsense"}, 14),
        ({"platform": "nowhere"}, 0),
        ({"q": "lamp", "start": "x"}, 3),
    ],
)
def test_posts_are_found(browser: Browser, asked: dict[str, str], number: int | None) -> None:
    page = browser.get(f"/exhibit/-/search?{urlencode(asked)}").text
    if number is not None:
        assert page.count('<article class="card') == number
        assert ("Nothing found." in page) == (number == 0)


def test_found_words_are_marked(browser: Browser) -> None:
    assert "<mark>lámpara</mark>" in browser.get("/exhibit/-/search?q=LAMPARA").text


def test_nothing_hostile_is_active(browser: Browser, rows: sqlite3.Connection) -> None:
    key = key_of(rows, "<script>")
    for page in (
        address("posts", key),
        "/exhibit/-/search?q=typed",
        "/exhibit/posts",
        "/",
        address("authors", "twitter:eve_ex"),
    ):
        answer = browser.get(page)
        assert "<script>alert" not in answer.text and "<img src=x" not in answer.text
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
    hostile = "\"><script>alert(1)</script>'"
    for name in ("q", "since", "site", "author", "platform", "state"):
        assert "<script>alert" not in browser.get(f"/exhibit/-/search?{name}={quote(hostile)}").text
    policy = browser.get(address("posts", key)).headers["content-security-policy"]
    assert "script-src" not in policy and "default-src 'none'" in policy


def test_a_card_may_be_framed(browser: Browser, rows: sqlite3.Connection) -> None:
    answer = browser.get(address("-/embed", key_of(rows, "Never did we")))
    assert "frame-ancestors *" in answer.headers["content-security-policy"]
    assert "<script" not in answer.text and "Never did we" in answer.text


QUESTIONS = json.loads((ROOT / "data/datasette/questions.json").read_text("utf-8"))["questions"]
GIVEN = {
    "handle": "maraquillon_ex",
    "handles": '@MaraQuillon_ex, eve_ex\r\n"nobody\\',
    "site": "gazette.example",
    "day": "2022-01-02",
}


@pytest.mark.parametrize("question", QUESTIONS, ids=[one["name"] for one in QUESTIONS])
def test_every_question_is_answered(browser: Browser, question: dict[str, Any]) -> None:
    given = urlencode({name: GIVEN.get(name, "") for name in question["parameters"]})
    page = browser.get(f"/exhibit/-/questions/{question['name']}?{given}").text
    assert question["title"].split("’")[0] in page and re.search(r"\d+ rows?", page)
    rows = browser.get(f"/exhibit/{question['name']}.json?{given}&_shape=array").json()
    assert f"{len(rows)} row" in page
    browser.get(f"/exhibit/{question['name']}.csv?{given}")
    if question["name"] not in ("within-an-hour", "not-understood", "not-read"):
        assert rows, "the exhibit has an answer to it"


def test_a_question_without_what_it_needs_is_not_asked(browser: Browser) -> None:
    page = browser.get("/exhibit/-/questions/who-quotes").text
    assert "<table" not in page and 'name="handle"' in page


def test_a_list_of_suspects(browser: Browser) -> None:
    given = urlencode({"handles": GIVEN["handles"]})
    found = {
        row["handle"]: row["posts"]
        for row in browser.get(f"/exhibit/suspects.json?{given}&_shape=array").json()
    }
    assert found == {"maraquillon_ex": 5, "eve_ex": 1, "nobody": 0}


def test_ways_out(browser: Browser, rows: sqlite3.Connection) -> None:
    cite = address("-/cite", key_of(rows, "Never did we"))
    assert browser.get(f"{cite}.csl").json()[0]["issued"] == {"date-parts": [[2022, 1, 2]]}
    assert browser.get(f"{cite}.bib").text.startswith("@misc{twitter:")
    assert "\nAU  - Mara Quillon (@maraquillon_ex)" in browser.get(f"{cite}.ris").text.replace("\r", "")
    assert browser.get(f"{cite}.wiki").text.startswith("{{cite web |author=Mara Quillon")
    for form in ("atom", "rss"):
        for page in ("posts", "most_quoted", "most-quoted", "-/search"):
            feed = ElementTree.fromstring(browser.get(f"/exhibit/{page}.{form}").content)
            assert (
                len(list(feed.iter("{http://www.w3.org/2005/Atom}entry" if form == "atom" else "item"))) == 14
            )
    assert len(browser.get("/exhibit/quoted_posts.csl").json()) == 14


def test_tables_show_people_first(browser: Browser) -> None:
    page = browser.get("/exhibit/posts").text
    heads = re.findall(r'data-column="(\w+)"', page)
    assert heads[:5] == ["id", "author_name", "author_handle", "text", "posted_on"]
    assert "native_id" not in heads and "technical columns are left out" in page
    assert "native_id" in re.findall(r'data-column="(\w+)"', browser.get("/exhibit/posts?_all=1").text)
    assert "2 January 2022" in page and "_search" in page
    assert (
        "SHA-256" in browser.get("/exhibit/-/tables").text
        or "Of the body as read" in browser.get("/exhibit/-/tables").text
    )


def test_functions_in_sql(browser: Browser) -> None:
    sql = (
        "select post_key('https://x.com/a/status/1484243218123464706?s=20') as k, post_key('nonsense') as n,"
    )
    sql += " post_time('1484243218123464706') as t, post_time('twitter:1484243218123464706') as u,"
    sql += " id_range('2022-01-20') as r,"
    sql += (
        " tidy_url('HTTP://Example.org:80/a/?utm_source=x') as a, site_of('https://www.example.org/a') as s"
    )
    root = "/exhibit/-/query" if hasattr(browser.datasette, "add_query") else "/exhibit"
    (row,) = browser.get(f"{root}.json?{urlencode({'sql': sql, '_shape': 'array'})}").json()
    assert row == {
        "k": "twitter:1484243218123464706",
        "t": "2022-01-20T19:15:33.763Z",
        "u": "2022-01-20T19:15:33.763Z",
        "r": '["1483952411243446272", "1484314799109046271"]',
        "n": None,
        "a": "https://example.org/a",
        "s": "example.org",
    }


def test_several_archives_and_other_databases(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as conn, conn:
        conn.execute("CREATE TABLE posts (id TEXT PRIMARY KEY, text TEXT)")
        conn.execute("INSERT INTO posts VALUES ('a', 'b')")
    second = tmp_path / "second.db"
    exhibit.make(second)
    browser = Browser(path, second, other)
    page = browser.get("/").text
    assert "/exhibit" in page and "/second" in page and "/other" in page
    assert "What the articles quoted" in browser.get("/second").text
    assert "archive-rows" in browser.get("/other/posts").text
    assert "card" not in browser.get("/other/posts/a").text


def test_who_may_not_see_it_sees_nothing(path: Path) -> None:
    closed = {"databases": {"exhibit": {"allow": False}}}
    key = "config" if hasattr(datasette_app.Datasette, "add_query") else "metadata"
    browser = Browser(path, **{key: closed})
    for page in (
        "/",
        "/exhibit",
        "/exhibit/-/search",
        "/exhibit/-/search.atom",
        "/exhibit/-/questions",
        "/exhibit/-/tables",
    ):
        browser.get(page, 403)
    browser.get(address("posts", "twitter:1"), 403)


def test_a_redacted_post_says_so(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "exhibit.db"
    copy.write_bytes(path.read_bytes())
    with closing(sqlite3.connect(copy)) as conn, conn:
        key = key_of(conn, "Two lamps")
        conn.execute("INSERT INTO redactions VALUES (?, 'Order <12>', '2026-01-31T12:00:00Z')", (key,))
    told = text_of(Browser(copy).get(address("posts", key)).text)
    assert "The words of this post were taken out on 31 January 2026, 12:00 UTC: Order &lt;12&gt;" in told


def test_what_is_added_meanwhile_is_counted(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes(path.read_bytes())
    browser = Browser(copy)
    assert "4 gone of" in text_of(browser.get("/").text)
    with closing(sqlite3.connect(copy)) as conn, conn:
        conn.execute("UPDATE posts SET state = 'deleted'")
    assert "14 gone of 14 checked" in text_of(browser.get("/").text)


def test_serve_asks_for_what_a_large_archive_needs(path: Path) -> None:
    from archiver.datasette.serving import arguments

    words = arguments([str(path)], "127.0.0.1", 8001, True)
    assert words[:2] == ["serve", str(path)] and words[-1] == "--open"
    assert "suggest_facets off" in " ".join(words)


def test_serve_refuses_what_is_no_archive(tmp_path: Path) -> None:
    from archiver.datasette.serving import serve
    from archiver.errors import ArchiverError

    with pytest.raises(ArchiverError, match="no such archive"):
        serve([str(tmp_path / "none.db")], "127.0.0.1", 8001, False)


def test_serve_says_what_is_missing(path: Path) -> None:
    code = "import sys; sys.modules['datasette'] = None; import cli; cli.main(['serve', sys.argv[1]])"
    words = [sys.executable, "-c", code, str(path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert 'pip install "archiver[datasette]"' in done.stderr and "Traceback" not in done.stderr


def test_stored_markup_is_shown_cleaned_in_a_frame(browser: Browser, rows: sqlite3.Connection) -> None:
    key = key_of(rows, "Never did we")
    page = browser.get(address("posts", key)).text
    (frame, *_) = re.findall(r'<iframe class="shown" src="([^"]+)" sandbox ', page)
    shown = browser.get(frame)
    policy = shown.headers["content-security-policy"]
    assert "default-src 'none'" in policy and policy.endswith("; sandbox") and "script" not in policy
    assert "<blockquote>" in shown.text and "Never did we say" in shown.text
    assert "href=" not in shown.text.split("<main")[1] and "<script" not in shown.text
    browser.get("/exhibit/-/fragment/none", 404)


@pytest.mark.parametrize(
    "hostile",
    [
        "<blockquote><script>alert(1)</script>a</blockquote>",
        "<p onclick=alert(1) style='background:url(http://x.example/)'>a<img src=x onerror=alert(1)></p>",
        "<a href='javascript:alert(1)'>a</a><a href=http://x.example>b</a><base href=//x.example>",
        "<svg><style><img src=x onerror=alert(1)></style></svg><math><mi xlink:href='data:x'>a",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe><form action=//x.example><button>a</button>",
        "<link rel=stylesheet href=//x.example><meta http-equiv=refresh content='0;url=//x.example'>a",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    ],
)
def test_nothing_active_is_left_of_markup(hostile: str) -> None:
    left = fragments.cleaned(hostile)
    assert not re.search(r"<(?!/?(?:blockquote|p|a|b)>)|=", left), left


def test_without_its_cleaner_no_markup_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fragments, "_has_cleaner", lambda: False)
    assert not fragments.can_show("<p>a</p>")


def test_results_are_sorted_as_asked(browser: Browser) -> None:
    def order(**asked: str) -> list[str]:
        page = browser.get(f"/exhibit/-/search?{urlencode(asked)}").text
        return re.findall(r'<h2><a href="[^"]*/posts/([^"]+)"', page)

    best = order(q="lamp")
    assert "the best matches first" in browser.get("/exhibit/-/search?q=lamp").text
    by_date = order(q="lamp", sort="latest")
    assert sorted(best) == sorted(by_date) and len(by_date) == 3
    days = [key.split("~3A")[1] for key in by_date]
    assert days == sorted(days, key=int, reverse=True)
    assert "the latest first" in browser.get("/exhibit/-/search?q=lamp&sort=latest").text
    assert "the most quoted first" in browser.get("/exhibit/-/search?q=lamp&sort=quoted").text
    assert order(q="lamp", sort="nonsense") == best


def test_a_year_is_a_period(browser: Browser) -> None:
    page = browser.get("/exhibit/-/search?year=2022").text
    assert page == browser.get("/exhibit/-/search?since=2022&until=2022").text
    assert '<option value="2022" selected>' in page


def test_counts_come_from_the_figures(browser: Browser) -> None:
    for asked in ("posts?platform=twitter", "posts?state=deleted", "articles?site=gazette.example", "flags"):
        told = re.search(r"<h3[^>]*>\s*([\d,]+) rows?", browser.get(f"/exhibit/{asked}").text)
        table, _, where = asked.partition("?")
        name, _, value = where.partition("=")
        sql = f"select count(*) as n from {table}" + (f" where {name} = '{value}'" if where else "")
        root = "/exhibit/-/query" if hasattr(browser.datasette, "add_query") else "/exhibit"
        (row,) = browser.get(f"{root}.json?{urlencode({'sql': sql, '_shape': 'array'})}").json()
        assert told and int(told[1]) == row["n"], asked
