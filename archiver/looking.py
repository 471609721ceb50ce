"""What to look for in the bytes of a page, and what it means where it is found."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html import unescape

from archiver.platform import SLASH, Platform, nothing
from archiver.scanning import Scan, scanner

__all__ = ["Asked", "Condition", "Look", "look"]

_ALTERNATIVE = re.compile(r"'[^']*'|\"[^\"]*\"|[()\[\]]| or ")
_TAGS = re.compile(r"self::([a-z][a-z0-9-]*)")
_KEYS = re.compile(r"@([a-z][a-z0-9-]*)")
_LITERALS = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_IN_TEXT = re.compile(r"contains\(\s*\.\s*,")
# What an alternative says of text, and of other elements than its own.
_OTHERS = re.compile(r"\.//|[(\[]\s*\.\s*[,)=]|\b(?:ancestor|child|descendant|following|parent|preceding)\b")
_COMMON_KEYS = frozenset(
    "class classname href src id title alt style name content type rel value cite".split()
)
COMMENT = "!--"
"""The kind of raw text that no element holds."""
_RAW = ("script", "style", "textarea", "title", "iframe", "noembed", "noframes", "xmp")
_FRAMES = ("iframe", "frame", "embed", "object", "blockquote")
# Beginnings of base64 that hides markup, an address or JSON, and references to letters, digits and -_.
_RUN = r"[^A-Za-z0-9+/](?:PG|PH|aHR0c|eyJ)[A-Za-z0-9+/]{32}"
_RUNS = re.compile(rb"[^A-Za-z0-9+/]((?:PG|PH|aHR0c|eyJ)[A-Za-z0-9+/]{32,1000000})")
_REFERENCE = (
    r"&#(?:0{0,4}(?:4[56]|4[89]|5[0-7]|6[5-9]|[78][0-9]|90|95|9[7-9]|1[01][0-9]|12[0-2])"
    r"|x0{0,4}(?:2[de]|3[0-9]|[46][1-9a-f]|[57][0-9a]|5f));"
)
_BETWEEN = (b"<", b">", b" ", b"\n")
_LOOK_BACK, _LONGEST = 48, 2000


@dataclass(frozen=True, slots=True)
class Condition:
    """A platform's XPath condition, and that one of its ``alternative``s which is meant; ``own``: whether a
    tag alone says if that is met, ``names``: the tags that can meet it (empty: any); ``tags`` are those that
    it asks of the text below them."""

    name: str
    where: str
    alternative: str
    own: bool
    names: frozenset[str]
    tags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Look:
    """The patterns of some platforms, and what speaks for what: by the number of a pattern, the platform
    whose post it may be of (``posts``) and the condition that an element with it may meet. Elements of
    ``tags`` are looked at in any case. ``opening`` and ``closing``: where text begins and ends that is no
    markup."""

    platforms: tuple[Platform, ...]
    scan: Scan
    posts: dict[int, Platform]
    conditions: dict[int, Condition]
    run: int
    reference: int
    tags: frozenset[str]
    frames: frozenset[int]
    opening: dict[int, str]
    closing: dict[int, str]

    def found(self, body: bytes) -> list[tuple[int, int]]:
        """Where patterns stand in bytes: offsets and numbers in order; what base64 or references to
        letters hide stands where they begin."""
        found = self.scan(body)
        covert = [hit for hit in found if hit[1] in (self.run, self.reference)]
        if not covert:
            return found
        more: set[tuple[int, int]] = set()
        for at, number in covert:
            plain = _from_base64(body, at) if number == self.run else _from_references(body, at)
            inside = (inner for _, inner in self.scan(plain))
            more.update((at, inner) for inner in inside if inner in self.posts or inner in self.conditions)
        return sorted(more.union(found))

    def wanted(self, found: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Of what was found in a page, what counts in it: conditions only of platforms that it may hold."""
        names = {self.posts[number].name for _, number in found if number in self.posts}
        return [
            (at, number)
            for at, number in found
            if number in self.posts
            or number in self.frames
            or (number in self.conditions and self.conditions[number].name in names)
        ]

    def of(self, numbers: Iterable[int], links: bool = False) -> Asked:
        """What is worth asking for where these patterns were found."""
        names = {self.posts[number].name for number in numbers if number in self.posts}
        there = tuple(p for p in self.platforms if p.name in names)
        return Asked(self, there, tuple(p for p in there if p.in_data is not nothing), links)

    def within(self, text: str, links: bool = False) -> Asked:
        """What is worth asking for in a text."""
        return self.of((number for _, number in self.found(_bytes(text))), links)


