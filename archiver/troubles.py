"""What wants a look, as a person reads it in a terminal: the report of an audit, and that of a run that keeps
an archive alive."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click

from archiver.show import NARROWEST, WIDEST, one_line, pairs, wrap

__all__ = ["kept_alive", "troubles"]


def troubles(found: Mapping[str, Any], width: int = 80) -> str:
    """The report of an audit for reading: each kind of trouble, what it means, its first cases."""
    width = max(NARROWEST, min(width, WIDEST))
    parts = [_trouble(flag, _flagged, width) for flag in found["flags"]]
    gone = found["disappeared"]
    if gone["count"]:
        about = {
            "code": "disappeared",
            "count": gone["count"],
            "meaning": _DISAPPEARED,
            "cases": gone["cases"],
        }
        parts.append(_trouble(about, _vanished, width))
    if found["changes"]["count"]:
        about = {**found["changes"], "code": "changed", "meaning": _CHANGED}
        parts.append(_trouble(about, _change, width))
    if found["proposals"]:
        pairs = found["proposals"]
        about = {"code": "may be one", "count": len(pairs), "meaning": _PROPOSED, "cases": pairs}
        parts.append(_trouble(about, _pair, width))
    parts += [_trouble(note, _noted, width) for note in found["notes"]]
    if found["failed"]:
        about = {"code": "not read", "count": sum(row["count"] for row in found["failed"])}
        parts.append(_trouble({**about, "meaning": _FAILED, "cases": found["failed"]}, _unread, width))
    parts = parts or ["Nothing disagrees, and nothing was lost."]
    return "\n\n".join([*parts, *_shares(found)])


_DISAPPEARED = "Quotes that the latest capture of their article no longer shows."
_CHANGED = "Quotes that were added, removed or altered from one version of their article to the next."
_PROPOSED = "Posts of one author and day with nearly the same words: look, they may be one."
_FAILED = "Sources that could not be read, or held nothing to read."


def _trouble(kind: Mapping[str, Any], line: Callable[[Mapping[str, Any]], str], width: int) -> str:
    lines = [click.style(f"{kind['code']}: {kind['count']:,}", bold=True), *wrap(kind["meaning"], width)]
    for case in kind["cases"]:
        lines += [f"  {part}" for part in wrap(line(case), width - 2)]
    if len(kind["cases"]) < kind["count"] and "reason" not in next(iter(kind["cases"]), {}):
        lines.append(f"  and {kind['count'] - len(kind['cases']):,} more")
    return "\n".join(lines)


def _flagged(case: Mapping[str, Any]) -> str:
    return (
        f"{one_line(case['post'])}: {one_line(case['detail'] or case['date_written'], 300)} ({_where(case)})"
    )


def _vanished(case: Mapping[str, Any]) -> str:
    return (
        f"{one_line(case['post'])}: @{one_line(case['author_handle'])} (last shown {case['last_shown_at']})"
    )


def _change(case: Mapping[str, Any]) -> str:
    return (
        f"{case['change']} {one_line(case['post'])} in the version of {case['captured_at']} ({_where(case)})"
    )


def _shares(found: Mapping[str, Any]) -> Iterator[str]:
    """What share of each site and form was found, and what of it is doubtful or lost."""
    for name, label in (("site", "sites"), ("form", "forms")):
        rows = found[label]
        if not rows:
            continue
        columns = [column for column in _SHARED if column in rows[0]]
        lines = [click.style(f"{label}: {', '.join(columns)}", bold=True)]
        for row in rows[:_MOST_SHARES]:
            what = one_line(row[name] or "no address", 40)
            what += f" ({one_line(row['platform'])})" if "platform" in row else ""
            lines.append(f"  {what:<44} " + " ".join(f"{row[column]:>7,}" for column in columns))
        if len(rows) > _MOST_SHARES:
            lines.append(f"  and {len(rows) - _MOST_SHARES:,} more; all of them with --json")
        yield "\n".join(lines)


_SHARED = ("articles", "quotes", "noted", "failed", "flagged", "without_text", "without_id")
_MOST_SHARES = 12


def _pair(case: Mapping[str, Any]) -> str:
    return f"{one_line(case['post'])} and {one_line(case['other'])}"


def _noted(case: Mapping[str, Any]) -> str:
    return f"{_where(case)}, {one_line(case['place'])}: {one_line(case['detail'], 200)}"


def _unread(case: Mapping[str, Any]) -> str:
    more = f" and {case['count'] - 1:,} more" if case["count"] > 1 else ""
    return f"{one_line(case['source'])}{more}: {one_line(case['reason'], 300)}"


def _where(case: Mapping[str, Any]) -> str:
    return one_line(case.get("article_url") or case.get("source"), 200)


def kept_alive(report: Any, silent: bool = False) -> str:
    """The report of a run that keeps an archive alive; ``silent``: what wants a look only."""
    lines = ["Another run is going on."] if report.busy else []
    if not silent and not report.busy:
        lines.append(f"new articles: {report.articles:,}, quotes in them: {report.quotes:,}")
        lines.append(f"posts asked about: {report.asked.total():,} {pairs(report.asked)}".rstrip())
        lines += [f"rescued: {pairs(report.rescued)}"] if report.rescued else []
    for label, answers in (("gone", report.gone), ("back", report.back)):
        for answer in answers:
            lines.append(
                f"{label}: {one_line(answer.post)} ({answer.state}: {one_line(answer.because, 160)})"
            )
    lines += [f"failed: {one_line(source)}: {one_line(reason, 300)}" for source, reason in report.failed]
    lines += [f"left alone for now: {one_line(why, 300)}" for why in report.left]
    lines += ["not all was done in the time that was given; the next run goes on"] if report.late else []
    return "\n".join(lines)
