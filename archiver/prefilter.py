"""Looking before parsing: whether the bytes of a page can hold a post at all.

What is looked for comes from the platforms; nothing is listed here. A page in which none of their needles is
found shows no post; any other one is read. Hyperscan looks for all at once; where it is not installed,
a platform's needles are looked for one by one, where its markers stand. Pages in wide characters hide
needles and are always read; what stands in base64 is looked at too.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from archiver.platform import Platform

__all__ = ["sieve"]

Sieve = Callable[[bytes], bool]
Finder = Callable[[bytes], "bool | None"]

_HEAD = 2000
# Markup, addresses and JSON in base64 begin so; pictures in SVG do too, and hold no post.
_RUN = rb"(?:PG[^N]|PH[^N]|aHR0c|eyJ)[A-Za-z0-9+/]{32}"
_RUNS = re.compile(_RUN + rb"[A-Za-z0-9+/]*")
_MOST_RUN = 1 << 20


def sieve(platforms: Sequence[Platform]) -> Sieve:
    """Whether bytes can hold a post of one of the platforms."""
    return _made(tuple(platforms))


@cache
def _made(platforms: tuple[Platform, ...]) -> Sieve:
    """``found``: True where a needle is, None where none is but base64 may hide one."""
    found = _by_hyperscan(platforms) or _one_by_one(platforms)

    def can_hold(body: bytes) -> bool:
        answer = found(body)
        if answer is None:
            answer = any(found(_plain(run)) for run in _RUNS.findall(body))
        return answer or b"\0" in body[:_HEAD]

    return can_hold


def _plain(run: bytes) -> bytes:
    """What base64 hides."""
    return base64.b64decode(run[: min(len(run), _MOST_RUN) & ~3])


def _needles(platform: Platform) -> tuple[bytes, ...]:
    if platform.needles:
        return tuple(needle.encode("latin-1") for needle in platform.needles)
    return tuple(re.escape(marker) for marker in platform.markers)


def _by_hyperscan(platforms: tuple[Platform, ...]) -> Finder | None:
    try:
        import hyperscan
    except ImportError:
        return None
    needles = list(dict.fromkeys(needle for platform in platforms for needle in _needles(platform)))
    any_case = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_SINGLEMATCH
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[*needles, _RUN],
        ids=list(range(len(needles) + 1)),
        elements=len(needles) + 1,
        flags=[any_case] * len(needles) + [hyperscan.HS_FLAG_SINGLEMATCH],
    )
    seen: list[int] = []

    def note(number: int, *_: Any) -> bool:
        seen.append(number)
        return number < len(needles)  # which ends the search

    def find(body: bytes) -> bool | None:
        seen.clear()
        with suppress(hyperscan.ScanTerminated):
            database.scan(body, match_event_handler=note)
        return None if seen == [len(needles)] else bool(seen)

    return find


def _one_by_one(platforms: tuple[Platform, ...]) -> Finder:
    patterns = [(p.markers, [re.compile(needle) for needle in _needles(p)]) for p in platforms]

    def find(body: bytes) -> bool | None:
        low = body.lower()
        return (
            any(
                any(marker in low for marker in markers) and any(needle.search(low) for needle in needles)
                for markers, needles in patterns
            )
            or None
        )

    return find
