"""What an article's own prose puts between quotation marks, in whatever language, and the words of it."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from archiver import html
from archiver.html import Element
from archiver.text import plain_marks

__all__ = [
    "EMBED",
    "Prose",
    "Spoken",
    "folded",
    "in_page",
    "in_text",
    "places",
    "quoted",
    "said",
    "sentence",
    "spoken",
    "words",
]

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
# A mark, and no apostrophe between two letters of a word.
_MARK = re.compile("[“„‟”\"＂〝〞〟«»‹›「」『』‘‚'’](?:(?<!['’])|(?<![^\\W_].)|(?![^\\W_]))", re.DOTALL)
_BEFORE_NO_OPENING = frozenset(".,!?…")
_ADDRESS = re.compile(r"https?://\S+|\bpic\.[a-z0-9.-]{1,60}/\S+", re.IGNORECASE)
_BARE_LINK = re.compile("[cC]\\.")
# Writing without blanks between words counts by its letters.
_WORD = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W\u0e00-\u0e7f\u3040-\u9fff]+")
# What is written so before a mark is data, not prose: title: "…", text = "…".
_KEY = re.compile(r"(?:^|[-+/{\[(\]]|[\"'],)[^\S\n]*[\w-]{1,30}\s?:\s?\Z|[\w-]\s?=\s?\Z", re.MULTILINE)
_LONGEST_KEY = 40
_STOP = re.compile(r"[.!?…]['\"”’»)\]]{0,3}\s|[。！？]|\n")


@dataclass(frozen=True, slots=True)
class Prose:
    """An article's own words: one text with `EMBED` for each embed, whose offsets ``embeds`` gives by
    their number. ``blocks``: the blocks of a page and where each begins, ``line`` the line before its first
    one; a text document has none, and its offsets are those of the document."""

    text: str
    embeds: dict[int, int]
    blocks: tuple[tuple[int, Element], ...] = ()
    line: int = 0

    def place(self, at: int) -> str | None:
        """Where in the page an offset stands."""
        number = bisect_right(self.blocks, at, key=lambda block: block[0]) - 1
        if number < 0:
            return None
        block = self.blocks[number][1]
        return f"line {(html.line_of(block) or 0) + self.line}, {html.name(block)}"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What stands between quotation marks: from ``start`` to ``end``."""

    start: int
    end: int


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
    blocks: list[tuple[int, Element]] = []
    # The elements that are open: what is still to come in each, and how it ends.
    inside: list[tuple[Iterator[Element], str]] = [(iter([root]), "")]
    while inside:
        nodes, end = inside[-1]
        for node in nodes:
            tag, behind = node.tag, _squeezed(node.tail)
            if node in numbers:
                embeds[numbers[node]] = len(pieces)
            if tag in html.SILENT or not isinstance(tag, str):
                pieces.append(behind)
            elif node in hidden:
                pieces += (_EMBED_LINE, behind)
            else:
                if tag in html.BLOCKS:
                    blocks.append((len(pieces), node))
                edge = "\n" if tag in html.BLOCKS or tag == "br" else ""
                pieces += (edge, _squeezed(node.text))
                inside.append((iter(node), edge + behind))
                break
        else:
            pieces.append(end)
            inside.pop()
    at = [0, *accumulate(map(len, pieces))]
    return Prose(
        "".join(pieces),
        {number: at[place] for number, place in embeds.items()},
        tuple((at[place], block) for place, block in blocks),
        line,
    )


def _squeezed(text: str | None) -> str:
    """Line ends as blanks: of markup they end no line."""
    if text is None or not ("\n" in text or "\t" in text or "\r" in text):
        return text or ""
    words = " ".join(text.split())
    before, after = " " * text[0].isspace(), " " * text[-1].isspace()
    return f"{before}{words}{after}" if words else " "


def spoken(text: str) -> Iterator[Spoken]:
    """What stands between quotation marks, in order; of marks inside marks the outer ones."""
    marks = [(found.start(), found[0]) for found in _MARK.finditer(text)]
    at = 0
    while at < len(marks):
        start, mark = marks[at]
        end, at = _closed(text, marks, at) if _opens(text, start, mark) else (None, at + 1)
        is_data = mark in "\"'" and _KEY.search(text, max(0, start - _LONGEST_KEY), start)
        if end is not None and not is_data:
            yield Spoken(start + 1, end)


def quoted(text: str) -> list[tuple[int, int]]:
    """Where somebody's words are quoted in a text."""
    return [(one.start, one.end) for one in spoken(text)]


def sentence(text: str, one: Spoken) -> str:
    """The sentence, or sentences, that spoken words stand in: from the end of the one before to the end of
    the one in which they end."""
    start, end = one.start - 1, one.end
    first = max(0, start - _LONGEST_SENTENCE)
    for stop in _STOP.finditer(text, first, start):
        first = stop.end()
    after = _STOP.search(text, end + 1, end + _LONGEST_SENTENCE)
    last = after.end() if after else min(len(text), end + _LONGEST_SENTENCE)
    return text[first:last].strip()


def words(text: str, addresses: bool = False) -> list[tuple[str, int, int]]:
    """Every word as it is compared (`folded`), with its place; those of ``addresses`` only if wanted."""
    low = _lowered(text if addresses else _without_addresses(text))
    spans = (found.span() for found in _WORD.finditer(low))
    return [(word, *span) for word, span in zip(said(text, addresses), spans, strict=True)]


def said(text: str, addresses: bool = False) -> list[str]:
    """The words alone: several times as fast."""
    found: list[str] = _WORD.findall(_lowered(text if addresses else _without_addresses(text)))
    if text.isascii():
        return found
    return [word.casefold() if word.isascii() else folded(word) for word in found]


def places(text: str) -> list[tuple[int, int]]:
    """Where the words stand, those of addresses too."""
    return [found.span() for found in _WORD.finditer(_lowered(text))]


def _lowered(text: str) -> str:
    """The text with its case folded, where that moves nothing."""
    low = text.casefold()
    return low if len(low) == len(text) else text


def _without_addresses(text: str) -> str:
    if "//" not in text and "pic." not in text.casefold():
        return text
    return _ADDRESS.sub(lambda address: " " * len(address[0]), text)


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
        if place - start > _LONGEST or text.find("\n\n", start, place) >= 0:
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
