"""What the pages of posts, articles and authors show: SQL, and nothing of how it looks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from archiver import provenance
from archiver.datasette.rows import Row, counts, marks, one, rows

__all__ = ["CARD", "article", "author", "cards", "heir", "lately", "names", "post", "posts_by_key"]

CARD = (
    "posts.id, posts.platform, posts.native_id, posts.url, posts.author, posts.author_name,"
    " posts.author_handle, posts.text, posts.text_state, posts.language, posts.posted_on, posts.posted_at,"
    " posts.posted_earliest, posts.posted_latest, posts.time_basis, posts.state, posts.checked_at,"
    " posts.filled_from, posts.quote_count, posts.first_seen, posts.last_seen"
)
"""The columns of a post that a card is made of."""

_MOST = 200
_PAGE = 25
_FEW = 3
_EVIDENCE = 20
_LATEST = 400
"""Of how many of an author's posts it is counted who quotes them: more would not be there at once."""


def heir(conn: sqlite3.Connection, key: str) -> str | None:
    """The key that a post has now: itself, or what took it over; None where it is nowhere."""
    if one(conn, "SELECT id FROM posts WHERE id = ?", key):
        return key
    found = one(conn, "SELECT post FROM aliases WHERE alias = ?", key)
    return str(found["post"]) if found else None


def posts_by_key(conn: sqlite3.Connection, keys: Iterable[str]) -> list[Row]:
    """The posts of some keys, in the order of the keys, each once."""
    wanted = list(dict.fromkeys(keys))
    found: dict[str, Row] = {}
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        sql = f"SELECT {CARD} FROM posts WHERE id IN ({marks(part)})"
        found |= {row["id"]: row for row in rows(conn, sql, *part)}
    return [found[key] for key in wanted if key in found]


def cards(conn: sqlite3.Connection, found: list[Row]) -> list[Row]:
    """Posts with ``places``, the first few articles that quote each."""
    for row in found:
        row["places"] = rows(conn, _PLACES, row["id"], _FEW)
    return found


def lately(conn: sqlite3.Connection, limit: int) -> list[Row]:
    """The posts that were added last."""
    return cards(conn, rows(conn, f"SELECT {CARD} FROM posts ORDER BY rowid DESC LIMIT ?", limit))


def post(conn: sqlite3.Connection, key: str) -> Row | None:
    """A post with all that belongs to it."""
    found = one(conn, f"SELECT {CARD} FROM posts WHERE id = ?", key)
    if found is None:
        return None
    found["quotes"] = rows(conn, _QUOTES, key, _MOST)
    found["links"] = _links(conn, found["quotes"])
    found["flags"] = rows(conn, _FLAGS, key)
    found["aliases"] = [row["alias"] for row in rows(conn, _ALIASES, key)]
    found["checks"] = rows(conn, _CHECKS, key)
    found["copies"] = rows(conn, _COPIES, key)
    found["redaction"] = one(conn, "SELECT reason, created_at FROM redactions WHERE post = ?", key)
    by_quote: dict[str | None, list[Row]] = {}
    for flag in found["flags"]:
        by_quote.setdefault(flag["quote"], []).append(flag)
    for quote in found["quotes"]:
        quote["flags"] = by_quote.get(quote["id"], [])
    _with_quotations(conn, found["quotes"])
    for quote in found["quotes"][:_EVIDENCE]:
        quote["fields"] = provenance.annotated(quote, {})["fields"]
    found["sites"] = sorted({quote["site"] for quote in found["quotes"] if quote["site"]})
    return found


def _with_quotations(conn: sqlite3.Connection, quotes: list[Row]) -> None:
    """Adds to each quote its ``quotations``: where the prose of its article quotes the post as well."""
    known = {quote["id"]: quote for quote in quotes}
    for quote in quotes:
        quote["quotations"] = []
    keys = list(known)
    sql = f"SELECT quote, {_SAID} FROM quotations WHERE quote IN ({marks(keys)}) ORDER BY quote, position"
    for row in rows(conn, sql, *keys):
        known[row["quote"]]["quotations"].append(row)


