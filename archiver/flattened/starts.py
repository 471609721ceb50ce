"""Where the text of a post begins: from its attribution up, boundary by boundary.

At each boundary the evidence says how likely the post begins just below it. The product over the
boundaries passed gives each start its probability; the best is taken, the runner-up kept.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from archiver.flattened.anchors import Anchor
from archiver.flattened.evidence import Boundary, limit, weigh, weight
from archiver.flattened.layout import Layout, is_wrap
from archiver.flattened.view import Line, View

__all__ = ["Start", "boundaries", "ranked"]

_MOST_LINES = 60
_MOST_SIGNS = 3000
_NEVER = 1e-4
_CUT = re.compile(r"(?<=[.!?…。！？”\"»)\]])[^\S\n]{1,40}(?=\S)|(?<=[。！？])(?=\S)|[^\S\n]{3,40}(?=\S)")
_LIST = re.compile(r"[*•◦▪□■+]\s")
_BULLET = re.compile(r"[-*•◦▪‣□■·+]\s|\d{1,2}[.)]\s")


@dataclass(frozen=True, slots=True)
class Start:
    """A place at which the text may begin, and how likely it does."""

    place: int
    probability: float


def ranked(shown: View, anchor: Anchor, floor: int, known: Layout) -> list[Start]:
    """Every possible start, the likeliest first; empty where nothing stands above the attribution.
    ``floor``: the end of the attribution before."""
    found: list[Start] = []
    left = 1.0
    for place, at in boundaries(shown, anchor, floor, known):
        stop = _chance(weigh(at)) if isinstance(at, Boundary) else at
        found.append(Start(place, left * stop))
        left *= 1 - stop
        if left < _NEVER:
            break
    if found:
        last = found[-1]
        found[-1] = Start(last.place, last.probability + left)
    return sorted(found, key=lambda start: -start.probability)


def _chance(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))


def boundaries(
    shown: View, anchor: Anchor, floor: int, known: Layout
) -> Iterator[tuple[int, Boundary | float]]:
    """Places at which the text may begin, going up, each with its evidence, or with the chance itself
    where the layout decides."""
    lines, text = shown.lines, shown.text
    at = first = first_line(shown, anchor, floor)
    if first < 0:
        return
    own = lines[shown.line_at(anchor.start)]
    own_gap = shown.line_at(anchor.start) - first - 1 if anchor.own_line else -1
    top = _top(shown, anchor, own, first, floor, known)
    for _ in range(_MOST_LINES):
        line = lines[at]
        begin = max(line.start, _written_from(text, floor, anchor.start))
        if not own.depth and top is None:
            yield from _inner(text, begin, line, anchor, known)
        above = _above(lines, at)
        if (
            begin > line.start
            or above < 0
            or lines[above].end <= floor
            or lines[above].fence
            or anchor.start - begin > _MOST_SIGNS
        ):
            if begin < anchor.start:
                yield begin, 1.0
            return
        gap = at - above - 1
        block = _block(shown, own, above, at, known, top)
        if block is not None:
            if block > 0:
                yield begin, block
        elif not is_wrap(shown, lines[above], line, gap, known):
            yield (
                begin,
                Boundary(
                    above=text[max(_paragraph(shown, above, known), floor) : lines[above].end],
                    first=text[begin : min(line.end, anchor.start)],
                    below=text[begin : anchor.start].rstrip(),
                    day=anchor.day,
                    known=known,
                    gap=gap,
                    own_gap=own_gap,
                    block=top is not None,
                    glued=line.indent == 0,
                ),
            )
        at = above


def _inner(
    text: str, begin: int, line: Line, anchor: Anchor, known: Layout
) -> Iterator[tuple[int, Boundary]]:
    """Places inside a line that is longer than a post can be."""
    end = min(line.end, anchor.start)
    most, wide = limit(anchor.day)
    if weight(text[begin:end][-8 * most :], wide) <= 1.1 * most:
        return
    low = max(begin, end - 4 * most)
    cuts = [cut.end() for cut in _CUT.finditer(text, low, end)]
    places = [low, *cuts]
    for n in range(len(cuts) - 1, -1, -1):
        cut = cuts[n]
        yield (
            cut,
            Boundary(
                above=text[places[n] : cut].strip(),
                first=text[cut:end],
                below=text[cut : anchor.start].rstrip(),
                day=anchor.day,
                known=known,
                inner=True,
            ),
        )


def _paragraph(shown: View, last: int, known: Layout) -> int:
    """Where the lines begin that were broken only because they were long."""
    lines = shown.lines
    first = last
    while first > 0 and last - first < _MOST_LINES and not lines[first - 1].blank:
        if not is_wrap(shown, lines[first - 1], lines[first], 0, known):
            break
        first -= 1
    return lines[first].start


def _written_from(text: str, place: int, limit_at: int) -> int:
    """The next place with something written."""
    if place == 0:
        return 0
    while place < limit_at and text[place].isspace():
        place += 1
    return place


def first_line(shown: View, anchor: Anchor, floor: int) -> int:
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


def _top(shown: View, anchor: Anchor, own: Line, first: int, floor: int, known: Layout) -> int | None:
    """The first line of the indented block that ends with the attribution: all its lines stand equally far
    in, what stands above does not, and it is not longer than a post. None where there is no such block."""
    if not known.indented or own.depth or not anchor.own_line:
        return None
    lines = shown.lines
    most, wide = limit(anchor.day)
    at = first
    while lines[at].indent == own.indent and not _in_list(shown, at):
        above = _above(lines, at)
        if above < 0 or lines[above].end <= floor or lines[above].fence:
            return None
        if lines[above].indent < own.indent:
            return at
        if lines[above].indent > own.indent or _in_list(shown, above):
            return None
        if anchor.start - lines[above].start > _MOST_SIGNS:
            return None
        if weight(shown.text[lines[above].start : anchor.start], wide) > 1.2 * most:
            return None
        at = above
    return None


def _block(shown: View, own: Line, above: int, at: int, known: Layout, top: int | None) -> float | None:
    """The chance of a start where quotation marks, indents or blanks around a line break decide."""
    lines = shown.lines
    upper, line = lines[above], lines[at]
    gap = at - above - 1
    if own.depth or upper.depth:
        if upper.depth != own.depth:
            return 1.0
        return 0.998 if any(between.depth == 0 for between in lines[above + 1 : at]) else 0.0
    if known.joined:
        # Pieces were joined by blanks: a bare line break stood inside a piece.
        return 0.0 if not gap and line.start - upper.end == 1 else None
    if top is not None:
        return 1.0 if at == top else None if gap else 0.0
    if known.indented and (upper.indent != own.indent or _in_list(shown, above)):
        return 1.0
    return None


def _in_list(shown: View, number: int) -> bool:
    """Whether the paragraph that ends with a line hangs from a bullet."""
    lines = shown.lines
    last = lines[number]
    while number > 0 and not lines[number - 1].blank and lines[number].indent == last.indent:
        number -= 1
    first = lines[number]
    if first.indent < last.indent:
        return bool(_BULLET.match(shown.text, first.start))
    return bool(_LIST.match(shown.text, first.start))
