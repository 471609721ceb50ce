"""The evidence at a boundary: does the post begin just below it, or go on above?

Each feature is a number under a name; the weights stand in data/flattened/weights.json, in log odds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from archiver import resources
from archiver.flattened import language, lines
from archiver.flattened.layout import Layout

__all__ = ["Boundary", "features", "limit", "says", "weigh", "weight", "weights"]

_LONGER_SINCE = date(2017, 11, 7)
_LINK = re.compile(r"https?://\S+")
_PICTURE = re.compile(r"\bpic\.\w{1,20}\.\w{2,5}/\w+")
# What counts twice: the platform's own ranges; marks that show nothing count not at all.
_FAR = re.compile("[\u1100-\u1fff\u200e\u200f\u2020-\u2031\u2038-\U0010ffff]")
_UNSEEN = re.compile("[\u200c\u200d\u200e\u200f\u202a-\u202e\u2066-\u2069\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")
_LAST_LINK = re.compile(r"https?://\S+\s*\Z")
# A word keeps what joins it; marks that stand on letters are part of them.
_SAID = re.compile(
    r"(?:[^\W_]|[\u0300-\u036f\u0591-\u05c7\u064b-\u0652\u0900-\u0903\u093a-\u094f\u0e31-\u0e4e-])+"
)
_PLAIN_WORD = re.compile(r"[a-z\u00df-\u0dff-]+")
_NO_BLANKS = "\u0e00"
_LONG_PROSE = 160
_HEADING = 30
_CLEAR = 4
# What says something else where each link has a line of its own.
_IN_FRAGMENTS = re.compile(
    r"above: (?:short, |long|begins small|tag or)|below: (?!begins with|a tag|closes|bullet)"
)


@dataclass(frozen=True, slots=True)
class Boundary:
    """``above``: the line above; ``first``: the line below; ``below``: all that would be the text.
    ``gap``: blank lines between; ``own_gap``: blank lines between text and attribution, -1 on one line.
    ``inner``: inside a line; ``block``: inside a block that stands further in than the prose; ``glued``:
    no blank begins the line below, or no sentence ends above; ``fits``: all of the line may be the post;
    ``passed``: boundaries below that were open; ``author``: what the author is called; ``marks``:
    features that the whole document shows; ``led``: above stands all that follows the attribution
    before."""

    above: str
    first: str
    below: str
    day: date
    known: Layout
    gap: int = 0
    own_gap: int = -1
    inner: bool = False
    block: bool = False
    glued: bool = False
    fits: bool = False
    passed: int = 0
    author: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    led: bool = False


def weigh(at: Boundary) -> float:
    """Log odds that the text begins at this boundary."""
    known = weights()
    return sum(known.get(name, 0.0) * value for name, value in features(at))


def limit(day: date) -> tuple[int, int]:
    """How long a post of that day may be, and what a sign of a wide script counts in it."""
    return (290, 2) if day >= _LONGER_SINCE else (148, 1)


def weight(words: str, wide: int = 2) -> int:
    """The length of a post as its limit counts it: links 23, pictures none, wide scripts ``wide``. A link
    at its end may lead to another post, and is not counted."""
    words = _LAST_LINK.sub("", _PICTURE.sub("", words).rstrip())
    bare, links = _LINK.subn("", words)
    if bare.isascii():
        return 23 * links + len(bare)
    bare = _UNSEEN.sub("", bare)
    return 23 * links + len(bare) + (wide - 1) * len(_FAR.findall(bare))


def features(at: Boundary) -> Iterator[tuple[str, float]]:
    """Name and value of everything that speaks for (or, by its weight, against) a start here."""
    yield _form(at), 1.0
    yield from ((mark, 1.0) for mark in at.marks)
    for name, value in (*_length(at), *_named(at), *_tongue(at)):
        special = at.known.fragmented and _IN_FRAGMENTS.match(name)
        yield (f"fragmented, {name}" if special else name), value


@cache
def weights() -> dict[str, float]:
    """Each feature's weight, in log odds: the last figure of its row in data/flattened/weights.json."""
    listed: dict[str, list[float]] = resources.read_json("flattened", "weights.json")["weights"]
    return {name: row[-1] for name, row in listed.items()}


@cache
def _says() -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
    """What the sentence before a quoted post says, that somebody wrote, or where: single words; the first
    words of phrases; phrases with blanks around, and words of writing without blanks."""
    listed: dict[str, list[str]] = resources.read_json("flattened", "words.json")["says"]
    words = {word for words in listed.values() for word in words}
    single = {word for word in words if _PLAIN_WORD.fullmatch(word)}
    phrases = {word for word in words - single if word[0] < _NO_BLANKS}
    return (
        frozenset(single),
        frozenset(phrase.split()[0] for phrase in phrases),
        tuple(sorted(f" {phrase} " for phrase in phrases)) + tuple(sorted(words - single - phrases)),
    )