@dataclass(frozen=True, slots=True)
class Asked:
    """The platforms of which a page, or a text in it, may hold posts; ``reading`` reads JSON; ``links``:
    citations are wanted too."""

    look: Look
    platforms: tuple[Platform, ...]
    reading: tuple[Platform, ...]
    links: bool = False

    def sight(self, text: str) -> tuple[Asked, list[int]] | None:
        """What is worth asking for in one text of the page, and where in it signs of posts stand: offsets in
        order; None where it can hold none."""
        body = _bytes(text)
        found = self.look.found(body)
        asked = self.look.of((number for _, number in found), self.links)
        if not asked.platforms:
            return None
        places = [at for at, number in found if number in self.look.posts]
        return asked, places if len(body) == len(text) else _letters(body, places)

    def is_worth(self, text: str) -> bool:
        """Whether a text may hold a post."""
        return any(number in self.look.posts for _, number in self.look.found(_bytes(text)))


def look(platforms: Sequence[Platform]) -> Look:
    """What to look for, given the platforms."""
    return _look(tuple(platforms))


@cache
def _look(platforms: tuple[Platform, ...]) -> Look:
    patterns: list[str] = [_RUN.lower().replace("a-za-z", "a-z"), _REFERENCE]
    posts: dict[int, Platform] = {}
    conditions: dict[int, Condition] = {}
    for platform in platforms:
        for needle in platform.needles or tuple(re.escape(m.decode("latin-1")) for m in platform.markers):
            posts[len(patterns)] = platform
            patterns.append(needle)
        for pattern, condition in _conditions(platform.name, platform.where or ""):
            conditions[len(patterns)] = condition
            patterns.append(pattern)
    frames = range(len(patterns), len(patterns) + len(_FRAMES))
    patterns += [_tag(name) for name in _FRAMES]
    opening = {len(patterns) + n: kind for n, kind in enumerate((*_RAW, COMMENT))}
    patterns += [*map(_tag, _RAW), "<!--"]
    closing = {len(patterns) + n: kind for n, kind in enumerate((*_RAW, COMMENT))}
    patterns += [*(_tag(f"/{name}") for name in _RAW), "-->"]
    return Look(
        platforms,
        scanner(tuple(patterns)),
        posts,
        conditions,
        run=0,
        reference=1,
        tags=frozenset(_FRAMES),
        frames=frozenset(frames),
        opening=opening,
        closing=closing,
    )


def _conditions(name: str, where: str) -> Iterator[tuple[str, Condition]]:
    """What must stand in an element's tag (or in its text) for the condition to be met: a pattern for each
    word of which one is needed."""
    for alternative in _alternatives(where):
        own = alternative.partition(".//")[0]
        tags = frozenset(_TAGS.findall(own))
        condition = Condition(
            name,
            where,
            alternative,
            own=not _OTHERS.search(alternative),
            names=tags,
            tags=tags if _IN_TEXT.search(own) else frozenset(),
        )
        words = _words(own.partition("not(")[0]) or _words(own)
        if not words or any("-" in tag for tag in tags):
            yield from ((_tag(tag), condition) for tag in sorted(tags))
        elif " or " in own:
            yield from ((_literal(word), condition) for word in sorted(words))
        else:  # all of them are needed: the most telling is enough
            yield _literal(max(words, key=len)), condition


def _words(where: str) -> set[str]:
    """The words and the names of attributes in a condition, without those that stand everywhere."""
    words = {(a or b).strip() for a, b in _LITERALS.findall(where)}
    return {word for word in words if len(word) > 1} | (set(_KEYS.findall(where)) - _COMMON_KEYS)


def _alternatives(where: str) -> Iterator[str]:
    """The parts of a condition between the outermost "or"."""
    depth = begin = 0
    for mark in _ALTERNATIVE.finditer(where):
        if mark[0] in "([":
            depth += 1
        elif mark[0] in ")]":
            depth -= 1
        elif mark[0] == " or " and not depth:
            yield where[begin : mark.start()]
            begin = mark.end()
    if where:
        yield where[begin:]


def _literal(word: str) -> str:
    escaped = "".join(
        SLASH if c == "/" else "(?:@|%40|&#64;|&#x40;)" if c == "@" else re.escape(c) for c in word
    )
    return escaped.lower()


def _tag(name: str) -> str:
    return rf"<{re.escape(name)}[\s/>]"


def _letters(body: bytes, places: Iterable[int]) -> list[int]:
    """Offsets in the text that bytes stand for, given offsets in them, in order."""
    found = []
    before = letters = 0
    for place in places:
        letters += len(body[before:place].decode("utf-8", "ignore"))
        found.append(letters)
        before = place
    return found


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _from_base64(body: bytes, at: int) -> bytes:
    """What base64 hides that begins shortly before an offset."""
    run = _RUNS.search(body, max(0, at - _LOOK_BACK))
    return base64.b64decode(run[1][: len(run[1]) & ~3]) if run and run.start() < at else b""


def _from_references(body: bytes, at: int) -> bytes:
    """The words around an offset without their references."""
    begin = max(body.rfind(mark, max(0, at - _LONGEST), at) for mark in _BETWEEN)
    ends = [end for mark in _BETWEEN if (end := body.find(mark, at, at + _LONGEST)) >= 0]
    words = body[begin + 1 : min(ends, default=at + _LONGEST)] if begin >= 0 else b""
    return _bytes(unescape(words.decode("utf-8", "replace")))
