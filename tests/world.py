"""An invented world of posts, in the proportions of the real one, poured into the tables of an archive."""

from __future__ import annotations

import random
import sqlite3
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import chain
from typing import Any

from archiver.database import open_writer
from archiver.settling import MISSING
from archiver.tallies import RECOUNT

NOW = "2026-01-31T12:00:00Z"
EPOCH_MS = 1288834974657
PLATFORMS = (("twitter", 80), ("instagram", 9), ("facebook", 5), ("bluesky", 3), ("tiktok", 2), ("vk", 1))
STATES = ((None, 50), ("live", 30), ("deleted", 12), ("suspended", 4), ("private", 2), ("unavailable", 2))
FORMS = (("blockquote", 84), ("text", 10), ("iframe", 6))
SYLLABLES = (
    "ba be bo da de di fa ga ka ki la le lo ma mi mo na ne ni no pa pe ra re ri ro sa se si so ta te ti"
).split()
COMMON = "the of and to in is that for on with as at by this we it are not from have".split()
CODES = (
    ("other-text", 40),
    ("other-day", 20),
    ("date-mismatch", 20),
    ("other-handle", 10),
    ("handle-mismatch", 10),
)
BATCH = 20_000
FRAGMENT = (
    '<blockquote class="twitter-tweet" data-width="550" data-dnt="true"><p lang="en" dir="ltr">{text}</p>'
    '&mdash; {name} (@{handle}) <a href="{url}?ref_src=twsrc%5Etfw">{day}</a></blockquote>\n<script async'
    ' src="https://platform.social.example/widgets.js" charset="utf-8"></script>'
)


def words_of(chance: random.Random, number: int) -> list[str]:
    return ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(number)]


def weighted(chance: random.Random, pairs: tuple[tuple[Any, int], ...], number: int) -> list[Any]:
    return chance.choices([name for name, _ in pairs], [weight for _, weight in pairs], k=number)


def make(path: str, posts: int, quotes_each: float = 2.0, seed: int = 7) -> None:
    """Writes an archive straight into its tables: posts, and so many times more quotes."""
    db = open_writer(path, NOW)
    conn: sqlite3.Connection = db.conn
    conn.execute("PRAGMA synchronous = OFF")
    conn.execute("PRAGMA cache_size = -500000")
    later = _without_indexes(conn)
    chance = random.Random(seed)
    world = World(chance, posts)
    conn.execute("BEGIN")
    fill(conn, "authors", world.authors())
    fill(conn, "captures", world.captures())
    fill(conn, "articles", world.articles())
    conn.execute("UPDATE captures SET article = article_key")
    per_post = [int(chance.paretovariate(1.6)) for _ in range(posts)]
    scale = max(1.0, sum(min(n, 400) for n in per_post) / (posts * quotes_each))
    for start in range(0, posts, BATCH):
        block = [world.post(n, min(per_post[n], 400)) for n in range(start, min(start + BATCH, posts))]
        fill(conn, "posts", iter(block))
        found = [quote for row in block for quote in world.quotes(row, quotes_each, scale)]
        fill(conn, "quotes", iter(found))
        fill(conn, "sightings", world.sightings(found))
        fill(conn, "flags", world.flags(found))
        fill(conn, "checks", world.checks(block))
        fill(conn, "copies", world.copies(block))
        fill(conn, "links", world.links(found))
        fill(conn, "aliases", world.aliases(block))
        print(f"\r{min(start + BATCH, posts):,} of {posts:,} posts", end="", file=sys.stderr)
    for sql in later:
        conn.execute(sql)
        print(f"\r{' '.join(sql.split())[:70]:70}", end="", file=sys.stderr)
    for index in ("posts_fts", "posts_trigrams"):
        conn.execute(f"INSERT INTO {index}({index}) VALUES ('rebuild')")
    conn.execute(
        "UPDATE posts SET quote_count = (SELECT count(DISTINCT article) FROM quotes WHERE post = posts.id)"
    )
    conn.execute(
        "UPDATE authors SET (posts, quote_count) ="
        " (SELECT count(*), coalesce(sum(quote_count), 0) FROM posts WHERE author = authors.id)"
    )
    conn.execute("DELETE FROM authors WHERE posts = 0")
    fill(conn, "notes", world.notes())
    conn.execute(f"UPDATE articles SET missing = ({MISSING.replace('?', 'articles.id')})")
    conn.execute("DELETE FROM figures")
    conn.execute(f"INSERT INTO figures (name, value, number) {RECOUNT}")
    conn.execute("INSERT INTO sources (capture, source) SELECT id, origin FROM captures")
    for kind, table in (("capture", "captures"), ("quote", "quotes")):
        conn.execute(
            "INSERT INTO log (kind, about, digest, read_at, run_id)"
            f" SELECT ?, id, lower(hex(randomblob(32))), ?, '' FROM {table}",
            (kind, NOW),
        )
    conn.execute("COMMIT")
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    conn.execute("PRAGMA journal_mode = DELETE").fetchall()
    conn.close()
    print(file=sys.stderr)


