"""The words of a post as they were before a tool broke their lines."""

from __future__ import annotations

import re

from archiver.flattened.layout import Layout, width
from archiver.flattened.view import View
from archiver.text import tidy_lines

__all__ = ["words"]

_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uff00-\uffef]")
_MARKS = tuple(",.;:!?)…、。")
# Between two pieces that were joined by a blank there was none where a mark follows.
_BEFORE_MARK = re.compile(r"((?:https?://|[#@＃])\w[\w./%-]{0,200})[^\S\n]{1,3}(?=[,.;:!?)…、。])")
_PIECE = re.compile(r"https?://\S+|\bpic\.\w+\.\w+/\w+|[#@＃]\w+")


def words(shown: View, start: int, end: int, known: Layout) -> str:
    """The text from ``start`` to ``end`` of a view, without the line breaks that its flattener made."""
    in_markdown = shown.is_markdown and shown.lines[shown.line_at(start)].depth > 0
    if not (known.width or known.fragmented or in_markdown):
        text = shown.text[start:end]
        return tidy_lines(_BEFORE_MARK.sub(r"\1", text) if known.joined else text)
    pieces: list[str] = []
    first = shown.line_at(start)
    for number in range(first, shown.line_at(max(start, end - 1)) + 1):
        line = shown.lines[number]
        piece = shown.text[max(start, line.start) : min(end, line.end)].strip()
        if number > first:
            pieces.append(_joint(shown, number, piece, known))
        pieces.append(piece)
    return tidy_lines("".join(pieces))


def _joint(shown: View, number: int, piece: str, known: Layout) -> str:
    """What stood where a line break stands now."""
    above, line = shown.lines[number - 1], shown.lines[number]
    before = shown.text[above.start : above.end]
    if above.blank or line.blank or above.hard:
        return "\n"
    if known.fragmented:
        inside = _PIECE.fullmatch(before) or _PIECE.match(piece)
        return "\n" if not inside else "" if piece[:1] in _MARKS else " "
    if shown.is_markdown and line.depth:
        return " "
    word = piece.split(None, 1)[0] if piece else ""
    if 1 + width(word) <= known.width - above.indent - width(before) - 2:
        return "\n"
    return "" if _WIDE.match(piece) and _WIDE.search(before[-1:]) else " "
