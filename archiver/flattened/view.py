"""A text as it reads, with the way back to where it was written.

Flatteners put marks around the words: ``>`` before the lines of a quotation, Markdown's links and
backslashes, numbers of a list of references. The view is the text without them; every place in it knows
its place in the text as given.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

__all__ = ["Line", "Target", "View", "viewed"]

_QUOTED = re.compile(r"^[ \t]{0,8}>[> \t]*", re.MULTILINE)
_LINK = re.compile(
    r"""(?:(?<!\w)!)?\[(?P<words>(?:[^\[\]\\]|\\.){0,1500})\]
        \(\s{0,3}<?(?P<url>[^()\s<>]{0,2000}(?:\([^()\s<>]{0,200}\)[^()\s<>]{0,1000})?)>?
        (?:\s{1,3}"[^"]{0,300}")?\s{0,3}\)(?:\{[^{}]{0,200}\})?
      | <(?P<bare>https?://[^<>\s]{1,2000})>""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_ESCAPED_HANDLE = re.compile(r"\\@|@\w{0,40}\\_")
_REFERENCE = re.compile(r"\[\d{1,4}\](?=\S)")
_REFERENCES = re.compile(r"^References\n(?:\s{1,4}(?:Visible links:?)?\n?){0,3}\s{0,6}1\. ", re.MULTILINE)
_INDENT = re.compile(r"[ \t\xa0\u3000]*")
_BORDER = re.compile(r":::|```|[*_=━─┄-]{5,}\s*$|#{1,6}\s+\S")
_END = re.compile(r"\n")
_FEWEST_QUOTED = 2
_BORDERS = tuple(":`*_=-#━─┄")
_BREAK = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Target:
    """An address that stands behind words: where they stand in the view."""

    start: int
    end: int
    url: str


class Line(NamedTuple):
    """One line of a view. ``start`` and ``end`` leave blanks out, ``depth`` counts its ``>``, ``indent``
    its blanks; ``hard`` tells whether two blanks or a backslash end it, Markdown's line break; ``fence``
    whether it only draws a border, or is a heading of Markdown."""

    start: int
    end: int
    depth: int = 0
    indent: int = 0
    hard: bool = False
    fence: bool = False

    @property
    def blank(self) -> bool:
        return self.start >= self.end


@dataclass(frozen=True, slots=True)
class View:
    """The text as it reads. ``is_markdown`` tells whether marks of Markdown were taken out."""

    text: str
    lines: tuple[Line, ...]
    targets: tuple[Target, ...] = ()
    is_markdown: bool = False
    stages: tuple[_Stage, ...] = ()
    _starts: list[int] = field(default_factory=list)

    def origin(self, place: int) -> int:
        """The place in the text as given."""
        for stage in reversed(self.stages):
            place = stage.origin(place)
        return place

    def line_at(self, place: int) -> int:
        """The number of the line that holds a place."""
        return max(0, bisect_right(self._starts, place) - 1)

    def target(self, start: int, end: int) -> Target | None:
        """The link that stands over the words from ``start`` to ``end``."""
        at = bisect_left(self.targets, end, key=lambda target: target.start)
        return next((t for t in self.targets[max(0, at - 2) : at] if t.end > start), None)


@dataclass(frozen=True, slots=True)
class _Stage:
    """One pass of cuts: after the place ``shown[n]`` everything lies ``shifts[n]`` further on."""

    shown: list[int]
    shifts: list[int]

    def origin(self, place: int) -> int:
        return place + self.shifts[bisect_right(self.shown, place) - 1]


@lru_cache(maxsize=2)
def viewed(text: str) -> View:
    """The view of a text."""
    stages: list[_Stage] = []
    depths: dict[int, int] = {}
    targets: list[Target] = []
    if _BREAK.search(text):
        text = _cut(text, _BREAK.finditer(text), lambda match, _: "\n", stages)
    # One such line alone is an author's own.
    if ">" in text and sum(1 for _ in islice(_QUOTED.finditer(text), _FEWEST_QUOTED)) == _FEWEST_QUOTED:
        text = _cut(text, _QUOTED.finditer(text), lambda match, at: _deepen(depths, match, at), stages)
    if _REFERENCES.search(text):
        text = _cut(text, _REFERENCE.finditer(text), lambda match, _: "", stages)
        depths = _moved(depths, stages[-1])
    is_markdown = "](" in text or bool(_ESCAPED_HANDLE.search(text))
    if is_markdown or "<http" in text:
        text = _cut(text, _LINK.finditer(text), lambda match, at: _shown(targets, match, at), stages)
        depths = _moved(depths, stages[-1])
    if is_markdown:
        text = _cut(text, _ESCAPE.finditer(text), lambda match, _: match[1], stages)
        depths = _moved(depths, stages[-1])
        targets = [Target(_forward(stages[-1], t.start), _forward(stages[-1], t.end), t.url) for t in targets]
    lines = tuple(_lines(text, depths))
    starts = [0, *(found.end() for found in _END.finditer(text))]
    return View(text, lines, tuple(targets), is_markdown, tuple(stages), starts)


def _cut(
    text: str,
    matches: Iterable[re.Match[str]],
    replaced: Callable[[re.Match[str], int], str],
    stages: list[_Stage],
) -> str:
    """The text with each match replaced; ``replaced`` is told where in the new text it begins."""
    pieces: list[str] = []
    shown, shifts = [0], [0]
    here = length = 0
    for match in matches:
        length += match.start() - here
        pieces.append(text[here : match.start()])
        shift_inside = _inside(match)
        words = replaced(match, length)
        shown.append(length)
        shifts.append(match.start() + shift_inside - length)
        pieces.append(words)
        length += len(words)
        here = match.end()
        shown.append(length)
        shifts.append(here - length)
    pieces.append(text[here:])
    stages.append(_Stage(shown, shifts))
    return "".join(pieces)


def _inside(match: re.Match[str]) -> int:
    """How far inside a match the words begin that stay."""
    at = match.start(match.lastgroup) if match.lastgroup in ("words", "bare") else match.start()
    if "words" in match.re.groupindex and match["words"] is not None:
        at = match.start("words")
    return at - match.start()


def _deepen(depths: dict[int, int], match: re.Match[str], at: int) -> str:
    depths[at] = match[0].count(">")
    return ""


def _shown(targets: list[Target], match: re.Match[str], at: int) -> str:
    words = match["bare"] if match["bare"] is not None else match["words"]
    targets.append(Target(at, at + len(words), match["bare"] or match["url"]))
    return words


def _moved(depths: dict[int, int], stage: _Stage) -> dict[int, int]:
    return {_forward(stage, at): depth for at, depth in depths.items()}


def _forward(stage: _Stage, place: int) -> int:
    """The place after a pass of what stood at ``place`` before it."""
    low, high = 0, len(stage.shown) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if stage.shown[middle] + stage.shifts[middle] <= place:
            low = middle
        else:
            high = middle - 1
    limit = stage.shown[low + 1] if low + 1 < len(stage.shown) else place
    return min(place - stage.shifts[low], limit)


def _lines(text: str, depths: dict[int, int]) -> Iterator[Line]:
    begin = 0
    for words in text.split("\n"):
        stripped = words.strip()
        start = begin + (len(words) - len(words.lstrip()) if stripped else 0)
        hard = words.endswith(("  ", "\\"))
        stripped = stripped.rstrip("\\ ") if hard else stripped
        yield Line(
            start,
            start + len(stripped),
            depths.get(begin, 0) if depths else 0,
            _indent(words) if words[:1].isspace() else 0,
            hard,
            stripped[:1] in _BORDERS and bool(_BORDER.match(stripped)),
        )
        begin += len(words) + 1


def _indent(words: str) -> int:
    """The blanks that a line begins with, tabs as far as the next eighth column."""
    left = _INDENT.match(words)
    return len(left[0].expandtabs(8)) if left else 0
