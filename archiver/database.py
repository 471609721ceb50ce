"""Opening an archive: what is refused before a byte is written, and what SQLite says in plain words."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import quote

from sqlite_utils import Database

from archiver import migrations
from archiver.errors import ArchiverError

__all__ = ["open_reader", "open_writer", "plain_errors"]

_MAGIC = b"SQLite format 3\0"
_HEADER = 100
_PATIENCE = 60.0
"""How many seconds another writer is waited for."""

# What SQLite's messages hold, and what is to be done.
_CURES = (
    (("is full",), "the disk is full; make room and give the same command again: what was read is kept"),
    (
        ("locked", "busy"),
        f"another program has been writing to it for {_PATIENCE:g} s; try again when it has ended",
    ),
    (("readonly",), "it cannot be written: give yourself the right to write it, and its folder"),
    (("unable to open",), "it cannot be opened: check the path, and your rights on the file and its folder"),
    (
        ("malformed", "not a database", "corrupt", "decode"),
        "the database is damaged; take it from a copy, or try: sqlite3 FILE .recover",
    ),
    (
        ("disk I/O",),
        "the disk failed (I/O error); check it and give the same command again: what was read is kept",
    ),
)


def open_writer(path: str, stamp: str) -> Database:
    """The archive at ``path``, made where there is none, its schema up to date. ``stamp`` is kept as
    the time of migrations. ArchiverError, and nothing altered, where it is no archive, a newer or a
    damaged one, or cannot be written."""
    with plain_errors(path):
        is_new = _refuse_bad_file(path)
        if is_new and not Path(path).absolute().parent.is_dir():
            raise ArchiverError(f"{path}: there is no such folder: make it first")
        with ExitStack() as on_failure:
            connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
            on_failure.callback(connection.close)
            db = _prepared(connection, path, stamp)
            on_failure.pop_all()
    return db


def open_reader(path: str) -> Database:
    """The archive at ``path`` for reading, also where nothing may be written beside it. ArchiverError
    where there is none, or it is none."""
    with plain_errors(path):
        if _refuse_bad_file(path):
            raise ArchiverError(f"{path}: no such archive; make one: archiver add {path} SOURCE")
        with ExitStack() as on_failure:
            connection = _read_only(path)
            on_failure.callback(connection.close)
            db = Database(connection, execute_plugins=False)
            if not _check(db, path):
                raise ArchiverError(f"{path}: the archive is empty; fill it: archiver add {path} SOURCE")
            if _applied(db) != _known():
                raise ArchiverError(f"{path}: made by an older archiver; bring it up to date: archiver add")
            _check_columns(db, path)
            on_failure.pop_all()
    return db


@contextmanager
def plain_errors(path: str) -> Iterator[None]:
    """What SQLite and the system say of an archive, as one line that names the cure."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise ArchiverError(f"{path}: {_words(error)}") from error
    except OSError as error:
        raise ArchiverError(f"{path}: {error.strerror or error}") from error


def _words(error: Exception) -> str:
    # Text that is no UTF-8 is text that something else has altered.
    text = "malformed" if isinstance(error, UnicodeDecodeError) else str(error)
    return next((words for signs, words in _CURES if any(s in text for s in signs)), f"SQLite says: {text}")


def _refuse_bad_file(path: str) -> bool:
    """Whether there is no archive yet; ArchiverError for what cannot be one."""
    file = Path(path)
    if file.is_dir():
        raise ArchiverError(f"{path}: a folder; name a file for the archive")
    try:
        with open(path, "rb") as stream:
            head = stream.read(_HEADER)
            size = stream.seek(0, 2)
    except FileNotFoundError:
        return True
    if not size:
        return True
    if len(head) < _HEADER or not head.startswith(_MAGIC):
        raise ArchiverError(f"{path}: not a SQLite database; name another file for the archive")
    page = int.from_bytes(head[16:18], "big")
    wanted = (65536 if page == 1 else page) * int.from_bytes(head[28:32], "big")
    trusted = head[24:28] == head[92:96]
    log = Path(f"{path}-wal")
    if trusted and size < wanted and not (log.exists() and log.stat().st_size):
        raise ArchiverError(
            f"{path}: the database is cut short ({size} of {wanted} bytes); take it from a copy"
        )
    return False


def _read_only(path: str) -> sqlite3.Connection:
    """A connection that writes nothing; where not even the files beside the database can be made, one
    that believes that nobody else writes."""
    address = f"file:{quote(str(Path(path).absolute()))}?mode=ro"
    connection = sqlite3.connect(address, uri=True, timeout=_PATIENCE, isolation_level=None)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema")
    except sqlite3.OperationalError:
        connection.close()
        log = Path(f"{path}-wal")
        if log.exists() and log.stat().st_size:
            raise
        connection = sqlite3.connect(f"{address}&immutable=1", uri=True, isolation_level=None)
    return connection


def _prepared(connection: sqlite3.Connection, path: str, stamp: str) -> Database:
    db = Database(connection, execute_plugins=False)
    is_new = not _check(db, path)
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    is_current = connection.execute("PRAGMA user_version").fetchone()[0] == migrations.SCHEMA_VERSION
    if is_new or not is_current or _applied(db) != _known():
        connection.execute("BEGIN IMMEDIATE")
        try:
            _check(db, path)
            migrations.apply(db, stamp)
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
    _check_columns(db, path)
    return db


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Journal mode WAL. Two that switch at once are told "locked" without being let to wait."""
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(0.02)


def _check(db: Database, path: str) -> bool:
    """Whether the schema of an archive is there; ArchiverError where it is another's or a newer one."""
    # The tables first: another process may make all of it between two questions.
    tables = db.conn.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if not tables:
        return False
    version = db.conn.execute("PRAGMA user_version").fetchone()[0]
    mark = db.conn.execute("PRAGMA application_id").fetchone()[0]
    if mark != migrations.APPLICATION_ID:
        raise ArchiverError(f"{path}: a database of another program; name another file for the archive")
    if version > migrations.SCHEMA_VERSION or _applied(db) - _known():
        raise ArchiverError(f"{path}: made by a newer archiver; install that version to work with it")
    return True


def _applied(db: Database) -> set[str]:
    """The names of the migrations that the archive has seen."""
    rows = db.conn.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = 'archiver'")
    return {name for (name,) in rows}


@cache
def _known() -> set[str]:
    with closing(sqlite3.connect(":memory:")) as connection:
        empty = Database(connection, execute_plugins=False)
        return {migration.name for migration in migrations.MIGRATIONS.pending(empty)}


def _check_columns(db: Database, path: str) -> None:
    """ArchiverError where a table or a column is missing that the schema has."""
    for table, columns in _schema().items():
        there = {row[1] for row in db.conn.execute("SELECT * FROM pragma_table_info(?)", (table,))}
        if missing := [name for name in columns if name not in there]:
            what = f"column {table}.{missing[0]}" if there else f"table {table}"
            raise ArchiverError(f"{path}: the schema is damaged: {what} is missing; take it from a copy")


@cache
def _schema() -> dict[str, tuple[str, ...]]:
    """Table -> columns, of an archive as it is made now."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrations.MIGRATIONS.apply(Database(connection, execute_plugins=False))
        names = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE '%\\_fts\\_%'"
            " ESCAPE '\\' AND name NOT LIKE '%trigrams\\_%' ESCAPE '\\'"
        ).fetchall()
        return {
            name: tuple(row[1] for row in connection.execute("SELECT * FROM pragma_table_info(?)", (name,)))
            for (name,) in names
        }
