"""Fixity: whether all that an archive holds is what was once written, row by row."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, NamedTuple

from sqlite_utils import Database

from archiver import migrations
from archiver.database import open_reader
from archiver.errors import ArchiverError
from archiver.evidence import derived, leaves, merkle
from archiver.evidence.findings import Finding
from archiver.evidence.log import GONE, KINDS, REDACTED, Contents, last, leaf_of
from archiver.text import FINGERPRINT_VERSION

__all__ = ["Anchor", "anchor_of", "verify"]

_MOST = 1000
_INDEXES = ("posts_fts", "posts_trigrams")
_INDEX_PARTS = ("data", "idx", "docsize", "config")


class Anchor(NamedTuple):
    """A state of the log: how many entries, and the root over them as 64 hex digits."""

    size: int
    root: str


def anchor_of(text: str) -> Anchor:
    """An anchor as `anchor` prints it: the last two words, or SIZE:ROOT. ArchiverError where it is none."""
    words = text.replace(":", " ").split()
    if len(words) < 2 or not words[-2].isdecimal() or len(words[-1]) != 64:
        raise ArchiverError(f"{text}: no anchor; give it as archiver anchor prints it: SIZE:ROOT")
    return Anchor(int(words[-2]), words[-1].lower())


def verify(path: str, anchor: Anchor | None = None) -> Iterator[Finding]:
    """What is not as it was written, one after another; nothing where all is well. ``anchor``: a state
    of the log that was published once, and must be a part of it. ArchiverError where the archive cannot
    be opened."""
    db = open_reader(path)
    with closing(db.conn):
        # Damaged text is to be compared, not to end the run.
        db.conn.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        db.conn.execute("BEGIN")  # one state of the archive, whoever writes meanwhile
        checks: tuple[Callable[[], Iterator[Finding]], ...] = (
            lambda: _file(db.conn),
            lambda: _log(db.conn, anchor),
            lambda: _rows(db.conn),
            lambda: _missing(db.conn),
            lambda: _bodies(db.conn),
            lambda: _settings(db.conn),
            lambda: _schema(db.conn),
            lambda: derived.findings(db.conn),
            lambda: _search(db.conn),
        )
        for check in checks:
            yield from _careful(check)


def _careful(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """The findings of a check; damage that SQLite cannot read past is one."""
    try:
        yield from check()
    except (sqlite3.DatabaseError, UnicodeError, ValueError, TypeError) as error:
        yield Finding("file", None, f"cannot be read further: {error}")


def _file(connection: sqlite3.Connection) -> Iterator[Finding]:
    for (text,) in connection.execute(f"PRAGMA integrity_check({_MOST})"):
        if text != "ok":
            yield Finding("file", None, str(text))
    for table, rowid, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        key = connection.execute(f"SELECT * FROM {table} WHERE rowid = ?", (rowid,)).fetchone()
        yield Finding(table, str(key[0]) if key else None, f"points to a row of {parent} that is not there")


def _log(connection: sqlite3.Connection, anchor: Anchor | None) -> Iterator[Finding]:
    """Every entry by its leaf, all of them in order, and the root that was published."""
    found: list[Finding] = []

    def checked() -> Iterator[bytes]:
        entries = connection.execute("SELECT id, kind, about, digest, read_at, run_id FROM log ORDER BY id")
        for at, entry in enumerate(entries, 1):
            leaf = leaf_of(entry[5])
            if entry[0] != at:
                found.append(Finding("log", str(entry[0]), f"number {at} of the log is missing"))
            if problem := _entry(*entry[1:]):
                found.append(Finding("log", str(entry[0]), problem))
            yield leaf

    if anchor is None:
        merkle.root(checked())
    else:
        kept = list(checked())
        if len(kept) < anchor.size:
            found.append(Finding("log", None, f"has {len(kept)} entries, the anchor {anchor.size}"))
        elif merkle.root(kept[: anchor.size]).hex() != anchor.root:
            found.append(Finding("log", None, f"its first {anchor.size} entries do not lead to the anchor"))
    yield from found


def _entry(kind: str, about: str | None, digest: str | None, read_at: str, run_id: str) -> str | None:
    """What is wrong with an entry of the log."""
    salt, leaf = str(run_id).split(".")[0], leaf_of(run_id).hex()
    if kind == REDACTED:
        if salt or about is not None or digest is not None:
            return "redacted, but not empty"
        return None if run_id == leaves.emptied(read_at, leaf) else "its leaf or its time was changed"
    if not about or not digest or f"{salt}.{leaves.leaf(salt, read_at, digest).hex()}" != run_id:
        return "the entry does not make its leaf: digest, time, salt or leaf was changed"
    return None


def _rows(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Captures, sources and quotes beside what the log says of them."""
    contents = Contents(connection)
    known = derived.readings(connection)
    for row in contents.all("SELECT * FROM captures"):
        yield from _compare(connection, "capture", "captures", row["id"], contents.capture(row))
        yield from _times(connection, row, known)
    for row in contents.all("SELECT * FROM sources"):
        name = f"{row['capture']} {row['source']}"
        yield from _compare(connection, "source", "sources", name, leaves.source(row))
    for row in contents.all("SELECT * FROM quotes"):
        yield from _compare(connection, "quote", "quotes", row["id"], contents.quote(row))
    for table, kind in KINDS.items():
        for row in contents.all(f"SELECT * FROM {table}"):
            yield from _compare(connection, kind, table, row["id"], leaves.learnt(row))
    for row in contents.all("SELECT * FROM redactions"):
        yield from _compare(connection, "redaction", "redactions", row["post"], contents.redaction(row))
        stamps = {stamp for (stamp,) in connection.execute(_STAMPS, (row["post"], "redaction"))}
        if stamps and row["created_at"] not in stamps:
            yield Finding("redactions", row["post"], "created_at is not the time that was logged")


