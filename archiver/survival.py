"""How long quoted posts stay online: Kaplan and Meier's estimate, with intervals, by age since posting.

Nobody sees a post vanish: it was there at one check and gone at a later one. A disappearance is dated in the
middle between the two; the same curve with all of them dated at the first possible moment, and at the last,
is given beside it, so that what the dating alone can change is seen. A post counts from the day on which an
article quoted it, for one that had vanished before could not have been quoted (delayed entry); where that day
is not known, from the moment at which it was posted.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

__all__ = ["BY", "MILESTONES", "Curve", "Life", "Step", "at", "curve", "curves", "life", "median", "told"]

BY = ("platform", "language", "site", "year", "kind")
"""By what posts are grouped: columns of the view ``lifetimes``."""

MILESTONES = (7, 30, 90, 180, 365, 730, 1825, 3650)
"""Days since posting at which curves are told in words."""

_Z = 1.959963984540054  # the quantile of the normal distribution for intervals of 95 %
_DAY = 86_400.0
_INSTANT = 1e-6


@dataclass(frozen=True, slots=True)
class Life:
    """What is known of how long one post stayed online, in days since it was posted: it counts from
    ``entry``, was there at ``live``, and was gone at ``gone`` (None: not yet)."""

    entry: float
    live: float
    gone: float | None = None

    def ended(self, where: float) -> float:
        """When it ended: of a disappearance the moment ``where`` (0 to 1) between the two checks."""
        if self.gone is None:
            return self.live
        return max(self.live + where * (self.gone - self.live), self.entry + _INSTANT)


@dataclass(frozen=True, slots=True)
class Step:
    """A day on which posts vanished: how many were at risk, how many vanished, the share that survived it,
    its interval of 95 % (log-log) and its standard error (Greenwood)."""

    day: float
    at_risk: int
    gone: int
    survival: float
    low: float
    high: float
    error: float


@dataclass(frozen=True, slots=True)
class Curve:
    """The survival of a group of posts. ``earliest`` and ``latest``: with disappearances dated at the first
    and the last possible moment; ``until``: the highest age that was observed, in days."""

    by: str
    group: str
    posts: int
    gone: int
    until: float
    steps: tuple[Step, ...]
    earliest: tuple[Step, ...]
    latest: tuple[Step, ...]


def life(row: Mapping[str, Any]) -> Life | None:
    """A row of the view ``lifetimes`` as a life; None where its times say nothing: no time of posting, or
    never seen after it was quoted."""
    posted = _moment(row["posted"])
    if posted is None:
        return None

    def age(value: str | None) -> float | None:
        moment = _moment(value)
        return None if moment is None else (moment - posted).total_seconds() / _DAY

    entry = max(0.0, age(row["quoted_on"]) or 0.0)
    live, gone = age(row["last_live"]), age(row["first_gone"])
    if gone is None:
        return Life(entry, live) if live is not None and live > entry else None
    seen = max(entry, live or 0.0)
    return Life(entry, seen, gone) if gone > seen else None


def _moment(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def curves(rows: Iterable[Mapping[str, Any]], by: str | None = None) -> list[Curve]:
    """The curve of all posts, or one for each group, the largest first; ``rows`` of the view."""
    groups: dict[str, list[Life]] = {}
    for row in rows:
        found = life(row)
        if found:
            groups.setdefault(str(row[by] or "") if by else "", []).append(found)
    ordered = sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [curve(lives, by or "all", name) for name, lives in ordered]


def curve(lives: Sequence[Life], by: str = "all", group: str = "") -> Curve:
    """The survival of posts."""
    return Curve(
        by=by,
        group=group,
        posts=len(lives),
        gone=sum(one.gone is not None for one in lives),
        until=max((one.ended(1) for one in lives), default=0.0),
        steps=_steps(lives, 0.5),
        earliest=_steps(lives, 0),
        latest=_steps(lives, 1),
    )


def _steps(lives: Sequence[Life], where: float) -> tuple[Step, ...]:
    entries = sorted(one.entry for one in lives)
    ends = sorted(one.ended(where) for one in lives)
    gone = Counter(one.ended(where) for one in lives if one.gone is not None)
    steps = []
    survival, spread = 1.0, 0.0
    for day in sorted(gone):
        at_risk = bisect_left(entries, day) - bisect_left(ends, day)
        left = at_risk - gone[day]
        survival *= left / at_risk
        spread = spread + gone[day] / (at_risk * left) if left else math.inf
        steps.append(Step(day, at_risk, gone[day], survival, *_interval(survival, spread)))
    return tuple(steps)


def _interval(survival: float, spread: float) -> tuple[float, float, float]:
    """The interval of 95 % on the scale log(-log), where it stays between 0 and 1; and Greenwood's error.
    ``spread``: Greenwood's sum. Where nobody is left there is no interval: 0 to 1."""
    if survival <= 0 or math.isinf(spread):
        return 0.0, 1.0, 0.0
    reach = math.exp(_Z * math.sqrt(spread) / abs(math.log(survival)))
    return survival**reach, survival ** (1 / reach), survival * math.sqrt(spread)


def at(steps: Sequence[Step], day: float) -> Step | None:
    """The step that holds at an age, None before the first one."""
    found = bisect_right(steps, day, key=lambda step: step.day)
    return steps[found - 1] if found else None


def median(steps: Sequence[Step]) -> float | None:
    """The age at which half of the posts are gone, None where that was not reached."""
    return next((step.day for step in steps if step.survival <= 0.5), None)


def told(found: Curve) -> dict[str, Any]:
    """A curve as a record: its figures, what holds at each milestone that was reached, and every step."""
    return {
        "by": found.by,
        "group": found.group,
        "posts": found.posts,
        "gone": found.gone,
        "median_days": _rounded(median(found.steps)),
        "at": [_milestone(found, day) for day in MILESTONES if day <= found.until],
        "curve": [
            {
                "day": _rounded(step.day),
                "at_risk": step.at_risk,
                "gone": step.gone,
                "survival": _rounded(step.survival),
                "low": _rounded(step.low),
                "high": _rounded(step.high),
                "error": _rounded(step.error),
            }
            for step in found.steps
        ],
    }


def _milestone(found: Curve, day: float) -> dict[str, Any]:
    step = at(found.steps, day)
    first, last = at(found.earliest, day), at(found.latest, day)
    return {
        "day": day,
        "survival": _rounded(step.survival if step else 1.0),
        "low": _rounded(step.low if step else 1.0),
        "high": _rounded(step.high if step else 1.0),
        "earliest": _rounded(first.survival if first else 1.0),
        "latest": _rounded(last.survival if last else 1.0),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
