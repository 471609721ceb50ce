"""Reports for reading: what this version would read otherwise, how long posts stay, what to save first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import click

from archiver.show import one_line

__all__ = ["changed", "endangered", "lasting"]


def changed(found: Any, applied: bool) -> str:
    """What a reading again changes: quotes that come and go."""
    lines = []
    for mark, quotes in (("+", found.added), ("-", found.removed)):
        for _, post, handle, date, text in quotes:
            lines.append(one_line(f"{mark} {post} @{handle or '?'} {date or ''}: {text or '(no text)'}", 160))
    what = "now in the archive" if applied else "nothing was changed; put them in place with --apply"
    lines.append(f"{found.kept:,} quotes as before, {len(found.added):,} new, {len(found.removed):,} gone")
    return "\n".join([*lines, what] if found.added or found.removed else lines)


def lasting(curves: Iterable[Mapping[str, Any]]) -> str:
    """Curves of survival for reading: what is left at each milestone, with its interval."""
    lines = []
    for found in curves:
        name = one_line(found["group"]) or ("all" if found["by"] == "all" else "not known")
        half = found["median_days"]
        more = f", half of them after {half:,.0f} days" if half is not None else ""
        lines.append(f"{name}: {found['posts']:,} posts, {found['gone']:,} gone{more}")
        for row in found["at"]:
            dated = f"{row['earliest']:.1%} to {row['latest']:.1%} by dating"
            line = f"{row['day']:>7,} days {row['survival']:>7.1%}  ({row['low']:.1%} to {row['high']:.1%})"
            lines.append(f"{line}  {click.style(dated, dim=True)}")
    return "\n".join(lines) or "Nobody has asked yet which posts are still online: archiver check DB."


def endangered(rows: Iterable[Mapping[str, Any]], width: int = 80) -> str:
    """The posts to save first, for reading, each with its reasons."""
    lines = []
    for row in rows:
        who = f"@{row['author_handle']}" if row["author_handle"] else row["author_name"] or row["platform"]
        head = f"{row['score']:>7.3f}  {one_line(row['post'])}  {one_line(who)}"
        said = one_line(row["text"], max(20, width - 12)) if row["text"] else ""
        lines += [head, *([f"         {said}"] if said else []), f"         {'; '.join(row['reasons'])}"]
    return "\n".join(lines)
