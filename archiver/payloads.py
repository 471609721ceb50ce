"""JSON in pages: whole scripts, what scripts assign and hand over, values of attributes; and of what it
holds, that in which something was found."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

__all__ = ["Strings", "found_in", "is_json", "read", "told"]

# How JSON begins in a script, and what JavaScript has before it.
_OPENING = re.compile(r"""\{[ \t\r\n]{0,40}"|\[[ \t\r\n]{0,40}[\[{"]""")
_BEFORE_VALUE = re.compile(r"(?:[=(,:;>]|return|\A)[ \t\r\n]{0,40}\Z")
_RIGHT_BEFORE = frozenset("=(,:;>")
# What makes a string of a script worth reading. Values of attributes have neither.
_TELLING = re.compile(r"<[a-zA-Z]|[\[{]\\{0,3}\"")
_LEAST, _GLANCE, _MOST_FAILURES, _BLANKS = 24, 4096, 100, 48
_DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class Strings:
    """The strings of a text of JSON in which something was found: where they begin and what they say."""

    starts: frozenset[int]
    words: frozenset[str]


def found_in(text: str, places: Iterable[int]) -> Strings:
    """The strings in which places lie, given in order. A place on a quotation mark lies in the string that
    it ends."""
    starts: list[int] = []
    words: list[str] = []
    end = failed = 0
    for place in places:
        if place < end or failed > _MOST_FAILURES:
            continue
        begin = _mark_before(text, place - 1 if text[place : place + 1] == '"' else place, end - 1)
        if begin < 0:
            continue
        try:
            word, end = _DECODER.raw_decode(text, begin)
        except json.JSONDecodeError:
            failed += 1
            continue
        starts.append(begin)
        words.append(word)
    return Strings(frozenset(starts), frozenset(words))


def _mark_before(text: str, at: int, least: int) -> int:
    """The last quotation mark before a place that no backslash makes a letter, -1 where there is none."""
    begin = at + 1
    while (begin := text.rfind('"', max(0, least), begin)) >= 0:
        before = begin
        while before and text[before - 1] == "\\":
            before -= 1
        if (begin - before) % 2 == 0:
            return begin
    return -1


def told(value: Any, strings: Strings) -> frozenset[int]:
    """The objects and lists of a value (by ``id()``) that hold one of the strings, at any depth."""
    words = strings.words
    nodes = [value] if isinstance(value, (dict, list)) else []
    above = [-1]
    telling: set[int] = set()
    for at, node in enumerate(nodes):
        is_telling = isinstance(node, dict) and not words.isdisjoint(node)
        for inner in node.values() if isinstance(node, dict) else node:
            kind = type(inner)
            if kind is str:
                if inner in words:
                    is_telling = True
            elif kind is dict or kind is list:
                nodes.append(inner)
                above.append(at)
        up = at if is_telling else -1
        while up >= 0 and id(nodes[up]) not in telling:
            telling.add(id(nodes[up]))
            up = above[up]
    return frozenset(telling)


def read(text: str, strings: Strings) -> tuple[list[Any], str]:
    """The JSON values in a text that may hold one of the strings, in order, and what is left of the text.
    Linear: what is tried in vain is counted, and after a few lengths of the text no more is tried."""
    whole = _whole(text.strip())
    if whole is not None:
        return [whole], ""
    found: list[Any] = []
    rest: list[str] = []
    at = 0
    left = 4 * len(text) + _GLANCE
    openings = _Openings(text, sorted(strings.starts, reverse=True))
    start = openings.first()
    while start >= 0 and left >= 0:
        value, end, cost = _from(text, start)
        left -= cost
        is_short = end - start < _LEAST or (isinstance(value, str) and not _TELLING.search(value))
        if value is not None and not is_short:
            found.append(value)
            rest.append(text[at:start])
            at = end
        start = openings.behind(max(at, start + 1))
    rest.append(text[at:])
    return found, " ".join(rest)


class _Openings:
    """Where a value may begin that holds one of the strings: at these themselves (``starts``, last first),
    or where an object or a list begins before them. What stands in a value that was read is passed over."""

    def __init__(self, text: str, starts: list[int]) -> None:
        self._text = text
        self._starts = starts
        self._last = starts[0] if starts else 0
        self._around = -1

    def first(self) -> int:
        """The first one, -1 where there is none."""
        bare = self._text.lstrip()
        return len(self._text) - len(bare) if bare[:1] in ("{", "[") else self.behind(0)

    def behind(self, place: int) -> int:
        """The first one from a place on, -1 where there is none. Places are asked for in order."""
        if self._around < place:
            self._around = self._object(place)
        while self._starts and (self._starts[-1] < place or not self._may_begin(self._starts[-1])):
            self._starts.pop()
        end = len(self._text)
        start = min(self._around, self._starts[-1] if self._starts else end)
        return start if start < end else -1

    def _object(self, place: int) -> int:
        """Where the next object or list begins, the end of the text where none does."""
        found = (opening.start() for opening in _OPENING.finditer(self._text, place, self._last))
        return next(filter(self._may_begin, found), len(self._text))

    def _may_begin(self, at: int) -> bool:
        return self._text[at - 1 : at] in _RIGHT_BEFORE or bool(
            _BEFORE_VALUE.search(self._text, max(0, at - _BLANKS), at)
        )


def is_json(text: str) -> bool:
    """Whether a whole text is one value of JSON, an object or a list."""
    return _whole(text.strip()) is not None


def _whole(text: str) -> Any:
    """The object or the list that a text is, None where it is none."""
    if text[:1] not in ("{", "[") or text[-1:] not in ("}", "]"):
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _from(text: str, start: int) -> tuple[Any, int, int]:
    """The value that begins at a place (None where there is none), where it ends, and what it cost to
    look. A glance shows most of what is no JSON; the decoder counts the lines of all that stands before a
    mistake."""
    try:
        value, end = _DECODER.raw_decode(text[start : start + _GLANCE])
        return value, start + end, end
    except json.JSONDecodeError as wrong:
        if wrong.pos < _GLANCE - 16 and not wrong.msg.startswith("Unterminated"):
            return None, start, wrong.pos
    except RecursionError:
        return None, start, _GLANCE
    try:
        value, end = _DECODER.raw_decode(text, start)
        return value, end, _GLANCE
    except json.JSONDecodeError as wrong:
        return None, start, wrong.pos - start + wrong.pos // 64 + _GLANCE
    except RecursionError:
        return None, start, len(text)
