"""Looking before parsing: whether the bytes of a page can hold a post at all.

What is looked for comes from the platforms; nothing is listed here. A page in which none of their needles
is found shows no post, nor does one in which all of them stand in plain links and in scripts that put none on
the page; any other one is read.
Hyperscan looks for all at once; where it is not installed, a platform's needles are looked for one by one,
where its markers stand. Pages in wide characters hide needles and are always read; what stands in base64 is
looked at too.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from archiver import healed, looking, sifting
from archiver.platform import Platform

__all__ = ["sieve"]

Sieve = Callable[[bytes], bool]
Finder = Callable[[bytes, "list[int]"], bool]
"""Whether a needle is found; the list takes the offsets behind which base64 may have begun."""

_HEAD = 2000
_NUL = b"\0"
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s{0,200}(?:(?:<\?[^>]{0,400}\?>|<!--.{0,2000}?-->)\s{0,200}){0,9}"
    rb"<(?:!doctype html|html|head)\b",
    re.IGNORECASE | re.DOTALL,
)
# Markup, addresses and JSON in base64 begin so; pictures in SVG do too, and hold no post.
_RUN = rb"[^A-Za-z0-9+/](?:PG[^N]|PH[^N]|aHR0c|eyJ)[A-Za-z0-9+/]{32}"
_RUNS = re.compile(rb"[^A-Za-z0-9+/]((?:PG|PH|aHR0c|eyJ)[A-Za-z0-9+/]{32,1000000})")
_BEGINS = re.compile(_RUN)
_LOOK_BACK = 40


def sieve(platforms: Sequence[Platform], links: bool = True) -> Sieve:
    """Whether bytes can hold a post of one of the platforms, or (``links``) a plain link to one."""
    everything = (healed.reader(platforms), *platforms)
    can_hold = _made(everything)
    if links:
        return can_hold
    look = looking.look(everything)

    def can_show(body: bytes) -> bool:
        return can_hold(body) and (
            not _PAGE.match(body) or _NUL in body[:_HEAD] or sifting.may_show(body, look)
        )

    return can_show


@cache
def _made(platforms: tuple[Platform, ...]) -> Sieve:
    found = _by_hyperscan(platforms) or _one_by_one(platforms)

    def can_hold(body: bytes) -> bool:
        runs: list[int] = []
        if found(body, runs) or _NUL in body[:_HEAD]:
            return True
        return any(found(_plain(body, at), []) for at in runs)

    return can_hold


def _plain(body: bytes, at: int) -> bytes:
    """What base64 hides that begins shortly before an offset."""
    run = _RUNS.search(body, max(0, at - _LOOK_BACK))
    return base64.b64decode(run[1][: len(run[1]) & ~3]) if run else b""


def _needles(platform: Platform) -> tuple[bytes, ...]:
    if platform.needles:
        return tuple(needle.encode("latin-1") for needle in platform.needles)
    return tuple(re.escape(marker) for marker in platform.markers)


def _by_hyperscan(platforms: tuple[Platform, ...]) -> Finder | None:
    try:
        import hyperscan
    except ImportError:
        return None
    needles = list(
        dict.fromkeys(
            n for p in platforms for n in (*_needles(p), *(w.encode("latin-1") for w in p.wordings))
        )
    )
    any_case = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SINGLEMATCH
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[*needles, _RUN],
        ids=list(range(len(needles) + 1)),
        elements=len(needles) + 1,
        flags=[any_case] * len(needles) + [0],
    )
    seen: list[int] = []

    def find(body: bytes, runs: list[int]) -> bool:
        seen.clear()

        def note(number: int, _begin: int, end: int, *_: Any) -> bool:
            (runs if number == len(needles) else seen).append(end)
            return number < len(needles)  # which ends the search

        with suppress(hyperscan.ScanTerminated):
            database.scan(body, match_event_handler=note)
        return bool(seen)

    return find


@cache
def _pattern(needle: bytes) -> re.Pattern[bytes]:
    return re.compile(needle)


def _one_by_one(platforms: tuple[Platform, ...]) -> Finder:
    patterns = [(p.markers, [_pattern(needle) for needle in _needles(p)]) for p in platforms]
    wordings = [_pattern(words.encode("latin-1")) for p in platforms for words in p.wordings]

    def find(body: bytes, runs: list[int]) -> bool:
        low = body.lower()
        runs += [run.end() for run in _BEGINS.finditer(body)]
        return any(
            any(marker in low for marker in markers) and any(needle.search(low) for needle in needles)
            for markers, needles in patterns
        ) or any(words.search(low) for words in wordings)

    return find
