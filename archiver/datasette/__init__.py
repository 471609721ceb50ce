"""The Datasette plugin: an archive in the browser. Hooks only; what they do is in the modules beside."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, cast

from datasette import hookimpl

from archiver.citations import FORMS
from archiver.datasette import (
    archives,
    asking,
    cells,
    compat,
    describing,
    functions,
    limits,
    pages,
    questions,
    safety,
)
from archiver.datasette.views import Links

Hook = TypeVar("Hook", bound=Callable[..., Any])
hook = cast(Callable[[Hook], Hook], hookimpl)


@hook
def register_routes(datasette: Any) -> list[tuple[str, Any]]:
    names = archives.named(datasette)
    if not names:
        return []
    database = archives.pattern(names)
    key = "(?P<key>[^/.]+)"
    forms = "|".join(FORMS)
    return [
        (r"^/$", pages.home),
        (rf"^/{database}/-/home$", pages.dashboard),
        (rf"^/{database}/-/search$", pages.search),
        (rf"^/{database}/-/search\.(?P<form>{forms})$", asking.searched),
        (rf"^/{database}/-/questions$", asking.overview),
        (rf"^/{database}/-/questions/(?P<name>[a-z-]+)$", asking.question),
        (rf"^/{database}/-/cite/{key}\.(?P<form>{forms})$", asking.cite),
        (rf"^/{database}/-/tables$", pages.tables),
        (rf"^/{database}/-/embed/{key}$", pages.embed),
        (rf"^/{database}/-/fragment/{key}$", pages.fragment),
        (rf"^/{database}/posts/{key}$", pages.post),
        (rf"^/{database}/quotes/{key}$", pages.quote),
        (rf"^/{database}/articles/{key}$", pages.article),
        (rf"^/{database}/authors/{key}$", pages.author),
    ]


@hook
def asgi_wrapper(datasette: Any) -> Any:
    names = archives.named(datasette)

    def wrap(app: Any) -> Any:
        roots = [datasette.urls.database(name) for name in names]
        return safety.headers(safety.home(limits.spared(app, datasette, names), roots))

    return wrap


@hook
def prepare_connection(conn: Any) -> None:
    functions.register(conn)


@hook
def render_cell(row: Any, value: Any, column: str, table: str | None, database: str, datasette: Any) -> Any:
    if database not in archives.named(datasette):
        return None
    plain = value.get("value") if isinstance(value, dict) else value
    found = cells.cell(_links(datasette, database), table, column, plain)
    if found and isinstance(value, dict) and value.get("label"):
        found = cells.Cell(str(value["label"]), found.href, "key", found.title)
    elif found and (kind := cells.kind_of(table, column)):
        found = cells.beside(found, kind, _told_beside(row))
    return cells.markup(found) if found else None


def _key(link: Links, table: str, shown: list[dict[str, Any]]) -> Any:
    """The first cell of a row of Datasette's: what the row is about, in the place of its key."""
    key = shown[0].get("raw")
    found = cells.cell(link, table, "id", key) if cells.kind_of(table, "id") else None
    if found is None:
        return None
    told = _told_beside({cell["column"]: cell.get("raw") for cell in shown[1:]})
    return cells.markup(cells.beside(found, str(cells.kind_of(table, "id")), told))


def _told_beside(row: Any) -> dict[str, Any]:
    """A row of Datasette's as a dict, labels left out."""
    return {name: value.get("value") if isinstance(value, dict) else value for name, value in _pairs(row)}


def _pairs(row: Any) -> Any:
    return row.items() if hasattr(row, "items") else zip(row.keys(), row, strict=True)


def _links(datasette: Any, database: str) -> Links:
    """The addresses of an archive, made once: a table asks for them in every cell."""
    kept: dict[str, Links] = datasette.__dict__.setdefault("_archiver_links", {})
    if database not in kept:
        kept[database] = Links(datasette, database)
    return kept[database]


@hook
def extra_css_urls(database: str | None, view_name: str | None, datasette: Any) -> list[str]:
    if (view_name or "").startswith("archive-") or not archives.named(datasette):
        return []
    return [str(datasette.urls.static_plugins("archiver", "tables.css"))]


@hook
def extra_template_vars(
    database: str | None, table: str | None, view_name: str | None, request: Any, datasette: Any
) -> Any:
    if (view_name or "").startswith("archive-"):
        return {}
    if database not in archives.named(datasette):
        return {"archive_order": lambda names: list(range(len(names))), "archive_hidden": lambda *_: False}
    link = _links(datasette, str(database))

    async def told() -> dict[str, Any]:
        whole = view_name == "table" and not any(not name.startswith("_") for name in request.args)
        return {
            "archive_order": describing.ordered,
            "archive_hidden": describing.hidden,
            "archive_key": partial(_key, link),
            "archive_nav": link.nav(),
            "archive_kinds": await pages.kinds(datasette, str(database), table or "") if whole else [],
        }

    return told


@hook
def menu_links(datasette: Any) -> list[dict[str, str]]:
    found = []
    for name in archives.named(datasette):
        link = _links(datasette, name)
        found += [{"href": href, "label": f"{name}: {label.lower()}"} for href, label in link.nav()[1:]]
    return found


@hook
def register_output_renderer(datasette: Any) -> list[dict[str, Any]]:
    if not archives.named(datasette):
        return []
    return [
        {"extension": form, "render": asking.render_rows(form), "can_render": asking.can_render}
        for form in FORMS
    ]


@hook
def canned_queries(datasette: Any, database: str) -> dict[str, Any]:
    return questions.canned() if database in archives.named(datasette) else {}


@hook
def get_metadata(datasette: Any, database: str | None, table: str | None) -> dict[str, Any]:
    names = [name for name in archives.named(datasette) if database in (None, name)]
    return {"databases": {name: {"tables": _told(datasette, name)} for name in names}}


def _told(datasette: Any, name: str) -> dict[str, Any]:
    return {
        table: {**what, **limits.sortable(datasette, name, table)}
        for table, what in describing.metadata().items()
    }


@hook
def startup(datasette: Any) -> Any:
    async def started() -> None:
        limits.bound(datasette)
        for name in archives.named(datasette):
            if compat.has_stored_queries(datasette):
                await compat.add_queries(datasette, name, questions.canned())
                await compat.describe(datasette, name, describing.described())

    return started
