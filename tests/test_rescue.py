"""What is got back from web archives and public endpoints: ids, words, copies, links, pictures; and what
archives that refuse, fail or lie can do."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from archiver.evidence.redaction import redact
from archiver.evidence.verify import verify
from archiver.later import Later
from archiver.life import Asker
from archiver.platforms import PLATFORMS
from archiver.reparse import reparse
from archiver.rescue import Search, Wanted, media, reading, rescue
from archiver.rescue.given import given_copy
from tests.archive_sim import ORG, WEB, Saved, Wayback, archives
from tests.archives import EPOCH_MS, LATER, READ_AT, add, dump, is_sound, page, sources, tweet
from tests.servers import door, reply, serving

AT = "2026-02-01T12:00:00Z"
DAY = 86_400_000
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(60))


@pytest.fixture(autouse=True)
def _own_queue(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("archiver.fetch.fetcher._PAUSES", (0.01, 0.02, 0.03))


def number(milliseconds: int, low: int = 7) -> str:
    """The id of a tweet so long after the beginning of 2022."""
    return str(((1_640_995_200_000 + milliseconds - EPOCH_MS) << 22) + low)


def api(number: str, text: str, handle: str = "ann_ex", name: str = "Ann Example", **more) -> str:
    """A tweet as archives saved it from the API."""
    about = {"id": number, "text": text, "author_id": "7", "lang": "en", **more}
    return json.dumps({"data": about, "includes": {"users": [{"id": "7", "username": handle, "name": name}]}})


def classic(number: str, text: str, handle: str = "ann_ex", name: str = "Ann Example") -> str:
    """A tweet's page of the years before 2020, and an answer to it."""
    other = str(int(number) + 99)
    return (
        f'<html><body><div class="tweet permalink-tweet" data-tweet-id="{number}" data-screen-name="{handle}"'
        f' data-name="{name}"><p class="tweet-text" lang="en">{text}</p></div>'
        f'<div class="tweet" data-tweet-id="{other}" data-screen-name="eve_ex" data-name="Eve">'
        f'<p class="tweet-text">{text}</p></div></body></html>'
    )


def plain(text: str, handle: str = "ann_ex", name: str = "Ann Example", day: str = "January 1, 2022") -> str:
    return f"{text} — {name} (@{handle}) {day}"


def saved(number: str, body: str, handle: str = "ann_ex", stamp: str = "20220301000000", **more) -> Saved:
    kind = "application/json" if body[:1] == "{" else "text/html"
    return Saved(stamp, f"https://twitter.com/{handle}/status/{number}", body, kind, **more)


def search(host, **more) -> Search:
    instead = {
        "https://cdn.syndication.twimg.com": f"{host.base}/syndication",
        "https://publish.twitter.com": f"{host.base}/publish",
        "https://pbs.twimg.com": f"{host.base}/pbs",
        "https://archive.example": f"{host.base}/other",
    }
    return Search(archives(host), Asker(door(), instead), AT, **more)


def run(db: Path, host, **wanted):
    return list(rescue(str(db), Wanted(**wanted), search(host), PLATFORMS))


def rows(db: Path, sql: str):
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(sql).fetchall()


def state(db: Path, value: str, platform: str = "twitter") -> None:
    """What a check would have written."""
    with Later(str(db)) as later:
        for row in later.all("SELECT id FROM posts WHERE platform = ?", platform):
            check = {"post": row["id"], "checked_at": READ_AT, "method": "oembed", "state": value}
            later.keep(READ_AT, {"checks": [{**check, "http_status": 404, "because": "told so"}]})


WORDS = "harbour lamp keeper gull winter tide bell rope fog storm light stone salt north wind ship".split()


def sentence(chance: random.Random, low: int = 6, high: int = 14) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(chance.randint(low, high))).capitalize() + "."


