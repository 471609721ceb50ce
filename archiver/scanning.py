"""Many patterns looked for at once in the bytes of a page: by Hyperscan where it is installed and there is
enough to read, by `re` otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

__all__ = ["Scan", "scanner"]

Scan = Callable[[bytes], "list[tuple[int, int]]"]
"""The places where patterns are found in bytes, whatever their case: offset of the last byte and number of
the pattern, in order. Of places that overlap, one at least."""

# To compile the patterns for Hyperscan takes as long as to look through this many bytes without it.
_WORTH = 250_000


@cache
def scanner(patterns: tuple[str, ...]) -> Scan:
    """Looks for patterns: regular expressions over bytes (ASCII, without captures, not matching nothing)."""
    return _Scanner(patterns).scan


class _Scanner:
    """Counts what it has read, and takes to Hyperscan when that begins to be worth it."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        self._patterns = tuple(pattern.encode("latin-1") for pattern in patterns)
        self._read = 0
        self._fast: Any = None

    def scan(self, body: bytes) -> list[tuple[int, int]]:
        if self._fast is None and self._read >= 0:
            self._read += len(body)
            if self._read > _WORTH:
                self._fast, self._read = _database(self._patterns), -1
        return self._by_hyperscan(body) if self._fast is not None else self._by_re(body)

    def _by_hyperscan(self, body: bytes) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []

        def note(number: int, _begin: int, end: int, *_: Any) -> None:
            found.append((end - 1, number))

        self._fast.scan(body, match_event_handler=note)
        return sorted(set(found))

    def _by_re(self, body: bytes) -> list[tuple[int, int]]:
        low = body.lower()
        compiled = map(_compiled, self._patterns)
        return sorted({(m.end() - 1, n) for n, one in enumerate(compiled) for m in one.finditer(low)})


@cache
def _compiled(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern)


def _database(patterns: tuple[bytes, ...]) -> Any:
    """The compiled patterns, None without Hyperscan."""
    try:
        import hyperscan
    except ImportError:
        return None
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=list(patterns),
        ids=list(range(len(patterns))),
        elements=len(patterns),
        flags=[hyperscan.HS_FLAG_CASELESS] * len(patterns),
    )
    return database
