"""A page's tree, and which of its elements are worth a look.

What to look for is found in the bytes, before they are parsed; the tags around it get an attribute of
ours, by which their elements are found in the tree and which is taken away again. Where a mark is not found
again (the parser reads the bytes in another way than we do), every element is looked at instead.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, islice

from archiver import html
from archiver.html import Element, Page
from archiver.looking import Condition, Look

__all__ = ["Candidate", "Marked", "hold", "read"]

_KEY = "data-archiver-mark"
_MARK = f' {_KEY}="'.encode()
_MARKED = f"descendant-or-self::*[@{_KEY}]"
# Where the bytes are no markup: comments, and elements of text alone.
_RAW = re.compile(
    rb"<(?:!--|([sS][cC][rR][iI][pP][tT]|[sS][tT][yY][lL][eE]|[tT][eE][xX][tT][aA][rR][eE][aA]|[tT][iI][tT][lL][eE]"
    rb"|[iI][fF][rR][aA][mM][eE]|[nN][oO](?:[eE][mM][bB][eE][dD]|[fF][rR][aA][mM][eE][sS])|[xX][mM][pP])[\s/>])"
)
_NAME = re.compile(rb"<[a-zA-Z][^\s/>]*")
_IN_TAG = re.compile(rb"[\"'>]")
_LETTER = re.compile(rb"[a-zA-Z]")
_LONGEST_TAG = 100_000
# Elements that the parser makes around text before the first tag: html, body, p.
_MADE = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """An element, the names of the platforms whose condition it meets, and whether it may hold an address
    or hide more."""

    element: Element
    asking: tuple[str, ...]
    carries: bool


@dataclass(frozen=True, slots=True)
class Marked:
    """A page, the numbers of all patterns found in it, and its elements worth a look in document order,
    each with the numbers of what was found in its tag or text."""

    page: Page
    numbers: frozenset[int] = frozenset()
    noticed: tuple[tuple[Element, frozenset[int]], ...] = ()

    def candidates(self, look: Look) -> Iterator[Candidate]:
        """The elements to be asked about, and the conditions that they meet."""
        names = {look.posts[number].name for number in self.numbers if number in look.posts}
        for element, numbers in self.noticed:
            wanted: dict[str, Condition] = {}
            for number in numbers:
                condition = look.conditions.get(number)
                if condition and condition.name in names:
                    wanted[condition.name] = condition
            asked = wanted.values() if html.name(element) else ()
            asking = tuple(c.name for c in asked if html.meets(element, c.where))
            carries = any(number in look.posts for number in numbers)
            if asking or carries or html.name(element) in look.tags:
                yield Candidate(element, asking, carries)


def read(text: str, look: Look) -> Marked:
    """The tree of a page, of a piece of one, or of any text that holds markup, and what it holds."""
    marks = _Marks()

    def mark(body: bytes) -> bytes:
        marks.find(body, look)
        return marks.written(body)

    page = html.parse(text, mark)
    numbers = frozenset(number for _, number in marks.hits)
    if page.root is None or not marks.hits:
        return Marked(page, numbers)
    found = marks.elements(page.root) if marks.sure else None
    if found is not None:
        return Marked(page, numbers, tuple(_with_texts(page.root, found, marks, look)))
    page = html.parse(text)
    return Marked(page, numbers, tuple(_all(page.root, look)) if page.root is not None else ())


def hold(tag: str, text: str, look: Look) -> Marked:
    """An element made to hold a text, as a page of its own."""
    root = html.holder(tag, text)
    numbers = frozenset(number for _, number in look.found(text.encode("utf-8", "replace")))
    return Marked(Page(root), numbers, ((root, numbers),) if numbers else ())


@dataclass(slots=True)
class _Tag:
    """A start tag: the numbers found in it (and in the raw text that it opens), and those in text behind."""

    inside: set[int] = field(default_factory=set)
    behind: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Marks:
    """The start tags of some bytes to be marked, by their offset; ``first``: what stands before all tags."""

    hits: list[tuple[int, int]] = field(default_factory=list)
    tags: dict[int, _Tag] = field(default_factory=dict)
    first: set[int] = field(default_factory=set)
    comments: bool = False
    sure: bool = True

    def find(self, body: bytes, look: Look) -> None:
        self.hits = look.wanted(look.found(body))
        if not self.hits:
            return
        if _MARK.strip() in body:
            self.sure = False
            return
        regions = _regions(body)
        begins = [region[0] for region in regions]
        floor, last, end = 0, -1, -1
        for at, number in self.hits:
            region = regions[bisect_right(begins, at) - 1] if begins and begins[0] <= at else (0, 0, False)
            if at < region[1]:
                if region[2]:
                    self.tags.setdefault(region[0], _Tag()).inside.add(number)
                else:
                    self.comments = True
                continue
            start = _start_before(body, at, floor, regions, begins)
            if start is not None and start != last:
                last, end = start, _tag_end(body, start)
            floor = at
            if last < 0:
                self.first.add(number)
                continue
            tag = self.tags.setdefault(last, _Tag())
            (tag.inside if at < end else tag.behind).add(number)

    def written(self, body: bytes) -> bytes:
        """The bytes with the marks in them."""
        pieces: list[bytes] = []
        done = 0
        for number, start in enumerate(sorted(self.tags) if self.sure else ()):
            name = _NAME.match(body, start)
            at = name.end() if name else start
            pieces += (body[done:at], _MARK, b"%d" % number, b'"')
            done = at
        pieces.append(body[done:])
        return b"".join(pieces)

    def elements(self, root: Element) -> list[tuple[Element, _Tag]] | None:
        """The marked elements, without their marks; None where not each mark is found once."""
        tags = [self.tags[start] for start in sorted(self.tags)]
        elements = html.select(root, _MARKED) if tags else []
        numbers = [html.taken(element, _KEY) for element in elements]
        if sorted(numbers) != sorted(map(str, range(len(tags)))):
            return None
        return [(element, tags[int(number)]) for element, number in zip(elements, numbers, strict=True)]


def _tag_end(body: bytes, start: int) -> int:
    """Where a tag ends; of an endless one, where no more of it is looked at."""
    at = last = start + _LONGEST_TAG
    mark = _IN_TAG.search(body, start, last)
    while mark and mark[0] != b">":
        at = body.find(mark[0], mark.end(), last)
        mark = _IN_TAG.search(body, at + 1, last) if at >= 0 else None
    return mark.end() if mark else last


def _regions(body: bytes) -> list[tuple[int, int, bool]]:
    """Where raw text begins (with its tag) and ends, and whether an element holds it (not a comment)."""
    found = []
    opening = _RAW.search(body)
    while opening:
        start = opening.start()
        name = opening[1]
        if name:
            close = _closing(name.lower()).search(body, opening.end())
            end = close.start() if close else len(body)
        else:
            end = body.find(b"-->", start + 2) + 3
            end = end if end > 2 else len(body)
        found.append((start, end, bool(name)))
        opening = _RAW.search(body, end)
    return found


@cache
def _closing(name: bytes) -> re.Pattern[bytes]:
    letters = b"".join(b"[%c%c]" % (letter, letter - 32) for letter in name)
    return re.compile(rb"</" + letters + rb"[\s/>]")


def _start_before(
    body: bytes, at: int, floor: int, regions: list[tuple[int, int, bool]], begins: list[int]
) -> int | None:
    """Where the last start tag before an offset begins, None where none does behind ``floor``."""
    end = at + 1
    while True:
        opening = body.rfind(b"<", floor, end)
        if opening < 0:
            return None
        number = bisect_right(begins, opening) - 1
        if number >= 0 and opening < regions[number][1]:
            if regions[number][2]:
                return regions[number][0]
            end = regions[number][0]
        elif _LETTER.match(body, opening + 1):
            return opening
        else:
            end = opening


def _with_texts(
    root: Element, found: list[tuple[Element, _Tag]], marks: _Marks, look: Look
) -> Iterator[tuple[Element, frozenset[int]]]:
    """The marked elements, those whose text was found behind them, and comments."""
    numbers: dict[Element, set[int]] = {element: set(tag.inside) for element, tag in found}
    for element in islice(html.named(root), _MADE) if marks.first else ():
        numbers.setdefault(element, set()).update(marks.first)
    climbed: set[Element] = set()
    for element, tag in found:
        if tag.behind:
            _behind(element, tag.behind, look, numbers, climbed)
    if marks.comments:
        for comment in html.select(root, "//comment()"):
            inner = {number for _, number in look.found(html.own_text(comment).encode("utf-8", "replace"))}
            if inner:
                numbers[comment] = inner
    ordered = (
        (element for element, _ in found) if len(numbers) == len(found) else html.in_order(numbers, root)
    )
    yield from ((element, frozenset(numbers[element])) for element in ordered)


def _behind(
    element: Element, found: set[int], look: Look, numbers: dict[Element, set[int]], climbed: set[Element]
) -> None:
    """Notes what stands in text behind a start tag: with the elements in which that text may be, and with
    those around it whose condition asks for it."""
    tags = frozenset[str]().union(
        *(look.conditions[number].tags for number in found if number in look.conditions)
    )
    numbers[element] |= found
    is_near = True
    around = html.parent(element)
    while around is not None and (is_near or tags) and element not in climbed:
        if is_near or html.name(around) in tags:
            numbers.setdefault(around, set()).update(found)
        is_near = is_near and html.is_last(element)
        climbed.add(element)
        element, around = around, html.parent(around)


def _all(root: Element, look: Look) -> Iterator[tuple[Element, frozenset[int]]]:
    """Every element and comment in whose tag or text something is found."""
    elements, said = [], []
    for element, words in html.every(root):
        elements.append(element)
        said.append(words.encode("utf-8", "replace"))
    starts = [0, *accumulate(map(len, said))]
    numbers: list[set[int]] = [set() for _ in elements]
    tags = {tag: n for n, condition in look.conditions.items() for tag in condition.tags}
    for at, number in look.found(b"".join(said)):
        numbers[bisect_right(starts, at) - 1].add(number)
    for element, found in zip(elements, numbers, strict=True):
        if html.name(element) in tags:
            found.add(tags[html.name(element)])
        if found:
            yield element, frozenset(found)
