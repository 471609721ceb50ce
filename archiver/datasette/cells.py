"""Cells of tables as people read them: keys lead to pages, days are written out, codes have names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from archiver.datasette.shown import Piece, address, explained, label, moment, short, spoken, web, who
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
_SAYS_POST = frozenset(("author_name", "author_handle", "posted_on"))
_TITLES = ("article_title", "title", "article_url")


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
    if kind := kind_of(table, column):
        return Cell(short(value, 48), getattr(link, kind)(value), title=value)
    return _text(link, column, value)


def kind_of(table: str | None, column: str) -> str | None:
    """What the keys of a column stand for: post, article, author or quote; None where it holds no keys."""
    return _KEYS.get((table or "", column)) or (column if column in _FOREIGN else None)


def beside(found: Cell, kind: str, row: Mapping[str, Any]) -> Cell:
    """A cell that holds a key, with what the rest of its row says of it in its place."""
    if kind == "post" and row.keys() >= _SAYS_POST:
        words = titled(row)
    elif kind == "article":
        words = next((row[name] for name in _TITLES if row.get(name)), found.text)
    elif kind == "author":
        words = row.get("name") or found.text
    else:
        words = found.text if kind != "quote" else f"quote {found.text[:6]}"
    return Cell(short(words, 60), found.href, "key", found.title)


def named(found: Cell, kind: str, row: dict[str, Any]) -> Cell:
    """A cell that holds a key, with what the key stands for in its place."""
    if kind == "post":
        words = titled(row)
    elif kind == "article":
        words = row["title"] or address(row["url"]) or row["site"] or found.text
    else:
        words = who({"author_name": row["name"], "author_handle": row["handle"]})
    return Cell(short(words, 90), found.href, "key", found.title)


def titled(row: Mapping[str, Any]) -> str:
    """A post by its author and its day: what stands in a cell in the place of its key."""
    said = {name: row[name] for name in ("author_name", "author_handle")}
    return ", ".join(part for part in (_called(said), moment(row["posted_on"], clock=False)) if part)


def _called(said: Mapping[str, Any]) -> str:
    return short(said["author_name"], 60) or who(said)


def _text(link: Links, column: str, value: str) -> Cell:
    if column.endswith("url"):
        href = web(value)
        return Cell(address(value, 48), href, "outside" if href else "plain", value)
    if column.endswith(_DAYS):
        return Cell(moment(value), title=value)
    if column in ("platform", "form", "outcome", "captured_by", "state"):
        return Cell(label(column, value), look="badge" if column == "state" else "plain", title=value)
    if column == "code":
        return Cell(spoken(value), title=explained(value) or value)
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
