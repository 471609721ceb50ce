"""The embeds that stand on one tree: what platforms know of, and whatever else carries a post's address."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from archiver import healed, html, ids, marking, payloads, surfaces
from archiver.html import Element
from archiver.looking import Asked, Look
from archiver.marking import Candidate, Marked
from archiver.model import Note, Sighting
from archiver.payloads import Strings
from archiver.platform import Address, Platform, Spot
from archiver.surfaces import Hidden, Surface, table, words_of

__all__ = ["Found", "are_shown", "cited", "in_data", "may_be_shown", "on_surface"]

_DEEPEST = 4
_LEAST = 12
_MARKUP = re.compile(r"<[a-zA-Z]|&lt;[a-zA-Z]|\\u003[cC]|\\x3[cC]|%3[cC]")
# Values that hold markup or JSON, not an address.
_CODE = re.compile(r"\s*[\[{]|[^<]*<|%3[cC]")
# What stands in every string with an address, markup or more JSON.
_SIGN = re.compile(r"[/{]|%2")
_DATA = re.compile(r"^\s*(?:[0-9a-f]{1,6}:\w{0,2})?[\[{]|^[^<]*[\[{]\\{0,3}\"")
_ADDRESS = re.compile(r"https?://[^\s<>\"'`()\[\]{}|\\]{4,2000}", re.IGNORECASE)
_AFTER = ".,;:!?*_~…”’»"
# Attributes of other elements than frames must hold the post's own address, not a path that leads to it.
_ABSOLUTE = re.compile(r"\s*\{?(?:[a-z]{2,6}:|https?%3a)?(?://|%2f%2f|/web/\d|did:)", re.IGNORECASE)
_LONGEST, _LONGEST_FRAGMENT, _LONGEST_DETAIL = 4000, 20_000, 500


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: ``element`` in its own tree (None for an object of JSON), ``host`` in the page's,
    ``copy`` where only a script or another reader than the browser's would see it."""

    answer: Sighting | Note
    element: Element | None
    host: Element
    copy: bool = False


def on_surface(surface: Surface, ask: Asked) -> Iterator[Found]:
    """Embeds, notes and (with ``links``) citations of one tree of the page, in document order."""
    yield from _on_tree(surface.marked, ask, surface.line, 0)


def may_be_shown(element: Element, ask: Asked) -> bool:
    """Whether an element that stands alone shows a post or hides one, but for what platforms know of it, or
    something that is noted."""
    spot = Spot(element, "")
    answer = _at(spot, Candidate(element, (), True), ask, False)
    answers = [answer, *(found.answer for found in _behind(spot, ask, 0))]
    return any(isinstance(one, Note) or _is_shown(one, ask.look) for one in answers if one)


def are_shown(script: str, look: Look) -> bool:
    """Whether the text of a script alone puts a post on its page."""
    spot = Spot(html.holder("script", ""), "")
    seen = (found.answer for found in _in_hidden(surfaces.of_script(script), look.of(look.posts), spot, 0))
    return any(isinstance(one, Sighting) and _is_shown(one, look) for one in seen)


def _is_shown(seen: Sighting, look: Look) -> bool:
    return in_data(seen, look.platforms).kind == "embed"


def in_data(seen: Sighting, platforms: Sequence[Platform]) -> Sighting:
    """What stands in a page's data and not in the page: a link, for platforms of which that is said."""
    platform = next(p for p in platforms if p.name == seen.platform)
    return replace(seen, kind="link", form="link") if platform.shown_only and seen.form == "json" else seen


def _on_tree(marked: Marked, ask: Asked, line: int, depth: int) -> Iterator[Found]:
    strong: set[Element] = set()
    claimed: set[Element] = set()
    for number, candidate in enumerate(marked.candidates(ask.look), 1):
        element = candidate.element
        at = html.line_of(element)
        what = html.name(element) or "comment"
        place = f"line {at + line}, {what} {number}" if at else f"{what} {number}"
        spot = Spot(element, place, html.is_inside(element, strong))
        answer = _at(spot, candidate, ask, html.is_inside(element, claimed))
        behind = list(_behind(spot, ask, depth)) if candidate.carries and depth < _DEEPEST else []
        if isinstance(answer, Sighting):
            claimed.add(element)
            strong.update([] if answer.form in table("weak forms") else [element])
        if answer is not None and not (isinstance(answer, Note) and _any_seen(behind)):
            yield Found(answer, element, element, surfaces.is_copy(element))
        yield from behind


def _any_seen(behind: Iterable[Found]) -> bool:
    """Whether something was understood: then what hides it is no riddle."""
    return any(isinstance(found.answer, Sighting) for found in behind)


def _behind(spot: Spot, ask: Asked, depth: int) -> Iterator[Found]:
    """What an element hides."""
    for text in surfaces.hidden(spot.element):
        yield from _in_hidden(text, ask, spot, depth)


