"""One quote per visible embed: copies in scripts, attributes and wrappers enrich it and do not double it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from archiver import html
from archiver.html import Element
from archiver.model import Link, Sighting
from archiver.surfaces import table

__all__ = ["Item", "merged"]

_FILLED = ("text", "author_name", "handle", "date_written", "datetime_written", "language", "counts")
_ADDED = frozenset(("media", "quoted", "replied"))


@dataclass(frozen=True, slots=True)
class Item:
    """A sighting with its key, the element of the page that shows or hides it, and whether it is a copy."""

    seen: Sighting
    key: str
    host: Element
    element: Element | None
    copy: bool


def merged(items: Sequence[Item]) -> list[Item]:
    """What a reader sees, in the order of the page; each embed filled up from its copies."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        if item.seen.kind == "embed":
            groups.setdefault(item.key, []).append(item)
    linked = {item.key for item in items if item.seen.kind != "embed" and not item.copy}
    groups = {key: group for key, group in groups.items() if key not in linked or _is_shown(group)}
    kept: dict[int, Item] = {}
    for group in groups.values():
        for item, whole in _of_one_post(group):
            kept[id(item)] = whole
    known = set(groups)
    found = []
    for item in items:
        if id(item) in kept:
            found.append(kept[id(item)])
        elif item.seen.kind != "embed" and not (item.copy and (item.key in known or item.key in linked)):
            known.add(item.key)
            found.append(item)
    return found


def _is_shown(group: list[Item]) -> bool:
    """Whether there is more of an embed than an address in data: where the page shows that post as a link,
    the link is what a reader sees."""
    return any(not item.copy or item.seen.text or item.seen.author_name for item in group)


def _of_one_post(group: list[Item]) -> list[tuple[Item, Item]]:
    """The visible embeds of one post, each with what its copies add."""
    if len(group) == 1:
        return [(group[0], group[0])]
    shown = _without_wrappers([item for item in group if not item.copy]) or group[:1]
    rest = [item.seen for item in group if not any(item is one for one in shown)]
    return [(item, replace(item, seen=_filled(item.seen, rest))) for item in shown]


def _without_wrappers(shown: list[Item]) -> list[Item]:
    """Embeds without those that another one stands in or beside: a wrapper and what it wraps are one."""
    weak = [item for item in shown if item.seen.form in table("weak forms")]
    if not weak or len(shown) == 1:
        return shown
    kept = [item for item in shown if item.seen.form not in table("weak forms")]
    around = {parent for item in kept for parent in html.around(item.host)}
    for item in weak:
        if item.host in around or html.is_inside(item.host, {one.host for one in kept}):
            continue
        kept.append(item)
        around.update(html.around(item.host))
    return [item for item in shown if any(item is one for one in kept)]


def _filled(seen: Sighting, copies: Iterable[Sighting]) -> Sighting:
    for copy in copies:
        gaps: dict[str, Any] = {
            name: getattr(copy, name) for name in _FILLED if not getattr(seen, name) and getattr(copy, name)
        }
        if "date_written" in gaps and seen.datetime_written:
            gaps.pop("date_written")
        if seen.url is None and copy.url:
            gaps["url"] = copy.url
        wanted = copy.links if "text" in gaps else (link for link in copy.links if link.kind in _ADDED)
        gaps["links"] = _joined(seen.links, wanted)
        seen = replace(seen, **gaps)
    return seen


def _joined(links: tuple[Link, ...], more: Iterable[Link]) -> tuple[Link, ...]:
    there = {(link.kind, link.url) for link in links}
    return (*links, *(link for link in more if (link.kind, link.url) not in there))
