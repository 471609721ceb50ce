"""The one door to the tables under data/: installed as ``archiver.data``, beside us in a bare checkout."""

from __future__ import annotations

import json
import sys
from functools import cache
from importlib import resources
from typing import Any

if sys.version_info >= (3, 11):
    from importlib.resources.abc import Traversable
else:
    from importlib.abc import Traversable

__all__ = ["folder", "read_bytes", "read_json", "read_text"]


@cache
def folder() -> Traversable:
    """The root of the tables, whether a wheel, an editable install, a zip or a bare checkout."""
    try:
        return resources.files("archiver.data")
    except ModuleNotFoundError:
        import archiver

        return resources.files(archiver).joinpath("..").joinpath("data")


def read_bytes(*path: str) -> bytes:
    """The bytes of one table; ``path`` counts from data/, FileNotFoundError where there is none."""
    found = folder()
    for part in path:
        found = found.joinpath(part)
    return found.read_bytes()


def read_text(*path: str) -> str:
    """One table as text (UTF-8)."""
    return read_bytes(*path).decode("utf-8")


def read_json(*path: str) -> Any:
    """One table as JSON."""
    return json.loads(read_bytes(*path))
