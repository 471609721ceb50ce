"""The search page: words, filters, pages; in bounded time whatever the size of the archive."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from archiver.datasette.reading import cards, posts_by_key
from archiver.datasette.rows import Row, limited, marks
from archiver.query import condition, terms
from archiver.verdicts import GONE

__all__ = ["PAGE", "SORTS", "Asked", "asked", "find", "found_keys"]

PAGE = 20
_COUNTED = 1_000
"""As far as results are counted; what is more is "more than"."""
_SORTED = 3_000
"""As many results of words are sorted as a whole. Of more, those added last are sorted by relevance; a walk
along the days finds the latest."""
_MILLISECONDS = 900
_WALK = 200
_ARTICLES = 300
"""Of how many of a site's articles, the latest first, the quotes are looked through."""
_YEAR = re.compile(r"^\d{4}(?:-\d\d(?:-\d\d)?)?$")
_HIGH = "\U0010ffff"
SORTS = {"relevance": "relevance", "latest": "date, latest first", "quoted": "number of quotes"}
"""What results can be sorted by, as the page calls it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for. ``since`` and ``until``: a year, month or day, both included; ``state``: a
    state, ``gone`` for all that are, ``unchecked``; ``sort``: one of `SORTS`, or nothing: by relevance
    where there are words, else by date; ``start``: how many results are passed over."""

    words: str = ""
    platform: str = ""
    site: str = ""
    author: str = ""
    state: str = ""
    since: str = ""
    until: str = ""
    sort: str = ""
    start: int = 0

    def given(self) -> dict[str, Any]:
        """The parameters that say something, as an address has them."""
        named = {"q": self.words, **{name: value for name, value in asdict(self).items() if name != "words"}}
        return {name: value for name, value in named.items() if value}


def asked(given: Mapping[str, str]) -> Asked:
    """What an address asks for; what is no day is left out. ``year`` stands for both ends of the period."""
    start, year = given.get("start", ""), _day(given.get("year", ""))
    sort = given.get("sort", "")
    return Asked(
        words=given.get("q", "").strip()[:300],
        **{name: given.get(name, "").strip()[:200] for name in ("platform", "site", "state")},
        author=given.get("author", "").strip().lstrip("@")[:200],
        since=year or _day(given.get("since", "")),
        until=year or _day(given.get("until", "")),
        sort=sort if sort in SORTS else "",
        start=min(int(start), 100_000) if start.isascii() and start.isdigit() and len(start) < 9 else 0,
    )


def _day(value: str) -> str:
    return value.strip() if _YEAR.match(value.strip()) else ""


def find(conn: sqlite3.Connection, wanted: Asked, size: int = PAGE) -> Row:
    """A page of results as cards; ``total``, counted up to 1,000 (``is_over``); how they are ``sorted``:
    one of `SORTS`, ``best-of-added`` (by relevance, of those added last) or ``added``; whether there is
    ``more``, and whether the search was ``cut`` because it took too long; ``is_part`` where only the latest
    articles of a site were looked through."""
    answer: Row = {"cards": [], "total": 0, "is_over": False, "more": False, "cut": False}
    found = _in_time(conn, wanted)
    if found is None:
        return {**answer, "cut": True}
    keys, answer["sorted"], answer["is_part"] = found
    answer["is_over"] = len(keys) > wanted.start + _COUNTED
    answer["total"] = wanted.start + _COUNTED if answer["is_over"] else len(keys)
    answer["more"] = len(keys) > wanted.start + size
    answer["cards"] = cards(conn, posts_by_key(conn, keys[wanted.start : wanted.start + size]))
    return answer


def _in_time(conn: sqlite3.Connection, wanted: Asked) -> tuple[list[str], str, bool] | None:
    """What `_keys` gives; None where it takes too long. To sort by quotes, an index is walked that filters
    do not shorten: what takes long so is sorted by date."""
    if wanted.sort == "quoted":
        try:
            with limited(conn, _WALK):
                return _keys(conn, wanted)
        except sqlite3.OperationalError:
            wanted = replace(wanted, sort="latest")
    try:
        with limited(conn, _MILLISECONDS):
            return _keys(conn, wanted)
    except sqlite3.OperationalError:
        return None


def found_keys(conn: sqlite3.Connection, wanted: Asked, limit: int) -> list[str]:
    """The keys of the first results, in the order of the page."""
    return [row["id"] for row in find(conn, wanted, limit)["cards"]]


def _keys(conn: sqlite3.Connection, wanted: Asked) -> tuple[list[str], str, bool]:
    """The keys of the results as far as they are counted, how they are sorted, and whether a part was
    looked through only.

    Rare words lead, and all they find is sorted. Of common words the index gives the rows in the order of
    their adding; where filters are asked too, these lead, along an index that is sorted by day.
    """
    said = _Words.of(wanted.words)
    where, values = _narrowed(conn, wanted)
    sort = wanted.sort if wanted.sort and (said.can_rank or wanted.sort != "relevance") else ""
    if not said.terms:
        return _wordless(conn, wanted, where, values, sort)
    newest = said.newest(conn) if said.can_rank else []
    if said.can_rank and len(newest) <= _SORTED:
        if wanted.site:
            where, values = [*where, _BY_SITE_EACH], [*values, wanted.site]
        sort = sort or "relevance"
        return _ranked(conn, wanted, said, where, values, _ORDERS[sort]), sort, False
    if not where and not wanted.site and sort in ("", "relevance"):
        return _added(conn, wanted, said, newest)
    if wanted.site:
        where, values = [_BY_SITE, *where], [wanted.site, *values]
    late = [sql.replace("posts.rowid IN", "+posts.rowid IN") for sql, _ in said.conditions]
    asked_for = [value for _, several in said.conditions for value in several]
    sort = "quoted" if sort == "quoted" else "latest"
    order = "quote_count" if sort == "quoted" else "posted_on"
    sql = f"SELECT id FROM posts WHERE {' AND '.join([*where, *late])} ORDER BY {order} DESC LIMIT ?"
    return _first(conn, sql, wanted, [*values, *asked_for]), sort, bool(wanted.site)