class World:
    """Quotes without an id, and an archive that holds the true posts among many false ones."""

    def __init__(self, seed: int, size: int) -> None:
        self.chance = random.Random(seed)
        self.truth: dict[str, str] = {}
        self.wayback = Wayback()
        self.texts: list[str] = []
        for at in range(size):
            self._author(at)

    def _author(self, at: int) -> None:
        chance, handle = self.chance, f"mara_{at}"
        text, found = sentence(chance), number(chance.randrange(DAY), chance.randrange(1 << 22))
        code = f"xmplPic{at:03}"
        pictured = chance.random() < 0.3
        shown = f"{text} pic.twitter.com/{code}" if pictured else text
        self.texts.append(plain(shown, handle, f"Mara {at}"))
        self.truth[f"@{handle}"] = found
        told = f"{text} https://t.co/{code}" if pictured and chance.random() < 0.5 else shown
        make = chance.choice((api, classic))
        self._put(found, make(found, told, handle, f"Mara {at}"), handle)
        for _ in range(chance.randint(2, 9)):
            self._false(text, handle)

    def _false(self, text: str, handle: str) -> None:
        """What is near the truth and is not it."""
        chance = self.chance
        other = number(chance.randrange(DAY), chance.randrange(1 << 22))
        words = text.split()
        words[chance.randrange(len(words))] = chance.choice(("never", "maybe", "twice"))
        kinds = (
            lambda: api(other, sentence(chance), handle),
            lambda: api(other, " ".join(words), handle),
            lambda: api(other, text, f"{handle}_fan"),
            lambda: classic(other, f"RT @{handle}: {text}", handle),
            lambda: api(str(int(other) + 1), text, handle),
            lambda: "<html><title>Log in to X</title></html>",
            lambda: "",
            lambda: "{" * 50,
            lambda: (
                api(other, f"{text} pic.twitter.com/other{chance.randrange(999):03}", handle)
                if "pic." in self.texts[-1]
                else api(other, f"{text[:-1]} or not.", handle)
            ),
        )
        self._put(other, chance.choice(kinds)(), handle)
        late = number(DAY + chance.randrange(DAY), chance.randrange(1 << 22))
        self._put(late, api(late, text, handle), handle)  # the same words on another day

    def _put(self, found: str, body: str, handle: str) -> None:
        host = self.chance.choice(("twitter.com", "www.twitter.com", "x.com", "mobile.twitter.com"))
        host = "twitter.com" if host.startswith("mobile") else host
        kind = "application/json" if body[:1] == "{" else "text/html"
        spelling = handle if self.chance.random() < 0.8 else handle.upper()
        url = f"https://{host}/{spelling}/status/{found}"
        self.wayback.copies.append(Saved("20220301000000", url, body, kind))


def found_ids(db: Path) -> dict[str, str]:
    return dict(rows(db, "SELECT '@' || author_handle, native_id FROM posts WHERE native_id IS NOT NULL"))


def test_ids_are_found_and_none_is_wrong(tmp_path):
    """Among true and false candidates: at least 95 % found, none wrong."""
    world, db = World(1, 120), tmp_path / "a.db"
    add(db, sources(tmp_path / "in", {"1.txt": "\n\n".join(world.texts)}))
    assert rows(db, "SELECT count(*) FROM posts WHERE native_id IS NULL") == [(120,)]
    with serving() as host:
        host.routes = world.wayback
        run(db, host)
    found = found_ids(db)
    wrong = {handle: value for handle, value in found.items() if world.truth[handle] != value}
    assert wrong == {}
    assert len(found) >= 0.95 * len(world.truth), len(found)
    assert not list(verify(str(db)))
    assert is_sound(db)


def test_an_id_that_is_found_carries_all_that_belongs_to_it(tmp_path):
    """The post moves to its better key, the old one leads there; time and address follow from the id; what
    is printed stays; nothing changes when run again."""
    db, native = tmp_path / "a.db", number(3_600_000)
    text = "No light tonight, the first time in a hundred and forty years."
    add(db, sources(tmp_path / "in", {"1.txt": plain(text)}))
    ((old,),) = rows(db, "SELECT id FROM posts")
    wayback = Wayback([saved(native, api(native, text))])
    with serving() as host:
        host.routes = wayback
        first = run(db, host)
        after = dump(db)
        assert not [result for result in run(db, host) if result.method == "id"]
    assert {result.method: result.outcome for result in first}["id"] == "found"
    ((key, post_id, url, at, basis, filled),) = rows(
        db, "SELECT id, native_id, url, posted_at, time_basis, filled_from FROM posts"
    )
    assert (key, post_id, basis) == (f"twitter:{native}", native, "id")
    assert url == f"https://twitter.com/ann_ex/status/{native}"
    assert at == "2022-01-01T01:00:00Z"
    assert filled == f"https://web.archive.org/web/20220301000000/https://twitter.com/ann_ex/status/{native}"
    assert rows(db, "SELECT alias, post FROM aliases") == [(old, key)]
    assert rows(db, "SELECT native_id, text, post FROM quotes") == [(None, text, key)]
    assert rows(db, "SELECT post, kind, shows FROM copies") == [(key, "post", 1)]
    assert after == dump(db)
    assert not list(verify(str(db)))


