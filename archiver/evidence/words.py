"""Finding the words of a post wherever they stand, in whatever spelling a page has for them, and putting a
mark in their place."""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from math import ceil
from urllib.parse import unquote_to_bytes

from archiver.text import plain_words

__all__ = ["MARK", "Words"]

MARK = "[redacted]"

_LEAST_HERE = 4
"""How many words in a row are taken for the post's, in an article that quotes it; a shorter post must stand
there whole, and close to what names it."""
_LEAST_ANYWHERE, _MOST_ANYWHERE, _SHARE_ANYWHERE = 6, 12, 0.75
"""… and anywhere else: three quarters of it, but not fewer than six nor more than twelve. A post of four or
five words must stand there whole, shorter ones are not sought."""
_SHORTEST_ANYWHERE = 4
_CLOSE = 2000

# Tags part words, what is escaped stands for a character.
_TAG = r"</?[A-Za-z!][^<>]*>"
_ADDRESS = r"(?<![\w.-])(?:https?://)?[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}/[\w/-]{1,80}(?![\w?=&%])"
_ESCAPED = (
    r"(?P<entity>&(?:\#\w{1,8}|\w{2,32});)|(?P<point>\\u(?P<hex>[0-9A-Fa-f]{4}))"
    r"|(?P<escape>\\[nrtbf\"'/\\])|(?P<percent>(?:%[0-9A-Fa-f]{2})+)"
)
_UNIT = re.compile(rf"(?P<tag>{_TAG}|{_ADDRESS})|{_ESCAPED}")
_UNIT_IN_TAG = re.compile(rf"(?P<tag>{_ADDRESS})|{_ESCAPED}")
_WHOLE_TAG = re.compile(_TAG)
# Writing without blanks between words counts by its letters.
_WORD = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u0e00-\u0e7f\u3040-\u9fff]+")
_SPACES = {"n", "r", "t", "b", "f"}


class Words:
    """What is looked for: the words of texts. ``here``: of posts that the article quotes, of which few
    in a row are enough; ``anywhere``: of others; ``names``: by what short ones are told from the same words
    elsewhere in the article."""

    def __init__(self, here: Iterable[str], anywhere: Iterable[str] = (), names: Iterable[str] = ()) -> None:
        self._names = tuple(names)
        self._texts = [_compared(text) for text in dict.fromkeys(here)]
        self._runs: dict[int, set[tuple[str, ...]]] = {}
        self._signs: set[str] = set()
        for words in self._texts:
            self._look_for(words, _LEAST_HERE, 1)
        for words in map(_compared, dict.fromkeys(anywhere)):
            share = min(_MOST_ANYWHERE, max(_LEAST_ANYWHERE, ceil(_SHARE_ANYWHERE * len(words))))
            self._look_for(words, share, _SHORTEST_ANYWHERE)

    def __bool__(self) -> bool:
        return bool(self._runs)

    def may_stand_in(self, text: str) -> bool:
        """A quick look: False only where the words are surely not there."""
        folded = text.casefold()
        return any(sign in folded for sign in self._signs)

    def spans(self, text: str, edges: bool = False) -> list[tuple[int, int]]:
        """Where the words stand in a text, plain or markup, in order. ``edges``: it is cut out of a longer
        one that shows the post close by, so that it may end in the first words and begin with the last."""
        found = self._in(text, _UNIT, text, 0, edges)
        for tag in _WHOLE_TAG.finditer(text):
            if self.may_stand_in(tag[0]):
                found += self._in(tag[0], _UNIT_IN_TAG, text, tag.start(), edges)
        return _joined(found + self._at_edges(text)) if edges else _joined(found)

    def _in(
        self, piece: str, unit: re.Pattern[str], text: str, offset: int, edges: bool
    ) -> list[tuple[int, int]]:
        """Where the words stand in a piece of a text that begins at an offset."""
        plain, places = _read(piece, unit)
        words = _words(plain)
        found: list[tuple[int, int]] = []
        for least, runs in self._runs.items():
            for at in range(len(words) - least + 1):
                run = words[at : at + least]
                if tuple(word for word, _, _ in run) in runs:
                    span = (places(run[0][1])[0] + offset, places(run[-1][2] - 1)[1] + offset)
                    if edges or least >= _LEAST_HERE or self._is_named(text, *span):
                        found.append(span)
        return found

    def without(self, text: str, edges: bool = False) -> str:
        """The text with a mark for the words; ``edges`` as in `spans`."""
        for first, last in reversed(self.spans(text, edges)):
            text = f"{text[:first]}{MARK}{text[last:]}"
        return text

    def _is_named(self, text: str, first: int, last: int) -> bool:
        around = text[max(0, first - _CLOSE) : last + _CLOSE]
        return not self._names or any(name in around for name in self._names)

    def _look_for(self, words: list[str], enough: int, shortest: int) -> None:
        least = min(len(words), enough)
        if least >= shortest:
            runs = self._runs.setdefault(least, set())
            new = [tuple(words[at : at + least]) for at in range(len(words) - least + 1)]
            runs.update(new)
            # Letters outside ASCII may be escaped; a run of them alone stands for itself.
            self._signs |= {max(filter(str.isascii, run), key=len, default="") for run in new}

    def _at_edges(self, text: str) -> list[tuple[int, int]]:
        there = _words(text)
        found = []
        for words in self._texts:
            for count in range(min(len(words), len(there)), 0, -1):
                last = [word for word, _, _ in there[-count:]]
                if last[:-1] == words[: count - 1] and words[count - 1].startswith(last[-1]):
                    found.append((there[-count][1], len(text)))
                    break
            for count in range(min(len(words), len(there)), 0, -1):
                first = [word for word, _, _ in there[:count]]
                if first[1:] == words[len(words) - count + 1 :] and words[-count].endswith(first[0]):
                    found.append((0, there[count - 1][2]))
                    break
        return found


