"""The figures of the home page: what the archive counts itself, row by row as it is written."""

from __future__ import annotations

import sqlite3

from archiver import survival
from archiver.datasette.rows import Row, counts, rows
from archiver.survival import Curve
from archiver.verdicts import GONE

__all__ = ["figures", "kinds"]

_TOP = 10
_ENOUGH, _CURVES = 20, 5
# Beyond so many posts that were asked for, a curve takes longer than a page may.
_MOST_CHECKED = 50_000


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
        "survival": _survival(conn, sum(states.values())),
    }


def kinds(conn: sqlite3.Connection, name: str) -> list[tuple[str, int]]:
    """What the archive counts under a name: each value with its number, the largest first."""
    return counts(conn, _COUNTS, name)


def _survival(conn: sqlite3.Connection, checked: int) -> list[Curve]:
    """The curve of all posts, then those of the platforms of which enough posts were asked for."""
    if not 0 < checked <= _MOST_CHECKED:
        return []
    lives = rows(conn, "SELECT * FROM lifetimes")
    by = [curve for curve in survival.curves(lives, "platform") if curve.posts >= _ENOUGH]
    return [*survival.curves(lives), *(by[:_CURVES] if len(by) > 1 else ())]


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