_ORDERS = {
    "relevance": "{rank}, posts.quote_count DESC, posts.id",
    "quoted": "posts.quote_count DESC, posts.posted_earliest DESC, posts.id",
    "latest": "posts.posted_earliest DESC, posts.id",
}


def _wordless(
    conn: sqlite3.Connection, wanted: Asked, where: list[str], values: list[Any], sort: str
) -> tuple[list[str], str, bool]:
    """All posts that the filters leave, the latest or the most quoted first."""
    if wanted.site and not where and sort != "quoted":
        return _of_site(conn, wanted), "latest", False
    if wanted.site:
        where, values = [*where, _BY_SITE], [*values, wanted.site]
    order = "posted_earliest" if wanted.author else "posted_on"
    if sort == "quoted":
        order = "quote_count"
    sql = f"SELECT id FROM posts WHERE {' AND '.join(where) or '1'} ORDER BY {order} DESC LIMIT ?"
    name = "quoted" if order == "quote_count" else "latest"
    return _first(conn, sql, wanted, values), name, bool(wanted.site)


def _first(conn: sqlite3.Connection, sql: str, wanted: Asked, values: list[Any]) -> list[str]:
    return [str(key) for (key,) in conn.execute(sql, (*values, wanted.start + _COUNTED + 1))]


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a search. ``lead``: the index that answers for the first of them, with what it is
    asked; ``rest``: conditions for the others, with their values."""

    terms: tuple[tuple[str, str], ...]
    lead: tuple[str, str]
    rest: tuple[tuple[str, list[str]], ...]

    @classmethod
    def of(cls, words: str) -> _Words:
        spoken = terms(words)
        by_index: dict[str, list[str]] = {}
        rest = [condition(index, term) for index, term in spoken if not index]
        for index, term in spoken:
            if index:
                by_index.setdefault(index, []).append(term)
        asked_for = [(index, " AND ".join(several)) for index, several in by_index.items()]
        rest = [*(condition(*one) for one in asked_for[1:]), *rest]
        return cls(tuple(spoken), asked_for[0] if asked_for else ("", ""), tuple(rest))

    @property
    def can_rank(self) -> bool:
        """Whether there is an index that knows how well a post fits."""
        return bool(self.lead[0])

    @property
    def conditions(self) -> list[tuple[str, list[str]]]:
        """All words as conditions on posts."""
        return [*([condition(*self.lead)] if self.can_rank else []), *self.rest]

    def newest(self, conn: sqlite3.Connection) -> list[int]:
        """The rowids of posts that the leading index finds, those added last first, as far as they are
        sorted, and one more."""
        index, term = self.lead
        sql = f"SELECT rowid FROM {index} WHERE {index} MATCH ? ORDER BY rowid DESC LIMIT {_SORTED + 1}"
        return [int(rowid) for (rowid,) in conn.execute(sql, (term,))]


def _ranked(
    conn: sqlite3.Connection, wanted: Asked, said: _Words, where: list[str], values: list[Any], order: str
) -> list[str]:
    """What the leading index finds, sorted as a whole; ``{rank}`` in the order is how well a post fits
    (bm25, the best lowest)."""
    index, term = said.lead
    parts = [f"{index} MATCH ?", *(sql for sql, _ in said.rest), *where]
    asked_for = [term, *(value for _, several in said.rest for value in several), *values]
    sql = (
        f"SELECT posts.id FROM {index} CROSS JOIN posts ON posts.rowid = {index}.rowid"
        f" WHERE {' AND '.join(parts)} ORDER BY {order.format(rank=f'bm25({index})')} LIMIT ?"
    )
    return _first(conn, sql, wanted, asked_for)


def _added(
    conn: sqlite3.Connection, wanted: Asked, said: _Words, newest: list[int]
) -> tuple[list[str], str, bool]:
    """What common words find: of the posts that were added last, those that fit best; where beginnings of
    words are asked, whose rank takes long, or no index knows them, those added last."""
    index, term = said.lead
    if index and "*" not in term:
        late = [f"{index}.rowid >= ?"]
        found = _ranked(conn, wanted, said, late, [newest[-1]], _ORDERS["relevance"])
        return found, "best-of-added", False
    where = [f"rowid IN ({', '.join(map(str, newest))})"] if index else ["1"]
    where += [sql for sql, _ in said.rest]
    values = [value for _, several in said.rest for value in several]
    sql = f"SELECT id FROM posts WHERE {' AND '.join(where)} ORDER BY rowid DESC LIMIT ?"
    return _first(conn, sql, wanted, values), "added", False


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
