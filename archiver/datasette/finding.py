"""The search page: words, filters, pages; in bounded time whatever the size of the archive."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from archiver.datasette.reading import cards, posts_by_key
from archiver.datasette.rows import Row, limited, marks
from archiver.query import condition, terms
from archiver.tallies import GONE

__all__ = ["PAGE", "Asked", "asked", "find", "found_keys"]

PAGE = 20
_COUNTED = 1_000
"""As far as results are counted; what is more is "more than"."""
_SORTED = 3_000
"""As many results of words are sorted by how often they are quoted; of more, those added last come first."""
_MILLISECONDS = 900
_ARTICLES = 500
"""Of how many of a site's articles, the latest first, the quotes are looked through."""
_YEAR = re.compile(r"^\d{4}(?:-\d\d(?:-\d\d)?)?$")
_HIGH = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for. ``since`` and ``until``: a year, month or day, both included; ``state``: a
    state, ``gone`` for all that are, ``unchecked``; ``start``: how many results are passed over."""

    words: str = ""
    platform: str = ""
    site: str = ""
    author: str = ""
    state: str = ""
    since: str = ""
    until: str = ""
    start: int = 0

    def given(self) -> dict[str, Any]:
        """The parameters that say something, as an address has them."""
        named = {"q": self.words, **{name: value for name, value in asdict(self).items() if name != "words"}}
        return {name: value for name, value in named.items() if value}


def asked(given: Mapping[str, str]) -> Asked:
    """What an address asks for; what is no day is left out."""
    start = given.get("start", "")
    return Asked(
        words=given.get("q", "").strip()[:300],
        **{name: given.get(name, "").strip()[:200] for name in ("platform", "site", "state")},
        author=given.get("author", "").strip().lstrip("@")[:200],
        since=_day(given.get("since", "")),
        until=_day(given.get("until", "")),
        start=min(int(start), 100_000) if start.isascii() and start.isdigit() and len(start) < 9 else 0,
    )


def _day(value: str) -> str:
    return value.strip() if _YEAR.match(value.strip()) else ""


def find(conn: sqlite3.Connection, wanted: Asked, size: int = PAGE) -> Row:
    """A page of results as cards; ``total``, counted up to 1,000 (``is_over``); how they are ``sorted``:
    quoted, added or latest; whether there is ``more``, and whether the search was ``cut`` because it took
    too long; ``is_part`` where only the latest articles of a site were looked through."""
    answer: Row = {"cards": [], "total": 0, "is_over": False, "more": False, "cut": False}
    try:
        with limited(conn, _MILLISECONDS):
            keys, answer["sorted"], answer["is_part"] = _keys(conn, wanted)
    except sqlite3.OperationalError:
        return {**answer, "cut": True}
    answer["is_over"] = len(keys) > wanted.start + _COUNTED
    answer["total"] = wanted.start + _COUNTED if answer["is_over"] else len(keys)
    answer["more"] = len(keys) > wanted.start + size
    answer["cards"] = cards(conn, posts_by_key(conn, keys[wanted.start : wanted.start + size]))
    return answer


def found_keys(conn: sqlite3.Connection, wanted: Asked, limit: int) -> list[str]:
    """The keys of the first results, in the order of the page."""
    return [row["id"] for row in find(conn, wanted, limit)["cards"]]


def _keys(conn: sqlite3.Connection, wanted: Asked) -> tuple[list[str], str, bool]:
    """The keys of the results as far as they are counted, how they are sorted, and whether a part was
    looked through only.

    Rare words lead, and all they find is sorted. Of common words the index gives the rows in the order of
    their adding; where filters are asked too, these lead, along an index that is sorted by day.
    """
    spoken = terms(wanted.words)
    where, values = _narrowed(conn, wanted)
    if not spoken:
        if wanted.site and not where:
            return _of_site(conn, wanted), "latest", False
        if wanted.site:
            where, values = [*where, _BY_SITE], [*values, wanted.site]
        order = "posted_earliest" if wanted.author else "posted_on"
        sql = f"SELECT id FROM posts WHERE {' AND '.join(where) or '1'} ORDER BY {order} DESC LIMIT ?"
        return _first(conn, sql, wanted, values), "latest", bool(wanted.site)
    said, asked_for, hits = _words(conn, spoken)
    if hits <= _SORTED:
        if wanted.site:
            where, values = [*where, _BY_SITE_EACH], [*values, wanted.site]
        order = "quote_count DESC, posted_earliest DESC, id"
        sql = f"SELECT id FROM posts WHERE {' AND '.join([*said, *where])} ORDER BY {order} LIMIT ?"
        return _first(conn, sql, wanted, [*asked_for, *values]), "quoted", False
    if not where and not wanted.site:
        return _added(conn, wanted, spoken), "added", False
    if wanted.site:
        where, values = [_BY_SITE, *where], [wanted.site, *values]
    late = [sql.replace("posts.rowid IN", "+posts.rowid IN") for sql in said]
    sql = f"SELECT id FROM posts WHERE {' AND '.join([*where, *late])} ORDER BY posted_on DESC LIMIT ?"
    return _first(conn, sql, wanted, [*values, *asked_for]), "latest", bool(wanted.site)


def _first(conn: sqlite3.Connection, sql: str, wanted: Asked, values: list[Any]) -> list[str]:
    return [str(key) for (key,) in conn.execute(sql, (*values, wanted.start + _COUNTED + 1))]


def _words(conn: sqlite3.Connection, spoken: list[tuple[str, str]]) -> tuple[list[str], list[Any], int]:
    """Conditions for the words, one an index, their values, and how many posts the index of the first
    finds, as far as that matters."""
    by_index: dict[str, list[str]] = {}
    found: list[tuple[str, list[str]]] = []
    for index, term in spoken:
        if index:
            by_index.setdefault(index, []).append(term)
        else:
            found.append(condition(index, term))
    indexed = [condition(index, " AND ".join(several)) for index, several in by_index.items()]
    hits = _SORTED + 1
    for index, several in by_index.items():
        sql = f"SELECT count(*) FROM (SELECT 1 FROM {index} WHERE {index} MATCH ? LIMIT {_SORTED + 1})"
        hits = min(hits, conn.execute(sql, (" AND ".join(several),)).fetchone()[0])
    conditions = [*indexed, *found]
    return [sql for sql, _ in conditions], [value for _, values in conditions for value in values], hits


def _added(conn: sqlite3.Connection, wanted: Asked, spoken: list[tuple[str, str]]) -> list[str]:
    """What common words find, those added last first: straight from the index of the first word."""
    lead = next((index for index, _ in spoken if index), "")
    frm, where, values = "posts", ["1"], []
    if lead:
        frm = f"{lead} AS found CROSS JOIN posts ON posts.rowid = found.rowid"
        where, values = [f"found.{lead} MATCH ?"], [" AND ".join(t for index, t in spoken if index == lead)]
    for index, term in spoken:
        if not lead or index != lead:
            sql, several = condition(index, term)
            where, values = [*where, sql], [*values, *several]
    order = "found.rowid" if lead else "posts.rowid"
    sql = f"SELECT posts.id FROM {frm} WHERE {' AND '.join(where)} ORDER BY {order} DESC LIMIT ?"
    return _first(conn, sql, wanted, values)


def _of_site(conn: sqlite3.Connection, wanted: Asked) -> list[str]:
    """The posts that a site quotes, as its articles were published, the latest first."""
    cursor = conn.execute(_SITE_POSTS, (wanted.site,))
    found: dict[str, None] = {}
    for (key,) in cursor:
        found[str(key)] = None
        if len(found) > wanted.start + _COUNTED:
            break
    return list(found)


def _narrowed(conn: sqlite3.Connection, wanted: Asked) -> tuple[list[str], list[Any]]:
    """Conditions for the filters but the site. Where several states are asked for, the order by day is
    worth more than the index of states."""
    conditions: list[str] = []
    values: list[Any] = []
    for sql, value in (
        ("posts.platform = ?", wanted.platform),
        ("posts.posted_on >= ?", wanted.since),
        ("posts.posted_on <= ?", wanted.until and wanted.until + _HIGH),
        ("posts.state = ?", wanted.state if wanted.state not in ("gone", "unchecked") else ""),
    ):
        if value:
            conditions.append(sql)
            values.append(value)
    if wanted.author:
        sql = "SELECT id FROM authors WHERE handle = ? COLLATE NOCASE LIMIT 50"
        keys = [key for (key,) in conn.execute(sql, (wanted.author,))]
        conditions.append(f"posts.author IN ({marks(keys)})" if len(keys) != 1 else "posts.author = ?")
        values += keys
    if wanted.state == "gone":
        conditions.append(f"+posts.state IN ({marks(GONE)})")
        values += GONE
    elif wanted.state == "unchecked":
        conditions.append("+posts.state IS NULL")
    return conditions, values


_BY_SITE = (
    "posts.id IN (SELECT quotes.post FROM (SELECT id FROM articles WHERE site = ?"
    f" ORDER BY published_on DESC LIMIT {_ARTICLES}) AS latest"
    " CROSS JOIN quotes ON quotes.article = latest.id)"
)
_BY_SITE_EACH = (
    "EXISTS (SELECT 1 FROM quotes JOIN articles ON articles.id = quotes.article"
    " WHERE quotes.post = posts.id AND articles.site = ?)"
)
_SITE_POSTS = (
    "SELECT quotes.post FROM articles CROSS JOIN quotes ON quotes.article = articles.id"
    " WHERE articles.site = ? ORDER BY articles.published_on DESC"
)
