"""A container as a whole: the sum of its parts, what became of it, and why, in words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Sum", "left_out"]

_MOST_NAMED = 3
_LEFT_OUT = re.compile(r"left out: ([^;]{1,4000})$")
_COUNT = re.compile(r"(\d{1,12}) ([^,;]{1,60})")


@dataclass(frozen=True, slots=True)
class Sum:
    """What is known of a container up to ``end``, an offset (None where it has none). ``quoting``: how many
    of its articles quote a post; ``troubles``: places and what was damaged there; ``size``: of the file,
    None once all of it was read."""

    source: str
    records: int = 0
    articles: int = 0
    quoting: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    troubles: tuple[tuple[str, str], ...] = ()
    end: int | None = None

    def plus(self, other: Sum) -> Sum:
        """The sum of this and of the part that follows."""
        return Sum(
            self.source,
            self.records + other.records,
            self.articles + other.articles,
            self.quoting + other.quoting,
            dict(Counter(self.left_out) + Counter(other.left_out)),
            self.troubles + other.troubles,
            other.end,
        )

    @property
    def outcome(self) -> str:
        """The outcome of the container's capture."""
        if self.troubles:
            return "partial" if self.records else "failed"
        if self.end is not None:
            return "partial"
        return "kept" if self.quoting else "empty"

    @property
    def trouble(self) -> str | None:
        """What was damaged, None where nothing was."""
        if not self.troubles:
            return None
        named = "; ".join(f"{place}: {why}" for place, why in self.troubles[:_MOST_NAMED])
        more = len(self.troubles) - _MOST_NAMED
        return f"{named}; and {more} more" if more > 0 else named

    @property
    def reason(self) -> str | None:
        """What was damaged and what was left out, and whether all of it was read; None where all is well."""
        parts = (
            [] if self.end is None else [f"read up to byte {self.end} so far: give the same command again"]
        )
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
