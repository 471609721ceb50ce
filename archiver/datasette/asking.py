"""The pages of ready-made questions, and the ways out: citations and feeds of posts, searches and tables."""

from __future__ import annotations

import sqlite3
from typing import Any
from urllib.parse import urlencode

from datasette.utils import tilde_decode
from datasette.utils.asgi import NotFound, Response

from archiver.citations import FORMS, MEDIA_TYPES, written
from archiver.datasette import compat, figures, finding, reading
from archiver.datasette.cells import Cell, cell
from archiver.datasette.cells import named as labelled
from archiver.datasette.pages import of, render, run
from archiver.datasette.questions import Question, ask, named, questions
from archiver.datasette.shown import differences, spoken
from archiver.datasette.shown import label as labels
from archiver.datasette.views import Links

__all__ = ["can_render", "cite", "overview", "question", "render_rows", "searched"]

_LISTED = 200
_SAID = ("author_name", "author_handle", "posted_on", "posted_at")
"""What the name of a post says already."""
_COLUMNS = frozenset(("id", "platform", "author_handle", "text"))


async def overview(request: Any, datasette: Any) -> Any:
    """All questions."""
    name = of(request)
    await compat.must_view(datasette, request, name)
    return await render(datasette, request, "questions", {"database": name, "questions": questions()})


async def question(request: Any, datasette: Any) -> Any:
    """One question with its answer."""
    name, asked = of(request), named(request.url_vars["name"])
    await compat.must_view(datasette, request, name)
    if asked is None:
        raise NotFound(f"No such question: {request.url_vars['name']}")
    given = {key: request.args[key] for key in request.args}
    is_late = False
    try:
        answer = await run(datasette, name, lambda conn: ask(conn, asked, given))
    except sqlite3.OperationalError:
        answer, is_late = None, True
    link = Links(datasette, name)
    columns, rows = answer or ([], [])
    cells = await run(datasette, name, lambda conn: _cells(conn, link, columns, rows))
    said = (*(_SAID if "post" in columns else ()), *(("text",) if "text_written" in columns else ()))
    shown = [
        at
        for at, column in enumerate(columns)
        if column not in said and (not rows or any(row[at] is not None for row in rows))
    ]
    known = {one.name: given.get(one.name, "") for one in asked.parameters}
    choices = await run(datasette, name, lambda conn: _choices(conn, asked))
    context = {
        "database": name,
        "question": asked,
        "given": known,
        "choices": choices,
        "query": urlencode(known),
        "columns": [columns[at] for at in shown],
        "rows": [[row[at] for at in shown] for row in cells],
        "is_asked": answer is not None,
        "is_late": is_late,
        "has_posts": "post" in columns,
        "may_run_sql": await compat.may_run_sql(datasette, request, name),
        "forms": FORMS,
    }
    return await render(datasette, request, "question", context)


def _choices(conn: sqlite3.Connection, asked: Question) -> dict[str, list[tuple[str, str, int]]]:
    """The values that parameters are chosen from: value, what it is called, how many."""
    return {
        one.name: [
            (value, labels(one.figure, value) if one.figure == "platform" else spoken(value), number)
            for value, number in figures.kinds(conn, one.figure)
        ]
        for one in asked.parameters
        if one.figure
    }


def _cells(conn: sqlite3.Connection, link: Links, columns: list[str], rows: list[Any]) -> list[list[Any]]:
    """The rows as cells, keys by the names of what they stand for."""
    found = [[cell(link, None, c, v) or v for c, v in zip(columns, row, strict=True)] for row in rows]
    for at, column in enumerate(columns):
        if column in ("post", "article", "author"):
            known = reading.names(conn, column, (row[at] for row in rows if row[at]))
            for raw, row in zip(rows, found, strict=True):
                if raw[at] in known:
                    row[at] = labelled(row[at], column, known[raw[at]])
    if "text" in columns and "text_written" in columns:
        settled, printed = columns.index("text"), columns.index("text_written")
        for raw, row in zip(rows, found, strict=True):
            if raw[printed]:
                row[printed] = Cell("", None, "words", None, tuple(differences(raw[settled], raw[printed])))
    return found


async def cite(request: Any, datasette: Any) -> Any:
    """One post as a citation."""
    name, key, form = of(request), tilde_decode(request.url_vars["key"]), request.url_vars["form"]
    await compat.must_view(datasette, request, name)
    now = await run(datasette, name, lambda conn: reading.heir(conn, key))
    if now is None:
        raise NotFound(f"No such post: {key}")
    return await _written(datasette, request, name, form, [now], key)


async def searched(request: Any, datasette: Any) -> Any:
    """The first results of a search as citations or as a feed."""
    name, form = of(request), request.url_vars["form"]
    await compat.must_view(datasette, request, name)
    wanted = finding.asked({key: request.args[key] for key in request.args})
    keys = await run(datasette, name, lambda conn: finding.found_keys(conn, wanted, _LISTED))
    return await _written(datasette, request, name, form, keys, wanted.words or "posts")


def can_render(columns: list[str]) -> bool:
    """Whether the rows of a table or query are posts."""
    return "post" in columns or set(columns) >= _COLUMNS


def render_rows(form: str) -> Any:
    """A renderer for Datasette: the posts of any table or query in one of the forms."""

    async def rendered(datasette: Any, request: Any, database: str, rows: Any, columns: Any) -> Any:
        await compat.must_view(datasette, request, database)
        name = "post" if "post" in columns else "id"
        keys = [_plain(row[name]) for row in rows]
        return await _written(datasette, request, database, form, [key for key in keys if key], database)

    return rendered


def _plain(value: Any) -> Any:
    return value.get("value") if isinstance(value, dict) else value


async def _written(
    datasette: Any, request: Any, database: str, form: str, keys: list[str], title: str
) -> Any:
    posts = await run(datasette, database, lambda conn: reading.posts_by_key(conn, keys))
    origin = f"{request.scheme}://{request.headers.get('host', '')}"
    link = Links(datasette, database)
    here = origin + request.full_path
    body = written(form, posts, f"{database}: {title}", here, lambda key: origin + link.post(key))
    return Response(body, headers={"access-control-allow-origin": "*"}, content_type=MEDIA_TYPES[form])