def test_a_printed_id_joins_what_was_recovered(tmp_path):
    db, native = tmp_path / "a.db", number(3_600_000)
    text = "No light tonight, the first time in a hundred and forty years."
    add(db, sources(tmp_path / "in", {"1.txt": plain(text)}))
    with serving() as host:
        host.routes = Wayback([saved(native, api(native, text))])
        run(db, host)
    embed = (
        f'<blockquote class="twitter-tweet"><p>{text}</p>&mdash; Ann Example (@ann_ex)'
        f' <a href="https://twitter.com/ann_ex/status/{native}">January 1, 2022</a></blockquote>'
    )
    add(db, sources(tmp_path / "more", {"2.html": page(embed, "https://news.example/2")}), LATER)
    assert rows(db, "SELECT id, quote_count FROM posts") == [(f"twitter:{native}", 2)]
    assert not list(verify(str(db)))


AMBIGUOUS = {
    "the same words twice that day": lambda a, b, text: [
        saved(a, api(a, text)),
        saved(b, api(b, text)),
    ],
    "too few words": lambda a, b, text: [saved(a, api(a, "Yes."))],
}


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_what_is_not_sure_is_not_taken(tmp_path, case):
    db = tmp_path / "a.db"
    text = "Yes." if case == "too few words" else "No light tonight, the first time in many a year."
    add(db, sources(tmp_path / "in", {"1.txt": plain(text)}))
    with serving() as host:
        host.routes = Wayback(AMBIGUOUS[case](number(1000), number(2000), text))
        results = run(db, host)
    assert [result.outcome for result in results if result.method == "id"] == ["ambiguous"]
    assert rows(db, "SELECT native_id FROM posts") == [(None,)]


def test_short_words_with_a_code_are_enough(tmp_path):
    db, native = tmp_path / "a.db", number(1000)
    add(db, sources(tmp_path / "in", {"1.txt": plain("Yes. pic.twitter.com/xmplLamp02")}))
    with serving() as host:
        host.routes = Wayback([saved(native, classic(native, "Yes. pic.twitter.com/xmplLamp02"))])
        run(db, host)
    assert rows(db, "SELECT native_id FROM posts") == [(native,)]


def bare(native: str) -> str:
    return page(
        f'<blockquote class="twitter-tweet"><a href="https://twitter.com/ann_ex/status/{native}">'
        "January 1, 2022</a></blockquote>",
        "https://news.example/1",
    )


def test_missing_words_are_filled_and_marked(tmp_path):
    """An embed that shows its link only; the tweet is gone, a copy has the words."""
    db, native = tmp_path / "a.db", number(1000)
    add(db, sources(tmp_path / "in", {"1.html": bare(native)}))
    state(db, "deleted")
    copies = [
        saved(native, "<html>Log in</html>", stamp="20220201000000"),
        saved(native, classic(native, "Fog on the harbour."), stamp="20220202000000"),
        Saved("20230101000000", "https://news.example/1", "<html>the article</html>"),
    ]
    with serving() as host:
        host.routes = Wayback(copies)
        run(db, host)
    ((text, name, text_state, filled),) = rows(
        db, "SELECT text, author_name, text_state, filled_from FROM posts"
    )
    assert (text, name, text_state) == ("Fog on the harbour.", "Ann Example", "full")
    assert filled == f"https://web.archive.org/web/20220202000000/https://twitter.com/ann_ex/status/{native}"
    assert rows(db, "SELECT text FROM quotes") == [(None,)]
    kept = rows(db, "SELECT kind, archive, archived_at, shows FROM copies ORDER BY archived_at")
    assert kept == [
        ("post", "web.archive.org", "2022-02-01T00:00:00Z", 0),
        ("post", "web.archive.org", "2022-02-02T00:00:00Z", 1),
        ("article", "web.archive.org", "2023-01-01T00:00:00Z", None),
    ]
    found = (
        "SELECT id FROM posts WHERE rowid IN (SELECT rowid FROM posts_fts WHERE posts_fts MATCH 'harbour')"
    )
    assert rows(db, found) == [(f"twitter:{native}",)]
    assert not list(verify(str(db)))