def _in_hidden(hidden: Hidden, ask: Asked, spot: Spot, depth: int) -> Iterator[Found]:
    seen = ask.sight(hidden.text)
    if seen:
        yield from _in_text(hidden.text, hidden.form, *seen, spot, depth + 1)


def _at(spot: Spot, candidate: Candidate, ask: Asked, inside: bool) -> Sighting | Note | None:
    asking = (p for p in ask.platforms if p.name in candidate.asking)
    answer = next((a for a in (p.in_html(spot) for p in asking) if a is not None), None)
    if answer is None and candidate.carries and not inside:
        answer = _carried(spot, ask)
    return answer or (None if inside else _unknown(spot, ask))


def _carried(spot: Spot, ask: Asked) -> Sighting | Note | None:
    """An element that carries a post's address."""
    tag = html.name(spot.element)
    if tag == "a":
        return _anchor(spot, ask)
    looks = words_of(html.attribute(spot.element, "class"))
    if tag in table("silent elements") or looks & table("silent classes"):
        return None
    for key, value in html.attributes(spot.element):
        if words_of(key) & table("silent attributes") or _CODE.match(value):
            continue
        found = addressed(value, ask) if tag in table("frames") or _ABSOLUTE.match(value) else None
        if found:
            form = "iframe" if tag in table("frames") else "amp" if tag[:4] == "amp-" else "placeholder"
            return _sighting(spot, found, form, value)
    return _bare(spot, ask)


def _anchor(spot: Spot, ask: Asked) -> Sighting | None:
    """A citation; a card where the link is what an embed has become."""
    href = html.attribute(spot.element, "href") or ""
    looks = words_of(html.attribute(spot.element, "class"))
    is_card = bool(looks & table("embed words")) and not looks & table("silent classes")
    found = addressed(href, ask) if href else None
    if found is None:
        return None
    return _sighting(spot, found, "placeholder" if is_card else "link", href)


def _bare(spot: Spot, ask: Asked) -> Sighting | None:
    """A paragraph that holds nothing but an address: an embed that was never fetched."""
    element = spot.element
    if html.name(element) not in table("paragraphs") or html.has_elements(element):
        return None
    words = html.own_text(element).strip()
    found = addressed(words, ask) if "://" in words and not words.split()[1:] else None
    return _sighting(spot, found, "url", words) if found else None


def _unknown(spot: Spot, ask: Asked) -> Note | None:
    """What shows itself as an embed, but not of what."""
    tag = html.name(spot.element)
    if tag in table("frames"):
        return _frame(spot, ask)
    looks = words_of(html.attribute(spot.element, "class"))
    if tag == "blockquote" and looks & table("embed words") and not _is_template(spot.element):
        return Note("embed-unknown", spot.place, html.squeezed(spot.element)[:_LONGEST_DETAIL])
    return None


def _is_template(element: Element) -> bool:
    return "{" in html.markup(element)


def _frame(spot: Spot, ask: Asked) -> Note | None:
    """A frame of a known platform that shows no post, or one that says it is an embed of something else."""
    element = spot.element
    values = (html.attribute(element, key) or "" for key in ("src", "data-src"))
    address = next((value for value in values if "//" in value), "")
    host = ids.host(address)
    if not host or "{" in address or words_of(address.partition("?")[0]) & table("silent frames"):
        return None
    pieces = (piece.strip("/") for platform in ask.look.platforms for piece in platform.hosts)
    if any(f".{host}".endswith(f".{piece}") for piece in pieces if "." in piece):
        return Note("frame-without-post", spot.place, address[:_LONGEST_DETAIL])
    around = [element, *html.around(element)[:2]]
    looks = frozenset[str]().union(*(words_of(html.attribute(one, "class")) for one in around))
    if looks & table("embed words") or words_of(address) & table("embed words"):
        return Note("frame-unknown", spot.place, address[:_LONGEST_DETAIL])
    return None


def addressed(written: str, ask: Asked) -> tuple[Platform, Address] | None:
    """The platform whose post an address names, also inside a redirector's or a web archive's."""
    if len(written) > _LONGEST:
        return None
    for candidate in ids.unwrapped(written):
        low = candidate.lower()
        for platform in ask.platforms:
            if any(piece in low for piece in platform.hosts) and (found := platform.address(candidate)):
                return platform, found
    return None


def cited(text: str, ask: Asked) -> Iterator[Sighting]:
    """The posts whose addresses stand in a plain text."""
    for match in _ADDRESS.finditer(text):
        written = match[0].rstrip(_AFTER)
        found = addressed(written, ask)
        if found:
            span = (match.start(), match.start() + len(written))
            yield Sighting(
                platform=found[0].name,
                form="link",
                kind="link",
                span=span,
                fragment=written,
                handle=found[1].handle,
                url=written,
            )


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


