"""How a document was flattened: one decision for all of its quotes, from all attributions together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from archiver.flattened.anchors import Anchor
from archiver.flattened.echoes import Echoes, heard
from archiver.flattened.language import languages
from archiver.flattened.view import Line, View

__all__ = ["Layout", "inferred", "is_wrap", "width"]

_SIGNS = frozenset("-*•◦▪‣□■·+")
_BULLET = re.compile(r"[-*•◦▪‣□■·+]\s")
_TWO_BLANKS = re.compile(r"\s*[ \xa0]{2,}\S")
# Signs of two columns: what Unicode calls wide or full-width, emoji too.
_WIDE = re.compile(
    "[\u1100-\u115f\u231a-\u231b\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f"
    "\uff00-\uff60\uffe0-\uffe6\U0001f300-\U0001f64f\U0001f680-\U0001f6ff\U0001f900-\U0001f9ff"
    "\U00020000-\U0003fffd]"
)
_NARROWEST, _WIDEST = 50, 100
_FEWEST_FULL = 4
_SLACK = 14
_LONG_LINE = 60
_NEAR = 12
_ONE_LINE = 400
_MANY = 200
_FEWEST_ITEMS = 3
_PROSE_LINES = 7


@dataclass(frozen=True, slots=True)
class Layout:
    """``width``: the columns at which lines were wrapped, 0 where they were not. ``spaced``: blank lines
    stand between paragraphs. ``fragmented``: each link and date has a line of its own. ``joined``: pieces
    were joined by blanks. ``one_line``: next to no line breaks are left;
    ``dense``: so that a post may begin at any word. ``indented``: quotations stand
    further in than the prose. ``prose``: the length of a usual paragraph, 0 where there are hardly any.
    ``bullets``: the signs that the tool writes before the items of lists. ``languages``: of the article.
    ``openings``: tags with which several posts of the document begin. ``echoes``: what it says twice."""

    width: int = 0
    spaced: bool = True
    fragmented: bool = False
    joined: bool = False
    one_line: bool = False
    dense: bool = False
    indented: bool = False
    prose: int = 0
    bullets: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    openings: frozenset[str] = frozenset()
    echoes: Echoes = field(default_factory=Echoes)


def inferred(shown: View, found: Sequence[Anchor]) -> Layout:
    """The layout of a document that holds the attributions ``found``."""
    text = shown.text
    wrapped = _wrapped_at(shown)
    breaks = text.count("\n")
    gaps = [text[anchor.handle_end : anchor.date_start] for anchor in found]
    broken = sum("\n" in gap for gap in gaps)
    joined = 2 * sum(bool(_TWO_BLANKS.match(gap + "x")) for gap in gaps) > len(found)
    fragmented = not wrapped and 2 * broken > len(found)
    own = [shown.lines[shown.line_at(anchor.start)].indent for anchor in found if anchor.own_line]
    prose = _prose(shown, found)
    one_line = len(text) > _ONE_LINE * (1 + breaks) or (len(found) > 1 and breaks < len(found))
    return Layout(
        width=0 if joined else wrapped,
        spaced=_is_spaced(shown.lines, wrapped),
        fragmented=fragmented,
        joined=joined,
        one_line=one_line,
        dense=one_line and len(found) < _MANY,
        indented=not joined and not fragmented and any(own),
        prose=0 if wrapped or not prose else prose[len(prose) // 2].end - prose[len(prose) // 2].start,
        bullets=_bullets(shown, found, prose),
        languages=languages(" ".join(text[line.start : line.end][:200] for line in prose[:_PROSE_LINES])),
        echoes=heard(shown, found),
    )


def _prose(shown: View, found: Sequence[Anchor]) -> list[Line]:
    """The long lines of the article that no attribution follows, the longest first."""
    near = {shown.line_at(anchor.start) - back for anchor in found for back in range(3)}
    lines = (
        line
        for number, line in enumerate(shown.lines)
        if number not in near and line.end - line.start >= _LONG_LINE
    )
    return sorted(lines, key=lambda line: line.start - line.end)


def _bullets(shown: View, found: Sequence[Anchor], prose: Sequence[Line]) -> frozenset[str]:
    """Signs before the items of lists: of lines that stand further in than the prose, or far from posts."""
    near = {shown.line_at(anchor.start) - back for anchor in found for back in range(_NEAR)}
    indents = Counter(line.indent for line in prose)
    indent = indents.most_common(1)[0][0] if indents else 0
    signs: Counter[str] = Counter()
    for number, line in enumerate(shown.lines):
        if shown.text[line.start : line.start + 1] in _SIGNS and _BULLET.match(shown.text, line.start):
            signs[shown.text[line.start]] += _FEWEST_ITEMS if line.indent > indent else number not in near
    return frozenset(sign for sign, count in signs.items() if count >= _FEWEST_ITEMS)


def is_wrap(shown: View, above: Line, line: Line, gap: int, known: Layout) -> bool:
    """Whether a line was broken only because its next word did not fit."""
    if gap or not known.width or above.hard or above.depth != line.depth:
        return False
    words = shown.text[line.start : line.end].split(None, 1)
    room = known.width - above.indent - width(shown.text[above.start : above.end])
    return bool(words) and (1 + width(words[0]) > room - 2)


def width(words: str) -> int:
    """Columns that words take in a terminal."""
    if words.isascii():
        return len(words)
    return len(words) + len(_WIDE.findall(words))


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


def _is_spaced(lines: Sequence[Line], wrapped: int) -> bool:
    """Whether blank lines stand between the paragraphs: between most neighbours that are long, where
    there are some; in a wrapped text, now and then."""
    blanks = close = apart = written = 0
    above: Line | None = None
    gap = 0
    for line in lines:
        if line.blank:
            gap += 1
            continue
        written += 1
        blanks += gap > 0
        if above and min(line.end - line.start, above.end - above.start) >= _LONG_LINE:
            apart += gap > 0
            close += gap == 0
        above, gap = line, 0
    if wrapped or apart + close < _FEWEST_FULL:
        return blanks * 12 > written
    return apart >= close
