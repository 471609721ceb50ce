"""Which elements of a tree are worth asking about: one pass over all of them, as cheap as it can be."""

from __future__ import annotations

import base64
import binascii
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from urllib.parse import quote

from archiver import html
from archiver.html import Element
from archiver.platform import Platform, nothing
from archiver.surfaces import table

__all__ = ["Asked", "Candidate", "Condition", "asked", "walk"]

_TAGS = re.compile(r"self::([a-z][a-z0-9-]*)")
_KEYS = re.compile(r"@([a-z][a-z0-9-]*)")
_LITERALS = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_COMMON_KEYS = frozenset(
    "class classname href src id title alt style name content type rel value cite".split()
)
# Beginnings of values that hide markup, an address or JSON: plain, URL-encoded, base64 of each.
_STARTS = ("{", "[", "%7B", "%5B", "PGJsb2N", "PGlmcmF", "PGRpd", "PHNjcml", "PHA", "PGEg", "aHR0c", "eyJ")
_INSIDE = ("<", "&lt;", "%3C", "%3c")
_RUNS = tuple(re.compile(start + rb"[A-Za-z0-9+/]{32,}={0,2}") for start in (b"PG", b"PH", b"aHR0c", b"eyJ"))
_HOLDERS = frozenset("script textarea iframe noembed noframes xmp".split())
_PARAGRAPHS = table("paragraphs")


