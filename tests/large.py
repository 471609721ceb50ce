"""An archive of any size with invented posts, and how fast every page of it is.

``python -m tests.large make big.db --posts 1000000`` writes one; ``python -m tests.large time big.db`` asks
every page of it, cold and warm, and prints the table. Nothing here is timed by a test.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote

from archiver.database import open_writer

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
        fill(
            conn,
            "sightings",
            ({"capture": q["capture"], "quote": q["id"], "position": q["position"]} for q in found),
        )
        fill(conn, "flags", world.flags(found))
        fill(conn, "checks", world.checks(block))
        print(f"\r{min(start + BATCH, posts):,} of {posts:,} posts", end="", file=sys.stderr)
    for sql in later:
        conn.execute(sql)
        print(f"\r{' '.join(sql.split())[:70]:70}", end="", file=sys.stderr)
    for index in ("posts_fts", "posts_trigrams"):
        conn.execute(f"INSERT INTO {index}({index}) VALUES ('rebuild')")
    conn.execute(
        "UPDATE posts SET quote_count = (SELECT count(DISTINCT article) FROM quotes WHERE post = posts.id)"
    )
    fill(conn, "notes", world.notes())
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
    first = next(rows, None)
    if first is None:
        return
    info = conn.execute(f"PRAGMA table_info({table})").fetchall()
    # Columns that a later schema wants filled.
    more = {
        r[1]: 1 if r[2] == "INTEGER" else ""
        for r in info
        if r[3] and r[4] is None and r[1] not in first and not r[5]
    }
    names = [*first, *more]
    sql = f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    tail = tuple(more.values())
    conn.execute(sql, (*first.values(), *tail))
    conn.executemany(sql, ((*row.values(), *tail) for row in rows))


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
                "first_seen": NOW,
                "last_seen": NOW,
            }

    def captures(self) -> Iterator[dict[str, Any]]:
        for page in range(self.pages):
            yield {
                "id": f"c{page:019x}",
                "article_key": f"a{page:019x}",
                "captured_at": f"{self.day_of(page):%Y-%m-%dT%H:%M:%SZ}",
                "captured_by": "archive" if page % 3 else "reading",
                "read_at": NOW,
                "origin": f"pages-{page % 50}.warc.gz",
                "outcome": "kept" if page % 997 else "partial",
                "extractor_version": "0.1.0",
            }

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
                "post_key": post["id"],
                "posted_on": post["posted_on"],
                "fragment": "<blockquote>…</blockquote>",
                "context_before": "What a reader sees before it.",
                "context_after": "What follows it.",
                "confidence": 1.0 if form != "text" else 0.8,
                "capture": f"c{page:019x}",
                "extractor_version": "0.1.0",
            }

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
                yield {"post": post["id"], "checked_at": NOW, "method": "page", "state": post["state"]}

    def notes(self) -> Iterator[dict[str, Any]]:
        for page in range(0, self.pages, 40):
            yield {
                "capture": f"c{page:019x}",
                "position": 1,
                "code": "embed-without-post",
                "place": f"line {page % 400}",
                "detail": "words",
            }


def pages(path: str) -> dict[str, str]:
    """Every page and question by a name, with parameters out of the archive: the heaviest ones."""
    conn = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    root = "/" + Path(path).stem
    author, handle = conn.execute(
        "SELECT author, author_handle FROM posts GROUP BY author ORDER BY count(*) DESC LIMIT 1"
    ).fetchone()
    (site,) = conn.execute(
        "SELECT site FROM articles GROUP BY site ORDER BY count(*) DESC LIMIT 1"
    ).fetchone()
    (post,) = conn.execute("SELECT id FROM posts ORDER BY quote_count DESC LIMIT 1").fetchone()
    (article,) = conn.execute("SELECT article FROM quotes LIMIT 1").fetchone()
    (rare,) = conn.execute("SELECT platform FROM posts GROUP BY 1 ORDER BY count(*) LIMIT 1").fetchone()
    conn.close()
    search = f"{root}/-/search"
    tilde = {key: quote(key).replace("%", "~").replace("_", "_") for key in (author, post, article)}
    found = {
        "home": "/",
        "post, the most quoted": f"{root}/posts/{tilde[post]}",
        "article": f"{root}/articles/{tilde[article]}",
        "author, the most posts": f"{root}/authors/{tilde[author]}",
        "search: nothing": search,
        "search: a word in every post": f"{search}?q=the",
        "search: two common words": f"{search}?q=the+of",
        "search: a rare word": f"{search}?q={quote(handle)}",
        "search: a beginning": f"{search}?q=ba*",
        "search: common word, rare platform": f"{search}?q=the&platform={rare}",
        "search: common word, site": f"{search}?q=the&site={site}",
        "search: common word, year": f"{search}?q=the&since=2015&until=2015",
        "search: platform": f"{search}?platform=twitter",
        "search: gone": f"{search}?state=gone",
        "search: month": f"{search}?since=2015-03&until=2015-03",
        "search: site": f"{search}?site={site}",
        "search: author": f"{search}?author={handle}",
        "search: page 50": f"{search}?q=the&start=1000",
        "feed of a search": f"{search}.atom?q=the",
        "tables": f"{root}/-/tables",
        "questions": f"{root}/-/questions",
    }
    given = {
        "who-quotes": f"?handle={handle}",
        "suspects": f"?handles={handle},nobody",
        "site-sources": f"?site={site}",
        "on-a-day": "?day=2015-03-04",
    }
    told = json.loads((Path(__file__).parent.parent / "data/datasette/questions.json").read_text("utf-8"))
    for one in told["questions"]:
        found[f"question: {one['name']}"] = f"{root}/-/questions/{one['name']}{given.get(one['name'], '')}"
    for table in (
        "posts",
        "quotes",
        "authors",
        "articles",
        "captures",
        "flags",
        "quoted_posts",
        "most_quoted",
        "lost_posts",
        "conflicting_quotes",
    ):
        found[f"table: {table}"] = f"{root}/{table}"
    found["table: posts of a platform"] = f"{root}/posts?platform=twitter"
    found["table: posts of an author"] = f"{root}/posts?author={quote(author)}"
    found["table: posts, search"] = f"{root}/posts?_search=the"
    found["table: quoted_posts of a site"] = f"{root}/quoted_posts?site={site}"
    return found


def serve(path: str, python: str) -> tuple[subprocess.Popen[bytes], str, float]:
    """A server of its own; its address, and how long it took to answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = f"from archiver.datasette.serving import serve; serve([{path!r}], '127.0.0.1', {port}, False)"
    start = time.monotonic()
    server = subprocess.Popen([python, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    root = f"http://127.0.0.1:{port}"
    for _ in range(1200):
        try:
            urllib.request.urlopen(root + "/-/versions.json").read()
            return server, root, time.monotonic() - start
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server does not answer")


def timed(address: str) -> tuple[float, int]:
    start = time.monotonic()
    try:
        with urllib.request.urlopen(address) as answer:
            answer.read()
            status = answer.status
    except urllib.error.HTTPError as error:
        status = error.code
    return (time.monotonic() - start) * 1000, status


def measure(path: str, python: str, cold: bool) -> None:
    """Prints the table: each page asked first (cold: after the file was taken out of the system's cache),
    then four times more (warm: the second fastest)."""
    asked = pages(path)
    print(f"{Path(path).stat().st_size / 1e9:.2f} GB, load {os.getloadavg()[0]:.1f}\n")
    server, root, start = serve(path, python)
    print(f"| page | {'cold' if cold else 'first'} ms | warm ms | status |\n| --- | ---: | ---: | --- |")
    try:
        for name, address in asked.items():
            if cold:
                forget(path)
            first, status = timed(root + address)
            warm = sorted(timed(root + address)[0] for _ in range(4))[1]
            print(f"| {name} | {first:.0f} | {warm:.0f} | {status} |", flush=True)
    finally:
        server.terminate()
        server.wait()
    print(f"\nThe server took {start:.1f} s to start.")


def forget(path: str) -> None:
    """Takes a file out of the system's cache."""
    handle = os.open(path, os.O_RDONLY)
    os.fsync(handle)
    os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(handle)


def main() -> None:
    reader = argparse.ArgumentParser(prog="python -m tests.large", description=__doc__)
    what = reader.add_subparsers(dest="what", required=True)
    making = what.add_parser("make")
    making.add_argument("db")
    making.add_argument("--posts", type=int, default=1_000_000)
    timing = what.add_parser("time")
    timing.add_argument("db")
    timing.add_argument(
        "--python", default=sys.executable, help="with archiver and the Datasette to be timed"
    )
    timing.add_argument(
        "--cold", action="store_true", help="take the file out of the system's cache before each page"
    )
    given = reader.parse_args()
    if given.what == "make":
        make(given.db, given.posts)
    else:
        measure(given.db, given.python, given.cold)


if __name__ == "__main__":
    main()
