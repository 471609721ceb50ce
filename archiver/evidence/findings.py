"""What a check of an archive finds."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Finding"]


class Finding(NamedTuple):
    """Something that is not as it should be: in which table (``file``: in the file itself), of which
    row by its key, and what."""

    table: str
    row: str | None
    problem: str
