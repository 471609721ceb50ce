"""Where the tags of a source stand: what lies between the characters of a page and the elements of its tree.

The parser tells no offsets. So every start tag that is found here gets a number, written into it as an
attribute, and the parser itself says which element came of which tag. What was found wrongly (in a place
that the parser takes for something else) changes nothing but that its number is never seen.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

__all__ = [
    "ATTRIBUTE",
    "Script",
    "Tag",
    "disjoint",
    "end_of",
    "marked",
    "numbers",
    "opened",
    "scripts",
    "tags",
]

ATTRIBUTE = "data-nth"

_TAG_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9-]{0,80})(?=[\s/>])")
_PART = re.compile(r"[\s/]*([^\s/>=][^\s/>=]*)?(?:\s*=\s*(\"[^\"]*\"|'[^']*'|(?![\"'])[^\s>]*))?")
_NUMBER = re.compile(rf'\s{ATTRIBUTE}="(\d{{1,9}})"')
_RAW = frozenset("script style textarea title xmp iframe noembed noframes".split())
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_LONGEST_LOADER = 1500
_AHEAD = re.compile(r"preload|prefetch", re.IGNORECASE)
_JOINERS = ("insertBefore", "appendChild", ".append(", ".src")


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag: its name in lower case, where its "<" stands, where its name ends, and where it ends itself.
    ``closes``: it is an end tag. ``inside``: where what follows it as text only (a script, say) ends."""

    name: str
    start: int
    named: int
    end: int
    closes: bool = False
    inside: int | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """A script element: its span, the address that it loads, and its own text."""

    start: int
    end: int
    address: str | None
    text: str

    @property
    def loads(self) -> str:
        """Where the address of what it loads stands: its own, or for a short loader its text."""
        if self.address:
            return self.address
        is_loader = len(self.text) <= _LONGEST_LOADER and any(word in self.text for word in _JOINERS)
        return self.text if is_loader else ""


def tags(text: str) -> list[Tag]:
    """The tags of a source in order, comments and what is text only left out."""
    return list(_tags(text))


def _tags(text: str) -> Iterator[Tag]:
    at = text.find("<")
    while at >= 0:
        found = _TAG_NAME.match(text, at + 1)
        if not found:
            at = _behind(text, at)
        else:
            tag = _tag(text, at, found)
            if tag is None:
                return
            yield tag
            at = tag.end if tag.inside is None else tag.inside
        at = text.find("<", at) if at >= 0 else -1


def _behind(text: str, at: int) -> int:
    """What follows on something that begins as a tag and is none; -1 where it never ends."""
    if text.startswith("<!--", at):
        if text.startswith((">", "->"), at + 4):
            return at + 5
        return text.find("-->", at + 4)
    if text.startswith("<![CDATA[", at):
        return at + 9
    if text.startswith(("<!", "<?"), at) or (text.startswith("</", at) and text[at + 2 : at + 3] != ""):
        return text.find(">", at + 2)
    return at + 1


def _tag(text: str, at: int, found: re.Match[str]) -> Tag | None:
    """None where the text ends before the tag does."""
    name, closes = found[1].lower(), text[at + 1] == "/"
    end = found.end()
    while end < len(text) and text[end] != ">":
        part = _PART.match(text, end)
        if part is None or part.end() == end:  # a quotation mark that is never closed
            return None
        end = part.end()
    if end >= len(text):
        return None
    inside = _end_of_text(text, name, end + 1) if name in _RAW and not closes else None
    return Tag(name, at, found.end(), end + 1, closes, inside)


def _end_of_text(text: str, name: str, at: int) -> int:
    """Where the end tag stands that ends an element of text only; the end of the source without one."""
    found = _closing(name).search(text, at)
    return found.start() if found else len(text)


def _closing(name: str) -> re.Pattern[str]:
    return _CLOSINGS[name]


_CLOSINGS = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}


def marked(text: str, found: Sequence[Tag], span: tuple[int, int] | None = None) -> str:
    """The source (or a span of it) with a number in every start tag: that of the tag in the list."""
    at, last = span or (0, len(text))
    pieces: list[str] = []
    for number in _numbers(found, (at, last)):
        named = found[number].named
        pieces += (text[at:named], f' {ATTRIBUTE}="{number}"')
        at = named
    return "".join((*pieces, text[at:last]))


def opened(found: Sequence[Tag], span: tuple[int, int]) -> set[int]:
    """The numbers of the start tags in a span."""
    return set(_numbers(found, span))


def _numbers(found: Sequence[Tag], span: tuple[int, int]) -> Iterator[int]:
    first, last = (bisect_left(found, place, key=lambda tag: tag.start) for place in span)
    return (number for number in range(first, last) if not found[number].closes)


def numbers(fragment: str) -> list[int]:
    """The numbers in the markup of an element, its own first."""
    return [int(number) for number in _NUMBER.findall(fragment)]


def end_of(found: Sequence[Tag], number: int) -> int | None:
    """Where the element of a start tag ends in the source: behind the end tag that belongs to it if elements
    of its name are nested as they should be. None where there is none."""
    tag = found[number]
    if tag.name in _VOID:
        return tag.end
    depth = 1
    for other in found[number + 1 :]:
        if other.name == tag.name:
            depth += -1 if other.closes else 1
            if not depth:
                return other.end
    return None


def scripts(text: str, found: Sequence[Tag]) -> list[Script]:
    """The script elements of a source, and the links by which a browser loads scripts ahead."""
    made = []
    for tag, following in zip(found, [*found[1:], None], strict=True):
        inside = text[tag.named : tag.end]
        if tag.name == "script" and not tag.closes and tag.inside is not None and following is not None:
            address = _attribute(inside, "src")
            made.append(Script(tag.start, following.end, address, text[tag.end : tag.inside]))
        elif tag.name == "link" and _AHEAD.search(_attribute(inside, "rel") or ""):
            made.append(Script(tag.start, tag.end, _attribute(inside, "href"), ""))
    return made


def _attribute(inside: str, key: str) -> str | None:
    at = 0
    while at < len(inside):
        part = _PART.match(inside, at)
        if part is None or part.end() == at:
            return None
        if part[1] and part[1].lower() == key:
            return (part[2] or "").strip("\"'").strip() or None
        at = part.end()
    return None


def disjoint(spans: Iterable[tuple[int, int]]) -> list[bool]:
    """Whether each span shares no character with an earlier one of the list.

    >>> disjoint([(5, 9), (0, 4), (8, 12)])
    [True, True, False]
    """
    kept: list[tuple[int, int]] = []
    answers = []
    for start, end in spans:
        at = bisect_left(kept, (end, end))
        is_free = at == 0 or kept[at - 1][1] <= start
        answers.append(is_free)
        if is_free:
            insort(kept, (start, end))
    return answers
