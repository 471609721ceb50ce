"""Datasette's own pages of tables, kept fast where a table is large: a count has its limit, only sorts that
an index serves are offered, and words lead to the search page."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

from datasette.database import Database

from archiver.datasette import archives, compat
from archiver.datasette.describing import described
from archiver.verdicts import GONE
from archiver.views import CONFLICTS

__all__ = ["VIEWS", "bound", "sortable", "spared"]

VIEWS = ("quoted_posts", "most_quoted", "lost_posts", "conflicting_quotes", "disappeared_quotes", "lifetimes")
"""The views, each wide and made for people."""

_COUNTING = 50
"""Milliseconds after which rows that a filter leaves are not counted on: the page shows no number then."""
_COUNT = re.compile(r'select count\(\*\) from \[?(\w+)\]? (?:where "(\w+)" = :(\w+) )?')
_KEPT = "SELECT sum(number) FROM figures WHERE name = '{name}' AND value IN ({values})"
_ROWS = (
    "articles authors captures sources posts quotes sightings links flags notes checks copies"
    " quotations recovered media searches"
).split()
_TOTALS = {
    **{table: _KEPT.format(name="rows", values=f"'{table}'") for table in _ROWS},
    "log": "SELECT max(id) FROM log",
    "quoted_posts": _KEPT.format(name="rows", values="'quotes'"),
    "lost_posts": _KEPT.format(name="state", values=", ".join(f"'{state}'" for state in GONE)),
    "conflicting_quotes": _KEPT.format(name="flag", values=", ".join(f"'{code}'" for code in CONFLICTS)),
}
"""What says how many rows a table or view has, without counting them."""
_KINDS = {
    **{("posts", name): name for name in ("platform", "state")},
    ("quotes", "form"): "form",
    ("articles", "site"): "site_articles",
    ("captures", "outcome"): "outcome",
    ("flags", "code"): "flag",
    ("notes", "code"): "note",
}
"""The columns by whose values the rows of a table are counted already, and under which name."""
_SORTS = {
    "posts": ["id", "posted_on", "posted_earliest", "quote_count"],
    "articles": ["id", "site"],
    "authors": ["id", "quote_count"],
}
"""The columns by which a large table is sorted along an index."""


class _Bounded(Database):  # type: ignore[misc]
    """A database whose pages do not wait for a count. SQL of one's own is not touched."""

    async def execute(self, sql: str, params: Any = None, truncate: bool = False, **more: Any) -> Any:
        counted = None if truncate else _COUNT.fullmatch(sql)
        if counted and (known := _known(*counted.groups())):
            sql = f"SELECT coalesce(({known}), 0)"
        elif sql.startswith("select count(*) ") and not truncate:
            more["custom_time_limit"] = min(more.get("custom_time_limit") or _COUNTING, _COUNTING)
        return await super().execute(sql, params, truncate, **more)


def _known(table: str, column: str | None, parameter: str | None) -> str | None:
    """The SQL that says how many rows a table has, or how many of them one value of a column, without
    counting them; None where nothing does."""
    if column is None:
        return _TOTALS.get(table)
    name = _KINDS.get((table, column))
    return f"SELECT number FROM figures WHERE name = '{name}' AND value = :{parameter}" if name else None


def bound(datasette: Any) -> None:
    """Puts a limit to the counts of Datasette 0.65; 1.0 has one of its own."""
    if compat.has_stored_queries(datasette):
        return
    found = dict(datasette.databases)
    for name in archives.named(datasette):
        old = found[name]
        found[name] = _Bounded(datasette, old.path, old.is_mutable)
        found[name].name, found[name].route = name, old.route
    datasette.databases = found


def sortable(datasette: Any, database: str, table: str) -> dict[str, Any]:
    """What the metadata of a large table says of sorting."""
    if not archives.is_large(datasette, database, table):
        return {}
    return {"sortable_columns": _SORTS.get(table, ["id"])}


def spared(app: Any, datasette: Any, names: list[str]) -> Any:
    """The application; on the page of a large table, facets are not guessed, words are looked for by the
    search page, and what is narrowed along an index is sorted along it."""
    roots = {datasette.urls.database(name): name for name in names}

    async def led(scope: dict[str, Any], receive: Any, send: Any) -> None:
        root, _, table = scope.get("path", "").rpartition("/")
        if scope["type"] != "http" or root not in roots or table not in described():
            await app(scope, receive, send)
            return
        asked = parse_qsl(scope.get("query_string", b"").decode("latin-1"))
        if (
            table == "posts"
            and archives.is_large(datasette, roots[root], table)
            and dict(asked).get("_search")
        ):
            await _see(send, f"{root}/-/search?{_as_search(asked)}")
            return
        added = urlencode(
            _more(table, dict(asked)) if archives.is_large(datasette, roots[root], table) else {}
        ).encode()
        query = scope.get("query_string", b"")
        await app({**scope, "query_string": query + b"&" * bool(query and added) + added}, receive, send)

    return led


def _more(table: str, asked: dict[str, str]) -> dict[str, str]:
    """What is asked for beside, where nothing else is said."""
    more = {"_nosuggest": "1"}
    if not asked.keys() & {"_sort", "_sort_desc", "_next"}:
        narrowed = {name.partition("__")[0] for name in asked if "__" in name}
        along = [name for name in _SORTS.get(table, []) if name in narrowed]
        more |= {"_sort_desc": along[0]} if along else {}
    return {name: value for name, value in more.items() if name not in asked}


def _as_search(asked: list[tuple[str, str]]) -> str:
    """What a table's page asks for, as the search page has it."""
    names = {"_search": "q", "platform": "platform", "state": "state", "author_handle": "author"}
    return urlencode({names[name]: value for name, value in asked if name in names})


async def _see(send: Any, address: str) -> None:
    headers = [(b"location", address.encode("latin-1")), (b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 302, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
