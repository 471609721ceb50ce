"""The evidence at a boundary: does the post begin just below it, or go on above?

Each feature is a number under a name; the weights stand in data/flattened/weights.json, in log odds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import cast

from archiver import resources
from archiver.flattened import language
from archiver.flattened.layout import Layout

__all__ = ["Boundary", "features", "limit", "weigh", "weight"]

_LONGER_SINCE = date(2017, 11, 7)
_LINK = re.compile(r"https?://\S+")
_PICTURE = re.compile(r"\bpic\.\w{1,20}\.\w{2,5}/\w+")
_SHORT = re.compile(r"https?://[a-z]{1,3}\.[a-z]{2}/\w{5,}|\bpic\.\w{1,20}\.\w{2,5}/\w", re.IGNORECASE)
_TAG = re.compile(r"(?<!\w)[#＃][^\W\d]|(?<![\w(（])[@＠]\w")
_MARKED = re.compile(r"https?://\S+|\bpic\.\w{1,20}\.\w{2,5}/\w+|(?<!\w)[#@＃＠]\w+")
_LETTER = re.compile(r"[^\W\d_]")
_BULLET = re.compile(r"(?:[-*•◦▪‣□■·+]|\d{1,2}[.)])\s")
_EMOJI = re.compile(r"[\U0001F1E6-\U0001FAFF\u2190-\u21ff\u2300-\u2bff]")
_ENDS = (
    ("above: ends in a colon", re.compile(r"[:：]\W{0,2}\Z")),
    ("above: ends in an ellipsis", re.compile(r"(?:…|\.\.)\s?\Z")),
    ("above: ends in an emoji", re.compile(r"[\U0001F1E6-\U0001FAFF\u2600-\u27bf]\ufe0f?\u200d?\Z")),
    ("above: ends with a comma", re.compile(r"[,;、，(\[–-]\Z")),
    ("above: counts a thread", re.compile(r"^\d{1,2}/(?:\d{1,2}|n)?\b|\b\d{1,2}/(?:\d{1,2}|n)\W{0,2}\Z")),
)
# What says something else where each link has a line of its own.
_IN_FRAGMENTS = frozenset(
    (
        "above: short, open",
        "above: short, ended",
        "above: long",
        "above: begins small",
        "below: begins small",
        "below: begins with a tag",
        "below: begins with a mention",
        "below: no words",
        "below: no words, a heading above",
        "below: very short",
        "above: tag or mention",
    )
)
_GOES_ON = re.compile(r"\s*(?:[a-zß-öø-ÿа-яё]|['’])")
_HEADING = 30
_LABEL = re.compile(r"[^\W\d_][^:：\n]{0,30}[:：]\s")
_MARKS_INSIDE = tuple(",.;:!?)]”»…、。，'’")
_LONG_PROSE = 160
_SHOUT = 12
_ENDED = re.compile(r"[.!?…。！？؟।](?:\W{0,3}|\s?\[\d{1,3}\])\Z")
_OPENING, _CLOSING = "“„«([（「『", "”»)]）」』"


@dataclass(frozen=True, slots=True)
class Boundary:
    """``above``: the line above; ``first``: the line below; ``below``: all that would be the text. ``gap``:
    blank lines between; ``own_gap``: blank lines between text and attribution, -1 on one line. ``inner``:
    inside a line; ``block``: inside a block that stands further in than the prose; ``glued``: no
    blank begins the line below."""

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


@cache
def _weights() -> dict[str, float]:
    return cast(dict[str, float], resources.read_json("flattened", "weights.json")["weights"])


@cache
def _says() -> re.Pattern[str]:
    """What the sentence before a quoted post says: that somebody wrote, or where."""
    listed: dict[str, list[str]] = resources.read_json("flattened", "words.json")["says"]
    words = sorted({word for words in listed.values() for word in words}, key=len, reverse=True)
    spaced = "|".join(re.escape(word) for word in words if word[0] < "\u3000")
    glued = "|".join(re.escape(word) for word in words if word[0] >= "\u3000")
    return re.compile(rf"(?<!\w)(?:{spaced})(?!\w)|{glued}", re.IGNORECASE)


def weigh(at: Boundary) -> float:
    """Log odds that the text begins at this boundary."""
    weights = _weights()
    return sum(weights.get(name, 0.0) * value for name, value in features(at))


def limit(day: date) -> tuple[int, int]:
    """How long a post of that day may be, and what a sign of a wide script counts in it."""
    return (290, 2) if day >= _LONGER_SINCE else (148, 1)


def weight(words: str, wide: int = 2) -> int:
    """The length of a post as its limit counts it: links 23, pictures none, wide scripts ``wide``."""
    words = _PICTURE.sub("", words)
    bare, links = _LINK.subn("", words)
    if bare.isascii():
        return 23 * links + len(bare)
    return 23 * links + sum(1 if sign < "\u1100" else wide for sign in bare)


def features(at: Boundary) -> Iterator[tuple[str, float]]:
    """Name and value of everything that speaks for (or, by its weight, against) a start here."""
    yield _form(at), 1.0
    for group in (_length, _end_of, _begin_of, _tongue):
        for name, value in group(at):
            yield (f"fragmented, {name}" if at.known.fragmented and name in _IN_FRAGMENTS else name), value


def _form(at: Boundary) -> str:
    """How the boundary is drawn, in the layout of the document."""
    known = at.known
    gap = "blank line" if at.gap else "line"
    if at.inner:
        return "inner: one line" if known.one_line else "inner: line too long"
    if at.block:
        return "block: blank line"
    if known.joined:
        if at.glued:
            return "joined: inside a piece"
        return (
            "joined: line"
            if at.own_gap < 0
            else f"joined, own line: {'larger' if at.gap > at.own_gap else 'same'} gap"
        )
    if at.own_gap < 0:
        return f"same line: {gap}"
    if known.spaced:
        return f"spaced: {gap}" if at.own_gap else f"tight: {gap}"
    return "fragmented: line" if known.fragmented else "close: line"


def _length(at: Boundary) -> Iterator[tuple[str, float]]:
    most, wide = limit(at.day)
    above, below = weight(at.above, wide), weight(at.below, wide)
    ended = bool(_ENDED.search(at.above))
    if above + below > most:
        yield "above: too long", 1.0
    elif at.inner:
        return
    elif above > 0.6 * most:
        yield "above: long", 1.0
    elif above < 0.3 * most:
        yield ("above: short, ended" if ended else "above: short, open"), 1.0
    if ended and at.known.prose >= _LONG_PROSE and above < 0.45 * at.known.prose:
        yield "above: shorter than the prose", 1.0
    if 0.7 * most < above + below <= most:
        yield "both: near the limit", 1.0
    if below < 0.15 * most:
        yield "below: very short", 1.0


def _end_of(at: Boundary) -> Iterator[tuple[str, float]]:
    above = at.above
    for name, sign in _ENDS:
        if sign.search(above):
            yield name, 1.0
    if language.ends_open(above):
        yield "above: ends open", 1.0
    if _SHORT.search(above):
        yield "above: short link", 1.0
    elif _TAG.search(above):
        yield "above: tag or mention", 1.0
    if _says().search(_MARKED.sub("", above[-300:])):
        yield "above: says that somebody wrote", 1.0
    if not _LETTER.search(above) and not _EMOJI.search(above):
        yield "above: no words", 1.0
    if above[:1].islower():
        yield "above: begins small", 1.0
    elif above[:1] in _MARKS_INSIDE and above[:2] != ".@":
        yield "above: begins with a mark", 1.0
    if at.known.fragmented and _MARKED.fullmatch(above):
        yield "above: a link alone", 1.0


def _begin_of(at: Boundary) -> Iterator[tuple[str, float]]:
    first, above = at.first, at.above
    if not _LETTER.search(_MARKED.sub("", at.below)):
        heading = len(above) < _HEADING and not _ENDED.search(above)
        yield ("below: no words, a heading above" if heading else "below: no words"), 1.0
    if first[:1].islower():
        yield "below: begins small", 1.0
    elif first[:1] in _MARKS_INSIDE and first[:2] != ".@":
        yield "below: begins with a mark", 1.0
    if _BULLET.match(first) or _EMOJI.match(first):
        yield ("both: bullets" if above[:1] == first[:1] else "below: bullet"), 1.0
    elif _BULLET.match(above):
        yield ("above: bullet of a list" if above[:1] in at.known.bullets else "above: bullet typed"), 1.0
    elif _EMOJI.match(above):
        yield "above: begins with an emoji", 1.0
    marked = _MARKED.match(first)
    if marked:
        yield ("below: begins with a mention" if first[:1] in "@＠" else "below: begins with a tag"), 1.0
        if _GOES_ON.match(at.below, marked.end()) and not _ENDED.search(above):
            yield "below: a tag inside a sentence", 1.0
    if _unopened(at.below):
        yield "below: closes what it did not open", 1.0
    if _is_like(above, first):
        yield "both: alike", 1.0


def _is_like(above: str, first: str) -> bool:
    """Whether two lines are built alike: the same first word, a label before a colon, all capitals."""
    if above.isupper() and first.isupper() and len(above) > _SHOUT:
        return True
    one, other = _LABEL.match(above), _LABEL.match(first)
    if one and other and len(above) > one.end() and len(first) > other.end():
        return True
    words = above.split(None, 1)[:1], first.split(None, 1)[:1]
    return words[0] == words[1] and bool(_LETTER.search(above[:1]))


def _unopened(below: str) -> bool:
    depth = 0
    for sign in below[:600]:
        if sign in _OPENING:
            depth += 1
        elif sign in _CLOSING:
            depth -= 1
            if depth < 0:
                return True
    return False


def _tongue(at: Boundary) -> Iterator[tuple[str, float]]:
    """Article and post are often in two languages: the line above is of one or the other."""
    post, article = language.languages(at.below), at.known.languages
    if post and article and not post & article:
        lean = language.hits(at.above, post) - language.hits(at.above, article)
        if lean:
            yield (
                ("above: language of the post" if lean > 0 else "above: language of the article"),
                min(abs(lean), 3),
            )
        return
    above = language.languages(at.above)
    if post and above and not post & above:
        yield "above: another language", 1.0