def _in_text(text: str, form: str, ask: Asked, places: list[int], spot: Spot, depth: int) -> Iterator[Found]:
    """What stands in a hidden text: JSON and markup, in each other. ``places``: where signs of posts do."""
    if form != "json":
        yield from _in_markup(text, form, ask, spot, depth)
        return
    strings = payloads.found_in(text, places)
    values, rest = payloads.read(text, strings)
    for platform in ask.platforms:
        for seen in platform.in_script(text):
            yield Found(replace(seen, place=spot.place), None, spot.element, copy=True)
    for value in values:
        yield from _in_value(value, strings, ask, spot, depth)
    if _MARKUP.search(rest) and ask.is_worth(rest):
        yield from _in_markup(rest, form, ask, spot, depth)


def _in_markup(text: str, form: str, ask: Asked, spot: Spot, depth: int) -> Iterator[Found]:
    for found in _on_tree(marking.read(surfaces.plain(text), ask.look), ask, 0, depth):
        answer = replace(found.answer, place=spot.place)
        if isinstance(answer, Sighting) and answer.kind == "embed" and answer.form != healed.FORM:
            answer = replace(answer, form=form)
        yield replace(found, answer=answer, host=spot.element, copy=True)


def _in_value(value: Any, strings: Strings, ask: Asked, spot: Spot, depth: int) -> Iterator[Found]:
    """What stands in a value of JSON, in order; of it, only what holds one of the strings is looked at."""
    telling = payloads.told(value, strings)
    waiting: list[tuple[str, Any, bool]] = [("", value, False)]
    while waiting:
        key, one, said = waiting.pop()
        if isinstance(one, str):
            if one in strings.words:
                yield from _in_string(key, one, ask, spot, depth)
        elif id(one) not in telling:
            continue
        elif isinstance(one, list):
            waiting += [(key, inner, said) for inner in reversed(one)]
        elif isinstance(one, dict):
            seen = next((s for s in (p.in_data(one) for p in ask.reading) if s), None)
            says = bool(words_of(key) & table("embed words")) or _says_embed(one, said, ask)
            carried = seen or (_carried_by(one, ask) if says else None)
            if carried:
                yield _of_data(carried, one, spot)
            if not seen:
                waiting += _inside(one, says)


def _inside(value: Mapping[str, Any], says: bool) -> list[tuple[str, Any, bool]]:
    """What an object holds, last first: key, value, and whether it is the data of an embed."""
    return [
        (key, inner, says and key.lower() in table("holder keys"))
        for key, inner in reversed(list(value.items()))
        if not words_of(key) & table("inner keys")
    ]


def _of_data(seen: Sighting, value: Mapping[str, Any], spot: Spot) -> Found:
    fragment = seen.fragment or json.dumps(value, ensure_ascii=False)[:_LONGEST_FRAGMENT]
    return Found(replace(seen, fragment=fragment, place=spot.place), None, spot.element, copy=True)


def _carried_by(value: Mapping[str, Any], ask: Asked) -> Sighting | None:
    """The post whose address stands in an object that says it is an embed."""
    for name, one in value.items():
        if isinstance(one, str) and "://" in one and not words_of(name) & table("silent keys"):
            found = addressed(one, ask) if "<" not in one else None
            if found:
                author = value.get("author_name") or value.get("authorName")
                return Sighting(
                    platform=found[0].name,
                    form="json",
                    handle=found[1].handle,
                    author_name=author if isinstance(author, str) and author else None,
                    url=one.strip(),
                )
    return None


def _says_embed(value: Mapping[str, Any], said: bool, ask: Asked) -> bool:
    """Whether an object's type, or (``said``) the type of the one around it, is that of an embed."""
    kinds = table("type keys")
    words = [v.lower() for k, v in value.items() if isinstance(v, str) and k.lower() in kinds]
    if any(word in table("link types") for word in words):
        return False
    signs = table("embed types") | {platform.name for platform in ask.platforms}
    return said or any(sign in word for word in words if "://" not in word for sign in signs)


def _in_string(key: str, one: str, ask: Asked, spot: Spot, depth: int) -> Iterator[Found]:
    if len(one) < _LEAST or depth > _DEEPEST or not _SIGN.search(one):
        return
    if _DATA.match(one):
        _, places = ask.sight(one) or (ask, [])
        yield from _in_text(one, "json", ask, places, spot, depth + 1)
    elif _MARKUP.search(one):
        yield from _in_markup(one, "json", ask, spot, depth + 1)
    elif words_of(key) & table("embed words") and (found := addressed(one, ask)):
        seen = Sighting(found[0].name, "json", handle=found[1].handle, url=one.strip())
        yield _of_data(seen, {key: one}, spot)
    elif " " in one:
        yield from (
            Found(replace(s, span=None, place=spot.place), None, spot.element, True) for s in cited(one, ask)
        )
