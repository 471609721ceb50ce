"""The schema's history. A released migration is never changed; a new one is added at the end.

``data/columns.json`` tells what every column means.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from archiver.indexes import INDEXES, SEARCH
from archiver.tallies import TALLIES
from archiver.views import VIEWS

__all__ = ["APPLICATION_ID", "MIGRATIONS", "SCHEMA_VERSION", "STAMP", "apply"]

APPLICATION_ID = 0x41524348
"""Marks a SQLite file as an archive ("ARCH"), readable with file(1)."""

MIGRATIONS = Migrations("archiver")

STAMP = "2026-11-24T00:00:00Z"
"""Stands for the time of all migrations, which are no part of what an archive holds: the day of the
first schema."""


@MIGRATIONS(name="0001_first")
def _first(db: Database) -> None:
    for statement in (*_TABLES, *INDEXES, *SEARCH, *TALLIES, *VIEWS):
        db.conn.execute(statement)


def apply(db: Database, stamp: str) -> None:
    """Brings the schema up to date, inside the transaction that is open. ``stamp`` stands in for the
    time of the migration: two archives of the same sources are the same, row for row."""
    MIGRATIONS.apply(db)
    db.conn.execute("UPDATE _sqlite_migrations SET applied_at = ? WHERE migration_set = 'archiver'", (stamp,))
    db.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.conn.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


_TABLES = (
    """
    CREATE TABLE settings (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE articles (
        id TEXT PRIMARY KEY,
        url TEXT,
        title TEXT,
        site TEXT,
        byline TEXT,
        published_on TEXT,
        language TEXT,
        missing INTEGER NOT NULL DEFAULT 0,
        first_seen TEXT NOT NULL,
        last_seen TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE captures (
        id TEXT PRIMARY KEY,
        article TEXT REFERENCES articles(id),
        article_key TEXT,
        url TEXT,
        captured_at TEXT NOT NULL,
        captured_by TEXT NOT NULL,
        read_at TEXT NOT NULL,
        origin TEXT NOT NULL,
        address TEXT,
        etag TEXT,
        last_modified TEXT,
        memento TEXT,
        container TEXT,
        record_offset INTEGER,
        warc_record_id TEXT,
        sha256 TEXT,
        kind TEXT,
        citations INTEGER,
        metadata TEXT,
        media_type TEXT,
        charset TEXT,
        http_status INTEGER,
        outcome TEXT NOT NULL,
        reason TEXT,
        records INTEGER,
        articles INTEGER,
        quoting INTEGER,
        title TEXT,
        site TEXT,
        byline TEXT,
        published_on TEXT,
        language TEXT,
        extractor_version TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE sources (
        capture TEXT NOT NULL REFERENCES captures(id),
        source TEXT NOT NULL,
        stamp TEXT,
        PRIMARY KEY (capture, source)
    )
    """,
    """
    CREATE TABLE bodies (
        sha256 TEXT PRIMARY KEY,
        encoding TEXT NOT NULL,
        body BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE authors (
        id TEXT PRIMARY KEY,
        platform TEXT NOT NULL,
        handle TEXT NOT NULL,
        name TEXT,
        url TEXT,
        posts INTEGER NOT NULL,
        quote_count INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE posts (
        id TEXT PRIMARY KEY,
        platform TEXT NOT NULL,
        native_id TEXT,
        url TEXT,
        author TEXT REFERENCES authors(id),
        author_name TEXT,
        author_handle TEXT,
        text TEXT,
        text_state TEXT NOT NULL,
        language TEXT,
        id_earliest TEXT,
        id_latest TEXT,
        posted_on TEXT,
        posted_at TEXT,
        posted_earliest TEXT,
        posted_latest TEXT,
        time_basis TEXT,
        state TEXT,
        checked_at TEXT,
        filled_from TEXT,
        quote_count INTEGER NOT NULL,
        text_sites INTEGER NOT NULL,
        author_sites INTEGER NOT NULL,
        date_sites INTEGER NOT NULL,
        first_seen TEXT NOT NULL,
        last_seen TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE quotes (
        id TEXT PRIMARY KEY,
        article TEXT NOT NULL REFERENCES articles(id),
        post TEXT NOT NULL REFERENCES posts(id),
        kind TEXT NOT NULL,
        form TEXT NOT NULL,
        position INTEGER NOT NULL,
        platform TEXT NOT NULL,
        author_name TEXT,
        author_handle TEXT,
        text TEXT,
        text_state TEXT NOT NULL,
        language TEXT,
        date_written TEXT,
        written_on TEXT,
        time_written TEXT,
        url_written TEXT,
        post_key TEXT NOT NULL,
        media_key TEXT,
        text_key TEXT,
        posted_on TEXT,
        id_earliest TEXT,
        id_latest TEXT,
        native_id TEXT,
        post_url TEXT,
        posted_at TEXT,
        posted_earliest TEXT,
        posted_latest TEXT,
        time_basis TEXT,
        fragment TEXT NOT NULL,
        context_before TEXT,
        context_after TEXT,
        place TEXT,
        span_start INTEGER,
        span_end INTEGER,
        confidence REAL NOT NULL,
        evidence TEXT,
        capture TEXT NOT NULL REFERENCES captures(id),
        extractor_version TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE sightings (
        capture TEXT NOT NULL REFERENCES captures(id),
        quote TEXT NOT NULL REFERENCES quotes(id),
        position INTEGER NOT NULL,
        PRIMARY KEY (capture, quote)
    )
    """,
    """
    CREATE TABLE links (
        quote TEXT NOT NULL REFERENCES quotes(id),
        position INTEGER NOT NULL,
        kind TEXT NOT NULL,
        text TEXT,
        url TEXT,
        expanded_url TEXT,
        PRIMARY KEY (quote, position)
    )
    """,
    """
    CREATE TABLE quotations (
        quote TEXT NOT NULL REFERENCES quotes(id),
        position INTEGER NOT NULL,
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        sentence TEXT NOT NULL,
        signs TEXT NOT NULL,
        place TEXT,
        span_start INTEGER,
        span_end INTEGER,
        PRIMARY KEY (quote, position)
    )
    """,
    """
    CREATE TABLE flags (
        id TEXT PRIMARY KEY,
        quote TEXT REFERENCES quotes(id),
        post TEXT REFERENCES posts(id),
        code TEXT NOT NULL,
        detail TEXT
    )
    """,
    """
    CREATE TABLE notes (
        capture TEXT NOT NULL REFERENCES captures(id),
        position INTEGER NOT NULL,
        code TEXT NOT NULL,
        place TEXT,
        detail TEXT,
        PRIMARY KEY (capture, position)
    )
    """,
    """
    CREATE TABLE checks (
        id TEXT PRIMARY KEY DEFAULT (lower(hex(randomblob(10)))),
        post TEXT NOT NULL REFERENCES posts(id),
        checked_at TEXT NOT NULL,
        method TEXT NOT NULL,
        state TEXT NOT NULL,
        http_status INTEGER,
        because TEXT
    )
    """,
    """
    CREATE TABLE copies (
        id TEXT PRIMARY KEY DEFAULT (lower(hex(randomblob(10)))),
        post TEXT NOT NULL REFERENCES posts(id),
        archive TEXT NOT NULL,
        url TEXT NOT NULL,
        archived_at TEXT,
        found_at TEXT NOT NULL,
        kind TEXT NOT NULL DEFAULT 'post',
        shows INTEGER,
        container TEXT,
        record_offset INTEGER,
        warc_record_id TEXT
    )
    """,
    """
    CREATE TABLE recovered (
        id TEXT PRIMARY KEY,
        post TEXT NOT NULL REFERENCES posts(id),
        subject TEXT NOT NULL,
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        url TEXT NOT NULL,
        archived_at TEXT,
        found_at TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE media (
        id TEXT PRIMARY KEY,
        post TEXT NOT NULL REFERENCES posts(id),
        url TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        media_type TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        path TEXT NOT NULL,
        source TEXT NOT NULL,
        found_at TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE searches (
        id TEXT PRIMARY KEY,
        post TEXT NOT NULL REFERENCES posts(id),
        method TEXT NOT NULL,
        searched_at TEXT NOT NULL,
        outcome TEXT NOT NULL,
        because TEXT
    )
    """,
    """
    CREATE TABLE aliases (
        alias TEXT PRIMARY KEY,
        post TEXT NOT NULL REFERENCES posts(id)
    )
    """,
    """
    CREATE TABLE log (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        about TEXT,
        digest TEXT,
        read_at TEXT NOT NULL,
        run_id TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE readings (
        read_at TEXT PRIMARY KEY
    )
    """,
    """
    CREATE TABLE redactions (
        post TEXT PRIMARY KEY REFERENCES posts(id),
        reason TEXT NOT NULL,
        created_at TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE redacted_keys (
        id TEXT PRIMARY KEY,
        post TEXT NOT NULL REFERENCES posts(id),
        account TEXT
    )
    """,
)

SCHEMA_VERSION = 1
"""The number of migrations: the ``user_version`` of an archive; a higher one is from a newer archiver."""
