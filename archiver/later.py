"""What is learnt of posts after they were quoted: answers to checks, copies elsewhere, values that were
recovered, files, searches. Each is written with its entry in the log, and its post is settled again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from archiver import ids
from archiver.database import open_writer, plain_errors
from archiver.errors import ArchiverError
from archiver.evidence.log import Log
from archiver.migrations import STAMP
from archiver.settling import Settling
from archiver.verdicts import Known

__all__ = ["Later", "known_of", "of"]

Row = dict[str, Any]

_OWN = {
    "checks": ("post", "checked_at", "method"),
    "copies": ("post", "url"),
    "recovered": ("post", "subject", "name", "value", "url"),
    "media": ("post", "url", "sha256"),
    "searches": ("post", "method"),
}
"""The columns that make a row what it is; a search is told by its last answer."""


def of(table: str, row: Row) -> Row:
    """A row with its id."""
    return {"id": ids.digest(table, *(str(row[name]) for name in _OWN[table])), **row}


def known_of(post: Row) -> Known:
    """What a row of posts tells to ask by."""
    key = post["id"].partition(":")[2]
    return Known(key, post["native_id"], post["url"], post["author_handle"])


class Later:
    """Writes to the archive at ``path``. ArchiverError where it cannot be opened or written, or is none."""

    def __init__(self, path: str) -> None:
        if not Path(path).exists():
            raise ArchiverError(f"{path}: no such archive; make one: archiver add {path} SOURCE")
        self._path = path
        self._connection: sqlite3.Connection = open_writer(path, STAMP).conn
        self._settle = Settling(self._connection)
        self._log = Log(self._connection)

    def __enter__(self) -> Later:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def due(self, since: str, platform: str | None, now: str) -> Iterator[Row]:
        """The posts that can be asked about and were not since then, by what they are asked by: those never
        asked about first, then those whose answer is the oldest. Answers from a clock that ran ahead count
        for nothing. To be read to the end before anything is written."""
        with plain_errors(self._path):
            yield from self._each(_DUE, since, platform, now)

    def wanting(self, platform: str | None, all_of_them: bool) -> list[tuple[str, str]]:
        """Key and platform of the posts that are gone or incomplete, or of all; those whose words were
        taken out are left."""
        with plain_errors(self._path):
            rows = self._each(_ALL if all_of_them else _WANTING, platform)
            return [(row["id"], row["platform"]) for row in rows]

    def post(self, key: str) -> Row:
        """A post by its key, or by an old one of it."""
        (found,) = self.all(_POST, key)
        return found

    def named(self, key: str) -> list[Row]:
        """The post of a key, in a list; empty where there is none."""
        return self.all(_POST, key)

    def quoted_in(self, url: str) -> list[Row]:
        """The posts that the article at an address quotes."""
        article = ids.digest("article", url)
        return self.all(_QUOTED_IN, article)

    def searched(self, post: str, since: str) -> set[str]:
        """The searches for a post that were made since then and did not fail."""
        return {str(row["method"]) for row in self.all(_SEARCHED, post, since)}

    def about(self, post: str) -> tuple[list[Row], list[Row], list[Row]]:
        """The quotes of a post, their links, and the articles of them that have an address."""
        return self.all(_QUOTES, post), self.all(_LINKS, post), self.all(_ARTICLES, post)

    def all(self, sql: str, *values: Any) -> list[Row]:
        """The rows of an answer."""
        with plain_errors(self._path):
            return self._settle.all(sql, *values)

    def keep(self, at: str, found: dict[str, list[Row]]) -> bool:
        """Writes rows (table -> rows), all or none; whether anything was new. What is known already stays,
        but a search, of which the last answer counts. Posts that are touched, and those whose quotes are
        known now by a better key, are settled again."""
        with self._transaction():
            new = [self._put(table, row, at) for table, rows in found.items() for row in rows]
            touched = {str(row["post"]) for row, is_new in new if is_new}
            keys = {row["subject"] for row, is_new in new if is_new and row.get("name") == "key"}
            if touched or keys:
                self._resettle(touched, keys, [row for row in found.get("recovered", ()) if _is_link(row)])
        return any(is_new for _, is_new in new)

    def _each(self, sql: str, *values: Any) -> Iterator[Row]:
        """Rows one after another, so that a large archive fits in memory."""
        cursor = self._connection.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return (dict(zip(names, row, strict=True)) for row in cursor)

    def _put(self, table: str, row: Row, at: str) -> tuple[Row, bool]:
        row = of(table, row)
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        then = "DO NOTHING"
        if table == "searches":
            pairs = ", ".join(f"{name} = excluded.{name}" for name in row if name != "id")
            then = f"(id) DO UPDATE SET {pairs}"
        done = self._connection.execute(
            f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT {then}", tuple(row.values())
        ).rowcount
        if done:
            (kept,) = self._settle.all(f"SELECT * FROM {table} WHERE id = ?", row["id"])
            self._log.learnt(table, kept, at)
        return row, done > 0 and table != "searches"

    def _resettle(self, posts: Iterable[str], keys: Iterable[str], links: Iterable[Row]) -> None:
        """Posts, and the quotes of keys, as they follow from what there is now."""
        marks = ", ".join("?" * len(posts := sorted(posts)))
        named = ", ".join("?" * len(keys := sorted(keys)))
        quotes = self._settle.all(
            f"SELECT * FROM quotes WHERE post IN ({marks}) OR post_key IN ({named})", *posts, *keys
        )
        (last,) = self._connection.execute(
            f"SELECT max(last_seen) FROM posts WHERE id IN ({marks})", posts
        ).fetchone()
        for link in links:
            self._settle.expand("url", link["subject"])
        self._settle.posts(quotes, last or "")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        run = self._connection.execute
        with plain_errors(self._path):
            run("BEGIN IMMEDIATE")
            run("PRAGMA defer_foreign_keys = ON")
            try:
                yield
                run("COMMIT")
            finally:
                if self._connection.in_transaction:
                    run("ROLLBACK")


def _is_link(row: Row) -> bool:
    return bool(row["name"] == "link")


_DUE = (
    "SELECT id, platform, native_id, url, author_handle, state, first_seen, posted_earliest,"
    " (SELECT max(checked_at) FROM checks WHERE post = posts.id) AS asked_at FROM posts"
    " WHERE (native_id IS NOT NULL OR url IS NOT NULL) AND (?2 IS NULL OR platform = ?2)"
    " AND (asked_at IS NULL OR asked_at <= ?1 OR asked_at > ?3)"
    " ORDER BY asked_at IS NOT NULL, asked_at, id"
)
_ALL = (
    "SELECT id, platform FROM posts WHERE (?1 IS NULL OR platform = ?1) AND text_state <> 'redacted'"
    " ORDER BY state IS NULL OR state IN ('live', 'unknown'), id"
)
_WANTING = _ALL.replace(
    " ORDER BY",
    " AND (state IN ('deleted', 'suspended', 'private', 'unavailable') OR text IS NULL"
    " OR author_handle IS NULL OR author_name IS NULL OR posted_at IS NULL"
    " OR (native_id IS NULL AND id_earliest IS NOT NULL)"
    " OR EXISTS (SELECT 1 FROM quotes JOIN links ON links.quote = quotes.id WHERE quotes.post = posts.id"
    " AND links.kind = 'url' AND links.expanded_url IS NULL)) ORDER BY",
)
_POST = (
    "SELECT * FROM posts WHERE id = coalesce((SELECT post FROM aliases WHERE alias = ?1"
    " AND NOT EXISTS (SELECT 1 FROM posts WHERE id = ?1)), ?1)"
)
_SEARCHED = "SELECT method FROM searches WHERE post = ? AND searched_at > ? AND outcome <> 'failed'"
_QUOTES = "SELECT * FROM quotes WHERE post = ? ORDER BY id"
_LINKS = (
    "SELECT links.* FROM links JOIN quotes ON quotes.id = links.quote WHERE quotes.post = ?"
    " ORDER BY links.quote, links.position"
)
_ARTICLES = (
    "SELECT DISTINCT articles.id, articles.url, min(captures.captured_at) AS captured_at FROM quotes"
    " JOIN articles ON articles.id = quotes.article JOIN captures ON captures.id = quotes.capture"
    " WHERE quotes.post = ? AND articles.url IS NOT NULL GROUP BY articles.id ORDER BY articles.id"
)
_QUOTED_IN = "SELECT * FROM posts WHERE id IN (SELECT post FROM quotes WHERE article = ?) ORDER BY id"
