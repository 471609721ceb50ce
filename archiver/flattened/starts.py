"""Where the text of a post begins: from its attribution up, boundary by boundary.

At each boundary the evidence says how likely the post begins just below it. The product over the
boundaries passed gives each start its probability; the best is taken, the runner-up kept.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archiver.flattened.anchors import Anchor
from archiver.flattened.blocks import Walk, above, decided, edge, paragraph, walk
from archiver.flattened.evidence import Boundary, limit, weigh, weight
from archiver.flattened.layout import Layout
from archiver.flattened.lines import begins_marked
from archiver.flattened.marks import marks
from archiver.flattened.view import Line, View

__all__ = ["Start", "Step", "boundaries", "leans", "ranked", "steps"]

_MOST_LINES = 60
_MOST_SIGNS = 3000
_FARTHEST = 6000
_MOST_CUTS = 60
_NEVER = 1e-4
_ONE_POST = 140
_CERTAIN = 30.0
_MOST_LEAN, _SHARE, _MOST_LED = 2.0, 0.25, 6
_CUT = re.compile(r"(?<=[.!?…。！？”\"»)\]])[^\S\n]{1,40}(?=\S)|(?<=[。！？])(?=\S)|[^\S\n]{3,40}(?=\S)")
# Where nothing else is left: before what a text may begin with.
_WORD = re.compile(r"(?<=\S)[^\S\n]{1,40}(?=[^\Wa-zß-öø-ÿа-яё\d_]|[^\w\s,.;:!?)\]}%&/-])")
_NAME = re.compile(r"[^\W\d_]{4,}|[\u3040-\u9fff\uac00-\ud7af]{2,}")


@dataclass(frozen=True, slots=True)
class Start:
    """A place at which the text may begin, and how likely it does."""

    place: int
    probability: float


@dataclass(frozen=True, slots=True)
class Step:
    """A boundary on the way up: ``log_odds`` that the text begins at ``place``; ``led``: below it stands
    all but the first paragraph after the attribution before."""

    place: int
    log_odds: float
    led: bool = False


def steps(shown: View, anchor: Anchor, known: Layout) -> list[Step]:
    """Places at which the text may begin, going up, as far as anything speaks for them."""
    found: list[Step] = []
    left = 1.0
    for place, at in boundaries(shown, anchor, known):
        step = Step(place, weigh(at), at.led) if isinstance(at, Boundary) else Step(place, _log_odds(at))
        found.append(step)
        left *= 1 - _chance(step.log_odds)
        if left < _NEVER:
            break
    return found


def ranked(way: Sequence[Step], lean: float = 0.0) -> list[Start]:
    """Every possible start, the likeliest first; empty where nothing stands above the attribution.
    ``lean``: log odds, by the other posts of the document, that prose stands before this one."""
    found: list[Start] = []
    left = 1.0
    for step in way:
        stop = _chance(step.log_odds + lean * step.led)
        found.append(Start(step.place, left * stop))
        left *= 1 - stop
    if found:
        last = found[-1]
        found[-1] = Start(last.place, last.probability + left)
    return sorted(found, key=lambda start: -start.probability)


def leans(ways: Sequence[Sequence[Step]]) -> list[float]:
    """For each attribution, how much the others say that prose stands between one post and the next."""
    own = [_led(way) for way in ways]
    total = sum(own)
    return [max(-_MOST_LEAN, min(_MOST_LEAN, _SHARE * (total - one))) for one in own]


def _led(way: Sequence[Step]) -> float:
    """Log odds that the first paragraph below the attribution before is not of the post, as far as it
    may be of it; 0 where nothing tells."""
    left = 1.0
    for step in way[:_MOST_LED]:
        if step.led:
            return left * max(-_MOST_LEAN, min(_MOST_LEAN, step.log_odds))
        left *= 1 - _chance(step.log_odds)
    return 0.0


def boundaries(shown: View, anchor: Anchor, known: Layout) -> Iterator[tuple[int, Boundary | float]]:
    """Places at which the text may begin, going up, each with its evidence, or with the chance itself
    where the layout decides."""
    way = walk(shown, anchor, known)
    number = way.first
    passed = 0
    least = max(_written_from(shown.text, anchor.floor, anchor.start), anchor.start - _FARTHEST)
    for _ in range(_MOST_LINES if number >= 0 else 0):
        line = shown.lines[number]
        begin = max(line.start, least)
        if not way.own.depth and way.top is None:
            yield from _inner(way, begin, line)
        upper = above(shown, number)
        if begin > line.start or edge(way, upper) or anchor.start - begin > _MOST_SIGNS:
            if begin < anchor.start:
                yield begin, 1.0
            return
        chance = decided(way, upper, number)
        if chance is None:
            yield begin, _boundary(way, upper, number, begin, passed)
            passed += 1
        elif chance > 0:
            yield begin, chance
        number = upper


def _log_odds(chance: float) -> float:
    return math.log(chance / (1 - chance)) if 0 < chance < 1 else math.copysign(_CERTAIN, chance - 0.5)


def _chance(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-_CERTAIN, min(_CERTAIN, log_odds))))


def _boundary(way: Walk, upper: int, number: int, begin: int, passed: int) -> Boundary:
    """The boundary between two lines, the upper one with the lines that were wrapped off it."""
    text, line, anchor = way.shown.text, way.shown.lines[number], way.anchor
    top, end = max(paragraph(way.shown, upper, way.known), anchor.floor), way.shown.lines[upper].end
    return Boundary(
        above=text[top:end],
        first=text[begin : min(line.end, anchor.start)],
        below=text[begin : anchor.start].rstrip(),
        day=anchor.day,
        known=way.known,
        gap=number - upper - 1,
        own_gap=way.own_gap,
        block=way.top is not None,
        passed=passed,
        glued=line.indent == 0 or (text[way.shown.lines[upper].end] == "\n" and begins_marked(text, begin)),
        author=(anchor.handle, *_NAME.findall(anchor.name or "")),
        led=anchor.floor > 0 and edge(way, above(way.shown, way.shown.line_at(top))),
        marks=(
            *marks(way.shown, anchor, way.known, (top, end), begin),
            *_announced(way, upper, text[top:end]),
        ),
    )


def _announced(way: Walk, upper: int, words: str) -> Iterator[str]:
    """Whether a line that could be of the post stands below one that announces it with a colon."""
    number = above(way.shown, upper)
    if number >= 0 and not edge(way, number) and len(words) < _ONE_POST:
        line = way.shown.lines[number]
        if way.shown.text[line.start : line.end].endswith((":", "：")):
            yield "above: below a colon"


def _inner(way: Walk, begin: int, line: Line) -> Iterator[tuple[int, Boundary]]:
    """Places inside a line that is longer than a post can be, or that holds more than one: after
    sentences, after wide blanks."""
    text, anchor = way.shown.text, way.anchor
    end = min(line.end, anchor.start)
    most, wide = limit(anchor.day)
    fits = weight(text[max(begin, end - 8 * most) : end], wide) <= 1.1 * most
    if fits and not (way.known.one_line or begin > line.start):
        return
    places = [max(begin, end - 4 * most)]
    cuts = {cut.end() for cut in _CUT.finditer(text, places[0], end)}
    words = {word.end() for word in _WORD.finditer(text, places[0], end)} if way.known.dense else set()
    places += sorted(cuts | words)[-_MOST_CUTS:]
    for before, place in zip(places[-2::-1], places[:0:-1], strict=True):
        yield (
            place,
            Boundary(
                above=text[before:place].strip(),
                first=text[place:end],
                below=text[place : anchor.start].rstrip(),
                day=anchor.day,
                known=way.known,
                inner=True,
                glued=place not in cuts,
                fits=fits,
                marks=tuple(marks(way.shown, anchor, way.known, (before, place), place)),
            ),
        )


def _written_from(text: str, place: int, limit_at: int) -> int:
    """The next place with something written."""
    while 0 < place < limit_at and text[place].isspace():
        place += 1
    return place
