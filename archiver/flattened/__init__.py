"""Quotes in plain text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def find(text: str) -> Iterable[Any]:
    """None yet."""
    return ()
