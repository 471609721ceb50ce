"""A container as a whole: the sum of its parts, what became of it, and why, in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

__all__ = ["PACKED_INSIDE", "Sum", "left_out"]

PACKED_INSIDE = "packed inside"
"""Why an entry that is a container itself is left out."""

_MOST_NAMED = 3
_LEFT_OUT = re.compile(r"left out: ([^;]{1,4000})$")
_COUNT = re.compile(r"(\d{1,12}) ([^,;]{1,60})")


@dataclass(frozen=True, slots=True)
class Sum:
    """What is known of a container up to ``end``, an offset (None where it has none). ``quoting``: how many
    of its articles quote a post; ``troubles``: places and what was damaged there; ``broken_off``: why the
    rest, behind ``end``, could not be had."""

    source: str
    records: int = 0
    articles: int = 0
    quoting: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    troubles: tuple[tuple[str, str], ...] = ()
    end: int | None = None
    broken_off: str | None = None

    def plus(self, other: Sum) -> Sum:
        """The sum of this and of the part that follows. A part that is broken off is read again from its
        beginning, so nothing of it counts."""
        if other.broken_off and self.end is not None:
            return replace(self, broken_off=other.broken_off)
        return Sum(
            self.source,
            self.records + other.records,
            self.articles + other.articles,
            self.quoting + other.quoting,
            dict(Counter(self.left_out) + Counter(other.left_out)),
            self.troubles + other.troubles,
            None if other.broken_off else other.end,
            other.broken_off,
        )

    @property
    def outcome(self) -> str:
        """The outcome of the container's capture."""
        if self.broken_off:
            return "failed"
        if self.troubles:
            return "partial" if self.records else "failed"
        if self.end is not None:
            return "partial"
        return "kept" if self.quoting else "empty"

    @property
    def trouble(self) -> str | None:
        """What was damaged or broken off, None where nothing was."""
        named = [f"{place}: {why}" for place, why in self.troubles[:_MOST_NAMED]]
        more = len(self.troubles) - _MOST_NAMED
        named += [f"and {more} more"] if more > 0 else []
        if self.broken_off:
            where = "" if self.end is None else f" at byte {self.end}"
            named = [f"broken off{where}: {self.broken_off}; give the same command again", *named]
        return "; ".join(named) or None

    @property
    def hint(self) -> str | None:
        """What was left out though it may hold articles, and what to do; None where there is none."""
        number = self.left_out.get(PACKED_INSIDE, 0)
        if not number:
            return None
        return f"{number} packed inside not opened: unpack what it holds, and give that too"

    @property
    def reason(self) -> str | None:
        """What was damaged and what was left out, and whether all of it was read; None where all is well."""
        parts = []
        if self.end is not None and not self.broken_off:
            parts = [f"read up to byte {self.end} so far: give the same command again"]
        parts += [self.trouble] if self.trouble else []
        if self.left_out:
            counts = ", ".join(f"{number} {name}" for name, number in sorted(self.left_out.items()))
            parts.append(f"left out: {counts}")
        return "; ".join(parts) or None


def left_out(reason: str | None) -> dict[str, int]:
    """The counts that a reason tells, so that a later run goes on with them.

    >>> left_out(Sum("a.warc", left_out={"status 404": 2, "request": 3}).reason)
    {'request': 3, 'status 404': 2}
    """
    found = _LEFT_OUT.search(reason or "")
    return {name: int(number) for number, name in _COUNT.findall(found[1])} if found else {}