def _without_indexes(conn: sqlite3.Connection) -> list[str]:
    """Takes indexes and triggers away while rows are poured in; how to make them again."""
    found = conn.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql <> ''"
    ).fetchall()
    for kind, name, _ in found:
        conn.execute(f"DROP {kind} {name}")
    return [sql for _, _, sql in found]


def fill(conn: sqlite3.Connection, table: str, rows: Iterator[dict[str, Any]]) -> None:
    """Pours rows in; ValueError where they lack a column that the schema wants filled."""
    first = next(rows, None)
    if first is None:
        return
    info = conn.execute(f"PRAGMA table_info({table})").fetchall()
    names = [name for _, name, *_ in info if name in first]
    needed = [name for _, name, _, is_needed, default, _ in info if is_needed and default is None]
    if missing := [name for name in needed if name not in first]:
        raise ValueError(f"{table}: the invented rows lack {', '.join(missing)}")
    sql = f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    conn.executemany(sql, ([row[name] for name in names] for row in chain((first,), rows)))


class World:
    """Invented authors, sites and articles, in the proportions of real ones: a few have most."""

    def __init__(self, chance: random.Random, posts: int) -> None:
        self.chance = chance
        self.number = posts
        self.vocabulary = words_of(chance, 30_000)
        self.people = [
            (f"{word}_{n}", word.title()) for n, word in enumerate(words_of(chance, max(20, posts // 25)))
        ]
        self.sites = [
            f"{word}{n}.example" for n, word in enumerate(words_of(chance, max(10, min(3000, posts // 300))))
        ]
        self.pages = max(10, posts // 3)
        self.platforms = weighted(chance, PLATFORMS, len(self.people))
        self.prose: list[str] = []
        self.start = datetime(2011, 1, 1, tzinfo=timezone.utc)

    def some(self, number: int) -> int:
        """A place in a list of so many, the first far more often."""
        return min(int(number * self.chance.random() ** 2.6), number - 1)

    def authors(self) -> Iterator[dict[str, Any]]:
        for (handle, name), platform in zip(self.people, self.platforms, strict=True):
            yield {
                "id": f"{platform}:{handle}",
                "platform": platform,
                "handle": handle,
                "name": name,
                "url": None,
                "posts": 0,
                "quote_count": 0,
            }

    def day_of(self, page: int) -> datetime:
        return self.start + timedelta(minutes=(page * 7_919 % self.pages) / self.pages * 7_500_000)

    def articles(self) -> Iterator[dict[str, Any]]:
        for page in range(self.pages):
            site = self.sites[self.some(len(self.sites))]
            day = self.day_of(page)
            yield {
                "id": f"a{page:019x}",
                "url": f"https://{site}/{day:%Y/%m}/{page}",
                "title": " ".join(self.chance.choices(self.vocabulary, k=6)).capitalize(),
                "site": site,
                "byline": None,
                "published_on": f"{day:%Y-%m-%d}",
                "language": "en",
                "missing": 0,
                "first_seen": NOW,
                "last_seen": NOW,
            }

    def captures(self) -> Iterator[dict[str, Any]]:
        for page in range(self.pages):
            first = {
                "id": f"c{page:019x}",
                "article_key": f"a{page:019x}",
                "captured_at": f"{self.day_of(page):%Y-%m-%dT%H:%M:%SZ}",
                "captured_by": "archive" if page % 3 else "reading",
                "read_at": NOW,
                "origin": f"pages-{page % 50}.warc.gz",
                "outcome": "kept" if page % 997 else "partial",
                "extractor_version": "0.1.0",
            }
            yield first
            if page % 10 == 0:
                later = self.day_of(page) + timedelta(days=30)
                yield {**first, "id": f"d{page:019x}", "captured_at": f"{later:%Y-%m-%dT%H:%M:%SZ}"}

    def sightings(self, quotes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """A tenth of the articles was read twice; the second time a few quotes were gone."""
        for one in quotes:
            yield {"capture": one["capture"], "quote": one["id"], "position": one["position"]}
            if int(one["capture"][1:], 16) % 10 == 0 and self.chance.random() < 0.95:
                second = "d" + one["capture"][1:]
                yield {"capture": second, "quote": one["id"], "position": one["position"]}

    def post(self, number: int, quoted: int) -> dict[str, Any]:
        chance = self.chance
        person = self.some(len(self.people))
        handle, name = self.people[person]
        platform = self.platforms[person]
        made = self.start + timedelta(seconds=chance.randrange(15 * 365 * 86400))
        native = str(((int(made.timestamp() * 1000) - EPOCH_MS) << 22) + number % 4096)
        state = weighted(chance, STATES, 1)[0]
        text = chance.choices(COMMON, k=8) + [
            self.vocabulary[self.some(30_000)] for _ in range(chance.randint(4, 24))
        ]
        chance.shuffle(text)
        stamp = f"{made:%Y-%m-%dT%H:%M:%S}.000Z"
        return {
            "id": f"{platform}:{native}",
            "platform": platform,
            "native_id": native,
            "text_key": f"{platform}:@{handle}:text:{chance.getrandbits(80):020x}",
            "url": f"https://social.example/{handle}/status/{native}",
            "author": f"{platform}:{handle}",
            "author_name": name,
            "author_handle": handle,
            "text": " ".join(text).capitalize() + ".",
            "text_state": "full",
            "language": "en",
            "posted_on": stamp[:10],
            "posted_at": stamp,
            "posted_earliest": stamp,
            "posted_latest": stamp,
            "time_basis": "id",
            "state": state,
            "checked_at": NOW if state else None,
            "quote_count": quoted,
            "text_sites": 1 + quoted // 2,
            "author_sites": 1 + quoted // 2,
            "date_sites": 1 + quoted // 2,
            "first_seen": NOW,
            "last_seen": NOW,
        }

    def quotes(self, post: dict[str, Any], each: float, scale: float) -> Iterator[dict[str, Any]]:
        number = max(1, round(post["quote_count"] / scale)) if each > 1 else 1
        number += int(self.chance.random() < 0.25)
        form = weighted(self.chance, FORMS, 1)[0]
        for at in range(number):
            page = self.chance.randrange(self.pages)
            yield {
                "id": f"q{post['native_id']}-{at}",
                "article": f"a{page:019x}",
                "post": post["id"],
                "kind": "embed",
                "form": form,
                "position": at + 1,
                **{
                    k: post[k]
                    for k in ("platform", "author_name", "author_handle", "text", "text_state", "language")
                },
                "date_written": post["posted_on"],
                "written_on": post["posted_on"],
                "url_written": post["url"],
                "post_key": post["id"],
                "text_key": post["text_key"],
                **{name: post[name] for name in ("native_id", "posted_on", "posted_at", "time_basis")},
                "post_url": post["url"],
                "posted_earliest": post["posted_at"],
                "posted_latest": post["posted_at"],
                "fragment": FRAGMENT.format(
                    text=post["text"],
                    name=post["author_name"],
                    handle=post["author_handle"],
                    url=post["url"],
                    day=post["posted_on"],
                ),
                "context_before": self.words(30),
                "context_after": self.words(30),
                "place": f"line {1 + page % 900}",
                "confidence": 1.0 if form != "text" else 0.8,
                "capture": f"c{page:019x}",
                "extractor_version": "0.1.0",
            }

    def words(self, number: int) -> str:
        """Prose around a quote: one of a few thousand pieces, as long as real ones."""
        if not self.prose:
            self.prose = [" ".join(self.chance.choices(self.vocabulary, k=number)) for _ in range(5000)]
        return self.prose[self.chance.randrange(5000)]

    def flags(self, quotes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for one in quotes:
            if self.chance.random() < 0.01:
                code = weighted(self.chance, CODES, 1)[0]
                yield {
                    "id": f"f{one['id']}",
                    "quote": one["id"],
                    "post": one["post"],
                    "code": code,
                    "detail": "“gladly” instead of “never”",
                }

    def checks(self, posts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for post in posts:
            if post["state"]:
                state = post["state"]
                for at, then in (("2026-01-15T09:00:00Z", "live"), (NOW, state)):
                    yield {"post": post["id"], "checked_at": at, "method": "page", "state": then}

    def copies(self, posts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for post in posts:
            if post["state"] == "deleted" and self.chance.random() < 0.5:
                yield {
                    "post": post["id"],
                    "archive": "Web archive",
                    "url": f"https://archive.example/{post['posted_on']}/{post['url']}",
                    "archived_at": post["posted_at"],
                    "found_at": NOW,
                }

    def links(self, quotes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for one in quotes:
            if self.chance.random() < 0.5:
                word = self.vocabulary[self.some(2000)]
                yield {
                    "quote": one["id"],
                    "position": 1,
                    "kind": "hashtag",
                    "text": f"#{word}",
                    "url": f"https://social.example/hashtag/{word}",
                }

    def aliases(self, posts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for post in posts:
            if self.chance.random() < 0.02:
                yield {
                    "alias": f"{post['platform']}:@{post['author_handle']}:text:{post['native_id']}",
                    "post": post["id"],
                }

    def notes(self) -> Iterator[dict[str, Any]]:
        for page in range(0, self.pages, 40):
            yield {
                "capture": f"c{page:019x}",
                "position": 1,
                "code": "embed-without-post",
                "place": f"line {page % 400}",
                "detail": "words",
            }