def says(sentence: str) -> bool:
    """Whether a sentence says that somebody wrote, or where."""
    single, firsts, phrases = _says()
    words = _SAID.findall(sentence.lower())
    if not single.isdisjoint(words):
        return True
    if firsts.isdisjoint(words) and sentence.isascii():
        return False
    spaced = f" {' '.join(words)} "
    return any(phrase in spaced for phrase in phrases)


def _form(at: Boundary) -> str:
    """How the boundary is drawn, in the layout of the document."""
    known = at.known
    gap = "blank line" if at.gap else "line"
    if at.inner:
        where = "between words" if at.glued else "after a sentence"
        if known.one_line:
            return f"inner: one line, {where}"
        return "inner: behind an attribution" if at.fits else "inner: line too long"
    if at.block or known.joined:
        return "block: blank line" if at.block else _joined(at)
    if at.own_gap < 0:
        return f"same line: {gap}"
    if known.spaced:
        return f"spaced: {gap}" if at.own_gap else f"tight: {gap}"
    return "fragmented: line" if known.fragmented else "close: line"


def _joined(at: Boundary) -> str:
    if at.glued:
        return "joined: inside a piece"
    if at.own_gap < 0:
        return "joined: line"
    # Paragraphs of one quotation are as far apart as the last one is from the attribution.
    return f"joined, own line: {'larger' if at.gap > at.own_gap else 'same'} gap"


def _length(at: Boundary) -> Iterator[tuple[str, float]]:
    most, wide = limit(at.day)
    above, below = weight(at.above, wide), weight(at.below, wide)
    ended = lines.is_ended(at.above)
    if above + below > most:
        yield "above: too long", 1.0
    elif at.inner:
        return
    elif above > 0.6 * most:
        yield "above: long", 1.0
    elif above < 0.3 * most:
        yield ("above: short, ended" if ended else "above: short, open"), 1.0
    if ended and at.known.prose >= _LONG_PROSE and above < 0.45 * at.known.prose:
        yield "above: shorter than the prose", min(2.0, math.log2(at.known.prose / max(above, 1)))
    if 0.7 * most < above + below <= most:
        yield "both: near the limit", 1.0
    if at.passed:
        yield "below: several lines", 1.0
    if below < 0.15 * most:
        yield "below: very short", 1.0


def _named(at: Boundary) -> Iterator[tuple[str, float]]:
    """What the lines look like, and what the one above speaks of."""
    above = at.above
    if not lines.has_words(at.below):
        if lines.tags_alone(at.below):
            yield "below: tags alone", 1.0
        heading = len(above) < _HEADING and not lines.is_ended(above)
        yield ("below: no words, a heading above" if heading else "below: no words"), 1.0
    if language.ends_open(above):
        yield "above: ends open", 1.0
    if says(lines.unmarked(above[-300:])):
        yield "above: says that somebody wrote", 1.0
        if above.rstrip().endswith((":", "：")):
            yield "above: announces words", 1.0
    if lines.opening(at.first) in at.known.openings and lines.has_words(at.below):
        yield "below: begins as other posts here do", 1.0
    if any(name in above for name in at.author) and lines.has_words(at.below):
        yield "above: names the author", 1.0
    if at.known.fragmented and lines.is_link(above):
        yield "above: a link alone", 1.0
    for name in (
        *lines.above(above, at.first),
        *lines.below(above, at.first, at.below),
        *lines.bullets(above, at.first, at.known.bullets),
    ):
        yield name, 1.0


def _tongue(at: Boundary) -> Iterator[tuple[str, float]]:
    """Article and post are often in two languages: the line above is of one or the other."""
    post, article = language.languages(at.below), at.known.languages
    here = language.hits(at.above, article)
    if post and article and not post & article:
        lean = language.hits(at.above, post) - here
        if lean:
            side = "post" if lean > 0 else "article"
            yield f"above: language of the {side}", min(abs(lean), 3)
        return
    if article and not post and here >= _CLEAR > _CLEAR * language.hits(at.below, article):
        yield "above: language of the article, below tells none", 1.0
    above = language.languages(at.above)
    if article and not post and above and not above & article:
        yield "above: not the language of the article, below tells none", 1.0
    if post and above and not post & above:
        yield "above: another language", 1.0