@pytest.mark.parametrize(
    "copy, flagged",
    [
        ("What a copy says.", True),
        ("What was printed.", False),
        ("What was printed. example.org/abc…", False),
        ("WHAT was printed! https://t.co/abc pic.twitter.com/abcdefgh", False),
    ],
)
def test_printed_words_stay(tmp_path, copy, flagged):
    """Where a copy shows other words, a flag says which."""
    db = tmp_path / "a.db"
    add(
        db,
        sources(tmp_path / "in", {"1.html": page(tweet(5, "What was printed."), "https://news.example/1")}),
    )
    state(db, "deleted")
    ((native,),) = rows(db, "SELECT native_id FROM posts")
    with serving() as host:
        host.routes = Wayback([saved(native, classic(native, copy))])
        run(db, host)
    assert rows(db, "SELECT text, filled_from FROM posts") == [("What was printed.", None)]
    flags = rows(db, "SELECT code, detail FROM flags WHERE code = 'other-copy'")
    assert flags == ([("other-copy", "“was printed.” instead of “a copy says.”")] if flagged else [])
    assert not list(verify(str(db)))
    reparse(str(db), apply=True)
    assert rows(db, "SELECT code, detail FROM flags WHERE code = 'other-copy'") == flags


def test_a_public_endpoint_fills_what_is_live(tmp_path):
    db, native = tmp_path / "a.db", number(1000)
    add(db, sources(tmp_path / "in", {"1.html": bare(native)}))
    told = {"__typename": "Tweet", "id_str": native, "text": "Fog again. https://t.co/abcdefgh", "lang": "en"}
    told["user"] = {"screen_name": "ann_ex", "name": "Ann Example"}
    told["entities"] = {"urls": [{"url": "https://t.co/abcdefgh", "expanded_url": "https://fog.example/"}]}
    with serving() as host:
        wayback = Wayback()
        wayback.lies["/syndication"] = reply(body=json.dumps(told), Content_Type="application/json")
        host.routes = wayback
        run(db, host)
    ((text, filled),) = rows(db, "SELECT text, filled_from FROM posts")
    assert text == "Fog again. https://t.co/abcdefgh"
    assert filled.startswith("https://cdn.syndication.twimg.com/tweet-result?id=")
    assert not list(verify(str(db)))


def linked(native: str, short: str) -> str:
    words = f'<p lang="en">Read this about the fog <a href="{short}">{short}</a></p>'
    return page(
        f'<blockquote class="twitter-tweet">{words}&mdash; Ann Example (@ann_ex)'
        f' <a href="https://twitter.com/ann_ex/status/{native}">January 1, 2022</a></blockquote>',
        "https://news.example/1",
    )


REFRESH = (
    '<head><noscript><META http-equiv="refresh" content="0;URL=https://fog.example/a?b=1"></noscript></head>'
)


@pytest.mark.parametrize(
    "copy, expected",
    [
        (
            Saved("20220201000000", "https://t.co/abcdefgh", status="301", location="https://fog.example/a"),
            "https://fog.example/a",
        ),
        (Saved("20220201000000", "https://t.co/abcdefgh", REFRESH), "https://fog.example/a?b=1"),
        (Saved("20220201000000", "https://t.co/abcdefgh", status="301", location="https://t.co/other"), None),
        (Saved("20220201000000", "https://t.co/abcdefgh", "<html>gone</html>"), None),
    ],
)
def test_short_links_are_expanded(tmp_path, copy, expected):
    """From their copies; the expansion survives another reading of the evidence."""
    db, native = tmp_path / "a.db", number(1000)
    add(db, sources(tmp_path / "in", {"1.html": linked(native, "https://t.co/abcdefgh")}))
    with serving() as host:
        host.routes = Wayback([copy])
        run(db, host)
    sql = "SELECT expanded_url FROM links WHERE url = 'https://t.co/abcdefgh'"
    assert rows(db, sql) == [(expected,)]
    reparse(str(db), apply=True)
    assert rows(db, sql) == [(expected,)]
    assert not list(verify(str(db)))


