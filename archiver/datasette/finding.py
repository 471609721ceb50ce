"""The search page: words, filters, pages; in bounded time whatever the size of the archive."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from archiver.datasette.reading import CARD, cards
from archiver.datasette.rows import GONE, Row, limited, marks, rows
from archiver.query import condition, terms

__all__ = ["PAGE", "Asked", "asked", "find", "found_keys"]

PAGE = 20
_COUNTED = 10_000
"""As far as results are counted; what is more is "more than"."""
_SORTED = 1_000
"""As many results are sorted by how often they are quoted; of more, those added last come first."""
_MILLISECONDS = 700
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
    """A page of results as cards, ``total`` (None where counting took too long), whether there is
    ``more``, and whether the search was ``cut`` because it took too long."""
    answer: Row = {"cards": [], "total": None, "more": False, "cut": False, "is_sorted": False}
    frm, values = _from(wanted)
    try:
        with limited(conn, _MILLISECONDS):
            counted = f"SELECT count(*) FROM (SELECT 1 {frm} LIMIT {_COUNTED + 1})"
            answer["total"] = conn.execute(counted, values).fetchone()[0]
    except sqlite3.OperationalError:
        answer["total"] = None
    answer["is_over"] = (answer["total"] or 0) > _COUNTED
    few = answer["total"] is not None and answer["total"] <= _SORTED
    answer["is_sorted"] = bool(wanted.words) and few
    sql = f"SELECT {CARD} {frm} {_order(wanted, few)} LIMIT ? OFFSET ?"
    try:
        with limited(conn, _MILLISECONDS):
            found = rows(conn, sql, *values, size + 1, wanted.start)
    except sqlite3.OperationalError:
        found, answer["cut"] = [], True
    answer["more"] = len(found) > size
    answer["cards"] = cards(conn, found[:size])
    return answer


def found_keys(conn: sqlite3.Connection, wanted: Asked, limit: int) -> list[str]:
    """The keys of the first results, in the order of the page."""
    return [row["id"] for row in find(conn, wanted, limit)["cards"]]


def _order(wanted: Asked, few: bool) -> str:
    if wanted.words:
        by_quotes = "posts.quote_count DESC, posts.posted_earliest DESC, posts.id"
        return f"ORDER BY {by_quotes}" if few else "ORDER BY found.rowid DESC"
    return "ORDER BY posts.posted_on DESC"


def _from(wanted: Asked) -> tuple[str, list[Any]]:
    """FROM and WHERE: one index of words leads where it can, the filters follow row by row."""
    conditions: list[str] = []
    values: list[Any] = []
    by_index: dict[str, list[str]] = {}
    for index, term in terms(wanted.words):
        if index:
            by_index.setdefault(index, []).append(term)
        else:
            sql, several = condition(index, term)
            conditions.append(sql)
            values += several
    leading = next(iter(by_index), "")
    for index, several in by_index.items():
        if index != leading:
            sql, more = condition(index, " AND ".join(several))
            conditions.append(sql)
            values += more
    narrowed, more = _narrowed(wanted)
    where, values = [*conditions, *narrowed], [*values, *more]
    if leading:
        frm = f"FROM {leading} AS found CROSS JOIN posts ON posts.rowid = found.rowid"
        where.insert(0, f"found.{leading} MATCH ?")
        values.insert(0, " AND ".join(by_index[leading]))
    else:
        frm = "FROM posts AS found JOIN posts ON posts.rowid = found.rowid" if wanted.words else "FROM posts"
    return f"{frm} WHERE {' AND '.join(where) or '1'}", values


def _narrowed(wanted: Asked) -> tuple[list[str], list[Any]]:
    conditions: list[str] = []
    values: list[Any] = []
    for sql, value in (
        ("posts.platform = ?", wanted.platform),
        ("posts.posted_on >= ?", wanted.since),
        ("posts.posted_on <= ?", wanted.until and wanted.until + _HIGH),
        ("posts.author IN (SELECT id FROM authors WHERE handle = ? COLLATE NOCASE)", wanted.author),
    ):
        if value:
            conditions.append(sql)
            values.append(value)
    if wanted.site:
        conditions.append(_BY_SITE_EACH if wanted.words else _BY_SITE)
        values.append(wanted.site)
    if wanted.state == "gone":
        conditions.append(f"posts.state IN ({marks(GONE)})")
        values += GONE
    elif wanted.state == "unchecked":
        conditions.append("posts.state IS NULL")
    elif wanted.state:
        conditions.append("posts.state = ?")
        values.append(wanted.state)
    return conditions, values


_BY_SITE = (
    "posts.id IN (SELECT quotes.post FROM articles CROSS JOIN quotes ON quotes.article = articles.id"
    " WHERE articles.site = ? LIMIT 20000)"
)
_BY_SITE_EACH = (
    "EXISTS (SELECT 1 FROM quotes JOIN articles ON articles.id = quotes.article"
    " WHERE quotes.post = posts.id AND articles.site = ?)"
)
