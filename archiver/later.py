"""What is learnt of posts after they were quoted: answers to checks, copies elsewhere, values that were
recovered, files, searches. Each is written with its entry in the log, and its post is settled again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from archiver import ids
from archiver.database import open_writer, plain_errors
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
        self._path = path
        self._connection: sqlite3.Connection = open_writer(path, STAMP).conn
        self._settle = Settling(self._connection)
        self._log = Log(self._connection)

    def __enter__(self) -> Later:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def due(self, since: str, platform: str | None, now: str) -> list[Row]:
        """The posts that can be asked about and were not since then: those never asked about first, then
        those whose answer is the oldest. Answers from a clock that ran ahead count for nothing."""
        return self.all(_DUE, since, platform, now)

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
            self._connection.execute(
                "UPDATE links SET expanded_url = ? WHERE url = ?", (link["value"], link["subject"])
            )
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
    "SELECT posts.*, (SELECT max(checked_at) FROM checks WHERE post = posts.id) AS asked_at FROM posts"
    " WHERE (native_id IS NOT NULL OR url IS NOT NULL) AND (?2 IS NULL OR platform = ?2)"
    " AND (asked_at IS NULL OR asked_at <= ?1 OR asked_at > ?3)"
    " ORDER BY asked_at IS NOT NULL, asked_at, id"
)
