"""JSON in pages: whole scripts, what scripts assign and hand over, values of attributes."""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["is_json", "read"]

# Where JavaScript may begin to write JSON, or a string with markup or JSON in it.
_OPENING = re.compile(
    r"""(?:^|[=(,:;>]|\breturn)[ \t\r\n]{0,40}(?=\{[ \t\r\n]{0,40}"|\[[ \t\r\n]{0,40}[\[{"]|")"""
)
# What makes a string of a script worth reading. Values of attributes have neither.
_TELLING = re.compile(r"<[a-zA-Z]|[\[{]\\{0,3}\"")
_LEAST, _GLANCE = 24, 4096
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
    left = 4 * len(text) + _GLANCE
    for opening in _OPENING.finditer(text):
        start = opening.end()
        if start < at:
            continue
        if left < 0:
            break
        value, end, cost = _from(text, start)
        left -= cost
        if end - start < _LEAST or (isinstance(value, str) and not _TELLING.search(value)):
            continue
        if value is not None:
            found.append(value)
            rest.append(text[at:start])
            at = end
    rest.append(text[at:])
    return found, " ".join(rest)


def is_json(text: str) -> bool:
    """Whether a whole text is one value of JSON, an object or a list."""
    bare = text.strip()
    return bare[:1] in ("{", "[") and bare[-1:] in ("}", "]") and _whole(bare) is not None


def _whole(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _from(text: str, start: int) -> tuple[Any, int, int]:
    """The value that begins at a place (None where there is none), where it ends, and what it cost to
    look. A glance shows most of what is no JSON; the decoder counts the lines of all that stands before a
    mistake."""
    try:
        value, end = _DECODER.raw_decode(text[start : start + _GLANCE])
        return value, start + end, end
    except json.JSONDecodeError as wrong:
        if wrong.pos < _GLANCE - 16 and not wrong.msg.startswith("Unterminated"):
            return None, start, wrong.pos
    except RecursionError:
        return None, start, _GLANCE
    try:
        value, end = _DECODER.raw_decode(text, start)
        return value, end, _GLANCE
    except json.JSONDecodeError as wrong:
        return None, start, wrong.pos - start + wrong.pos // 64 + _GLANCE
    except RecursionError:
        return None, start, len(text)