def test_pictures_are_kept_by_their_digest(tmp_path):
    """What is no picture, or too large, is not; a second run fetches nothing again."""
    db = tmp_path / "a.db"
    names = ("good.jpg", "page.jpg", "large.png", "svg.png", "late.png")
    pictures = "".join(f'<img src="https://pbs.twimg.com/media/{name}">' for name in names)
    body = tweet(1).replace("Words.", f"Words. {pictures}")
    add(db, sources(tmp_path / "in", {"1.html": page(body, "https://news.example/1")}))
    folder = tmp_path / "media"
    wayback = Wayback([Saved("20220201000000", "https://pbs.twimg.com/media/late.png", PNG, "image/png")])
    wayback.lies = {
        "/pbs/media/good": reply(body=PNG, Content_Type="text/plain"),
        "/pbs/media/page": reply(body="<html>gone</html>", Content_Type="image/jpeg"),
        "/pbs/media/large": reply(body=PNG + bytes(5000), Content_Type="image/png"),
        "/pbs/media/svg": reply(body="<svg onload='x()'>" + " " * 99, Content_Type="image/png"),
        "/pbs/": reply("404 Not Found"),
    }
    with serving() as host:
        host.routes = wayback
        wanted = Wanted(files=True)
        list(rescue(str(db), wanted, search(host, folder=str(folder), largest=1000), PLATFORMS))
        asked = len([request for request in host.asked if "/pbs/" in request.path])
        list(rescue(str(db), wanted, search(host, folder=str(folder), largest=1000), PLATFORMS))
        assert len([request for request in host.asked if "/pbs/" in request.path]) == asked
    kept = rows(db, "SELECT url, media_type, bytes FROM media ORDER BY url")
    assert kept == [
        ("https://pbs.twimg.com/media/good.jpg", "image/png", len(PNG)),
        ("https://pbs.twimg.com/media/late.png", "image/png", len(PNG)),
    ]
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in files] == [PNG]
    assert not list(verify(str(db)))


def test_new_copies_are_asked_for(tmp_path):
    """Of the article; not of tweets, whose pages cannot be saved."""
    db = tmp_path / "a.db"
    add(db, sources(tmp_path / "in", {"1.html": page(tweet(1), "https://news.example/1")}))
    with serving() as host:
        host.routes = Wayback()
        run(db, host, save=True)
        assert [request.path for request in host.asked if "/save/" in request.path] == [
            "/save/https://news.example/1"
        ]
    kept = rows(db, "SELECT url, kind, archived_at FROM copies")
    assert kept == [
        (
            "https://web.archive.org/web/20260131120000/https://news.example/1",
            "article",
            "2026-01-31T12:00:00Z",
        )
    ]


def test_save_page_now_is_asked_at_its_pace(tmp_path):
    db = tmp_path / "a.db"
    pages = {f"{n}.html": page(tweet(n), f"https://news.example/{n}") for n in range(4)}
    add(db, sources(tmp_path / "in", pages))
    with serving() as host:
        host.routes = Wayback()
        seeking = search(host)
        seeking.archives.saver = door(delay=0.3)
        list(rescue(str(db), Wanted(save=True), seeking, PLATFORMS))
        times = [request.at for request in host.asked if "/save/" in request.path]
    assert len(times) == 4
    assert all(later - earlier >= 0.29 for earlier, later in pairwise(times))


def test_save_page_now_that_refuses_is_left_alone(tmp_path):
    db = tmp_path / "a.db"
    pages = {f"{n}.html": page(tweet(n), f"https://news.example/{n}") for n in range(4)}
    add(db, sources(tmp_path / "in", pages))
    with serving() as host:
        wayback = Wayback()
        wayback.lies["/save/"] = reply("429 Too Many Requests", Retry_After="300")
        host.routes = wayback
        results = run(db, host, save=True)
        assert len([request for request in host.asked if "/save/" in request.path]) == 1
    assert [r.outcome for r in results if r.method == "save"] == ["failed"] * 4


