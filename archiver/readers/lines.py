"""JSON Lines of pages: ``{"url": …, "html": …}`` or ``{"url": …, "text": …}`` in each line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from archiver.model import Document
from archiver.readers.files import larger
from archiver.readers.source import Container, Source, Tally
from archiver.readers.streams import BLOCK, DamagedError, Stream
from archiver.readers.warcs import stamp

__all__ = ["read_lines"]

_ESCAPED = 2
"""How many bytes of JSON a byte of a page takes, at most, in most languages."""


def read_lines(source: Source, stream: Stream, tally: Tally, limit: int) -> Iterator[Document | Container]:
    """The pages in the lines. A line that is none costs itself, and is named by its number."""
    try:
        for number, line in enumerate(_lines(stream, _ESCAPED * limit), 1):
            if line is None:
                tally.records += 1
                tally.trouble(f"line {number}", larger(limit))
            elif line.strip():
                tally.records += 1
                yield from _page(source, number, line, tally)
    except DamagedError as error:
        tally.trouble(f"byte {stream.at}", str(error))
    yield tally.sum()


def _lines(stream: Stream, limit: int) -> Iterator[bytes | None]:
    """The lines; None for one longer than ``limit``."""
    parts: list[bytes] = []
    have = 0
    while block := stream.read(BLOCK):
        *lines, rest = block.split(b"\n")
        for line in lines:
            have += len(line)
            yield None if have > limit else b"".join([*parts, line])
            parts, have = [], 0
        have += len(rest)
        parts = [*parts, rest] if have <= limit else []
    if have:
        yield None if have > limit else b"".join(parts)


def _page(source: Source, number: int, line: bytes, tally: Tally) -> Iterator[Document]:
    try:
        value = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        tally.trouble(f"line {number}", "is no JSON")
        return
    found = value if isinstance(value, dict) else {}
    kind = next((name for name in ("html", "text") if isinstance(found.get(name), str)), None)
    if kind is None:
        tally.leave("line without html or text")
        return
    body = found[kind].encode("utf-8", "replace")
    if not body.strip():
        tally.leave("empty")
    elif tally.is_worth(body):
        url = _word(found.get("url"))
        yield Document(
            body,
            kind=source.kind or kind,
            source=url or f"{source.name}, line {number}",
            url=url,
            charset="utf-8",
            captured_at=stamp(_word(found.get("captured_at"))),
            origin=source.name,
            container=source.name,
        )


def _word(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None
