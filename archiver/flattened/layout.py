"""How a document was flattened: one decision for all of its quotes, from all attributions together."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from archiver.flattened.anchors import Anchor
from archiver.flattened.view import Line, View

__all__ = ["Layout", "layout", "width"]

_TWO_BLANKS = re.compile(r"\s*[ \xa0]{2,}\S")
_NARROWEST, _WIDEST = 50, 100
_FEWEST_FULL = 4
_SLACK = 14


@dataclass(frozen=True, slots=True)
class Layout:
    """``width``: the columns at which lines were wrapped, 0 where they were not. ``spaced``: blank lines
    stand between paragraphs. ``fragmented``: each link and date has a line of its own. ``joined``: pieces
    were joined by blanks. ``own_lines``: attributions begin lines. ``indent``: of the prose."""

    width: int = 0
    spaced: bool = True
    fragmented: bool = False
    joined: bool = False
    own_lines: bool = True
    indent: int = 0


def layout(shown: View, found: Sequence[Anchor]) -> Layout:
    """The layout of a document that holds the attributions ``found``."""
    text = shown.text
    wrapped = _wrapped_at(shown)
    gaps = [text[anchor.handle_end : anchor.date_start] for anchor in found]
    broken = sum("\n" in gap for gap in gaps)
    return Layout(
        width=wrapped,
        spaced=_is_spaced(shown.lines),
        fragmented=not wrapped and 2 * broken > len(found),
        joined=2 * sum(bool(_TWO_BLANKS.match(gap + "x")) for gap in gaps) > len(found),
        own_lines=2 * sum(anchor.own_line for anchor in found) > len(found),
        indent=_indent(shown.lines),
    )


def width(words: str) -> int:
    """Columns that words take in a terminal."""
    if words.isascii():
        return len(words)
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in words)


def _wrapped_at(shown: View) -> int:
    """The widest line of a text whose long lines all end near one column."""
    lengths = sorted(
        (width(shown.text[line.start : line.end]) + line.indent for line in shown.lines if not line.blank),
        reverse=True,
    )
    long = [n for n in lengths if n >= _NARROWEST]
    # Addresses are never broken: the few longest lines say nothing.
    kept = long[max(1, len(long) // 10) :]
    if len(kept) < _FEWEST_FULL or kept[0] > _WIDEST:
        return 0
    widest = kept[0]
    full = sum(n > widest - _SLACK for n in kept)
    return widest if 2 * full > len(kept) else 0


def _is_spaced(lines: Sequence[Line]) -> bool:
    blanks = sum(line.blank and not above.blank for above, line in pairwise(lines))
    written = sum(not line.blank for line in lines)
    return blanks * 12 > written or (blanks > 0 and written < 6)


def _indent(lines: Sequence[Line]) -> int:
    """The indent of most of the prose, counted in characters of it."""
    sums: dict[int, int] = {}
    for line in lines:
        if not line.blank:
            sums[line.indent] = sums.get(line.indent, 0) + line.end - line.start
    return max(sums, key=lambda indent: sums[indent], default=0)