OTHER = "99999999999999999"
LIES = {
    "429": {"/web/": reply("429 Too Many Requests", Retry_After="999"), "/cdx/": reply("429 Too Many")},
    "down": {"/": reply("503 Service Unavailable")},
    "a page for a list": {"/cdx/": reply(body="<html>Welcome</html>")},
    "a list of nonsense": {"/cdx/": reply(body='[["timestamp"], [1, 2], {"a": 3}]')},
    "other addresses": {
        "/cdx/": reply(
            body=json.dumps(
                [
                    ["timestamp", "original", "mimetype", "statuscode", "digest"],
                    ["20220201000000", f"https://twitter.com/eve/status/{OTHER}", "text/html", "200", "X"],
                    ["20220201000000", "javascript:alert(1)", "text/html", "200", "X"],
                    ["not a time", "https://twitter.com/ann_ex/status/1", "text/html", "200", "X"],
                    ["20229901000000", "https://twitter.com/ann_ex/status/1", "text/html", "200", "X"],
                ]
            )
        )
    },
    "copies from before the post": {"/cdx/": None},
    "inside": {
        "/web/2": reply("302 Found", Location="http://10.0.0.1/x"),
        "/available": reply(
            body=json.dumps(
                {
                    "archived_snapshots": {
                        "closest": {"available": True, "url": "http://10.0.0.1/web/20220101000000/x"}
                    }
                }
            )
        ),
    },
    "another post": {"/web/2": reply(body=classic(OTHER, "Not the words."))},
    "another host": {
        "/available": reply(
            body=json.dumps(
                {
                    "archived_snapshots": {
                        "closest": {
                            "available": True,
                            "url": "http://evil.example/web/20220101000000/https://news.example/1",
                        }
                    }
                }
            )
        )
    },
    "nested": {"/available": reply(body="[" * 100_000)},
    "too large": {"/web/2": reply(body="x", Content_Length="99999999999")},
    "cut": {"/web/2": reply(body="<html>", Content_Length="5000")},
    "no copy": {"/web/2": reply("404 Not Found")},
}


@pytest.mark.parametrize("lie", LIES)
def test_archives_that_lie_or_fail(tmp_path, lie):
    """Nothing false is kept, nothing inside is reached, the run ends."""
    db, native = tmp_path / "a.db", number(1000)
    add(db, sources(tmp_path / "in", {"1.html": bare(native)}))
    state(db, "deleted")
    wayback = Wayback([saved(native, classic(native, "Fog on the harbour."))])
    if lie == "copies from before the post":
        wayback.copies = [saved(native, classic(native, "Too early."), stamp="20210101000000")]
    else:
        wayback.lies = dict(LIES[lie])
    with serving() as host:
        host.routes = wayback
        run(db, host)
        assert len(host.asked) < 60
    ((text,),) = rows(db, "SELECT text FROM posts")
    assert text in (None, "Fog on the harbour.")
    if lie in (
        "429",
        "down",
        "copies from before the post",
        "inside",
        "another post",
        "cut",
        "no copy",
        "too large",
    ):
        assert text is None
    for (url,) in rows(db, "SELECT url FROM copies"):
        assert url.startswith("https://web.archive.org/web/2022")
    assert not list(verify(str(db)))


def test_a_slow_archive_has_an_end(tmp_path):
    def slow(_):
        time.sleep(2)
        return reply()

    db, native = tmp_path / "a.db", number(1000)
    add(db, sources(tmp_path / "in", {"1.html": bare(native)}))
    with serving() as host:
        wayback = Wayback()
        wayback.lies = {"/": slow}
        host.routes = wayback
        seeking = search(host)
        seeking.archives.fetcher = door(deadline=0.3)
        seeking.asker.fetcher = door(deadline=0.3)
        start = time.monotonic()
        results = list(rescue(str(db), Wanted(), seeking, PLATFORMS))
        assert {result.outcome for result in results} == {"failed"}
        assert time.monotonic() - start < 10


def test_what_failed_is_tried_again(tmp_path):
    db, native = tmp_path / "a.db", number(1000)
    add(db, sources(tmp_path / "in", {"1.html": bare(native)}))
    state(db, "deleted")
    wayback = Wayback([saved(native, classic(native, "Fog on the harbour."))])
    wayback.lies = {"/": reply("503 Service Unavailable")}
    with serving() as host:
        host.routes = wayback
        assert {result.outcome for result in run(db, host)} == {"failed"}
        wayback.lies = {}
        assert {result.method: result.outcome for result in run(db, host)}["copies"] == "found"
        asked = len(host.asked)
        run(db, host)
        assert len(host.asked) == asked


