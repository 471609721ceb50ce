"""Charts as numbers: where each bar of a server-side SVG stands, and where it leads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archiver.survival import Curve, Step, at

__all__ = ["months", "shares", "survival"]

_WIDTH, _HEIGHT, _GAP = 960.0, 180.0, 0.22
_MOST_MONTHS, _FEW_MONTHS, _SHORT = 144, 24, 36
_NEAR = 45
_MOST_AGES, _FEW_AT_RISK = 12, 10


def months(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Bars of posts by month, months without posts too; by year where there are too many months, or a
    few far apart."""
    by = {row["month"]: row for row in found if row["month"][:4].isdigit()}
    names = _span(min(by, default=""), max(by, default=""))
    years = len(names) > _MOST_MONTHS or len(by) < _FEW_MONTHS < _SHORT < len(names)
    if years:
        by, names = _by_year(by.values()), sorted({name[:4] for name in names})
    top = max((row["posts"] for row in by.values()), default=0)
    step = _WIDTH / max(len(names), 12)
    bars = [_bar(by.get(name), name, at, step, top) for at, name in enumerate(names)]
    ticks: list[dict[str, Any]] = [
        {"x": round(at * step, 1), "text": name[:4]}
        for at, name in enumerate(names)
        if years or name.endswith("-01") or (at == 0 and name[5:] < "10")
    ]
    every = -(-len(ticks) // 14) or 1
    if len(ticks) > 1 and ticks[1]["x"] - ticks[0]["x"] < _NEAR:
        del ticks[0]
    return {
        "bars": bars,
        "ticks": ticks[::every],
        "top": top,
        "width": _WIDTH,
        "height": _HEIGHT,
        "unit": "year" if years else "month",
    }


def _bar(row: dict[str, Any] | None, name: str, at: int, step: float, top: int) -> dict[str, Any]:
    posts, gone = (row["posts"], row["gone"]) if row else (0, 0)
    high = max(posts / top * _HEIGHT, 2.0) if posts else 0.0
    low = gone / posts * high if posts else 0.0
    return {
        "name": name,
        "posts": posts,
        "gone": gone,
        "x": round(at * step, 2),
        "width": round(step * (1 - _GAP), 2),
        "y": round(_HEIGHT - high, 2),
        "height": round(high, 2),
        "gone_y": round(_HEIGHT - low, 2),
        "gone_height": round(low, 2),
    }


def _span(first: str, last: str) -> list[str]:
    """All months from the first to the last.

    >>> _span("2021-11", "2022-02")
    ['2021-11', '2021-12', '2022-01', '2022-02']
    """
    if not first:
        return []
    year, month = int(first[:4]), int(first[5:7])
    found = []
    while (name := f"{year:04}-{month:02}") <= last:
        found.append(name)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found


def _by_year(found: Any) -> dict[str, dict[str, Any]]:
    years: dict[str, dict[str, Any]] = {}
    for row in found:
        year = years.setdefault(row["month"][:4], {"month": row["month"][:4], "posts": 0, "gone": 0})
        year["posts"] += row["posts"]
        year["gone"] += row["gone"]
    return years


def survival(found: Sequence[Curve]) -> dict[str, Any]:
    """Curves as lines of steps, the first one (of all posts) with the band of its interval; ages in days from
    left to right while enough posts are at risk, the share that is still there from top to bottom."""
    until = _until(found[0]) if found else 0.0
    if not until:
        return {"lines": []}
    unit, days = ("year", 365) if until > 2 * 365 else ("month", 30) if until > 60 else ("day", 1)
    every = -(-int(until / days) // _MOST_AGES) or 1
    return {
        "lines": [
            {
                "group": curve.group,
                "posts": curve.posts,
                "gone": curve.gone,
                "path": _path(_corners(curve.steps, until, curve.until, "survival")),
                "band": _band(curve, until) if number == 0 else "",
                "end": _shown(at(curve.steps, min(until, curve.until))),
            }
            for number, curve in enumerate(found)
        ],
        "ticks": [
            {"x": _x(age * days, until), "text": str(age)} for age in range(0, int(until / days) + 1, every)
        ],
        "rules": [{"y": _y(share), "text": f"{share:.0%}"} for share in (1.0, 0.75, 0.5, 0.25, 0.0)],
        "width": _WIDTH,
        "height": _HEIGHT,
        "unit": unit,
    }


def _until(whole: Curve) -> float:
    """The age up to which at least so many posts are at risk; where there never are, the highest one."""
    days = [step.day for step in whole.steps if step.at_risk >= _FEW_AT_RISK]
    return days[-1] if days and len(days) < len(whole.steps) else whole.until


def _shown(step: Step | None) -> str:
    return f"{step.survival:.0%}" if step else "100%"


def _x(day: float, until: float) -> float:
    return round(day / until * _WIDTH, 1)


def _y(share: float) -> float:
    return round((1 - share) * _HEIGHT, 1)


def _corners(steps: Sequence[Step], until: float, end: float, name: str) -> list[tuple[float, float]]:
    """The corners of a line of steps; of those less than a pixel apart the last one."""
    corners = [(0.0, _y(1.0))]
    for step in steps:
        if step.day > until:
            break
        x, y = _x(step.day, until), _y(getattr(step, name))
        if len(corners) > 1 and x - corners[-1][0] < 1:
            corners[-1] = (corners[-1][0], y)
        else:
            corners += [(x, corners[-1][1]), (x, y)]
    return [*corners, (_x(min(end, until), until), corners[-1][1])]


def _path(corners: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in corners)


def _band(curve: Curve, until: float) -> str:
    steps = [step for step in curve.steps if step.survival]  # at none there is no interval
    end = curve.until if len(steps) == len(curve.steps) else curve.steps[len(steps)].day
    high, low = (_corners(steps, until, end, name) for name in ("high", "low"))
    return _path([*high, *reversed(low)]) + "Z"


def shares(found: Sequence[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """Rows with ``share``: their number in percent of the largest."""
    top = max((row[name] for row in found), default=0) or 1
    return [{**row, "share": round(100 * row[name] / top, 1)} for row in found]
