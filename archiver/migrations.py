"""The schema's history. A released migration is never changed; a new one is added at the end.

``data/columns.json`` tells what every column means.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

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
    for statement in (*_TABLES, *_INDEXES, *_SEARCH, *VIEWS):
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
        url TEXT
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
        post TEXT NOT NULL REFERENCES posts(id),
        checked_at TEXT NOT NULL,
        method TEXT NOT NULL,
        state TEXT NOT NULL,
        http_status INTEGER,
        because TEXT,
        PRIMARY KEY (post, checked_at, method)
    )
    """,
    """
    CREATE TABLE copies (
        post TEXT NOT NULL REFERENCES posts(id),
        archive TEXT NOT NULL,
        url TEXT NOT NULL,
        archived_at TEXT,
        found_at TEXT NOT NULL,
        PRIMARY KEY (post, url)
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

# An index that serves a filter ends in what the rows are sorted by. What Datasette counts and charts is
# read from indexes alone.
_INDEXES = (
    "CREATE INDEX articles_site ON articles(site, id)",
    "CREATE INDEX articles_site_day ON articles(site, published_on)",
    "CREATE INDEX authors_handle ON authors(handle COLLATE NOCASE)",
    "CREATE INDEX captures_article ON captures(article, id)",
    "CREATE INDEX captures_article_key ON captures(article_key)",
    "CREATE INDEX captures_outcome ON captures(outcome, id)",
    "CREATE INDEX captures_origin ON captures(origin)",
    "CREATE INDEX captures_sha256 ON captures(sha256)",
    "CREATE INDEX sources_source ON sources(source, stamp)",
    "CREATE INDEX posts_author ON posts(author, posted_earliest, quote_count)",
    "CREATE INDEX posts_platform ON posts(platform, id)",
    "CREATE INDEX posts_platform_day ON posts(platform, posted_on)",
    "CREATE INDEX posts_day ON posts(posted_on, state)",
    "CREATE INDEX posts_state_day ON posts(state, posted_on) WHERE state IS NOT NULL",
    "CREATE INDEX posts_lost ON posts(quote_count, posted_earliest)"
    " WHERE state IN ('deleted', 'suspended', 'private', 'unavailable')",
    "CREATE INDEX posts_posted_earliest ON posts(posted_earliest)",
    "CREATE INDEX posts_quote_count ON posts(quote_count, posted_earliest)",
    "CREATE INDEX posts_state ON posts(state, id)",
    "CREATE INDEX quotes_post ON quotes(post, article)",
    "CREATE INDEX quotes_post_key ON quotes(post_key, id)",
    "CREATE INDEX quotes_media_key ON quotes(media_key, id) WHERE media_key IS NOT NULL",
    "CREATE INDEX quotes_text_key ON quotes(text_key, id) WHERE text_key IS NOT NULL",
    "CREATE INDEX quotes_author ON quotes(author_handle COLLATE NOCASE, posted_on, id)",
    "CREATE INDEX quotes_article ON quotes(article, position, platform, author_handle)",
    "CREATE INDEX quotes_form ON quotes(form, post)",
    "CREATE INDEX quotes_capture ON quotes(capture)",
    "CREATE INDEX sightings_quote ON sightings(quote)",
    "CREATE INDEX flags_quote ON flags(quote)",
    "CREATE INDEX flags_post ON flags(post)",
    "CREATE INDEX flags_code ON flags(code)",
    "CREATE INDEX aliases_post ON aliases(post)",
    "CREATE INDEX log_about ON log(about, kind, id)",
    "CREATE INDEX redacted_keys_post ON redacted_keys(post)",
    "CREATE INDEX redacted_keys_account ON redacted_keys(account)",
)

_INDEXED = "text, author_name, author_handle"
_OLD = "old.text, old.author_name, old.author_handle"
_NEW = "new.text, new.author_name, new.author_handle"

# posts_fts knows words, diacritics folded; posts_trigrams knows pieces, for writing without blanks.
# Both hold no text of their own. Posts have no integer key, so a VACUUM wants both rebuilt.
_SEARCH = (
    f"""
    CREATE VIRTUAL TABLE posts_fts USING fts5(
        {_INDEXED}, content="posts", tokenize='unicode61 remove_diacritics 2'
    )
    """,
    f"""
    CREATE VIRTUAL TABLE posts_trigrams USING fts5(
        {_INDEXED}, content='posts', tokenize='trigram'
    )
    """,
    f"""
    CREATE TRIGGER posts_search_insert AFTER INSERT ON posts BEGIN
        INSERT INTO posts_fts(rowid, {_INDEXED}) VALUES (new.rowid, {_NEW});
        INSERT INTO posts_trigrams(rowid, {_INDEXED}) VALUES (new.rowid, {_NEW});
    END
    """,
    f"""
    CREATE TRIGGER posts_search_delete AFTER DELETE ON posts BEGIN
        INSERT INTO posts_fts(posts_fts, rowid, {_INDEXED}) VALUES ('delete', old.rowid, {_OLD});
        INSERT INTO posts_trigrams(posts_trigrams, rowid, {_INDEXED}) VALUES ('delete', old.rowid, {_OLD});
    END
    """,
    f"""
    CREATE TRIGGER posts_search_update AFTER UPDATE OF {_INDEXED} ON posts
    WHEN old.text IS NOT new.text
        OR old.author_name IS NOT new.author_name
        OR old.author_handle IS NOT new.author_handle
    BEGIN
        INSERT INTO posts_fts(posts_fts, rowid, {_INDEXED}) VALUES ('delete', old.rowid, {_OLD});
        INSERT INTO posts_trigrams(posts_trigrams, rowid, {_INDEXED}) VALUES ('delete', old.rowid, {_OLD});
        INSERT INTO posts_fts(rowid, {_INDEXED}) VALUES (new.rowid, {_NEW});
        INSERT INTO posts_trigrams(rowid, {_INDEXED}) VALUES (new.rowid, {_NEW});
    END
    """,
)

SCHEMA_VERSION = 1
"""The number of migrations: the ``user_version`` of an archive; a higher one is from a newer archiver."""
