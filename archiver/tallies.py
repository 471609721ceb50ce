"""The counts that an archive keeps of itself, in the table ``figures``: triggers that keep them true with
every row, and the count from the beginning that they must agree with."""

from __future__ import annotations

from typing import NamedTuple

from archiver.verdicts import GONE

__all__ = ["RECOUNT", "TALLIES"]

_ARE_GONE = ", ".join(f"'{state}'" for state in GONE)
_MONTH = "substr({row}.posted_on, 1, 7)"
_DATED = "{row}.posted_on IS NOT NULL"


class _Count(NamedTuple):
    """Rows of ``table`` are counted under ``name`` by ``value``, those for which ``where`` holds; in SQL,
    ``{row}`` in the place of the row. ``columns``: what they are read from."""

    table: str
    name: str
    value: str
    where: str
    columns: tuple[str, ...]


def _by(table: str, column: str, name: str) -> _Count:
    return _Count(table, name, f"{{row}}.{column}", f"{{row}}.{column} IS NOT NULL", (column,))


_ROWS = (
    *(
        "articles",
        "authors",
        "captures",
        "sources",
        "posts",
        "quotes",
        "sightings",
        "links",
        "flags",
        "notes",
    ),
    *("checks", "copies", "quotations", "recovered", "media", "searches"),
)
_COUNTS = (
    *(_Count(table, "rows", f"'{table}'", "1", ()) for table in _ROWS),
    _by("posts", "platform", "platform"),
    _by("posts", "state", "state"),
    _Count("posts", "month", _MONTH, _DATED, ("posted_on",)),
    _Count(
        "posts", "month_gone", _MONTH, f"{_DATED} AND {{row}}.state IN ({_ARE_GONE})", ("posted_on", "state")
    ),
    _by("quotes", "form", "form"),
    _by("articles", "site", "site_articles"),
    _by("captures", "outcome", "outcome"),
    _by("flags", "code", "flag"),
    _by("notes", "code", "note"),
)


def _add(name: str, source: str) -> str:
    """Adds what a query gives, value and number, to the figures of a name."""
    return (
        f"INSERT INTO figures (name, value, number) SELECT '{name}', {source}"
        " ON CONFLICT (name, value) DO UPDATE SET number = number + excluded.number;"
    )


def _plus(count: _Count, row: str, number: int) -> str:
    value, where = count.value.format(row=row), count.where.format(row=row)
    return _add(count.name, f"{value}, {number} WHERE {where}")


_CLEAN = "DELETE FROM figures WHERE number = 0;"


def _trigger(name: str, event: str, when: str, *steps: str) -> str:
    condition = f" WHEN {when}" if when else ""
    return f"CREATE TRIGGER figures_{name} AFTER {event}{condition} BEGIN\n" + "\n".join(steps) + "\nEND"


def _triggers(table: str) -> list[str]:
    """The triggers that follow the rows of a table."""
    counts = [count for count in _COUNTS if count.table == table]
    found = [
        _trigger(f"{table}_insert", f"INSERT ON {table}", "", *(_plus(count, "new", 1) for count in counts)),
        _trigger(
            f"{table}_delete",
            f"DELETE ON {table}",
            "",
            *(_plus(count, "old", -1) for count in counts),
            _CLEAN,
        ),
    ]
    changing = [count for count in counts if count.columns]
    if changing:
        columns = sorted({column for count in changing for column in count.columns})
        moved = (step for count in changing for step in (_plus(count, "old", -1), _plus(count, "new", 1)))
        event = f"UPDATE OF {', '.join(columns)} ON {table}"
        when = " OR ".join(f"old.{column} IS NOT new.{column}" for column in columns)
        found.append(_trigger(f"{table}_update", event, when, *moved, _CLEAN))
    return found


# Quotes of a site: a quote may come before its article, and an article may change its site.
def _of_site(row: str, sign: str) -> str:
    number = f"(SELECT count(*) FROM quotes WHERE article = {row}.id)"
    return _add("site_quotes", f"{row}.site, {sign}{number} WHERE {row}.site IS NOT NULL AND {number} > 0")


def _of_quote(row: str, number: int) -> str:
    where = f"id = {row}.article AND site IS NOT NULL"
    return _add("site_quotes", f"site, {number} FROM articles WHERE {where}")


_SITES = (
    _trigger("site_insert", "INSERT ON articles", "", _of_site("new", "")),
    _trigger("site_delete", "DELETE ON articles", "", _of_site("old", "-"), _CLEAN),
    _trigger(
        "site_update",
        "UPDATE OF site ON articles",
        "old.site IS NOT new.site",
        _of_site("old", "-"),
        _of_site("new", ""),
        _CLEAN,
    ),
    _trigger("site_quote_insert", "INSERT ON quotes", "", _of_quote("new", 1)),
    _trigger("site_quote_delete", "DELETE ON quotes", "", _of_quote("old", -1), _CLEAN),
    _trigger(
        "site_quote_update",
        "UPDATE OF article ON quotes",
        "old.article IS NOT new.article",
        _of_quote("old", -1),
        _of_quote("new", 1),
        _CLEAN,
    ),
)

TALLIES = (
    """
    CREATE TABLE figures (
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        number INTEGER NOT NULL,
        PRIMARY KEY (name, value)
    )
    """,
    "CREATE INDEX figures_number ON figures(name, number)",
    "CREATE INDEX figures_none ON figures(number) WHERE number = 0",
    *(trigger for table in _ROWS for trigger in _triggers(table)),
    *_SITES,
)
"""The table, and the triggers. A row of it that comes to nothing is taken away."""

RECOUNT = " UNION ALL ".join(
    [
        *(
            f"SELECT '{count.name}' AS name, {count.value.format(row=count.table)} AS value,"
            f" count(*) AS number FROM {count.table} WHERE {count.where.format(row=count.table)} GROUP BY 2"
            for count in _COUNTS
        ),
        "SELECT 'site_quotes', articles.site, count(*) FROM quotes JOIN articles ON articles.id ="
        " quotes.article WHERE articles.site IS NOT NULL GROUP BY 2",
    ]
)
"""All figures, counted from the beginning: name, value, number."""
