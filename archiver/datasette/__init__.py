"""The Datasette plugin: an archive in the browser. Hooks only; what they do is in the modules beside."""

from __future__ import annotations

from collections.abc import Callable
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
def render_cell(value: Any, column: str, table: str | None, database: str, datasette: Any) -> Any:
    if database not in archives.named(datasette):
        return None
    plain = value.get("value") if isinstance(value, dict) else value
    found = cells.cell(_links(datasette, database), table, column, plain)
    if found and isinstance(value, dict) and value.get("label"):
        found = cells.Cell(str(value["label"]), found.href, "key", found.title)
    return cells.markup(found) if found else None


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
def extra_template_vars(database: str | None, datasette: Any) -> dict[str, Any]:
    is_ours = database in archives.named(datasette)
    return {
        "archive_order": describing.ordered if is_ours else lambda names: list(range(len(names))),
        "archive_hidden": describing.hidden if is_ours else lambda *_: False,
    }


@hook
def menu_links(datasette: Any) -> list[dict[str, str]]:
    found = []
    for name in archives.named(datasette):
        link = Links(datasette, name)
        found += [
            {"href": link.home(), "label": f"{name}: home"},
            {"href": link.search(), "label": f"{name}: search"},
            {"href": link.page("questions"), "label": f"{name}: questions"},
            {"href": link.page("tables"), "label": f"{name}: tables"},
        ]
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
