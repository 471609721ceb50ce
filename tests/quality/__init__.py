"""How well archiver does, in figures, and the floors under which no figure may fall.

The figures: over the golden cases always (as they are, and flattened to plain text by ourselves); over the
corpora beside the project where they are. ``floors.json`` holds a floor for each figure and the digest of
the corpus that it was measured on. ``python -m tests.quality`` is the gate.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FLOORS = HERE / "floors.json"
CEILINGS = frozenset(("false",))
"""Figures that count mistakes: what stands in floors.json is the most that is allowed."""

Figures = dict[str, dict[str, float]]
"""Group (a form, an extractor) -> figure -> value, in percent but for counts."""


def digest(paths: Iterable[Path], root: Path) -> str:
    """20 hex digits over names and contents of files, whatever their order."""
    total = hashlib.sha256()
    for path in sorted(paths):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(root).as_posix()}\0{content}\n".encode())
    return total.hexdigest()[:20]


def percent(part: float, whole: float) -> float:
    """In percent, cut (never rounded up) to two places; 100 where there was nothing to do."""
    return int(10000 * part / whole) / 100 if whole else 100.0


def floors() -> dict[str, Any]:
    """floors.json: corpus -> {"digest": …, "floors": {group: {figure: value}}}."""
    found: dict[str, Any] = json.loads(FLOORS.read_text("utf-8"))
    return found


def is_under(figure: str, value: float, floor: float) -> bool:
    """Whether a figure fails its floor."""
    return value > floor if figure in CEILINGS else value < floor


def failures(figures: Figures, wanted: Mapping[str, Mapping[str, float]]) -> list[str]:
    """One line for each figure that is missing or under its floor."""
    found = []
    for group, named in wanted.items():
        for figure, floor in named.items():
            value = figures.get(group, {}).get(figure)
            if value is None:
                found.append(f"{group}: {figure} is not measured any more (floor {floor:g})")
            elif is_under(figure, value, floor):
                found.append(f"{group}: {figure} is {value:g}, its floor {floor:g}")
    return found