def _compared(text: str) -> list[str]:
    return [word for word, _, _ in _words(plain_words(text))]


def _words(text: str) -> list[tuple[str, int, int]]:
    """Every word as it is compared, with its place."""
    return [(_folded(found[0]), *found.span()) for found in _WORD.finditer(text)]


def _folded(word: str) -> str:
    return word.casefold() if word.isascii() else unicodedata.normalize("NFKC", word).casefold()


class _Places:
    """From a place in the plain text to the stretch of the written one."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.stretches: list[tuple[int, int, bool]] = []

    def __call__(self, at: int) -> tuple[int, int]:
        number = bisect_right(self.starts, at) - 1
        first, last, is_unit = self.stretches[number]
        if is_unit:
            return first, last
        place = first + at - self.starts[number]
        return place, place + 1


def _read(text: str, unit: re.Pattern[str]) -> tuple[str, _Places]:
    """What a text says: tags as blanks, what is escaped as what it stands for."""
    parts: list[str] = []
    places, length, end = _Places(), 0, 0
    for found in unit.finditer(text):
        pieces = ((text[end : found.start()], end, found.start(), False), (_said(found), *found.span(), True))
        for piece, first, last, is_unit in pieces:
            if piece:
                parts.append(piece)
                places.starts.append(length)
                places.stretches.append((first, last, is_unit))
                length += len(piece)
        end = found.end()
    parts.append(text[end:])
    places.starts.append(length)
    places.stretches.append((end, len(text), False))
    return "".join(parts), places


def _said(unit: re.Match[str]) -> str:
    if unit["entity"]:
        return html.unescape(unit[0])
    if unit["point"]:
        return chr(int(unit["hex"], 16))
    if unit["percent"]:
        return unquote_to_bytes(unit[0]).decode("utf-8", "replace")
    return " " if unit["tag"] or unit[0][1] in _SPACES else unit[0][1]


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that touch as one."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found
