"""Rows that follow from others are made again from them, and compared: articles, posts, authors, aliases,
figures, and which post, article and capture a quote belongs to.

The settling that writes them runs here on empty temporary tables of the same names, which stand before
those of the archive; of the archive nothing is written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from archiver import identity, results
from archiver.evidence.findings import Finding
from archiver.settling import MISSING, Settling
from archiver.tallies import RECOUNT

__all__ = ["findings", "readings"]

Row = dict[str, Any]

_MADE_AGAIN = ("posts", "authors", "aliases", "flags")
_FOUND_BY = (("posts", "author"), ("flags", "post"))
_SEEN = ("first_seen", "last_seen")
_NO_TIME = "0000"


def findings(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Every row that is not what the quotes and captures make it."""
    known = readings(connection)
    yield from _captures(connection)
    yield from _articles(connection, known)
    yield from _belonging(connection)
    yield from _figures(connection)
    for table in _MADE_AGAIN:
        names = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
        connection.execute(f"CREATE TEMP TABLE {table} ({', '.join(names)}, PRIMARY KEY ({names[0]}))")
    for table, name in _FOUND_BY:
        connection.execute(f"CREATE INDEX temp.{table}_by_{name} ON {table}({name})")
    try:
        yield from _posts(connection, known)
        yield from _authors(connection)
        yield from _whole(connection, "aliases", "1")
        marks = ", ".join(f"'{code}'" for code in identity.COMPARED)
        yield from _whole(connection, "flags", f"code IN ({marks})")
    finally:
        for table in _MADE_AGAIN:
            connection.execute(f"DROP TABLE temp.{table}")


def readings(connection: sqlite3.Connection) -> frozenset[str]:
    """The times at which anything was read."""
    return frozenset(stamp for (stamp,) in connection.execute("SELECT read_at FROM readings"))


class _Again(Settling):
    """Settles as the archive was settled; `post` gives the row that a post must have."""

    def post(self, post: str) -> Row | None:
        self._settle_post(post, _NO_TIME)
        self._settle_aliases({post})
        return self.one("SELECT * FROM temp.posts WHERE id = ?", post)

    def author(self, author: str) -> Row | None:
        self._settle_author(author)
        return self.one("SELECT * FROM temp.authors WHERE id = ?", author)

    def post_of(self, quote: Row) -> str:
        return str(quote["post_key"]) if quote["native_id"] else self._post_of(quote)


def _captures(connection: sqlite3.Connection) -> Iterator[Finding]:
    """A capture is its article's as soon as the article is there."""
    wrong = (
        "SELECT id FROM captures WHERE article IS NOT"
        " (SELECT id FROM articles WHERE articles.id = captures.article_key)"
    )
    for (capture,) in connection.execute(wrong):
        yield Finding("captures", capture, "article is not the article that article_key names")


def _articles(connection: sqlite3.Connection, known: frozenset[str]) -> Iterator[Finding]:
    settle = _Again(connection)
    for row in results.each(connection, "SELECT * FROM articles"):
        captures = settle.all("SELECT * FROM captures WHERE article_key = ?", row["id"])
        made = identity.settle_article(captures)
        stamps = [str(capture["read_at"]) for capture in captures]
        if wrong := [name for name in identity.ARTICLE if row[name] != made[name]]:
            yield Finding("articles", row["id"], f"not what its captures say: {', '.join(wrong)}")
        if row["missing"] != connection.execute(MISSING, (row["id"],)).fetchone()[0]:
            yield Finding("articles", row["id"], "missing is not what its latest capture leaves out")
        yield from _seen("articles", row, stamps, known)


def _seen(table: str, row: Row, stamps: list[str], known: frozenset[str]) -> Iterator[Finding]:
    """Times of reading: known ones, in order, and none of the row's captures read before or after."""
    if not known.issuperset(row[name] for name in _SEEN):
        yield Finding(table, row["id"], "first_seen or last_seen is no time at which anything was read")
    elif stamps and (row["first_seen"] > min(stamps) or row["last_seen"] < max(stamps)):
        yield Finding(table, row["id"], "first_seen or last_seen leaves out a capture that shows it")