def test_other_archives_are_asked_by_their_timegates(tmp_path):
    db, native = tmp_path / "a.db", number(1000)
    add(db, sources(tmp_path / "in", {"1.html": bare(native)}))
    state(db, "deleted")
    url = f"https://twitter.com/ann_ex/status/{native}"
    with serving() as host:
        wayback = Wayback([saved(native, classic(native, "Fog on the harbour."))])
        wayback.lies = {"/cdx/": reply(body="[]")}
        host.routes = wayback
        seeking = search(host)
        gate = "https://archive.example/wayback/web/"
        seeking.archives = archives(host, (gate,))
        seeking.archives.instead = {**seeking.archives.instead, "https://archive.example/wayback": host.base}
        list(rescue(str(db), Wanted(), seeking, PLATFORMS))
    assert rows(db, "SELECT text FROM posts") == [("Fog on the harbour.",)]
    ((kept,),) = rows(db, "SELECT url FROM copies")
    assert kept.endswith(f"/20220301000000/{url}")


def test_a_copy_that_somebody_knows_of(tmp_path):
    db, native = tmp_path / "a.db", number(1000)
    add(db, sources(tmp_path / "in", {"1.html": bare(native)}))
    body = (
        f'<html><head><link rel="canonical" href="https://archive.example/2022.01.20-122405/'
        f'https://twitter.com/ann_ex/status/{native}"></head>{classic(native, "Fog on the harbour.")}</html>'
    )
    article = (
        '<html><head><link rel="canonical" href="https://archive.example/2022.02.20-122405/'
        'https://news.example/1"></head><p>The article.</p></html>'
    )
    with serving() as host:
        wayback = Wayback()
        wayback.lies = {"/other/AbCdE": reply(body=body), "/other/Fghij": reply(body=article)}
        host.routes = wayback
        for code in ("AbCdE", "Fghij", "nothing"):
            given_copy(str(db), f"https://archive.example/{code}", search(host), PLATFORMS)
    assert rows(db, "SELECT archive, url, archived_at, kind, shows FROM copies ORDER BY url") == [
        ("archive.example", "https://archive.example/AbCdE", "2022-01-20T12:24:05Z", "post", 1),
        ("archive.example", "https://archive.example/Fghij", "2022-02-20T12:24:05Z", "article", None),
    ]
    assert not list(verify(str(db)))


def test_redaction_takes_back_what_was_rescued(tmp_path):
    """Words, copies and pictures of a redacted post go, from the file and from the folder; it is not
    rescued again."""
    db, native, folder = tmp_path / "a.db", number(1000), tmp_path / "media"
    secret = "A secret of the harbour that nobody was to know."
    add(
        db,
        sources(
            tmp_path / "in", {"1.html": bare(native), "2.html": page(tweet(9), "https://news.example/2")}
        ),
    )
    state(db, "deleted")
    body = classic(native, secret).replace("</body>", '<img src="https://pbs.twimg.com/media/a.png"></body>')
    with serving() as host:
        wayback = Wayback([saved(native, body)])
        wayback.lies = {"/pbs/": reply(body=PNG, Content_Type="image/png")}
        host.routes = wayback
        seeking = search(host, folder=str(folder))
        list(rescue(str(db), Wanted(files=True), seeking, PLATFORMS))
        assert rows(db, "SELECT count(*) FROM media") == [(1,)]
        redact(str(db), f"twitter:{native}", "Court order", AT)
        for table in ("recovered", "media"):
            assert rows(db, f"SELECT count(*) FROM {table} WHERE post = 'twitter:{native}'") == [(0,)]
        assert not [path for path in folder.rglob("*") if path.is_file()]
        whole = b"".join(path.read_bytes() for path in tmp_path.glob("a.db*"))
        assert b"secret" not in whole and b"harbour" not in whole
        assert not list(verify(str(db)))
        assert not [r for r in run(db, host) if r.post == f"twitter:{native}"]
    assert rows(db, "SELECT text, state FROM posts WHERE text_state = 'redacted'") == [(None, "deleted")]


