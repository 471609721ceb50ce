"""What an article's own prose puts between quotation marks, in whatever language, and the words of it."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from archiver import html
from archiver.html import Element
from archiver.text import plain_marks

__all__ = ["EMBED", "Prose", "Spoken", "folded", "in_page", "in_text", "quoted", "spoken", "words"]

EMBED = "\ufffc"
"""Stands in prose where an embed stands in the article."""

_EMBED_LINE = f"\n{EMBED}\n"

_LONGEST, _MOST_MARKS, _LONGEST_SENTENCE = 2000, 40, 600
# Each opening mark and what closes it.
_CLOSED_BY = {
    **{"“": '”“"', "„": '“”‟"', "‟": "”", "”": "”", '"': '"”', "＂": "＂", "〝": "〞〟"},
    **{"«": "»", "»": "«", "‹": "›", "›": "‹", "「": "」", "『": "』", "‘": "’", "‚": "‘’", "'": "'"},
}
# What stands beside these tells whether they open or close.
_BOTH_WAYS = frozenset("\"＂'”’“»«›‹‘")
_GOES_ON = frozenset('“„«"')
_MARK = re.compile("[“„‟”\"＂〝〞〟«»‹›「」『』‘’‚']")
_BEFORE_NO_OPENING = frozenset(".,!?…")
_ADDRESS = re.compile(r"https?://\S+|\bpic\.[a-z0-9.-]{1,60}/\S+", re.IGNORECASE)
# Writing without blanks between words counts by its letters.
_WORD = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u0e00-\u0e7f\u3040-\u9fff]+")
# What is written so before a mark is data, not prose: title: "…", text = "…".
_KEY = re.compile(r"(?:^|[-+/{\[(\]]|[\"'],)[^\S\n]*[\w-]{1,30}\s?:\s?\Z|[\w-]\s?=\s?\Z", re.MULTILINE)
_LONGEST_KEY = 40
_SPACE = re.compile(r"\s+")
_STOP = re.compile(r"[.!?…]['\"”’»)\]]{0,3}\s|[。！？]|\n")


@dataclass(frozen=True, slots=True)
class Prose:
    """An article's own words: one text with `EMBED` for each embed, whose offsets ``embeds`` gives by
    their number. ``lines``: offset and place of each piece, of a page; none for a text document, whose
    offsets are those of the document."""

    text: str
    embeds: dict[int, int]
    lines: tuple[tuple[int, str], ...] = ()

    def place(self, at: int) -> str | None:
        """Where in the page an offset stands."""
        number = bisect_right(self.lines, (at, "\U0010ffff")) - 1
        return self.lines[number][1] if number >= 0 else None


@dataclass(frozen=True, slots=True)
class Spoken:
    """What stands between quotation marks, from ``start`` to ``end``; ``sentence`` are the offsets of the
    sentence or sentences that it stands in."""

    start: int
    end: int
    sentence: tuple[int, int]


def in_text(text: str, spans: Sequence[tuple[int, int] | None]) -> Prose:
    """The prose of a text document around the quotes at ``spans``."""
    pieces: list[str] = []
    embeds: dict[int, int] = {}
    at = 0
    for number, span in sorted(enumerate(spans), key=lambda pair: pair[1] or (0, 0)):
        if span and span[0] >= at and span[1] > span[0]:
            pieces += [text[at : span[0]], EMBED.ljust(span[1] - span[0], "\n")]
            embeds[number] = span[0]
            at = span[1]
    return Prose("".join([*pieces, text[at:]]), embeds)


def in_page(root: Element, hosts: Sequence[Element], hidden: Collection[Element], line: int = 0) -> Prose:
    """The prose of a page around the embeds that ``hosts`` show, without what ``hidden`` elements hold.
    ``line``: that before the first one of the page."""
    numbers = {host: number for number, host in reversed(list(enumerate(hosts)))}
    pieces: list[str] = []
    embeds: dict[int, int] = {}
    lines: list[tuple[int, str]] = []
    length = 0
    waiting: list[Element | str] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            said = node
        else:
            if node in numbers:
                embeds[numbers[node]] = length
            if html.is_block(node):
                lines.append((length, f"line {(html.line_of(node) or 0) + line}, {html.name(node)}"))
            said = "" if html.is_silent(node) else _EMBED_LINE if node in hidden else _opened(node, waiting)
        pieces.append(said)
        length += len(said)
    return Prose("".join(pieces), embeds, tuple(lines))


def _opened(node: Element, waiting: list[Element | str]) -> str:
    """How an element begins; what it holds, and how it ends, waits."""
    edge = "\n" if html.is_block(node) or html.name(node) == "br" else ""
    waiting.append(edge)
    for child in reversed(node):
        waiting += [_SPACE.sub(" ", child.tail or ""), child]
    return edge + _SPACE.sub(" ", node.text or "")


def spoken(text: str) -> Iterator[Spoken]:
    """What stands between quotation marks, in order; of marks inside marks the outer ones."""
    marks = [(mark.start(), mark[0]) for mark in _MARK.finditer(text)]
    at = 0
    while at < len(marks):
        start, mark = marks[at]
        end, at = _closed(text, marks, at) if _opens(text, start, mark) else (None, at + 1)
        is_data = mark in "\"'" and _KEY.search(text, max(0, start - _LONGEST_KEY), start)
        if end is not None and not is_data:
            yield Spoken(start + 1, end, _sentence(text, start, end))


def quoted(text: str) -> list[tuple[int, int]]:
    """Where somebody's words are quoted in a text."""
    return [(one.start, one.end) for one in spoken(text)]


