"""The indexes of an archive: those that serve filters and charts, and those that find words."""

from __future__ import annotations

__all__ = ["INDEXES", "SEARCH"]

# An index that serves a filter ends in what the rows are sorted by. What Datasette counts and charts is
# read from indexes alone.
INDEXES = (
    "CREATE INDEX articles_missing ON articles(missing, id) WHERE missing > 0",
    "CREATE INDEX articles_site ON articles(site, id)",
    "CREATE INDEX articles_site_day ON articles(site, published_on)",
    "CREATE INDEX authors_quote_count ON authors(quote_count)",
    "CREATE INDEX authors_handle ON authors(handle COLLATE NOCASE)",
    "CREATE INDEX captures_article ON captures(article, id)",
    "CREATE INDEX captures_article_key ON captures(article_key)",
    "CREATE INDEX captures_outcome ON captures(outcome, id)",
    "CREATE INDEX captures_origin ON captures(origin)",
    "CREATE INDEX captures_sha256 ON captures(sha256)",
    "CREATE INDEX sources_source ON sources(source, stamp)",
    "CREATE INDEX posts_author_id ON posts(author, id)",
    "CREATE INDEX posts_author_handle ON posts(author_handle, id)",
    "CREATE INDEX posts_author ON posts(author, posted_earliest, quote_count)",
    "CREATE INDEX posts_platform ON posts(platform, id)",
    "CREATE INDEX posts_platform_quoted ON posts(platform, quote_count, posted_earliest)",
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
    "CREATE INDEX quotes_author_handle ON quotes(author_handle, id)",
    "CREATE INDEX quotes_article ON quotes(article, position, platform, author_handle, post)",
    "CREATE INDEX quotes_form ON quotes(form, id, post)",
    "CREATE INDEX quotes_capture ON quotes(capture)",
    "CREATE INDEX sightings_quote ON sightings(quote)",
    "CREATE INDEX quotations_kind ON quotations(kind, quote)",
    "CREATE INDEX flags_quote ON flags(quote)",
    "CREATE INDEX flags_post ON flags(post)",
    "CREATE INDEX flags_code ON flags(code)",
    "CREATE INDEX notes_code ON notes(code)",
    "CREATE INDEX checks_post ON checks(post, checked_at)",
    "CREATE INDEX copies_post ON copies(post, archived_at)",
    "CREATE INDEX recovered_post ON recovered(post, name)",
    "CREATE INDEX recovered_subject ON recovered(subject, name)",
    "CREATE INDEX media_post ON media(post)",
    "CREATE INDEX media_sha256 ON media(sha256)",
    "CREATE INDEX searches_post ON searches(post, method)",
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
SEARCH = (
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
