"""What layout alone decides: quotation marks, indents, lists, wrapped lines, blanks around line breaks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from archiver.flattened.anchors import Anchor
from archiver.flattened.evidence import limit, weight
from archiver.flattened.language import ends_open
from archiver.flattened.layout import Layout, is_wrap
from archiver.flattened.lines import goes_on, goes_on_surely, is_ended
from archiver.flattened.view import Line, View

__all__ = ["Walk", "above", "decided", "edge", "is_piece", "paragraph", "quotation_below", "walk"]

# Signs that tools write before items; a hyphen may be the author's own.
_LIST = re.compile(r"[*•◦▪□■+]\s")
_BULLET = re.compile(r"[-*•◦▪‣□■·+]\s|\d{1,2}[.)]\s")
_MOST_LINES = 60
_MOST_SIGNS = 3000
_SLACK = 1.2
_APART = 0.998


@dataclass(frozen=True, slots=True)
class Walk:
    """The way up from one attribution. ``own``: its line;
    ``first``: the number of the last line of the text, -1 for none; ``own_gap``: blank lines between that
    and the attribution, -1 where both share a line; ``top``: the first line of the indented block that
    ends with the attribution, None where there is no such block."""

    shown: View
    anchor: Anchor
    known: Layout
    own: Line
    first: int
    own_gap: int
    top: int | None = None


def walk(shown: View, anchor: Anchor, known: Layout) -> Walk:
    """The way up from an attribution."""
    number = shown.line_at(anchor.start)
    first, own_gap = number, -1
    if anchor.own_line:
        first = above(shown, number)
        own_gap = number - first - 1
        if (
            first < 0
            or shown.lines[first].end <= anchor.floor
            or shown.lines[first].fence
            or shown.lines[first].depth < shown.lines[number].depth
        ):
            first = -1
    way = Walk(shown, anchor, known, shown.lines[number], first, own_gap)
    return Walk(shown, anchor, known, way.own, first, own_gap, _top(way))


def quotation_below(shown: View, anchor: Anchor, stop: int) -> int | None:
    """Where the text ends that follows its attribution inside of a quotation which begins with it; None
    where nothing does. ``stop``: where the next attribution begins."""
    own = shown.lines[shown.line_at(anchor.start)]
    number = last = shown.line_at(max(anchor.start, anchor.end - 1))
    if not own.depth:
        return None
    while number + 1 < len(shown.lines) and shown.lines[number + 1].depth == own.depth:
        number += 1
        last = number if not shown.lines[number].blank else last
    end = shown.lines[last].end
    most, wide = limit(anchor.day)
    text = shown.text[anchor.end : end]
    is_post = end <= stop and text.strip() and weight(text, wide) <= most
    return end if is_post else None


def above(shown: View, number: int) -> int:
    """The next line up that is not blank, -1 for none."""
    number -= 1
    while number >= 0 and shown.lines[number].blank:
        number -= 1
    return number


def edge(way: Walk, upper: int) -> bool:
    """Whether nothing of the post can stand in a line: the top of the text, another post, a border."""
    return upper < 0 or way.shown.lines[upper].end <= way.anchor.floor or way.shown.lines[upper].fence


def decided(way: Walk, upper: int, number: int) -> float | None:
    """The chance of a start at line ``number`` where the layout decides, None where it does not."""
    lines, own = way.shown.lines, way.own
    gap = number - upper - 1
    if own.depth or lines[upper].depth:
        return _between_quotations(way, upper, number)
    if way.known.joined:
        # Pieces were joined by blanks: a bare line break stood inside a piece.
        return 0.0 if not gap and lines[number].start - lines[upper].end == 1 else None
    if way.top is not None:
        return 1.0 if number == way.top else None if gap else 0.0
    if way.known.indented and (lines[upper].indent != own.indent or _in_list(way, upper)):
        return 1.0
    return 0.0 if is_wrap(way.shown, lines[upper], lines[number], gap, way.known) else None


def paragraph(shown: View, last: int, known: Layout) -> int:
    """Where the lines begin that were broken only because they were long, up from the line ``last``."""
    lines = shown.lines
    first = last
    while first > 0 and last - first < _MOST_LINES and not lines[first - 1].blank:
        if not (
            is_wrap(shown, lines[first - 1], lines[first], 0, known)
            or (known.fragmented and is_piece(shown, lines[first - 1], lines[first]))
        ):
            break
        first -= 1
    return lines[first].start


def is_piece(shown: View, above: Line, line: Line) -> bool:
    """Whether a line goes on with the sentence of the one above it, where each link has a line of its own."""
    words = shown.text[above.start : above.end]
    below = shown.text[line.start : line.end]
    if is_ended(words):
        return goes_on_surely(below)
    return goes_on(below) or ends_open(words)


def _between_quotations(way: Walk, upper: int, number: int) -> float:
    lines = way.shown.lines
    # A quotation inside the quotation may be the author's own.
    if lines[upper].depth < way.own.depth or (lines[upper].depth > way.own.depth and not way.own.depth):
        return 1.0
    return _APART if any(not line.depth for line in lines[upper + 1 : number]) else 0.0


def _top(way: Walk) -> int | None:
    """All lines of a block stand equally far in, what stands above it stands further out, and it is not
    longer than a post."""
    if way.first < 0 or not way.known.indented or way.own.depth or not way.anchor.own_line:
        return None
    number = way.first
    while way.shown.lines[number].indent == way.own.indent and not _in_list(way, number):
        upper = above(way.shown, number)
        if edge(way, upper) or way.shown.lines[upper].indent > way.own.indent:
            return None
        if way.shown.lines[upper].indent < way.own.indent:
            return number
        if _in_list(way, upper) or _is_too_long(way, upper):
            return None
        number = upper
    return None


def _is_too_long(way: Walk, upper: int) -> bool:
    begin, end = way.shown.lines[upper].start, way.anchor.start
    most, wide = limit(way.anchor.day)
    return end - begin > _MOST_SIGNS or weight(way.shown.text[begin:end], wide) > _SLACK * most


def _in_list(way: Walk, number: int) -> bool:
    """Whether the paragraph that ends with a line hangs from a bullet that the tool has written."""
    lines, text = way.shown.lines, way.shown.text
    inner = lines[number].indent
    for line in reversed(lines[max(0, number - _MOST_LINES) : number + 1]):
        if line.blank:
            return False
        if line.indent < inner:
            return bool(_BULLET.match(text, line.start))
        if _LIST.match(text, line.start) and text[line.start] in way.known.bullets:
            return True
    return False
