"""When a post is to be asked about again: often while it is young, when most of what vanishes vanishes, more
and more seldom later; seldom once it is gone, since posts come back."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from archiver.errors import ArchiverError
from archiver.verdicts import GONE

__all__ = ["DAILY", "Schedule", "due", "overdue", "span"]

Row = Mapping[str, Any]

DAILY = timedelta(days=1)
_SPAN = re.compile(r"(\d{1,6})\s{0,3}([smhdwy]?)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31_557_600, "": 86400}


@dataclass(frozen=True, slots=True)
class Schedule:
    """``steps``: up to which age of a post it is asked about how often, in order of age; ``later`` for older
    ones, ``gone`` for posts that are gone, ``unknown`` where the last answer said nothing."""

    steps: tuple[tuple[timedelta, timedelta], ...] = (
        (timedelta(days=7), timedelta(days=1)),
        (timedelta(days=30), timedelta(days=3)),
        (timedelta(days=365), timedelta(days=14)),
    )
    later: timedelta = timedelta(days=60)
    gone: timedelta = timedelta(days=90)
    unknown: timedelta = timedelta(days=2)

    def interval(self, age: timedelta, state: str | None) -> timedelta:
        """How long after an answer the next one is wanted."""
        if state in GONE:
            return self.gone
        often = next((often for limit, often in self.steps if age <= limit), self.later)
        return min(often, self.unknown) if state == "unknown" else often


def span(text: str) -> timedelta:
    """A span of time: 30m, 12h, 7d, 2w, 1y; a number alone counts days. ArchiverError where it is none.

    >>> span("36h"), span("2")
    (datetime.timedelta(days=1, seconds=43200), datetime.timedelta(days=2))
    """
    found = _SPAN.fullmatch(text.strip().lower())
    if not found:
        raise ArchiverError(f"{text!r} is no span of time: write 30m, 12h, 7d, 2w or 1y")
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])


def overdue(row: Row, now: str, schedule: Schedule) -> float:
    """How far the next answer about a post is due, in intervals: 1.0 is just due, infinite where it was
    never asked about. ``row``: first_seen, posted_earliest, state and asked_at."""
    if not row["asked_at"]:
        return float("inf")
    passed = _between(row["asked_at"], now)
    if passed < timedelta(0):
        return float("inf")  # an answer from a clock that ran ahead
    age = _between(row["posted_earliest"] or row["first_seen"], now)
    return passed / max(schedule.interval(age, row["state"]), timedelta(seconds=1))


def due(rows: Iterable[Row], now: str, schedule: Schedule, limit: int) -> list[str]:
    """The keys of the posts that are to be asked about, the most overdue first."""
    late = ((overdue(row, now, schedule), row["id"]) for row in rows)
    first = heapq.nsmallest(limit, ((-much, key) for much, key in late if much >= 1))
    return [key for _, key in first]


def _between(start: str, end: str) -> timedelta:
    return _moment(end) - _moment(start)


def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp.replace("Z", "+00:00"))
