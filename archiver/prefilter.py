"""Looking before parsing: whether the bytes of a page can hold a post at all.

The needles are those of the platforms; nothing is listed here. A page in which none stands shows no post;
one in which some does is read. Hyperscan looks for all of them at once; where it is not installed, each is
looked for in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from archiver.platform import Platform

__all__ = ["sieve"]

Sieve = Callable[[bytes], bool]


def sieve(platforms: Sequence[Platform]) -> Sieve:
    """Whether bytes can hold a post of one of the platforms."""
    return _made(tuple(platforms))


@cache
def _made(platforms: tuple[Platform, ...]) -> Sieve:
    needles = tuple(dict.fromkeys(marker for platform in platforms for marker in platform.markers))

    def can_hold(body: bytes) -> bool:
        low = body.lower()
        return any(needle in low for needle in needles) or b"\\0" in body[:2000]

    return can_hold
