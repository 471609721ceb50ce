"""Whether a page may show a post, told from its tags before it is parsed.

Most pages on which a sign of a post is found show none: they link to one, name a profile, offer to share.
Each start tag around a sign is looked at alone; where a platform's condition asks for more than the tag, its
element is, cut out of the bytes where it is certain where that ends. Whatever is not certain may show one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache

from archiver import embeds, html, marking, surfaces
from archiver.html import Element
from archiver.looking import Asked, Condition, Look
from archiver.marking import Glance, Opening

__all__ = ["may_show"]

_MUTE = ("style", "title")
_NAME = re.compile(rb"<([a-zA-Z][^\s/>]*)")
# Markup in text, as a reference; an address.
_HIDING = re.compile(rb"&(?:amp;)?(?:lt|LT|#0*60|#[xX]0*3[cC])|<[^a-zA-Z/!?]|%3[cC]")
_ADDRESS = b"://"
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# Elements whose end no end tag of a lesser one can bring (libxml2: htmlEndPriority), and what is no markup.
_WEIGHTY = "div|td|th|tr|thead|tbody|tfoot|table|head|body|html"
_NO_MARKUP = "!--|script|style|textarea|title|iframe|noembed|noframes|xmp"
_FARTHEST = 60_000


def may_show(body: bytes, look: Look) -> bool:
    """Whether the bytes of a page may show a post of one of the platforms."""
    seen = marking.glance(body, look)
    if seen is None:
        return True
    if not seen.posts:
        return False
    ask = look.of(number for opening in seen.openings for number in opening.inside | opening.behind)
    openings = [opening for opening in seen.openings if opening.name not in _MUTE]
    return (
        any(_is_lazy(tag) for tag in seen.before_comments)
        or any(_shows_in_text(opening, look) for opening in openings)
        or any(_shows_in_tag(body, opening, seen, ask) for opening in openings)
        or any(
            embeds.are_shown(script.decode("utf-8", "replace"), look) for script in _scripts(openings, look)
        )
    )


def _is_lazy(tag: bytes) -> bool:
    """Whether the comment behind a tag may be what a lazy loader puts in its place."""
    element = _element(tag)
    return element is None or surfaces.looks_lazy(element)


def _element(markup: bytes) -> Element | None:
    name = _NAME.match(markup)
    return html.first(markup, name[1].decode("ascii", "replace").lower()) if name else None


def _shows_in_text(opening: Opening, look: Look) -> bool:
    """Whether text in which something was found may show a post: text that a condition asks for, markup in
    disguise, an address that stands alone, what no markup is and no script."""
    if any(look.conditions[number].tags for number in opening.behind if number in look.conditions):
        return True
    if opening.raw and opening.name != "script":
        return bool(look.found(opening.raw))
    if look.posts.keys().isdisjoint(opening.behind):
        return False
    is_link = opening.name == "a" and b"<" not in opening.text
    return bool(_HIDING.search(opening.text)) or (_ADDRESS in opening.text and not is_link)


def _shows_in_tag(body: bytes, opening: Opening, seen: Glance, ask: Asked) -> bool:
    """Whether an element may show a post by its tag, or meet a platform's condition."""
    look = ask.look
    conditions = {
        condition.alternative: condition
        for number in opening.inside
        if (condition := look.conditions.get(number))
        and (not condition.names or opening.name in condition.names)
    }
    carries = not look.posts.keys().isdisjoint(opening.inside)
    if not conditions and not carries:
        return False
    element = _element(body[opening.start : opening.end])
    if element is None or any(_may_meet(body, opening, element, one, seen) for one in conditions.values()):
        return True
    return carries and embeds.may_be_shown(element, ask)


def _scripts(openings: list[Opening], look: Look) -> Iterator[bytes]:
    """The scripts of which it depends what they show: others hold only signs of platforms whose posts in
    data are none that are shown."""
    for opening in openings:
        found = (look.posts[number] for number in opening.inside if number in look.posts)
        if opening.name == "script" and opening.raw and not all(platform.shown_only for platform in found):
            yield opening.raw


def _may_meet(body: bytes, opening: Opening, element: Element, condition: Condition, seen: Glance) -> bool:
    """Whether an element may meet a condition of a platform that finds signs of a post in it."""
    if condition.own and not html.meets(element, condition.alternative):
        return False
    end = _end(body, opening)
    if end is None:
        return True
    first = bisect_left(seen.posts, (opening.start, ""))
    last = bisect_left(seen.posts, (end, ""))
    if not any(name == condition.name for _, name in seen.posts[first:last]):
        return False
    if condition.own:
        return True
    whole = _element(body[opening.start : end])
    return whole is None or html.meets(whole, condition.alternative)


@cache
def _tags(name: str) -> re.Pattern[bytes]:
    """The tags that tell where an element of this name ends."""
    counted = f"{re.escape(name)}|{_WEIGHTY}"
    return re.compile(rf"<(/?)(?:({_NO_MARKUP})|({counted})(?=[\s/>]))".encode("latin-1"), re.IGNORECASE)


def _behind(body: bytes, tag: re.Match[bytes]) -> int:
    """Where markup goes on behind a comment, or behind text that is no markup."""
    if tag[1]:
        return tag.end()
    close = b"-->" if tag[2] == b"!--" else b"</" + tag[2]
    end = body.find(close, tag.end())
    return len(body) if end < 0 else end + len(close)


def _end(body: bytes, opening: Opening) -> int | None:
    """Where the element of a start tag ends at the latest; None where that is not certain."""
    if opening.name in _VOID:
        return opening.end
    if opening.raw is not None:
        return opening.end + len(opening.raw)
    weighty = 0
    depth = 1
    at = opening.end
    name = opening.name.encode()
    for tag in _tags(opening.name).finditer(body, at, at + _FARTHEST):
        if tag.start() < at:
            continue
        if tag[2]:
            at = _behind(body, tag)
            continue
        step = -1 if tag[1] else 1
        if tag[3].lower() == name:
            depth += step
        else:
            weighty += step
        if weighty < 0 or not depth:
            return None if weighty > 0 else tag.start()
    return None
