"""Tweets in markup that has lost its marks: archives that keep styles only, editors that keep text only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archiver import attribution, dates, html
from archiver.attribution import Attribution
from archiver.html import Anchor, Element, Flow
from archiver.model import Sighting
from archiver.platform import Spot
from archiver.platforms.twitter import links
from archiver.platforms.twitter.address import NAME, status
from archiver.text import squeeze

__all__ = ["WHERE", "in_html"]

# A link whose words may be a date: they are few, and not only Latin letters.
_LATIN = "".join(c for c in map(chr, range(0x20, 0x250)) if c.isalpha() or c in " .,;:!?-/()&$#@")
WHERE = (
    "self::a[contains(@href,'/status') and not(string-length(.) > 999)"
    f" and not(translate(normalize-space(.), '{_LATIN}', '') = '')]"
    " or self::p[contains(.,'(@') and not(ancestor::blockquote)]"
)
_TELLS = re.compile(r"\bpic\.(?:twitter|x)\.com/\w{6}|//t\.co/\w{6}", re.IGNORECASE)
_OWN = re.compile(r"//(?:www\.|mobile\.)?(?:twitter|x)\.com/", re.IGNORECASE)
_SIGNED = re.compile(r"[(（]\s*[@＠]\s*\w{1,20}\s*[)）][\s,.·-]{0,6}$")
_LONGEST = 1500
_MOST_PARENTS = 4


def in_html(spot: Spot) -> Sighting | None:
    """A tweet whose signature ends in this link, or that fills this paragraph."""
    return _paragraph(spot) if html.name(spot.element) == "p" else _link(spot)


def _paragraph(spot: Spot) -> Sighting | None:
    """Words and signature in one paragraph, with a link by which they show themselves as a tweet's."""
    shown = html.flow(spot.element)
    link = next((a for a in reversed(shown.anchors) if status(a.href)), None)
    signed = attribution.read(shown.text, shown.blocks, (link.start, link.end) if link else None)
    if signed is None or not signed.handle or not signed.certain or not signed.date:
        return None
    words = shown.text[: signed.start].strip()
    rest = shown.text[signed.end :].strip()
    tells = bool(_TELLS.search(words)) or any(_OWN.search(anchor.href) for anchor in shown.anchors)
    if not words or rest or not tells or not dates.read(signed.date) or len(words) > _LONGEST:
        return None
    return _sighting(spot, spot.element, shown, link, signed)


def _link(spot: Spot) -> Sighting | None:
    """The link's words are a date, and "(@handle)" stands before it."""
    href = html.attribute(spot.element, "href") or ""
    words = squeeze(html.words(spot.element))
    if not words or len(words) > 60 or not dates.read(words) or not status(href):
        return None
    for block in _blocks(spot.element):
        shown = html.flow(block)
        link = next((a for a in shown.anchors if a.element is spot.element), None)
        if link is None or len(shown.text) > _LONGEST:
            return None
        signed = attribution.read(shown.text, shown.blocks, (link.start, link.end))
        if signed is None or not signed.handle or not _SIGNED.search(shown.text[: link.start]):
            return None
        if shown.text[link.end :].strip():
            return None
        if shown.text[: signed.start].strip():
            return _sighting(spot, block, shown, link, signed) if signed.certain else None
    return None


def _blocks(element: Element) -> Iterator[Element]:
    """The blocks around an element, nearest first, as long as they are no parts of a page."""
    for around in html.around(element)[:_MOST_PARENTS]:
        if html.name(around) in ("body", "html", "article", "main", "blockquote", "td", "table"):
            return
        if html.is_block(around):
            yield around


def _sighting(spot: Spot, block: Element, shown: Flow, link: Anchor | None, signed: Attribution) -> Sighting:
    return Sighting(
        platform=NAME,
        form="text",
        place=spot.place,
        fragment=html.markup(block),
        text=shown.text[: signed.start].strip(),
        author_name=signed.name,
        handle=signed.handle,
        date_written=signed.date,
        url=link.href.strip() if link else None,
        links=tuple(links.in_flow(shown, signed.start, link)),
        confidence=0.9,
    )
