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
from itertools import accumulate, islice

from archiver import html
from archiver.html import Element, Page
from archiver.looking import COMMENT, Condition, Look

__all__ = ["Candidate", "Glance", "Marked", "Opening", "glance", "hold", "read"]

_KEY = "data-archiver-mark"
_MARK = f' {_KEY}="'.encode()
_MARKED = f"descendant-or-self::*[@{_KEY}]"
_NAME = re.compile(rb"<[a-zA-Z][^\s/>]*")
_IN_TAG = re.compile(rb"[\"'>]")
_TAG = re.compile(rb"<[a-zA-Z/!?]")
_SCRIPT = re.compile(rb"<[sS][cC][rR][iI][pP][tT][\s/>]")
_LETTER = re.compile(rb"[a-zA-Z]")
_END_OF_TAG = re.compile(rb"[^\"'>]*>")
_LONGEST_TAG = 100_000
_CLOSE = 3
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
class Opening:
    """A start tag in bytes, from ``start`` to ``end``: the numbers found in it (and in ``raw``, the text that
    it opens where that is no markup), and those found in ``text`` behind it, where end tags may stand too."""

    name: str
    start: int
    end: int
    inside: frozenset[int]
    behind: frozenset[int]
    raw: bytes | None
    text: bytes


@dataclass(frozen=True, slots=True)
class Glance:
    """A page before it is parsed: where signs of posts stand, and of which platform; the start tags with
    something in them; the last start tags before comments that hold something."""

    posts: tuple[tuple[int, str], ...]
    openings: tuple[Opening, ...]
    before_comments: tuple[bytes, ...]


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


def read(text: str | bytes, look: Look) -> Marked:
    """The tree of a page, of a piece of one, or of any text that holds markup (bytes: in UTF-8), and what it
    holds."""
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


def glance(body: bytes, look: Look) -> Glance | None:
    """What the tags of a page hold, as its bytes say; None where that is not to be told before they are
    parsed."""
    marks = _Marks()
    marks.find(body, look)
    if not marks.sure or marks.first or _is_open(body, marks.regions):
        return None
    posts = look.posts.keys()
    telling = (at for at, tag in marks.tags.items() if not posts.isdisjoint(tag.inside | tag.behind))
    if any(marks.is_inside_tag(body, start) for start in telling):
        return None
    return Glance(
        posts=tuple((at, look.posts[number].name) for at, number in marks.hits if number in look.posts),
        openings=tuple(_opening(body, start, tag) for start, tag in sorted(marks.tags.items())),
        before_comments=tuple(body[at : _tag_end(body, at)] for at in sorted(marks.comments) if at >= 0),
    )


def _is_open(body: bytes, regions: list[tuple[int, int, bool]]) -> bool:
    """Whether text that is no markup goes on to the end of a page, and is no script."""
    return bool(regions) and regions[-1][1] > len(body) and not _SCRIPT.match(body, regions[-1][0])


def _opening(body: bytes, start: int, tag: _Tag) -> Opening:
    end = _tag_end(body, start)
    name = _NAME.match(body, start, end)
    text_end = _TAG.search(body, tag.reach) if tag.behind else None
    return Opening(
        name=name[0][1:].decode("ascii", "replace").lower() if name else "",
        start=start,
        end=end,
        inside=frozenset(tag.inside),
        behind=frozenset(tag.behind),
        raw=body[end : tag.end] if tag.raw else None,
        text=body[end : text_end.start() if text_end else len(body)] if tag.behind else b"",
    )


def hold(tag: str, text: str, look: Look) -> Marked:
    """An element made to hold a text, as a page of its own."""
    root = html.holder(tag, text)
    # What hides in base64 is known by the letter before it.
    numbers = frozenset(number for _, number in look.found(b"\n" + text.encode("utf-8", "replace")))
    return Marked(Page(root), numbers, ((root, numbers),) if numbers else ())


@dataclass(slots=True)
class _Tag:
    """A start tag: where it ends (-1 where nobody has asked), the numbers found in it (and in the text that
    it opens, where that is ``raw``), and those in text behind, as far as ``reach``."""

    end: int = -1
    raw: bool = False
    inside: set[int] = field(default_factory=set)
    behind: set[int] = field(default_factory=set)
    reach: int = 0

    def add(self, body: bytes, start: int, at: int, number: int) -> None:
        """Notes a number found at a place."""
        if body.find(b">", start, at) >= 0 and at >= self.ended(body, start):
            self.behind.add(number)
            self.reach = at
        else:
            self.inside.add(number)

    def ended(self, body: bytes, start: int) -> int:
        """Where it ends."""
        if self.end < 0:
            self.end = _tag_end(body, start)
        return self.end


@dataclass(slots=True)
class _Marks:
    """The start tags of some bytes to be marked, by their offset; ``first``: what stands before all tags;
    ``comments``: where the last start tag before a comment with something in it begins (-1: before all)."""

    hits: list[tuple[int, int]] = field(default_factory=list)
    tags: dict[int, _Tag] = field(default_factory=dict)
    first: set[int] = field(default_factory=set)
    comments: set[int] = field(default_factory=set)
    sure: bool = True
    regions: list[tuple[int, int, bool]] = field(default_factory=list)
    begins: list[int] = field(default_factory=list)

    def find(self, body: bytes, look: Look) -> None:
        found = look.found(body)
        self.hits = look.wanted(found)
        if not self.hits:
            return
        if _MARK.strip() in body:
            self.sure = False
            return
        self.regions = regions = _regions(found, look, len(body))
        self.begins = begins = [region[0] for region in regions]
        floor, last = 0, -1
        for at, number in self.hits:
            region = regions[bisect_right(begins, at) - 1] if begins and begins[0] <= at else (0, 0, False)
            if at < region[1]:
                if region[2]:
                    self.tags.setdefault(region[0], _Tag(region[1], raw=True)).inside.add(number)
                else:
                    before = _start_before(body, region[0] - 1, 0, regions, begins)
                    self.comments.add(-1 if before is None else before)
                continue
            start = _start_before(body, at, floor, regions, begins)
            last = last if start is None else start
            floor = at
            if last < 0:
                self.first.add(number)
            else:
                self.tags.setdefault(last, _Tag()).add(body, last, at, number)

    def is_inside_tag(self, body: bytes, start: int) -> bool:
        """Whether a tag seems to begin inside one before it: in a value, say, whose end is missing."""
        at = start
        for _ in range(_CLOSE):
            before = _start_before(body, at - 1, 0, self.regions, self.begins)
            if before is None or before in self.begins:
                return False
            if _END_OF_TAG.match(body, before, at):
                at = before
                continue
            if _tag_end(body, before) > start:
                return True
            at = before
        return False

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


def _regions(found: list[tuple[int, int]], look: Look, length: int) -> list[tuple[int, int, bool]]:
    """Where raw text begins (with its tag) and ends (behind the last byte, where nothing ends it), and
    whether an element holds it (not a comment)."""
    regions: list[tuple[int, int, bool]] = []
    kind = ""
    begin = 0
    for at, number in found:
        if not kind:
            kind = look.opening.get(number, "")
            begin = at - len(kind) - (kind != COMMENT)
        elif look.closing.get(number) == kind:
            is_comment = kind == COMMENT
            regions.append((begin, at + 1 if is_comment else at - len(kind) - 2, not is_comment))
            kind = ""
    if kind:
        regions.append((begin, length + 1, kind != COMMENT))
    return regions


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
