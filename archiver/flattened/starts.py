"""Where the text of a post begins: from its attribution up, boundary by boundary.

At each boundary between lines the evidence says how likely the post begins just below it. The product over
the boundaries passed gives each start its probability; the best is taken, the runner-up kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from archiver.flattened import evidence
from archiver.flattened.anchors import Anchor
from archiver.flattened.layout import Layout, width
from archiver.flattened.view import Line, View

__all__ = ["Start", "starts"]

_MOST_LINES = 60
_NEVER = 1e-4


@dataclass(frozen=True, slots=True)
class Start:
    """A place at which the text may begin, and how likely it does."""

    place: int
    probability: float


def starts(shown: View, anchor: Anchor, floor: int, known: Layout) -> list[Start]:
    """Every possible start, the likeliest first; empty where nothing stands above the attribution.
    ``floor``: the end of the attribution before."""
    found: list[Start] = []
    left = 1.0
    for place, stop in _boundaries(shown, anchor, floor, known):
        found.append(Start(place, left * stop))
        left *= 1 - stop
        if left < _NEVER:
            break
    if found:
        last = found[-1]
        found[-1] = Start(last.place, last.probability + left)
    return sorted(found, key=lambda start: -start.probability)


def _boundaries(shown: View, anchor: Anchor, floor: int, known: Layout) -> Iterator[tuple[int, float]]:
    """Places at which the text may begin, going up, and the chance that it goes no further."""
    lines = shown.lines
    at = first = _first_line(shown, anchor, floor)
    if first < 0:
        return
    own = lines[shown.line_at(anchor.start)]
    for _ in range(_MOST_LINES):
        line = lines[at]
        if line.start <= floor or at == 0:
            begin = max(line.start, _skip(shown.text, floor, anchor.start) if floor else 0)
            if begin < anchor.start:
                yield begin, 1.0
            return
        above = _above(lines, at)
        if above < 0 or lines[above].end <= floor or lines[above].fence:
            yield line.start, 1.0
            return
        if not _is_wrap(shown, lines[above], line, at - above - 1, known):
            ties = evidence.Ties(
                gap=at - above - 1,
                own_gap=shown.line_at(anchor.start) - first - 1 if anchor.own_line else -1,
                inside=_inside(own, lines[above], known),
                outside=_outside(own, lines[above]),
            )
            here = evidence.Boundary(shown.text, lines[above], line, anchor, ties, known)
            yield line.start, _chance(evidence.weigh(here))
        at = above


def _chance(weight: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, weight))))


def _skip(text: str, place: int, limit: int) -> int:
    while place < limit and text[place].isspace():
        place += 1
    return place


def _first_line(shown: View, anchor: Anchor, floor: int) -> int:
    """The last line of the text: that of the attribution, or the next written one above; -1 for none."""
    at = shown.line_at(anchor.start)
    if not anchor.own_line:
        return at
    above = _above(shown.lines, at)
    return above if above >= 0 and shown.lines[above].end > floor and not shown.lines[above].fence else -1


def _above(lines: tuple[Line, ...], at: int) -> int:
    at -= 1
    while at >= 0 and lines[at].blank:
        at -= 1
    return at


def _is_wrap(shown: View, above: Line, line: Line, gap: int, known: Layout) -> bool:
    """Whether a line was broken only because its next word did not fit."""
    if gap or not known.width or above.hard or above.depth != line.depth:
        return False
    words = shown.text[line.start : line.end].split(None, 1)
    room = known.width - above.indent - width(shown.text[above.start : above.end])
    return bool(words) and 1 + width(words[0]) > room - 2


def _inside(own: Line, above: Line, known: Layout) -> bool:
    """Whether the line above stands in the same quotation as the attribution."""
    if own.depth:
        return above.depth == own.depth
    return own.indent > known.indent and above.indent >= own.indent


def _outside(own: Line, above: Line) -> bool:
    """Whether the line above stands in another block, by its depth or indent."""
    if own.depth or above.depth:
        return above.depth != own.depth
    return above.indent < own.indent
