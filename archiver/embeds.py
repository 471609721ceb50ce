"""The embeds that stand on one tree: what platforms know of, and whatever else carries a post's address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from archiver import html, ids, resources
from archiver.html import Element
from archiver.model import Note, Sighting
from archiver.platform import Address, Platform, Spot

__all__ = ["Found", "addressed", "on_tree"]

_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at an element."""

    answer: Sighting | Note
    element: Element


def addressed(written: str, platforms: Iterable[Platform]) -> tuple[Platform, Address] | None:
    """The platform whose post an address names, also inside a redirector's or a web archive's."""
    for candidate in ids.unwrapped(written):
        low = candidate.lower()
        for platform in platforms:
            if any(piece in low for piece in platform.hosts) and (found := platform.address(candidate)):
                return platform, found
    return None


def on_tree(root: Element, platforms: Sequence[Platform], links: bool = False) -> Iterator[Found]:
    """Embeds, notes and (with ``links``) citations below an element, in document order."""
    claimed: set[Element] = set()
    asked = [p.where for p in platforms if p.where] + _carriers(platforms)
    for number, element in enumerate(
        html.select(root, "//*[" + " or ".join(f"({c})" for c in asked) + "]"), 1
    ):
        line = html.line_of(element)
        place = f"line {line}, {html.name(element)} {number}" if line else f"{html.name(element)} {number}"
        spot = Spot(element, place, html.is_inside(element, claimed))
        answer = _ask(spot, platforms) or (None if spot.inside else _carried(spot, platforms, links))
        if answer is None:
            continue
        if isinstance(answer, Sighting):
            claimed.add(element)
        yield Found(answer, element)


def _carriers(platforms: Sequence[Platform]) -> list[str]:
    pieces = sorted({piece for platform in platforms for piece in platform.hosts})
    lower = "translate(., 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"
    return ["@*[" + " or ".join(f"contains({lower}, '{piece}')" for piece in pieces) + "]"]


def _ask(spot: Spot, platforms: Sequence[Platform]) -> Sighting | Note | None:
    return next((a for a in (p.in_html(spot) for p in platforms) if a is not None), None)


def _carried(spot: Spot, platforms: Sequence[Platform], links: bool) -> Sighting | None:
    """An element that carries a post's address in an attribute."""
    tag = html.name(spot.element)
    if tag == "a":
        href = html.attribute(spot.element, "href") or ""
        found = addressed(href, platforms) if links and href else None
        return _sighting(spot, found, "link", href) if found else None
    tables = _tables()
    if (
        tag in tables["silent elements"]
        or _words(html.attribute(spot.element, "class")) & tables["silent classes"]
    ):
        return None
    for key, value in html.attributes(spot.element):
        if _words(key) & tables["silent attributes"]:
            continue
        found = addressed(value, platforms)
        if found:
            form = "iframe" if tag in tables["frames"] else "amp" if tag[:4] == "amp-" else "placeholder"
            return _sighting(spot, found, form, value)
    return None


def _sighting(spot: Spot, found: tuple[Platform, Address], form: str, written: str) -> Sighting:
    platform, address = found
    return Sighting(
        platform=platform.name,
        form=form,
        kind="link" if form == "link" else "embed",
        place=spot.place,
        fragment=html.markup(spot.element),
        handle=address.handle,
        url=written.strip(),
    )


def _words(value: str | None) -> set[str]:
    return set(_WORD.findall((value or "").lower()))


@cache
def _tables() -> dict[str, Any]:
    return {key: frozenset(words) for key, words in resources.read_json("surfaces.json").items()}
