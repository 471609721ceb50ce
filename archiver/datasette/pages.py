"""The pages of an archive: each reads its rows in one step, and a template shows them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any
from urllib.parse import urlencode

from datasette.utils import tilde_decode
from datasette.utils.asgi import NotFound, Response
from markupsafe import Markup

from archiver.citations import FORMS, citation, written
from archiver.datasette import archives, charts, compat, figures, finding, fragments, reading, safety
from archiver.datasette.describing import described
from archiver.datasette.limits import VIEWS
from archiver.datasette.shown import headline, label, spoken, who
from archiver.datasette.views import Links, tools
from archiver.survival import told

__all__ = [
    "article",
    "author",
    "dashboard",
    "embed",
    "fragment",
    "home",
    "kinds",
    "post",
    "quote",
    "search",
    "tables",
]

Read = Callable[[Any], Any]

_LATELY = 6
_FEW = 12
_LAST = ("settings", "bodies", "sources", "sightings", "aliases")
_EMBED_CODE = (
    '<iframe src="{address}" title="{name}" width="560" height="320" loading="lazy"'
    ' sandbox="allow-top-navigation-by-user-activation"></iframe>'
)


async def home(request: Any, datasette: Any) -> Any:
    """The one archive, or a choice of several."""
    names = archives.named(datasette)
    others = [name for name in datasette.databases if name not in names and not name.startswith("_")]
    if len(names) == 1 and not [name for name in others if datasette.databases[name].path]:
        return await _dashboard(request, datasette, names[0])
    shown = []
    for name in names:
        await compat.must_view(datasette, request, name)
        shown.append({"name": name, "figures": await run(datasette, name, figures.figures)})
    context = {"archives": shown, "others": others, "link": Links(datasette, names[0])}
    return await render(datasette, request, "archives", context)


async def dashboard(request: Any, datasette: Any) -> Any:
    """What an archive holds."""
    return await _dashboard(request, datasette, of(request))


async def _dashboard(request: Any, datasette: Any, name: str) -> Any:
    await compat.must_view(datasette, request, name)
    found = await run(datasette, name, figures.figures)
    curves = await run(
        datasette, name, partial(figures.lasting, posts=found["posts"], checked=found["checked"])
    )
    context = {
        "database": name,
        "figures": found,
        "chart": charts.months(found["months"]),
        "lasting": charts.survival(curves),
        "milestones": [told(curve) for curve in curves[:1]],
        "authors": charts.shares(found["authors"], "quotes"),
        "sites": charts.shares(found["sites"], "quotes"),
        "states": charts.shares([{"name": n, "posts": c} for n, c in found["states"].items()], "posts"),
        "platforms": charts.shares([{"name": n, "posts": c} for n, c in found["platforms"]], "posts"),
        "lately": await run(datasette, name, lambda conn: reading.lately(conn, _LATELY)),
    }
    return await render(datasette, request, "home", context)


async def post(request: Any, datasette: Any) -> Any:
    """A post with everything that is known of it; an old key leads to the new one."""
    name, key = of(request), tilde_decode(request.url_vars["key"])
    await compat.must_view(datasette, request, name)
    now = await run(datasette, name, lambda conn: reading.heir(conn, key))
    if now is None:
        raise NotFound(f"No such post: {key}")
    link = Links(datasette, name)
    if now != key:
        return Response.redirect(link.post(now), status=301)
    found = await run(datasette, name, lambda conn: reading.post(conn, key))
    origin = f"{request.scheme}://{request.headers.get('host', '')}"
    context = {
        "database": name,
        "post": found,
        "title": headline(found),
        "variants": variants(found),
        "origin": origin,
        "citation": citation(found, origin + link.post(key)),
        "wiki": written("wiki", [found], "", "", lambda one: origin + link.post(one)),
        "embed_code": _EMBED_CODE.format(
            address=escape(origin + link.embed(key)), name=escape(headline(found))
        ),
        "forms": [(form, name) for form, name in FORMS.items() if form in ("csl", "bib", "ris")],
    }
    return await render(datasette, request, "post", context)


def variants(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The wordings that differ from the settled one, each with the quotes that print it."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for quote in found["quotes"]:
        if quote["text"] and quote["text"] != found["text"]:
            groups.setdefault(quote["text"], []).append(quote)
    ordered = sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [{"text": text, "quotes": quotes} for text, quotes in ordered]


async def quote(request: Any, datasette: Any) -> Any:
    """The permanent address of a quote: its place on the page of its post."""
    name, key = of(request), tilde_decode(request.url_vars["key"])
    await compat.must_view(datasette, request, name)
    sql = "SELECT post FROM quotes WHERE id = ?"
    found = await run(datasette, name, lambda conn: conn.execute(sql, (key,)).fetchone())
    if found is None:
        raise NotFound(f"No such quote: {key}")
    return Response.redirect(f"{Links(datasette, name).post(found[0])}#quote-{key}", status=302)


async def article(request: Any, datasette: Any) -> Any:
    """An article, its quotes in order, what disappeared."""
    name, key = of(request), tilde_decode(request.url_vars["key"])
    await compat.must_view(datasette, request, name)
    found = await run(datasette, name, lambda conn: reading.article(conn, key))
    if found is None:
        raise NotFound(f"No such article: {key}")
    return await render(datasette, request, "article", {"database": name, "article": found})


async def author(request: Any, datasette: Any) -> Any:
    """An account, its names through time, its posts, who quotes it."""
    name, key = of(request), tilde_decode(request.url_vars["key"])
    await compat.must_view(datasette, request, name)
    start = request.args.get("start") or "0"
    at = min(int(start), 100_000) if start.isascii() and start.isdigit() and len(start) < 9 else 0
    found = await run(datasette, name, lambda conn: reading.author(conn, key, at))
    if found is None:
        raise NotFound(f"No such author: {key}")
    named = {"author_name": found["name"], "author_handle": found["handle"]}
    years = charts.shares([{"year": year, "posts": number} for year, number in found["years"]], "posts")
    context = {
        "database": name,
        "author": found,
        "title": who(named),
        "start": at,
        "years": years,
        "sites": charts.shares(found["sites"], "quotes"),
    }
    return await render(datasette, request, "author", context)


async def search(request: Any, datasette: Any) -> Any:
    """Posts by their words, narrowed; as cards."""
    name = of(request)
    await compat.must_view(datasette, request, name)
    wanted = finding.asked({key: request.args[key] for key in request.args})
    answer = await run(datasette, name, lambda conn: finding.find(conn, wanted))
    known = await run(datasette, name, figures.figures)
    given = wanted.given()
    without = {key: value for key, value in given.items() if key != "start"}
    context = {
        "database": name,
        "wanted": wanted,
        "answer": answer,
        "figures": known,
        "years": _years(known["months"]),
        "sorts": list(finding.SORTS.items()),
        "query": urlencode(without),
        "narrowed": {key: value for key, value in without.items() if key != "q"},
        "later": urlencode({**without, "start": wanted.start + finding.PAGE}) if answer["more"] else "",
        "earlier": urlencode({**without, "start": max(0, wanted.start - finding.PAGE)})
        if wanted.start
        else "",
        "forms": list(FORMS.items()),
    }
    return await render(datasette, request, "search", context)


def _years(months: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """The years that have posts, the latest first, with how many."""
    found: dict[str, int] = {}
    for row in months:
        found[row["month"][:4]] = found.get(row["month"][:4], 0) + row["posts"]
    return sorted(found.items(), reverse=True)


async def tables(request: Any, datasette: Any) -> Any:
    """The tables and views with what they mean, and the way to SQL."""
    name = of(request)
    await compat.must_view(datasette, request, name)
    order = sorted(described(), key=lambda table: (table not in VIEWS, table in _LAST))
    context = {
        "database": name,
        "order": order,
        "may_run_sql": await compat.may_run_sql(datasette, request, name),
    }
    return await render(datasette, request, "tables", context)


_KINDS = {
    "posts": (("platform", "platform"), ("state", "state")),
    "quotes": (("form", "form"),),
    "articles": (("site", "site_articles"),),
    "captures": (("outcome", "outcome"),),
    "flags": (("code", "flag"),),
    "notes": (("code", "note"),),
}
"""The columns of a table by which the archive counts its rows, and under which names."""


async def kinds(datasette: Any, name: str, table: str) -> list[tuple[str, list[tuple[str, str, int]]]]:
    """What a table can be narrowed to: column, and for each value its address, what it is called, and how
    many rows have it."""
    link, told = Links(datasette, name), []
    for column, counted in _KINDS.get(table, ()):
        found = await run(datasette, name, partial(figures.kinds, name=counted))
        called = spoken if column == "code" else partial(label, column)
        told += [(column, [(link.table(table, **{column: v}), called(v), n) for v, n in found[:_FEW]])]
    return [(column, found) for column, found in told if len(found) > 1]


async def embed(request: Any, datasette: Any) -> Any:
    """A card alone, to be framed on other pages."""
    name, key = of(request), tilde_decode(request.url_vars["key"])
    await compat.must_view(datasette, request, name)
    now = await run(datasette, name, lambda conn: reading.heir(conn, key))
    found = await run(datasette, name, lambda conn: reading.post(conn, now)) if now else None
    if found is None:
        raise NotFound(f"No such post: {key}")
    host = request.headers.get("host", "")
    context = {"database": name, "post": found, "origin": f"{request.scheme}://{host}"}
    return await render(datasette, request, "embed", context, safety.EMBED)


async def fragment(request: Any, datasette: Any) -> Any:
    """The stored markup of a quote, cleaned, to be framed on the page of its post."""
    name, key = of(request), tilde_decode(request.url_vars["key"])
    await compat.must_view(datasette, request, name)
    sql = "SELECT fragment FROM quotes WHERE id = ?"
    found = await run(datasette, name, lambda conn: conn.execute(sql, (key,)).fetchone())
    if found is None or not fragments.can_show(found[0]):
        raise NotFound(f"No markup is kept of a quote {key}")
    context = {"database": name, "markup": Markup(fragments.cleaned(found[0]))}  # noqa: S704
    return await render(datasette, request, "fragment", context, safety.FRAGMENT)


def of(request: Any) -> str:
    """The database that an address names."""
    return str(tilde_decode(request.url_vars["database"]))


async def run(datasette: Any, name: str, read: Read) -> Any:
    """What a function reads from an archive."""
    return await datasette.get_database(name).execute_fn(read)


async def render(
    datasette: Any, request: Any, template: str, context: dict[str, Any], policy: str = safety.OURS
) -> Any:
    """A page of ours, with the policy that allows it nothing but our style sheet."""
    name = context.get("database")
    shared = {
        **tools(),
        "can_show": fragments.can_show,
        **({"link": Links(datasette, name)} if name else {}),
    }
    shared["several"] = len(archives.named(datasette)) > 1
    body = await datasette.render_template(
        f"archive/{template}.html", {**shared, **context}, request=request, view_name=f"archive-{template}"
    )
    return Response.html(body, headers={"content-security-policy": policy})
