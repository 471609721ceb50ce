"""The one door to the tables under data/: installed as ``archiver.data``, beside us in a bare checkout."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

try:
    from importlib.resources.abc import Traversable
except ImportError:  # Python 3.10
    from importlib.abc import Traversable

__all__ = ["folder", "read_bytes", "read_json", "read_text"]


@cache
def folder() -> Traversable:
    """The root of the tables, whether a wheel, an editable install, a zip or a bare checkout."""
    try:
        return resources.files("archiver.data")
    except ModuleNotFoundError:
        import archiver

        return resources.files(archiver).joinpath("..", "data")


def read_bytes(*path: str) -> bytes:
    """The bytes of one table; ``path`` counts from data/, FileNotFoundError where there is none."""
    return folder().joinpath(*path).read_bytes()


def read_text(*path: str) -> str:
    """One table as text (UTF-8)."""
    return read_bytes(*path).decode("utf-8")


def read_json(*path: str) -> Any:
    """One table as JSON."""
    return json.loads(read_bytes(*path))
