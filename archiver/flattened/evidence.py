"""The evidence at a boundary between two lines: does the post begin below it, or go on above?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from archiver.flattened.anchors import Anchor
from archiver.flattened.layout import Layout
from archiver.flattened.view import Line

__all__ = ["Boundary", "Ties", "weigh", "weight"]

_LONGER_SINCE = date(2017, 11, 7)
_LINK = re.compile(r"https?://\S+")
_PICTURE = re.compile(r"\bpic\.\w+\.\w+/\w+")
_SHORT = re.compile(r"https?://[a-z]{1,3}\.[a-z]{2}/\w{5,}|\bpic\.\w+\.\w+/\w", re.IGNORECASE)
_TAG = re.compile(r"(?<!\w)[#@＃]\w")
_MARKED = re.compile(r"https?://\S+|\bpic\.\w+\.\w+/\w+|(?<!\w)[#@＃]\w+")
_LETTER = re.compile(r"[^\W\d_]")
_BULLET = re.compile(r"[-*•▪►▶✅✔➡→👉]|\d{1,2}[.)/]|[\U0001F300-\U0001FAFF\u2600-\u27bf]")
_EMOJI_END = re.compile(r"[\U0001F1E6-\U0001FAFF\u2600-\u27bf][\ufe0f\u200d]?\Z")
_COLON = re.compile(r"[:：]\W{0,2}\Z")


@dataclass(frozen=True, slots=True)
class Ties:
    """How two lines stand to each other: blank lines between them; blank lines between text and
    attribution, -1 on the same line; whether the one above is in the attribution's quotation, or in
    another block."""

    gap: int
    own_gap: int
    inside: bool
    outside: bool


@dataclass(frozen=True, slots=True)
class Boundary:
    """The place between ``above`` and ``below``, which begins what would be the text."""

    text: str
    above: Line
    below: Line
    anchor: Anchor
    ties: Ties
    known: Layout


def weight(words: str) -> int:
    """The length of a post as its limit counts it: links 23, pictures none, wide scripts double."""
    words = _PICTURE.sub("", words)
    bare, links = _LINK.subn("", words)
    return 23 * links + sum(1 if sign < "\u1100" else 2 for sign in bare)


def weigh(at: Boundary) -> float:
    """Log odds that the text begins at this boundary."""
    if at.ties.outside:
        return 20.0
    return _form(at) + _words(at)


def _form(at: Boundary) -> float:
    ties, known = at.ties, at.known
    if ties.inside:
        return -4.0
    if ties.own_gap < 0:
        return 5.0 if ties.gap else 3.0
    if known.spaced and not ties.own_gap:
        return 4.0 if ties.gap else -4.0
    if known.spaced and not ties.gap:
        return -3.0
    return 2.0


def _words(at: Boundary) -> float:
    above = at.text[at.above.start : at.above.end]
    below = at.text[at.below.start : at.anchor.start]
    limit = 285 if at.anchor.day >= _LONGER_SINCE else 145
    total = 0.0
    if weight(above) + weight(below) > limit:
        total += 4
    if _COLON.search(above):
        total += 2
    if _SHORT.search(above):
        total -= 3
    elif _TAG.search(above):
        total -= 1
    if not _LETTER.search(_MARKED.sub("", below)):
        total -= 2.5
    letter = _LETTER.search(below)
    if letter and letter[0].islower() and letter.start() == 0:
        total -= 2
    if _BULLET.match(below):
        total -= 1
    if _BULLET.match(above) or _EMOJI_END.search(above):
        total -= 1.5
    if at.known.fragmented and (_MARKED.fullmatch(above) or _MARKED.match(below)):
        total -= 3
    return total
