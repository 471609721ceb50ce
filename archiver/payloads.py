"""JSON in pages: whole scripts, what scripts assign and hand over, values of attributes."""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["read"]

# Where JavaScript may begin to write JSON.
_OPENING = re.compile(r"(?:^|[=(,:;>]|\breturn)[ \t\r\n]{0,40}(?=[\[{\"'])")
# What makes a string of a script worth reading: markup or more JSON. Values of attributes have neither.
_TELLING = re.compile(r"<[a-zA-Z]|[\[{]\\{0,3}\"")
_LEAST = 24
_DECODER = json.JSONDecoder(strict=False)


def read(text: str) -> tuple[list[Any], str]:
    """The JSON values in a text, in order, and what is left of the text. Linear: what is tried in vain is
    counted, and after a few lengths of the text no more is tried."""
    bare = text.strip()
    if bare[:1] in ("{", "["):
        value = _whole(bare)
        if value is not None:
            return [value], ""
    found: list[Any] = []
    rest: list[str] = []
    at = 0
    left = 4 * len(text)
    for opening in _OPENING.finditer(text):
        start = opening.end()
        if start < at or left < 0 or text[start] == "'":
            continue
        value, end = _from(text, start)
        left -= 0 if isinstance(value, (dict, list)) else end - start
        if isinstance(value, str) and not _TELLING.search(value):
            continue
        if value is not None and end - start >= _LEAST:
            found.append(value)
            rest.append(text[at:start])
            at = end
    rest.append(text[at:])
    return found, " ".join(rest)


def _whole(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _from(text: str, start: int) -> tuple[Any, int]:
    """The value that begins at a place and where it ends; None and the place of the mistake where there
    is none."""
    try:
        return _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as wrong:
        return None, max(wrong.pos, start + 1)
    except RecursionError:
        return None, len(text)
