"""The scripts that platforms' embed codes bring along: which of them a healed article has no use for."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from archiver import resources, spans
from archiver.spans import Script, Tag

__all__ = ["Fate", "unneeded"]


_BETWEEN = re.compile(r"(?:\s|</?p>)*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a page's embeds: the ``platforms`` of which no embed is left, the ``hosts`` of their
    posts, the ``spans`` of the embeds. ``anywhere``: scripts may go that do not stand beside an embed."""

    platforms: Collection[str]
    hosts: Collection[str]
    spans: Sequence[tuple[int, int]]
    anywhere: bool


def unneeded(text: str, found: Sequence[Tag], fate: Fate) -> list[tuple[int, int]]:
    """The spans of the script elements that served embeds that are no more, and nothing else."""
    rest = _without(text, fate.spans)
    pieces = [
        piece.replace("{host}", host)
        for entry in _table()
        if entry["platform"] in fate.platforms and not any(word in rest for word in entry["serves"])
        for piece in entry["addresses"]
        for host in (fate.hosts if "{host}" in piece else ("",))
    ]
    gone = list(fate.spans)
    taken = []
    for script in spans.scripts(text, found):
        loads = script.loads
        if not loads or not any(fnmatchcase(loads, f"*{piece}*") for piece in pieces):
            continue
        if any(start <= script.start < end for start, end in fate.spans):
            continue
        if _is_beside(text, script, gone) or (fate.anywhere and script.address):
            taken.append((script.start, script.end))
            gone.append((script.start, script.end))
    return taken


def _is_beside(text: str, script: Script, others: Sequence[tuple[int, int]]) -> bool:
    """Whether nothing but blanks and the marks of paragraphs stand between a script and an embed, or another
    script that goes."""
    return any(
        (end <= script.start and _BETWEEN.fullmatch(text, end, script.start))
        or (script.end <= start and _BETWEEN.fullmatch(text, script.end, start))
        for start, end in others
    )


def _without(text: str, gone: Sequence[tuple[int, int]]) -> str:
    pieces = []
    at = 0
    for start, end in sorted(gone):
        pieces.append(text[at:start])
        at = end
    return "".join((*pieces, text[at:]))


@cache
def _table() -> Any:
    return resources.read_json("healing", "scripts.json")["scripts"]
