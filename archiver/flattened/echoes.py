"""What a document says elsewhere of a post: prose that quotes its words, the same post once more."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from archiver.flattened.anchors import Anchor
from archiver.flattened.view import View

__all__ = ["Echoes", "heard"]

_QUOTED = re.compile(
    r"“[^“”\n]{12,400}”|„[^„“”\n]{12,400}[“”]|«[^«»\n]{12,400}»|「[^「」\n]{6,400}」"
    r"|(?<![\w\"])\"(?=\w)[^\"\n]{12,400}\"(?!\w)"
)
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)
_WORDS = 4
_LEAST = 2
_MOST_QUOTES = 2000
_FARTHEST = 3000
_SHORTEST = 24
_MOST_PLACES = 3
_LOOKED_AT = 1500

Shingle = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Echoes:
    """``quoted``: runs of four words that stand inside quotation marks, and where. ``twins``: for the
    attribution at a place, where its text begins to differ from that of the same post elsewhere."""

    quoted: Mapping[Shingle, Sequence[int]] = field(default_factory=dict)
    twins: Mapping[int, int] = field(default_factory=dict)

    def quotes(self, above: str, start: int, below: str) -> bool:
        """Whether the words ``above``, at a place, quote what stands ``below`` them in words of its own."""
        end = start + len(above)
        if not self.quoted or not is_quotation(above):
            return False
        places = (self.quoted.get(run, ()) for run in set(_runs(below[:_LOOKED_AT])))
        return sum(any(start <= place < end for place in at) and max(at) < end for at in places) >= _LEAST

    def is_quoted(self, words: str, start: int, end: int) -> bool:
        """Whether words are quoted outside of the places from ``start`` to ``end``."""
        if not self.quoted or is_quotation(words):
            return False
        places = (self.quoted.get(run, ()) for run in set(_runs(words[:_LOOKED_AT])))
        return sum(any(not start <= place < end for place in at) for at in places) >= _LEAST


def is_quotation(words: str) -> bool:
    """Whether words hold a quotation."""
    return _QUOTED.search(words) is not None


def heard(shown: View, found: Sequence[Anchor]) -> Echoes:
    """What a document that holds the attributions ``found`` says twice."""
    return Echoes(_quoted(shown.text), dict(_twins(shown.text, found)))


def _quoted(text: str) -> dict[Shingle, list[int]]:
    places: defaultdict[Shingle, list[int]] = defaultdict(list)
    for number, quotation in enumerate(_QUOTED.finditer(text)):
        if number >= _MOST_QUOTES:
            break
        for run in _runs(quotation[0]):
            if len(places[run]) < _MOST_PLACES:
                places[run].append(quotation.start())
    return dict(places)


def _runs(words: str) -> Iterator[Shingle]:
    found = [match[0].casefold() for match in _WORD.finditer(words)]
    return (tuple(found[at : at + _WORDS]) for at in range(len(found) - _WORDS + 1))


def _twins(text: str, found: Sequence[Anchor]) -> Iterator[tuple[int, int]]:
    """Attributions of the same author and day, and where what stands above them begins to differ."""
    alike: defaultdict[tuple[str, object], list[Anchor]] = defaultdict(list)
    for anchor in found:
        alike[anchor.handle.casefold(), anchor.day].append(anchor)
    for group in alike.values():
        for one, other in pairwise(group):
            here, there = _common(text, one, other)
            if one.start - here >= _SHORTEST:
                yield one.start, here
                yield other.start, there


def _common(text: str, one: Anchor, other: Anchor) -> tuple[int, int]:
    """Where the same signs, blanks aside, begin before both attributions; their ends where the texts
    agree up to the attribution before, for then nothing is told."""
    here, there = one.start, other.start
    low, floor = max(one.floor, one.start - _FARTHEST), max(other.floor, one.end, other.start - _FARTHEST)
    while True:
        left, right = _back(text, here, low), _back(text, there, floor)
        if left < low or right < floor:
            return one.start, other.start
        if text[left] != text[right]:
            return here, there
        here, there = left, right


def _back(text: str, place: int, low: int) -> int:
    """The place of the sign before, blanks aside."""
    place -= 1
    while place >= low and text[place].isspace():
        place -= 1
    return place