@dataclass(frozen=True, slots=True)
class Condition:
    """A platform's XPath condition, and the tags and words (also names of attributes) without one of
    which it is never met."""

    name: str
    where: str
    tags: frozenset[str]
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """The platforms of which a page may hold posts: those whose markers stand in it. ``pieces`` are the
    words of which one stands in every text that is worth reading; ``reading`` reads JSON."""

    platforms: tuple[Platform, ...]
    reading: tuple[Platform, ...]
    pieces: tuple[str, ...]
    conditions: tuple[Condition, ...]
    lower: bool = False
    links: bool = False

    def of(self, text: str) -> Asked | None:
        """What is worth asking for in one text of the page; None where it can hold no post."""
        text = self._plain(text)
        pieces = tuple(piece for piece in self.pieces if piece in text)
        if not pieces:
            return None
        there = tuple(p for p in self.platforms if any(piece in pieces for piece in _pieces(p)))
        names = {p.name for p in there}
        reading = tuple(p for p in self.reading if p.name in names)
        conditions = tuple(c for c in self.conditions if c.name in names)
        return Asked(there, reading, pieces, conditions, self.lower, self.links)

    def is_worth(self, text: str) -> bool:
        """Whether a text may hold a post."""
        text = self._plain(text)
        return any(piece in text for piece in self.pieces)

    def _plain(self, text: str) -> str:
        """The text as pieces are looked for in it: slashes without their escapes."""
        if self.lower:
            text = text.lower()
        return _unescaped(text)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An element, the names of the platforms whose condition it meets, whether it may hold an address,
    and whether it may hide more."""

    element: Element
    asking: tuple[str, ...]
    carries: bool
    hides: bool


def asked(body: bytes, platforms: Sequence[Platform], links: bool = False) -> Asked:
    """What is worth asking for in a document, given its bytes in an encoding that keeps ASCII."""
    low = body.lower() + b"".join(_decoded(run) for pattern in _RUNS for run in pattern.findall(body)).lower()
    low = _unescaped(low.decode("latin-1")).encode("latin-1")
    there = tuple(p for p in platforms if any(mark in low for mark in p.markers))
    pieces = {piece for p in there for piece in _pieces(p)}
    return Asked(
        platforms=there,
        reading=tuple(p for p in there if p.in_data is not nothing),
        pieces=tuple(sorted(pieces)),
        conditions=tuple(_condition(p.name, p.where) for p in there if p.where),
        lower=b"HTTP" in body or b".COM/" in body,
        links=links,
    )


@cache
def _pieces(platform: Platform) -> tuple[str, ...]:
    return platform.signs or (*platform.hosts, *(mark.decode() for mark in platform.markers))


def _unescaped(text: str) -> str:
    """A text with its slashes without their escapes, of JSON (once or twice) and of addresses."""
    if "\\" in text:
        text = text.replace("u002F", "/").replace("u002f", "/")
        while "\\/" in text:
            text = text.replace("\\/", "/")
    if "%2" in text or "%40" in text:
        text = text.replace("%2F", "/").replace("%2f", "/").replace("%40", "@")
    return text


def _decoded(run: bytes) -> bytes:
    try:
        return base64.b64decode(run + b"=" * (-len(run) % 4))
    except binascii.Error:
        return b""


@cache
def _condition(name: str, where: str) -> Condition:
    literals = {(a or b).strip() for a, b in _LITERALS.findall(where)}
    words = {word for word in literals if len(word) > 1} | (set(_KEYS.findall(where)) - _COMMON_KEYS)
    return Condition(name, where, frozenset(_TAGS.findall(where)), frozenset(words))


@dataclass(slots=True)
class _Notice:
    """What speaks for looking at one element."""

    conditions: dict[str, Condition] = field(default_factory=dict)
    carries: bool = False
    hides: bool = False


def walk(root: Element, ask: Asked) -> Iterator[Candidate]:
    """The elements and comments worth a look, in document order."""
    elements: list[Element] = []
    said: list[str] = []
    noticed: dict[int, _Notice] = defaultdict(_Notice)
    by_tag: dict[str, list[Condition]] = defaultdict(list)
    for condition in ask.conditions:
        for tag in condition.tags:
            by_tag[tag].append(condition)
    for at, (element, tag, words, text) in enumerate(html.every(root)):
        elements.append(element)
        said.append(words)
        if tag in _HOLDERS or "<" in text or "&lt;" in text:
            noticed[at].hides = True
        elif tag in _PARAGRAPHS and "://" in text[:40]:
            noticed[at].carries = True
        if tag in by_tag:
            noticed[at].conditions.update((c.name, c) for c in by_tag[tag])
    _search(said, ask, noticed)
    for at in sorted(noticed):
        notice, element = noticed[at], elements[at]
        asking = tuple(c.name for c in notice.conditions.values() if html.meets(element, c.where))
        if asking or notice.carries or notice.hides:
            yield Candidate(element, asking, notice.carries, notice.hides)


def _search(said: list[str], ask: Asked, noticed: dict[int, _Notice]) -> None:
    """Looks for every word in the attributes of all elements at once."""
    whole = "".join(said)
    starts = [0, *accumulate(map(len, said))]
    low = whole.lower() if ask.lower else whole
    pieces = set(ask.pieces)
    if "%2" in whole:
        pieces |= {quoted for piece in ask.pieces if "/" in piece for quoted in _quoted(piece)}
    for piece in pieces:
        for at in _places(piece, low, starts):
            noticed[at].carries = True
    for condition in ask.conditions:
        for word in condition.words:
            for at in _places(word, whole, starts):
                noticed[at].conditions[condition.name] = condition
    for sign in (*_INSIDE, *(f"\n{start}" for start in _STARTS)):
        for at in _places(sign, whole, starts):
            noticed[at].hides = True


@cache
def _quoted(piece: str) -> tuple[str, ...]:
    """A piece as it stands inside an address that stands inside another one."""
    upper = quote(piece, safe="")
    return upper, upper.lower(), quote(piece, safe="@").replace("/", "%2F")


def _places(word: str, whole: str, starts: list[int]) -> Iterator[int]:
    """The numbers of the elements in whose words it stands, each once."""
    at = whole.find(word)
    while at >= 0:
        number = bisect_right(starts, at) - 1
        yield number
        at = whole.find(word, max(starts[number + 1], at + 1))