_WITH = {
    "redaction": " (its row or keys)",
    "capture": " (its row, notes or sightings)",
    "quote": " (its row, links or flags)",
}


def _compare(
    connection: sqlite3.Connection, kind: str, table: str, key: str, content: Any
) -> Iterator[Finding]:
    known = last(connection, kind, key)
    if known is None:
        yield Finding(table, key, "the log knows nothing of it")
    elif known != leaves.digest(kind, content):
        yield Finding(table, key, f"was changed since it was logged{_WITH.get(kind, '')}")


def _times(connection: sqlite3.Connection, capture: Any, known: frozenset[str]) -> Iterator[Finding]:
    """The times of reading stand in no digest: the capture's entries have them."""
    stamps = {stamp for (stamp,) in connection.execute(_STAMPS, (capture["id"], "capture"))}
    if stamps and capture["read_at"] not in stamps:
        yield Finding("captures", capture["id"], "read_at is not the time that was logged")
    if capture["captured_by"] == "reading" and capture["captured_at"] not in known:
        yield Finding("captures", capture["id"], "captured_at is no time at which anything was read")


_STAMPS = "SELECT read_at FROM log WHERE about = ? AND kind = ?"


def _missing(connection: sqlite3.Connection) -> Iterator[Finding]:
    """What was logged, and is no longer there."""
    for kind, (table, key) in _LOGGED.items():
        gone = connection.execute(
            f"SELECT DISTINCT about FROM log WHERE kind = ? AND about NOT IN (SELECT {key} FROM {table})",
            (kind,),
        )
        for (about,) in gone:
            if last(connection, kind, about) != GONE:
                yield Finding(table, about, "was logged, and is missing")
    strange = f"SELECT id, kind FROM log WHERE kind NOT IN ({', '.join('?' * (len(_LOGGED) + 1))})"
    for key, kind in connection.execute(strange, (*_LOGGED, REDACTED)):
        yield Finding("log", str(key), f"no such kind of entry: {kind}")


_LOGGED = {
    "body": ("bodies", "sha256"),
    "capture": ("captures", "id"),
    "source": ("sources", "capture || ' ' || source"),
    "quote": ("quotes", "id"),
    "redaction": ("redactions", "post"),
    **{kind: (table, "id") for table, kind in KINDS.items()},
}


def _bodies(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Each body as it lies there, and as it is when unpacked."""
    for row in Contents(connection).all("SELECT * FROM bodies"):
        known = last(connection, "body", row["sha256"])
        if known is None:
            yield Finding("bodies", row["sha256"], "the log knows nothing of it")
        elif known != leaves.digest("body", leaves.body(row)):
            yield Finding("bodies", row["sha256"], "its bytes were changed since they were logged")
        elif problem := _unpacked(row):
            yield Finding("bodies", row["sha256"], problem)


def _unpacked(row: Any) -> str | None:
    try:
        body = zlib.decompress(row["body"]) if row["encoding"] == "zlib" else row["body"]
    except zlib.error as error:
        return f"cannot be unpacked: {error}"
    return None if leaves.sha256(body) == row["sha256"] else "is not the body that its sha256 names"


def _settings(connection: sqlite3.Connection) -> Iterator[Finding]:
    known = {"fingerprint_version": str(FINGERPRINT_VERSION)}
    for name, value in connection.execute("SELECT name, value FROM settings"):
        if known.get(name) != value:
            yield Finding("settings", name, "not what this archiver writes there")


def _schema(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Views, triggers and indexes as they are made now; tables are looked at when the file is opened."""
    sql = "SELECT name, sql FROM sqlite_schema WHERE type IN ('view', 'trigger', 'index') AND sql IS NOT NULL"
    there = dict(connection.execute(sql))
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as empty:
        migrations.apply(Database(empty, execute_plugins=False), migrations.STAMP)
        for name, text in empty.execute(sql):
            if there.get(name) != text:
                yield Finding("file", name, "the schema has it otherwise, or not at all")


def _search(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Both indexes against the posts. SQLite checks them by a write, so it is done on a copy of them."""
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "search.db")
        with closing(sqlite3.connect(copy, isolation_level=None)) as writer:
            _copy_search(connection, writer)
        with closing(sqlite3.connect(copy, isolation_level=None)) as checker:
            for index in _INDEXES:
                yield from _careful_index(checker, index)


def _copy_search(connection: sqlite3.Connection, writer: sqlite3.Connection) -> None:
    for pragma in ("journal_mode = OFF", "synchronous = OFF"):
        writer.execute(f"PRAGMA {pragma}").fetchall()
    writer.execute("CREATE TABLE posts (text, author_name, author_handle)")
    for index in _INDEXES:
        (schema,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (index,)).fetchone()
        writer.execute(schema)
    writer.execute("BEGIN")
    names = "rowid, text, author_name, author_handle"
    writer.executemany(
        f"INSERT INTO posts ({names}) VALUES (?, ?, ?, ?)", connection.execute(f"SELECT {names} FROM posts")
    )
    for table in (f"{index}_{part}" for index in _INDEXES for part in _INDEX_PARTS):
        writer.execute(f"DELETE FROM {table}")
        cursor = connection.execute(f"SELECT * FROM {table}")
        marks = ", ".join("?" * len(cursor.description))
        writer.executemany(f"INSERT INTO {table} VALUES ({marks})", cursor)
    writer.execute("COMMIT")


def _careful_index(checker: sqlite3.Connection, index: str) -> Iterator[Finding]:
    try:
        checker.execute(f"INSERT INTO {index}({index}, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError:
        yield Finding(index, None, "does not agree with posts: rebuild it")