def _links(conn: sqlite3.Connection, quotes: list[Row]) -> list[Row]:
    keys = [quote["id"] for quote in quotes[:20]]
    sql = f"SELECT DISTINCT kind, text, url, expanded_url FROM links WHERE quote IN ({marks(keys)})"
    return rows(conn, sql, *keys)


def article(conn: sqlite3.Connection, key: str) -> Row | None:
    """An article with its quotes in order, its captures, and what its latest capture no longer shows."""
    found = one(conn, _ARTICLE, key)
    if found is None:
        return None
    found["captures"] = rows(conn, _CAPTURES, key, _MOST)
    found["quotes"] = rows(conn, _IN_ARTICLE, key, _MOST)
    read = [row for row in found["captures"] if row["outcome"] in ("kept", "empty", "partial")]
    latest = max(read, key=lambda row: (row["captured_at"], row["id"]), default=None)
    shown = (
        {row["quote"] for row in rows(conn, "SELECT quote FROM sightings WHERE capture = ?", latest["id"])}
        if latest
        else set()
    )
    still = {quote["post"] for quote in found["quotes"] if quote["id"] in shown}
    for quote in found["quotes"]:
        quote["is_missing"] = len(read) > 1 and quote["post"] not in still
        quote["flags"] = rows(conn, "SELECT code, detail FROM flags WHERE quote = ?", quote["id"])
    _with_quotations(conn, found["quotes"])
    found["latest"] = latest
    found["notes"] = rows(conn, _NOTES, key, _MOST)
    return found


def author(conn: sqlite3.Connection, key: str, start: int = 0) -> Row | None:
    """An account: its names through time, a page of its posts (the latest first), who quotes it."""
    found = one(conn, "SELECT id, platform, handle, name, url FROM authors WHERE id = ?", key)
    if found is None:
        return None
    found["posts"] = cards(conn, rows(conn, _BY_AUTHOR, key, _PAGE + 1, start))
    found["next"] = start + _PAGE if len(found["posts"]) > _PAGE else None
    del found["posts"][_PAGE:]
    found["number"] = one(conn, _NUMBER, key)
    found["years"] = counts(conn, _YEARS, key)
    found["names"] = rows(conn, _NAMES, key, _LATEST)
    found["sites"] = rows(conn, _QUOTED_BY, key, _LATEST)
    found["is_part"] = found["number"]["posts"] > _LATEST
    return found


def names(conn: sqlite3.Connection, kind: str, keys: Iterable[str]) -> dict[str, Row]:
    """What keys of posts, articles or authors stand for: key -> its row. ``kind`` is the name of a
    column that holds them."""
    wanted = sorted(set(keys))[:1000]
    columns, table = _NAMED[kind]
    sql = f"SELECT id, {columns} FROM {table} WHERE id IN ({marks(wanted)})"
    return {row["id"]: row for row in rows(conn, sql, *wanted)}


_NAMED = {
    "post": ("author_name, author_handle, posted_on, posted_at, posted_earliest, posted_latest", "posts"),
    "article": ("title, site, url", "articles"),
    "author": ("name, handle", "authors"),
}


