"""Charts as numbers: where each bar of a server-side SVG stands, and where it leads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["months", "shares"]

_WIDTH, _HEIGHT, _GAP = 960.0, 180.0, 0.22
_MOST_MONTHS, _FEW_MONTHS, _SHORT = 144, 24, 36
_NEAR = 45


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


def shares(found: Sequence[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """Rows with ``share``: their number in percent of the largest."""
    top = max((row[name] for row in found), default=0) or 1
    return [{**row, "share": round(100 * row[name] / top, 1)} for row in found]
