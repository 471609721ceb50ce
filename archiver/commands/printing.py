"""How the commands print data."""

from __future__ import annotations

import sys

__all__ = ["width", "write"]


def write(text: str) -> None:
    """Data on standard output: UTF-8 whatever the terminal's encoding."""
    stream = sys.stdout.buffer
    stream.write(text.encode("utf-8", "replace"))
    stream.flush()


def width() -> int:
    from shutil import get_terminal_size

    return get_terminal_size().columns