_PLACES = (
    "SELECT DISTINCT articles.id, articles.title, articles.site, articles.url, articles.published_on"
    " FROM quotes JOIN articles ON articles.id = quotes.article WHERE quotes.post = ? LIMIT ?"
)
_SAID = "kind, text, sentence, signs, place, span_start, span_end"
_WORDS: tuple[Any, ...] = (
    "quotes.id, quotes.article, quotes.post, quotes.kind, quotes.form, quotes.position,",
    " quotes.author_name, quotes.author_handle, quotes.text, quotes.text_state, quotes.language,",
    " quotes.date_written, quotes.written_on, quotes.url_written, quotes.context_before,",
    " quotes.context_after, quotes.place, quotes.confidence, quotes.capture",
)
_QUOTES = (
    f"SELECT {''.join(_WORDS)}, quotes.fragment, quotes.evidence, quotes.span_start,"
    " quotes.extractor_version, articles.title, articles.site, articles.url AS article_url,"
    " articles.published_on, captures.origin, captures.captured_at, captures.captured_by, captures.sha256,"
    " captures.media_type, captures.container, captures.record_offset FROM quotes"
    " JOIN articles ON articles.id = quotes.article JOIN captures ON captures.id = quotes.capture"
    " WHERE quotes.post = ? ORDER BY articles.published_on IS NULL, articles.published_on,"
    " quotes.article, quotes.position, quotes.id LIMIT ?"
)
_FLAGS = (
    "SELECT flags.quote, flags.code, flags.detail FROM flags WHERE flags.post = ?"
    " ORDER BY flags.code, flags.id"
)
_ALIASES = "SELECT alias FROM aliases WHERE post = ? ORDER BY alias"
_CHECKS = (
    "SELECT checked_at, method, state, http_status, because FROM checks WHERE post = ?"
    " ORDER BY checked_at, method"
)
_COPIES = (
    "SELECT archive, url, archived_at, found_at, kind, shows FROM copies WHERE post = ?"
    " ORDER BY kind <> 'post', shows IS NOT 1, archived_at, url"
)
_ARTICLE = (
    "SELECT id, url, title, site, byline, published_on, language, first_seen, last_seen"
    " FROM articles WHERE id = ?"
)
_CAPTURES = (
    "SELECT id, captured_at, captured_by, read_at, origin, sha256, media_type, http_status, outcome, reason,"
    " extractor_version FROM captures WHERE article = ? ORDER BY captured_at DESC, id LIMIT ?"
)
_IN_ARTICLE = (
    f"SELECT {''.join(_WORDS)}, posts.state, posts.checked_at, posts.platform, posts.author,"
    " posts.author_name AS settled_name, posts.author_handle AS settled_handle, posts.text AS settled_text,"
    " posts.posted_on, posts.posted_at, posts.posted_earliest, posts.posted_latest, posts.time_basis,"
    " posts.quote_count FROM quotes JOIN posts ON posts.id = quotes.post WHERE quotes.article = ?"
    " ORDER BY quotes.position, quotes.id LIMIT ?"
)
_NOTES = (
    "SELECT notes.code, notes.place, notes.detail FROM notes JOIN captures ON captures.id = notes.capture"
    " WHERE captures.article = ? ORDER BY notes.capture, notes.position LIMIT ?"
)
_BY_AUTHOR = (
    f"SELECT {CARD} FROM posts WHERE posts.author = ? ORDER BY posts.posted_earliest DESC LIMIT ? OFFSET ?"
)
_NUMBER = (
    "SELECT count(*) AS posts, sum(quote_count) AS quotes, min(posted_earliest) AS first,"
    " max(posted_earliest) AS last FROM posts WHERE author = ?"
)
_YEARS = (
    "SELECT substr(posted_earliest, 1, 4), count(*) FROM posts WHERE author = ?"
    " AND posted_earliest IS NOT NULL GROUP BY 1 ORDER BY 1"
)
_SOME = "(SELECT id, author FROM posts WHERE author = ? ORDER BY posted_earliest DESC LIMIT ?) AS some"
_NAMES = (
    "SELECT quotes.author_name AS name, quotes.author_handle AS handle, count(*) AS quotes,"
    " min(quotes.posted_on) AS first, max(quotes.posted_on) AS last"
    f" FROM {_SOME} JOIN quotes ON quotes.post = some.id"
    " WHERE quotes.author_name IS NOT NULL OR quotes.author_handle IS NOT NULL"
    " GROUP BY 1, 2 ORDER BY 4 IS NULL, 4, 3 DESC LIMIT 40"
)
_QUOTED_BY = (
    f"SELECT articles.site, count(*) AS quotes, count(DISTINCT articles.id) AS articles FROM {_SOME}"
    " JOIN quotes ON quotes.post = some.id JOIN articles ON articles.id = quotes.article"
    " WHERE articles.site IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 12"
)
