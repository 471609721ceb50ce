"""The views of an archive, for people. ``data/columns.json`` tells what every column means."""

from __future__ import annotations

__all__ = ["VIEWS"]

VIEWS = (
    """
    CREATE VIEW quoted_posts AS
    SELECT
        quotes.id AS quote,
        posts.id AS post,
        posts.platform,
        posts.author_name,
        posts.author_handle,
        posts.text,
        posts.posted_on,
        posts.posted_at,
        posts.url AS post_url,
        posts.state,
        articles.title AS article_title,
        articles.site,
        articles.url AS article_url,
        articles.published_on,
        quotes.kind,
        quotes.form,
        quotes.position,
        quotes.author_name AS name_written,
        quotes.author_handle AS handle_written,
        quotes.text AS text_written,
        quotes.date_written,
        quotes.context_before,
        quotes.context_after,
        quotes.confidence,
        (SELECT group_concat(code, ' ') FROM (
            SELECT code FROM flags WHERE flags.quote = quotes.id ORDER BY code
        )) AS flags,
        captures.origin AS source,
        captures.captured_at,
        quotes.article
    FROM quotes
    JOIN posts ON posts.id = quotes.post
    JOIN articles ON articles.id = quotes.article
    JOIN captures ON captures.id = quotes.capture
    """,
    """
    CREATE VIEW lost_posts AS
    SELECT
        id AS post, platform, author_name, author_handle, text, posted_on, posted_at, state,
        checked_at, url, quote_count
    FROM posts
    WHERE state IN ('deleted', 'suspended', 'private', 'unavailable')
    """,
    """
    CREATE VIEW conflicting_quotes AS
    SELECT
        posts.id AS post,
        quotes.id AS quote,
        flags.code,
        flags.detail AS difference,
        articles.site,
        articles.url AS article_url,
        posts.text,
        quotes.text AS text_written,
        posts.author_handle,
        quotes.author_handle AS handle_written,
        posts.posted_on,
        quotes.written_on,
        posts.text_sites
    FROM flags
    JOIN quotes ON quotes.id = flags.quote
    JOIN posts ON posts.id = quotes.post
    JOIN articles ON articles.id = quotes.article
    WHERE flags.code IN (
        'other-id', 'other-text', 'translated-text', 'other-handle', 'other-day', 'other-copy'
    )
    """,
    """
    CREATE VIEW disappeared_quotes AS
    WITH latest AS (
        SELECT article, id, captured_at, max(captured_at || id) FROM captures
        WHERE article IS NOT NULL AND outcome IN ('kept', 'empty') GROUP BY article
    )
    SELECT
        quotes.id AS quote,
        quotes.post,
        quotes.article,
        articles.title AS article_title,
        articles.site,
        articles.url AS article_url,
        quotes.author_name,
        quotes.author_handle,
        quotes.text,
        quotes.date_written,
        (SELECT max(captures.captured_at) FROM sightings JOIN captures ON captures.id = sightings.capture
            WHERE sightings.quote = quotes.id) AS last_shown_at,
        latest.captured_at AS missing_at,
        latest.id AS capture
    FROM quotes
    JOIN articles ON articles.id = quotes.article
    JOIN latest ON latest.article = quotes.article
    WHERE NOT EXISTS (
        SELECT 1 FROM sightings WHERE sightings.quote = quotes.id AND sightings.capture = latest.id
    )
    AND NOT EXISTS (
        SELECT 1 FROM quotes AS still JOIN sightings ON sightings.quote = still.id
        WHERE still.post = quotes.post AND sightings.capture = latest.id AND still.article = quotes.article
    )
    """,
    """
    CREATE VIEW most_quoted AS
    SELECT
        id AS post, platform, author_name, author_handle, text, posted_on, url, quote_count
    FROM posts
    WHERE quote_count > 0
    ORDER BY quote_count DESC, posted_earliest DESC
    """,
)