def test_redaction_of_what_was_identified(tmp_path):
    """A quote whose id was found: the post is redacted under its id, the old key, a digest of the words, is
    gone, and the article read again stays without them."""
    db, native = tmp_path / "a.db", number(3_600_000)
    text = "No light tonight, the first time in a hundred and forty years."
    paths = sources(tmp_path / "in", {"1.txt": plain(text), "2.html": bare(number(9))})
    add(db, paths)
    ((old,),) = rows(db, "SELECT id FROM posts WHERE native_id IS NULL")
    with serving() as host:
        other = f"They say: {text} Believe it who will."
        host.routes = Wayback([saved(native, api(native, text)), saved(number(9), api(number(9), other))])
        run(db, host)
    redact(str(db), f"twitter:{native}", "Court order", AT)
    for _ in range(2):
        whole = b"".join(path.read_bytes() for path in tmp_path.glob("a.db*"))
        assert b"hundred and forty" not in whole
        assert old.rpartition(":")[2].encode() not in whole
        assert rows(db, f"SELECT text, text_state FROM posts WHERE id = 'twitter:{native}'") == [
            (None, "redacted")
        ]
        assert rows(db, "SELECT count(*) FROM recovered WHERE name = 'text'") == [(0,)]
        assert not list(verify(str(db)))
        add(db, sources(tmp_path / "again", {"1.txt": f"Another page.\n\n{plain(text)}"}), LATER)


def test_verify_sees_what_was_changed(tmp_path):
    db, native = tmp_path / "a.db", number(1000)
    add(db, sources(tmp_path / "in", {"1.html": bare(native)}))
    state(db, "deleted")
    with serving() as host:
        host.routes = Wayback([saved(native, classic(native, "Fog on the harbour."))])
        run(db, host)
    assert not list(verify(str(db)))
    for change, table in (
        ("UPDATE checks SET state = 'live'", "checks"),
        ("UPDATE copies SET archived_at = '2020-01-01T00:00:00Z'", "copies"),
        ("UPDATE recovered SET value = 'Sun.' WHERE name = 'text'", "recovered"),
        ("DELETE FROM checks", "checks"),
        ("UPDATE posts SET state = NULL", "posts"),
        ("UPDATE posts SET filled_from = NULL", "posts"),
        ("UPDATE searches SET outcome = 'nothing'", "searches"),
    ):
        copy = tmp_path / "copy.db"
        with closing(sqlite3.connect(db)) as here, closing(sqlite3.connect(copy)) as there:
            here.backup(there)
            with there:
                there.execute(change)
        assert table in {finding.table for finding in verify(str(copy))}, change


RUN = """
import sys
from tests.test_rescue import PLATFORMS, Wanted, rescue, search
class Host: base = sys.argv[2]
list(rescue(sys.argv[1], Wanted(), search(Host), PLATFORMS))
"""


def test_kill_and_go_on(tmp_path):
    """Killed again and again, the run ends with the same rows as one that was not."""
    world, db, whole = World(2, 12), tmp_path / "a.db", tmp_path / "b.db"
    texts = sources(tmp_path / "in", {"1.txt": "\n\n".join(world.texts)})
    for path in (db, whole):
        add(path, texts)

    def slowly(request):
        time.sleep(0.01)
        return world.wayback(request)

    class Routes(dict):
        def get(self, path, default=None):
            return slowly

    with serving() as host:
        host.routes = Routes()
        run(whole, host)
        kills, step = 0, 20
        for _ in range(30):
            child = subprocess.Popen(
                [sys.executable, "-c", RUN, str(db), host.base],
                cwd=Path(__file__).parent.parent,
                env={**os.environ, "TMPDIR": str(tmp_path)},
            )
            asked = len(host.asked)
            while child.poll() is None and len(host.asked) < asked + step:
                time.sleep(0.005)
            if child.poll() is not None:
                break
            child.send_signal(signal.SIGKILL)
            child.wait()
            kills += 1
            step += 15
        assert child.returncode == 0 and kills >= 2
    assert dump(db) == dump(whole)
    assert not list(verify(str(db)))


def test_types_are_told_by_bytes():
    assert media.type_of(PNG) == ("image/png", "png")
    assert media.type_of(b"\0\0\0\x20ftypmp42" + bytes(30)) == ("video/mp4", "mp4")
    assert media.type_of(b"<html>" + bytes(30)) is None
    assert reading.files(
        '"https:\\/\\/pbs.twimg.com\\/media\\/a.jpg?x=1\\u0026y"', ("pbs.twimg.com/media/",)
    ) == ["https://pbs.twimg.com/media/a.jpg?x=1&y"]
    assert (WEB, ORG) == ("https://web.archive.org", "https://archive.org")
