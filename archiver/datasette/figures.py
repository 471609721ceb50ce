"""The figures of the home page: what the archive counts itself, row by row as it is written."""

from __future__ import annotations

import sqlite3

from archiver import survival
from archiver.datasette.rows import Row, counts, marks, rows
from archiver.survival import Curve
from archiver.verdicts import GONE

__all__ = ["figures", "kinds", "lasting"]

_TOP = 10
_ENOUGH, _CURVES = 20, 5
# Of more posts that were asked for, a curve is drawn of about so many, taken evenly; so many are looked at
# to find them, so many at once.
_MOST_LIVES, _MOST_TRIED, _CHUNK = 500, 5_000, 500


def figures(conn: sqlite3.Connection) -> Row:
    """All figures of an archive: numbers of rows, ``states``, ``platforms``, ``months``, ``sites``,
    ``authors``, ``flags``. As many steps as there are months and kinds, whatever the size."""
    by = {name: counts(conn, _COUNTS, name) for name in ("rows", "platform", "state", "flag", "outcome")}
    number = dict(by["rows"])
    states = dict(by["state"])
    months = rows(conn, _MONTHS)
    return {
        **{name: number.get(name, 0) for name in ("posts", "quotes", "articles", "captures", "notes")},
        "author_count": number.get("authors", 0),
        "site_count": conn.execute(_SITE_COUNT).fetchone()[0],
        "undated": number.get("posts", 0) - sum(row["posts"] for row in months),
        "states": states,
        "gone": sum(states.get(state, 0) for state in GONE),
        "checked": sum(states.values()),
        "platforms": by["platform"],
        "months": months,
        "authors": rows(conn, _AUTHORS, _TOP),
        "sites": rows(conn, _SITES, _TOP),
        "flags": by["flag"],
        "outcomes": dict(by["outcome"]),
        "missing": conn.execute(_MISSING).fetchone()[0],
    }


def lasting(conn: sqlite3.Connection, posts: int, checked: int) -> list[Curve]:
    """How long posts stay online, given the numbers of posts, and of those that were asked for: the curve of
    all, then those of the platforms of which enough posts were asked for."""
    lives = _lives(conn, posts, checked)
    by = [curve for curve in survival.curves(lives, "platform") if curve.posts >= _ENOUGH]
    return [*survival.curves(lives), *(by[:_CURVES] if len(by) > 1 else ())]


def kinds(conn: sqlite3.Connection, name: str) -> list[tuple[str, int]]:
    """What the archive counts under a name: each value with its number, the largest first."""
    return counts(conn, _COUNTS, name)


def _lives(conn: sqlite3.Connection, posts: int, checked: int) -> list[Row]:
    """What checks tell of posts; of very many, of posts taken evenly in the order in which they came."""
    if checked <= _MOST_LIVES:
        return rows(conn, "SELECT * FROM lifetimes") if checked else []
    (last,) = conn.execute("SELECT max(rowid) FROM posts").fetchone()
    step = max(1, last // min(_MOST_TRIED, _MOST_LIVES * posts // checked))
    some = range(1, last + 1, step)
    found: list[Row] = []
    for at in range(0, len(some), _CHUNK):
        chunk = some[at : at + _CHUNK]
        found += rows(conn, _LIVES.format(marks(chunk)), *chunk)
    return found


_LIVES = "SELECT * FROM lifetimes WHERE post IN (SELECT id FROM posts WHERE rowid IN ({}))"
_COUNTS = "SELECT value, number FROM figures WHERE name = ? ORDER BY number DESC, value"
_SITE_COUNT = "SELECT count(*) FROM figures WHERE name = 'site_articles'"
_MISSING = "SELECT coalesce(sum(missing), 0) FROM articles WHERE missing > 0"
_MONTHS = (
    "SELECT month.value AS month, month.number AS posts, coalesce(gone.number, 0) AS gone"
    " FROM figures AS month LEFT JOIN figures AS gone"
    " ON gone.name = 'month_gone' AND gone.value = month.value"
    " WHERE month.name = 'month' ORDER BY month.value"
)
_AUTHORS = (
    "SELECT id, platform, handle, name, posts, quote_count AS quotes FROM authors"
    " ORDER BY quote_count DESC, id LIMIT ?"
)
_SITES = (
    "SELECT quoting.value AS site, quoting.number AS quotes, coalesce(known.number, 0) AS articles"
    " FROM figures AS quoting LEFT JOIN figures AS known"
    " ON known.name = 'site_articles' AND known.value = quoting.value"
    " WHERE quoting.name = 'site_quotes' ORDER BY quoting.number DESC, quoting.value LIMIT ?"
)
