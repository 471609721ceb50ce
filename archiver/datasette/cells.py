"""Cells of tables as people read them: keys lead to pages, days are written out, codes have names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from archiver.datasette.shown import Piece, address, explained, headline, label, moment, short, web, who
from archiver.datasette.views import Links

__all__ = ["Cell", "cell", "markup", "named"]

_KEYS = {
    ("posts", "id"): "post",
    ("articles", "id"): "article",
    ("authors", "id"): "author",
    ("quotes", "id"): "quote",
}
_FOREIGN = frozenset(("post", "article", "author", "quote"))
_DAYS = ("_at", "_on", "first_seen", "last_seen")
_LONGEST = 280


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows: words, where they lead, how they look (plain, words, number, badge, outside)."""

    text: str
    href: str | None = None
    look: str = "plain"
    title: str | None = None
    pieces: tuple[Piece, ...] = ()


def cell(link: Links, table: str | None, column: str, value: Any) -> Cell | None:
    """A value as people read it; None where it is best shown as it is."""
    if isinstance(value, bool) or value is None or value == "":
        return None
    if isinstance(value, int | float):
        return _number(column, value)
    if not isinstance(value, str):
        return None
    kind = _KEYS.get((table or "", column)) or (column if column in _FOREIGN else None)
    if kind:
        return Cell(short(value, 48), getattr(link, kind)(value), title=value)
    return _text(link, column, value)


def named(found: Cell, kind: str, row: dict[str, Any]) -> Cell:
    """A cell that holds a key, with what the key stands for in its place."""
    if kind == "post":
        words = headline(row)
    elif kind == "article":
        words = row["title"] or address(row["url"]) or row["site"] or found.text
    else:
        words = who({"author_name": row["name"], "author_handle": row["handle"]})
    return Cell(short(words, 90), found.href, "key", found.title)


def _text(link: Links, column: str, value: str) -> Cell:
    if column.endswith("url"):
        href = web(value)
        return Cell(address(value, 48), href, "outside" if href else "plain", value)
    if column.endswith(_DAYS):
        return Cell(moment(value), title=value)
    if column in ("platform", "form", "outcome", "captured_by", "state"):
        return Cell(label(column, value), look="badge" if column == "state" else "plain", title=value)
    if column == "code":
        return Cell(value, look="code", title=explained(value) or None)
    return (
        Cell(value, link.search(site=value))
        if column == "site"
        else Cell(short(value, _LONGEST), look="words")
    )


def _number(column: str, value: float) -> Cell | None:
    if column == "confidence":
        return Cell(f"{value:.0%}", look="number")
    if isinstance(value, int) and column not in ("position", "year", "http_status"):
        return Cell(f"{value:,}", look="number")
    return None


def markup(found: Cell) -> Markup:
    """A cell for Datasette's own tables: every value escaped."""
    way = Markup("") if found.look == "key" else Markup(" dir='auto'")
    title = Markup(' title="{}"').format(found.title) if found.title else Markup("")
    look = Markup("<span class='cell-{}'{}{}>{}</span>").format(found.look, way, title, found.text)
    if not found.href:
        return look
    outside = Markup(' rel="nofollow noopener noreferrer external"') if found.look == "outside" else ""
    return Markup("<a href='{}'{}>{}</a>").format(found.href, outside, look)
