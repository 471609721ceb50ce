"""The log of all that came in: an entry for each capture, body, source and quote, and for each change."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from archiver import results
from archiver.evidence import leaves

__all__ = ["GONE", "KINDS", "REDACTED", "Contents", "Log", "last", "leaf_of"]

Row = Mapping[str, Any]

REDACTED = "redacted"
"""The kind of an entry whose content, digest and salt were taken out; its leaf alone is there still."""

GONE = "gone"
"""The digest of an entry that says that a row is no longer there, and rightly."""

KINDS = {
    "checks": "check",
    "copies": "copy",
    "recovered": "recovered",
    "media": "medium",
    "searches": "search",
}
"""Table of what was learnt of posts -> the kind of its entries."""

_SALT_BYTES = 16


class Log:
    """Appends to the log, inside the transaction that is open on ``connection``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._contents = Contents(connection)
        self._seen = 0

    def begin(self) -> None:
        """Marks the state of the archive from which on changes are to be logged."""
        self._seen = self._connection.total_changes

    def capture(self, capture: str, read_at: str) -> None:
        """Entries for all that is new or has changed of a capture since `begin`: its body, its row with
        notes and sightings, its sources, its quotes with links and flags."""
        if self._connection.total_changes != self._seen:
            self.again(capture, read_at)
            self.begin()

    def rebuilt(self, captures: Iterable[str], quotes: Iterable[Row]) -> None:
        """Entries for what another parser has made of captures, and for those of the ``quotes`` that are
        gone. The time is that of the last reading: nothing was read."""
        (read_at,) = self._connection.execute("SELECT coalesce(max(read_at), '') FROM readings").fetchone()
        for capture in captures:
            self.again(capture, read_at)
        self.gone(read_at)
        for name in dict.fromkeys(quote["id"] for quote in quotes):
            if self._connection.execute("SELECT 1 FROM quotes WHERE id = ?", (name,)).fetchone() is None:
                self.append("quote", name, GONE, read_at)

    def learnt(self, table: str, row: Row, at: str) -> None:
        """An entry for what was learnt of a post."""
        kind = KINDS[table]
        self.append(kind, row["id"], leaves.digest(kind, leaves.learnt(row)), at)

    def gone(self, read_at: str) -> None:
        """Entries for what was learnt of posts that are none any more."""
        for table, kind in KINDS.items():
            about = f"SELECT DISTINCT about FROM log WHERE kind = ? AND about NOT IN (SELECT id FROM {table})"
            for (name,) in self._connection.execute(about, (kind,)).fetchall():
                self.append(kind, name, GONE, read_at)

    def append(self, kind: str, about: str, digest: str, read_at: str) -> None:
        """An entry, where the last one about this row says anything else."""
        known = last(self._connection, kind, about)
        if known == digest or (known is None and digest == GONE):
            return
        salt = secrets.token_hex(_SALT_BYTES)
        leaf = leaves.leaf(salt, read_at, digest).hex()
        self._connection.execute(
            "INSERT INTO log (id, kind, about, digest, read_at, run_id)"
            " VALUES ((SELECT coalesce(max(id), 0) + 1 FROM log), ?, ?, ?, ?, ?)",
            (kind, about, digest, read_at, f"{salt}.{leaf}"),
        )

    def redaction(self, post: str, at: str) -> None:
        """An entry for a redaction as it stands now."""
        for row in self._contents.all("SELECT * FROM redactions WHERE post = ?", post):
            self.append("redaction", post, leaves.digest("redaction", self._contents.redaction(row)), at)

    def reading(self, read_at: str) -> None:
        """That something was read at this time, new or not."""
        self._connection.execute(
            "INSERT INTO readings (read_at) VALUES (?) ON CONFLICT DO NOTHING", (read_at,)
        )

    def again(self, capture: str, read_at: str) -> None:
        """Entries for all of a capture that is not as the last ones say."""
        for kind, about, content in self._contents.of_capture(capture):
            self.append(kind, about, leaves.digest(kind, content), read_at)


class Contents:
    """What entries have to vouch for, of the rows as they are."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def of_capture(self, capture: str) -> Iterator[tuple[str, str, Row]]:
        """Kind, name and content of a capture and all that belongs to it."""
        row = self._one("SELECT * FROM captures WHERE id = ?", capture)
        if row is None:
            return
        if row["sha256"] and last(self._connection, "body", row["sha256"]) is None:
            body = self._one("SELECT * FROM bodies WHERE sha256 = ?", row["sha256"])
            if body is not None:
                yield "body", row["sha256"], leaves.body(body)
        yield "capture", capture, self.capture(row)
        for source in self.all("SELECT * FROM sources WHERE capture = ? ORDER BY source", capture):
            yield "source", f"{capture} {source['source']}", leaves.source(source)
        for quote in self.all(_SHOWN, capture):
            yield "quote", quote["id"], self.quote(quote)

    def capture(self, row: Row) -> Row:
        """Of a row of captures."""
        return leaves.capture(row, self.all(_NOTES, row["id"]), self.all(_SIGHTINGS, row["id"]))

    def quote(self, row: Row) -> Row:
        """Of a row of quotes."""
        parts = (self.all(sql, row["id"]) for sql in (_LINKS, _FLAGS, _QUOTATIONS))
        return leaves.quote(row, *parts)

    def redaction(self, row: Row) -> Row:
        """Of a row of redactions."""
        return leaves.redaction(row, self.all(_KEYS, row["post"]))

    def all(self, sql: str, *values: Any) -> Iterator[dict[str, Any]]:
        """The rows of an answer, one after another."""
        return results.each(self._connection, sql, *values)

    def _one(self, sql: str, *values: Any) -> dict[str, Any] | None:
        return results.first(self._connection, sql, *values)


def last(connection: sqlite3.Connection, kind: str, about: str) -> str | None:
    """The digest of the last entry about a row."""
    row = connection.execute(_LAST, (about, kind)).fetchone()
    return row[0] if row else None


def leaf_of(run_id: str) -> bytes:
    """The leaf of an entry out of its ``run_id``; empty where that is damaged."""
    try:
        return bytes.fromhex(str(run_id).split(".")[1])
    except (IndexError, ValueError):
        return b""


_LAST = "SELECT digest FROM log WHERE about = ? AND kind = ? ORDER BY id DESC LIMIT 1"
_KEYS = "SELECT id, account FROM redacted_keys WHERE post = ? ORDER BY id"
_NOTES = "SELECT * FROM notes WHERE capture = ? ORDER BY position"
_SIGHTINGS = "SELECT * FROM sightings WHERE capture = ? ORDER BY position, quote"
_SHOWN = (
    "SELECT quotes.* FROM sightings JOIN quotes ON quotes.id = sightings.quote"
    " WHERE sightings.capture = ? ORDER BY sightings.position, quotes.id"
)
_LINKS = "SELECT * FROM links WHERE quote = ? ORDER BY position"
_QUOTATIONS = "SELECT * FROM quotations WHERE quote = ? ORDER BY position"
_FLAGS = "SELECT * FROM flags WHERE quote = ? ORDER BY id"
