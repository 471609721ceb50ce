"""The signature under an embedded post: "— Name (@handle) January 20, 2022", whatever became of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from archiver import dates
from archiver.text import plain_marks, squeeze

__all__ = ["Attribution", "read"]

HANDLE = re.compile(r"[(（]\s*[@＠]\s*((?:[\w.-]|\\_){1,80})\s*[)）]")
_DASH = re.compile(r"(?:&mdash;|&#8212;|—|―|–|-{2,3}|(?<![^\s])-(?=\s))\s*")
_DASH_FIRST = re.compile(r"\s*(?:&mdash;|&#8212;|[—―–]|-{1,3}(?=\s))\s*")
_BETWEEN = re.compile(r"[\s·|,:.\u200e\u200f-]*")
_LONGEST_NAME = 120
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Attribution:
    """Where a signature stands in a text and what it says. ``start`` and ``end`` count characters;
    ``name`` is None where it is empty, ``handle`` without "@"; ``certain`` tells whether the place
    where it begins is marked (a dash, a block of its own)."""

    start: int
    end: int
    name: str | None
    handle: str | None
    date: str | None
    certain: bool = True


def read(text: str, blocks: Sequence[int], link: tuple[int, int] | None) -> Attribution | None:
    """The signature of a post's ``text``. ``blocks`` are the offsets at which blocks begin, ``link`` the
    span of the link to the post itself; None where there is no signature."""
    found = _handle(text, link)
    if found is None:
        return _without_handle(text, blocks, link)
    begin, start, certain = _start(text, blocks, found.start())
    date, end = _date(text, found.end(), link)
    name = plain_marks(squeeze(text[start : found.start()])) or None
    return Attribution(begin, end, name, found[1].replace("\\_", "_"), date, certain)


def _handle(text: str, link: tuple[int, int] | None) -> re.Match[str] | None:
    """The last "(@handle)" that the date or the link to the post follows."""
    for found in reversed(list(HANDLE.finditer(text))):
        if link is None:
            rest = _BETWEEN.match(text, found.end())
            at = rest.end() if rest else found.end()
            if at >= len(text) or dates.at(text, at):
                return found
        elif found.start() >= link[0]:
            if found.end() <= link[1]:
                return found
        else:
            gap = squeeze(text[found.end() : link[0]])
            return found if len(gap) <= 3 or dates.read(gap.strip(" ·|,-")) else None
    return None


def _start(text: str, blocks: Sequence[int], handle_at: int) -> tuple[int, int, bool]:
    """Where the signature begins, where the name in it begins, and whether that is marked."""
    block = max((at for at in blocks if at <= handle_at), default=0)
    line = max(block, text.rfind("\n", block, handle_at) + 1)
    for first in (line, block):
        dash = _DASH_FIRST.match(text, first, handle_at)
        if dash and (first > 0 or handle_at - first <= _LONGEST_NAME) and "\n" not in text[first:handle_at]:
            return first, dash.end(), True
    dashes = list(_DASH.finditer(text, block, handle_at))
    if dashes:
        return dashes[-1].start(), dashes[-1].end(), True
    if line > 0:
        return line, line, True
    return handle_at, handle_at, False


def _date(text: str, after: int, link: tuple[int, int] | None) -> tuple[str | None, int]:
    """The date as printed and where the signature ends."""
    rest = _BETWEEN.match(text, after)
    at = rest.end() if rest else after
    found = dates.at(text, at)
    if found:
        return squeeze(text[found.start : found.end]), max(found.end, link[1] if link else 0)
    if link and link[0] >= after:
        words = squeeze(text[link[0] : link[1]])
        # Words with digits are a date in a spelling that we do not know: kept as printed.
        looks = bool(_DIGIT.search(words)) and "/" not in words and len(words) <= 40
        return (words if dates.read(words) or looks else None), link[1]
    return None, max(at if at >= len(text) else after, link[1] if link else 0)


def _without_handle(text: str, blocks: Sequence[int], link: tuple[int, int] | None) -> Attribution | None:
    """A signature whose handle stands in the address only: a dash, a name, a link that is a date."""
    if link is None or not dates.read(squeeze(text[link[0] : link[1]])):
        return None
    block = max((at for at in blocks if at <= link[0]), default=0)
    line = max(block, text.rfind("\n", block, link[0]) + 1)
    date = squeeze(text[link[0] : link[1]])
    for first in (line, block):
        dash = _DASH_FIRST.match(text, first, link[0])
        if dash:
            name = squeeze(text[dash.end() : link[0]]).rstrip(" ,·")
            return Attribution(first, link[1], plain_marks(name) or None, None, date)
    dashes = list(_DASH.finditer(text, block, link[0]))
    if dashes and link[0] - dashes[-1].end() <= _LONGEST_NAME:
        name = squeeze(text[dashes[-1].end() : link[0]])
        return Attribution(dashes[-1].start(), link[1], plain_marks(name) or None, None, date)
    return Attribution(link[0], link[1], None, None, date)
