"""Exports of sites (WXR of WordPress, feeds with whole texts): healed article by article, in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import unescape

from archiver import charsets
from archiver.heal import Healed, Left, Rules, heal
from archiver.model import Document
from archiver.platform import Platform
from archiver.platforms import PLATFORMS

__all__ = ["heal_export", "is_export"]

_HEAD = re.compile(
    r"\ufeff?\s{0,100}(?:<\?xml\b[^>]{0,300}>\s{0,100})?(?:<!--(?:(?!-->).){0,9000}-->\s{0,100}){0,50}<rss\b",
    re.S,
)
_CONTENT = re.compile(r"<content:encoded\s{0,10}>\s{0,100}(<!\[CDATA\[)?")
_LINK = re.compile(r"<link\s{0,10}>\s{0,100}(?:<!\[CDATA\[)?\s{0,100}(https?://[^\s<>\]]{1,2000})")
_END = "]]>"
_CLOSE = re.compile(r"\s{0,100}</content:encoded")


@dataclass(frozen=True, slots=True)
class _Entry:
    """Where the markup of one article stands; ``plain``: as it is, with nothing escaped."""

    start: int
    end: int
    url: str | None
    plain: bool


def is_export(body: bytes) -> bool:
    """Whether a file is XML that holds whole articles."""
    head = body[:12_000].decode("utf-8", "replace")
    return bool(_HEAD.match(head)) and b"<content:encoded" in body


def heal_export(document: Document, rules: Rules, platforms: Sequence[Platform] = PLATFORMS) -> Healed:
    """An export with the embeds of all its articles healed. Articles whose markup is escaped as a whole
    are left."""
    found = charsets.lossless(document.body, charsets.decode(document.body, document.charset).charset)
    if found is None or found[1].startswith(("utf-16", "utf-32")):
        return Healed(document.body, left=(Left(0, "", None, "encoding-not-reversible"),))
    text, codec = found
    pieces: list[bytes] = []
    sums = Healed(b"")
    at = done = 0
    for number, entry in enumerate(_entries(text), 1):
        gap = text[at : entry.start].encode(codec, "surrogateescape")
        body = text[entry.start : entry.end].encode(codec, "surrogateescape")
        done += len(gap)
        one = _article(body, codec, entry, replace(document, url=entry.url), rules, platforms)
        sums = _joined(sums, one, done, entry.url or f"article {number}")
        pieces += (gap, one.body)
        at, done = entry.end, done + len(body)
    pieces.append(text[at:].encode(codec, "surrogateescape"))
    return replace(sums, body=b"".join(pieces))


def _article(
    body: bytes, codec: str, entry: _Entry, about: Document, rules: Rules, platforms: Sequence[Platform]
) -> Healed:
    if not entry.plain:
        return Healed(body, left=(Left(0, "", None, "escaped-article"),) if b"&lt;" in body else ())
    one = heal(replace(about, body=body, charset=codec), replace(rules, kind="html"), platforms)
    if _END.encode(codec) in one.body:
        return Healed(body, left=tuple(Left(0, key, None, "reads-otherwise") for key in one.keys))
    return one


def _joined(sums: Healed, one: Healed, offset: int, name: str) -> Healed:
    left = (replace(own, place=f"{name}, {own.place}" if own.place else name) for own in one.left)
    return Healed(
        body=b"",
        keys=sums.keys + one.keys,
        left=(*sums.left, *left),
        spans=(*sums.spans, *((start + offset, end + offset) for start, end in one.spans)),
        scripts=sums.scripts + one.scripts,
    )


def _entries(text: str) -> Iterator[_Entry]:
    """The articles in order. A content that is not one section of plain markup is not taken apart."""
    at = 0
    for opening in _CONTENT.finditer(text):
        if opening.start() < at:
            continue
        is_plain = opening[1] is not None
        end = text.find(_END if is_plain else "<", opening.end())
        if end < 0:
            return
        is_whole = not is_plain or _CLOSE.match(text, end + len(_END)) is not None
        item = text.rfind("<item", at, opening.start())
        link = _LINK.search(text, max(item, at), opening.start()) if item >= 0 else None
        url = unescape(link[1]) if link else None
        yield _Entry(opening.end(), end, url, is_plain and is_whole)
        at = end