def _belonging(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Post, article and capture of each quote; the post of its flags."""
    settle = _Again(connection)
    for quote in results.each(connection, "SELECT * FROM quotes"):
        shown = settle.all(_SHOWN_IN, quote["id"])
        best = min(shown, key=identity.capture_rank, default=None)
        if best is None:
            yield Finding("quotes", quote["id"], "no capture shows it")
        elif quote["capture"] != best["id"]:
            yield Finding("quotes", quote["id"], "capture is not the first that shows it")
        elif quote["article"] != best["article_key"]:
            yield Finding("quotes", quote["id"], "article is not that of its capture")
        if quote["post"] != settle.post_of(quote):
            yield Finding("quotes", quote["id"], "post is not the post that it is a quote of")
    for (quote_id,) in connection.execute(_STRAY_LINKS):
        yield Finding("links", quote_id, "expanded_url is not what was recovered")
    for (flag,) in connection.execute(_STRAY_FLAGS):
        yield Finding("flags", flag, "post is not that of its quote")


def _figures(connection: sqlite3.Connection) -> Iterator[Finding]:
    """The counts that triggers keep, beside a count from the beginning."""
    kept = dict(_counted(connection, "SELECT name, value, number FROM figures"))
    made = dict(_counted(connection, RECOUNT))
    for name in sorted(kept.keys() | made.keys()):
        if kept.get(name) != made.get(name):
            yield Finding("figures", " ".join(name), f"{kept.get(name, 0)}, but counted {made.get(name, 0)}")


def _counted(connection: sqlite3.Connection, sql: str) -> Iterator[tuple[tuple[str, str], int]]:
    return (((str(name), str(value)), number) for name, value, number in connection.execute(sql))


def _posts(connection: sqlite3.Connection, known: frozenset[str]) -> Iterator[Finding]:
    settle = _Again(connection)
    for row in results.each(connection, "SELECT * FROM main.posts"):
        made = settle.post(row["id"])
        if made is None:
            yield Finding("posts", row["id"], "nothing is a quote of it")
            continue
        if wrong := [name for name in row if name not in _SEEN and row[name] != made[name]]:
            yield Finding("posts", row["id"], f"not what its quotes and checks say: {', '.join(wrong)}")
        yield from _seen("posts", row, [], known)


def _authors(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Authors from the posts that were made again."""
    settle = _Again(connection)
    for row in results.each(connection, "SELECT * FROM main.authors"):
        made = settle.author(row["id"])
        if made is None:
            yield Finding("authors", row["id"], "no post is by them")
        elif wrong := [name for name in row if row[name] != made[name]]:
            yield Finding("authors", row["id"], f"not what the posts say: {', '.join(wrong)}")


def _whole(connection: sqlite3.Connection, table: str, where: str) -> Iterator[Finding]:
    """A table beside the one that was made again."""
    there = f"SELECT * FROM main.{table} WHERE {where}"
    made = f"SELECT * FROM temp.{table}"
    for row in connection.execute(f"{there} EXCEPT {made}"):
        yield Finding(table, str(row[0]), "does not follow from the quotes")
    for row in connection.execute(f"{made} EXCEPT {there}"):
        yield Finding(table, str(row[0]), "is missing, or was changed")


_SHOWN_IN = (
    "SELECT captures.* FROM sightings JOIN captures ON captures.id = sightings.capture"
    " WHERE sightings.quote = ?"
)
_STRAY_LINKS = (
    "SELECT DISTINCT quote FROM links WHERE expanded_url IS NOT (SELECT value FROM recovered"
    " WHERE subject = links.url AND name = 'link' ORDER BY id LIMIT 1)"
)
_STRAY_FLAGS = (
    "SELECT flags.id FROM flags JOIN quotes ON quotes.id = flags.quote WHERE flags.post IS NOT quotes.post"
)
