"""The views of an archive, for people. ``data/columns.json`` tells what every column means."""

from __future__ import annotations

from archiver.verdicts import GONE

__all__ = ["CONFLICTS", "VIEWS"]

CONFLICTS = ("other-id", "other-text", "translated-text", "other-handle", "other-day", "other-copy")
"""The codes of flags that say that a quote is not as other copies of its post are."""

_CONFLICTS = ", ".join(f"'{code}'" for code in CONFLICTS)
_GONE = ", ".join(f"'{state}'" for state in GONE)

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
    f"""
    CREATE VIEW lost_posts AS
    SELECT
        id AS post, platform, author_name, author_handle, text, posted_on, posted_at, state,
        checked_at, url, quote_count
    FROM posts
    WHERE state IN ({_GONE})
    """,
    f"""
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
    WHERE flags.code IN ({_CONFLICTS})
    """,
    """
    CREATE VIEW disappeared_quotes AS
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
    FROM articles
    CROSS JOIN captures AS latest ON latest.id = (
        SELECT id FROM captures WHERE captures.article = articles.id AND outcome IN ('kept', 'empty')
        ORDER BY captured_at DESC, id DESC LIMIT 1
    )
    CROSS JOIN quotes ON quotes.article = articles.id
    WHERE articles.missing > 0
    AND NOT EXISTS (
        SELECT 1 FROM sightings WHERE sightings.quote = quotes.id AND sightings.capture = latest.id
    )
    AND NOT EXISTS (
        SELECT 1 FROM quotes AS still JOIN sightings ON sightings.quote = still.id
        WHERE still.post = quotes.post AND sightings.capture = latest.id AND still.article = quotes.article
    )
    """,
    """
    CREATE VIEW quote_changes AS
    WITH versions AS NOT MATERIALIZED (
        SELECT captures.id, captures.article, captures.captured_at, (
            SELECT earlier.id FROM captures AS earlier
            WHERE earlier.article = captures.article AND earlier.outcome IN ('kept', 'empty')
            AND (earlier.captured_at, earlier.id) < (captures.captured_at, captures.id)
            ORDER BY earlier.captured_at DESC, earlier.id DESC LIMIT 1
        ) AS previous
        FROM (
            SELECT article FROM captures WHERE article IS NOT NULL GROUP BY article HAVING count(*) > 1
        ) AS several
        CROSS JOIN captures ON captures.article = several.article
        WHERE captures.outcome IN ('kept', 'empty')
    )
    SELECT
        versions.id AS capture,
        'removed' AS change,
        quotes.post,
        NULL AS quote,
        quotes.id AS quote_before,
        versions.captured_at,
        versions.article,
        articles.title AS article_title,
        articles.site,
        articles.url AS article_url,
        NULL AS text,
        quotes.text AS text_before
    FROM versions
    CROSS JOIN sightings ON sightings.capture = versions.previous
    CROSS JOIN quotes ON quotes.id = sightings.quote
    CROSS JOIN articles ON articles.id = versions.article
    WHERE NOT EXISTS (
        SELECT 1 FROM sightings AS after JOIN quotes AS now ON now.id = after.quote
        WHERE after.capture = versions.id AND (
            now.id = quotes.id OR now.post = quotes.post AND NOT EXISTS (
                SELECT 1 FROM sightings AS before
                WHERE before.capture = versions.previous AND before.quote = now.id
            )
        )
    )
    UNION ALL
    SELECT
        shown.capture,
        CASE WHEN shown.quote_before IS NULL THEN 'added' ELSE 'altered' END AS change,
        shown.post,
        shown.quote,
        shown.quote_before,
        shown.captured_at,
        shown.article,
        articles.title AS article_title,
        articles.site,
        articles.url AS article_url,
        shown.text,
        before.text AS text_before
    FROM (
        SELECT versions.id AS capture, versions.article, versions.captured_at, quotes.post,
            quotes.id AS quote, quotes.text, (
                SELECT min(old.id) FROM sightings JOIN quotes AS old ON old.id = sightings.quote
                WHERE sightings.capture = versions.previous AND old.post = quotes.post
                AND NOT EXISTS (
                    SELECT 1 FROM sightings AS still
                    WHERE still.capture = versions.id AND still.quote = old.id
                )
            ) AS quote_before
        FROM versions
        CROSS JOIN sightings ON sightings.capture = versions.id
        CROSS JOIN quotes ON quotes.id = sightings.quote
        WHERE versions.previous IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM sightings AS before
            WHERE before.capture = versions.previous AND before.quote = sightings.quote
        )
    ) AS shown
    CROSS JOIN articles ON articles.id = shown.article
    LEFT JOIN quotes AS before ON before.id = shown.quote_before
    """,
    """
    CREATE VIEW most_quoted AS
    SELECT
        id AS post, platform, author_name, author_handle, text, posted_on, url, quote_count
    FROM posts
    WHERE quote_count > 0
    ORDER BY quote_count DESC, posted_earliest DESC
    """,
    """
    CREATE VIEW lifetimes AS
    SELECT
        posts.id AS post,
        posts.platform,
        posts.language,
        (SELECT articles.site FROM quotes JOIN articles ON articles.id = quotes.article
            WHERE quotes.post = posts.id
            ORDER BY articles.published_on IS NULL, articles.published_on, quotes.id LIMIT 1) AS site,
        substr(posts.posted_on, 1, 4) AS year,
        (SELECT max(kind) FROM quotes WHERE quotes.post = posts.id) AS kind,
        coalesce(posts.posted_at, posts.posted_earliest) AS posted,
        (SELECT min(articles.published_on) FROM quotes JOIN articles ON articles.id = quotes.article
            WHERE quotes.post = posts.id) AS quoted_on,
        (SELECT max(checked_at) FROM checks WHERE post = posts.id AND state = 'live') AS last_live,
        (SELECT min(checked_at) FROM checks
            WHERE post = posts.id AND state IN ('deleted', 'suspended', 'private', 'unavailable')
            AND checked_at > coalesce(
                (SELECT max(checked_at) FROM checks WHERE post = posts.id AND state = 'live'), ''
            )) AS first_gone
    FROM posts
    WHERE EXISTS (
        SELECT 1 FROM checks
        WHERE post = posts.id AND state IN ('live', 'deleted', 'suspended', 'private', 'unavailable')
    )
    """,
)