def words(text: str, addresses: bool = False) -> list[tuple[str, int, int]]:
    """Every word as it is compared (`folded`), with its place; those of ``addresses`` only if wanted."""
    bare = text if addresses else _ADDRESS.sub(lambda address: " " * len(address[0]), text)
    return [(folded(found[0]), *found.span()) for found in _WORD.finditer(bare)]


def folded(word: str) -> str:
    """A word in one spelling: NFKC, case folded, without marks that show nothing."""
    return word.casefold() if word.isascii() else unicodedata.normalize("NFKC", plain_marks(word)).casefold()


def _opens(text: str, at: int, mark: str) -> bool:
    if mark not in _CLOSED_BY:
        return False
    if mark not in _BOTH_WAYS:
        return True
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    opens = bool(after) and not before.isalnum() and before not in _BEFORE_NO_OPENING
    return opens if mark in "«»" else opens and not after.isspace()


def _closed(text: str, marks: Sequence[tuple[int, str]], at: int) -> tuple[int | None, int]:
    """Where the words that a mark opens end, None where nothing closes them; the next mark to look at. A
    speech that goes on in the next paragraph is not closed in its own."""
    start, mark = marks[at]
    for number in range(at + 1, min(at + 1 + _MOST_MARKS, len(marks))):
        place, closing = marks[number]
        if place - start > _LONGEST or "\n\n" in text[start:place]:
            break
        if closing in _CLOSED_BY[mark] and (closing not in _BOTH_WAYS or _ends(text, place)):
            return place, number + 1
    line = text.rfind("\n", 0, start) + 1
    if mark in _GOES_ON and not text[line:start].strip():
        end = text.find("\n", start, start + _LONGEST)
        return (end if end > 0 else min(len(text), start + _LONGEST)), at + 1
    return None, at + 1


def _ends(text: str, at: int) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return (text[at] in "«»" or not before.isspace()) and not after.isalnum()


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """From the end of the sentence before to the end of the one in which the words end."""
    first = max(0, start - _LONGEST_SENTENCE)
    for stop in _STOP.finditer(text, first, start):
        first = stop.end()
    after = _STOP.search(text, end + 1, end + _LONGEST_SENTENCE)
    last = after.end() if after else min(len(text), end + _LONGEST_SENTENCE)
    return first + _blanks(text[first:start]), end + len(text[end:last].rstrip())


def _blanks(text: str) -> int:
    return len(text) - len(text.lstrip())
