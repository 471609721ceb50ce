"""What a web server answered, as web archives keep it: status line, header lines, and a body that may be
sent in chunks and packed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from archiver.errors import ArchiverError
from archiver.readers.streams import DamagedError, inflate

__all__ = ["Body", "Reply", "body_of", "reply"]

_STATUS = re.compile(rb"(?:HTTP/\d{1,2}(?:\.\d{1,2})?[ \t]{1,9}|ICY )(\d{3})\b[^\n]{0,2000}\r?\n")
_BLANK_LINE = re.compile(rb"\n\r?\n")
_FIELD = re.compile(
    rb"\n(content-type|content-encoding|transfer-encoding)[ \t]{0,9}:[ \t]{0,9}([^\r\n]{0,4000})",
    re.IGNORECASE,
)
_CHARSET = re.compile(r"""charset\s{0,9}=\s{0,9}["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_CHUNK = re.compile(rb"[ \t]{0,9}([0-9a-fA-F]{1,12})[ \t]{0,9}(?:;[^\r\n]{0,2000})?\r?\n")
_HEAD, _MOST_HEAD = 8 << 10, 2 << 20
_CODECS = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate", "br": "brotli", "zstd": "zstd"}


@dataclass(frozen=True, slots=True)
class Reply:
    """``status`` None where the block does not begin as an answer does; ``media_type`` in lower case;
    ``begin``: where the body begins."""

    status: int | None
    media_type: str | None
    charset: str | None
    chunked: bool
    coding: str
    begin: int


@dataclass(frozen=True, slots=True)
class Body:
    """A body as a browser would have it. ``fault``: what is missing of it; ``unread``: why nothing can be
    had of it; ``too_large``: only its beginning was unpacked."""

    data: bytes = b""
    fault: str | None = None
    unread: str | None = None
    too_large: bool = False


def reply(block: memoryview) -> Reply:
    """The head of an answer. Where there is no blank line in its first 2 MB, all of it is head."""
    found = _reply(bytes(block[:_HEAD]))
    return _reply(bytes(block)) if found.begin == _HEAD else found


def _reply(block: bytes) -> Reply:
    line = _STATUS.match(block)
    if not line:
        return Reply(None, None, None, False, "", 0)
    blank = _BLANK_LINE.search(block, line.end() - 1, _MOST_HEAD)
    end, begin = blank.span() if blank else (len(block), len(block))
    fields = {name.lower(): value for name, value in _FIELD.findall(block, line.end() - 1, end)}
    kind = fields.get(b"content-type", b"").decode("latin-1")
    charset = _CHARSET.search(kind)
    return Reply(
        status=int(line[1]),
        media_type=kind.partition(";")[0].strip().lower() or None,
        charset=charset[1] if charset else None,
        chunked=b"chunked" in fields.get(b"transfer-encoding", b"").lower(),
        coding=fields.get(b"content-encoding", b"").decode("latin-1").strip().lower(),
        begin=begin,
    )


def body_of(block: memoryview, head: Reply, limit: int) -> Body:
    """The body behind a head, chunks joined and unpacked. What says that it is sent in chunks, or packed,
    and is not, stays as it is: many archives keep the head and undo the rest."""
    data, fault = bytes(block[head.begin :]), None
    if not head.chunked and not head.coding:
        return Body(data, too_large=len(data) > limit)
    if head.chunked:
        data, fault = _joined(data)
    for coding in reversed([part.strip() for part in head.coding.split(",")]):
        if coding in ("", "identity", "none", "utf-8"):
            continue
        found = _undone(data, coding, limit)
        if found.unread or found.too_large:
            return found
        data, fault = found.data, fault or found.fault
    return Body(data, fault, too_large=len(data) > limit)


def _joined(data: bytes) -> tuple[bytes, str | None]:
    """What was sent in chunks, and what is missing; the data itself where it is no chunks."""
    at, parts = 0, list[bytes]()
    while True:
        size = _CHUNK.match(data, at)
        if not size:
            if not parts:
                return data, None
            return b"".join(parts), "a chunk is missing"
        length = int(size[1], 16)
        at = size.end()
        if not length:
            return b"".join(parts), None
        parts.append(data[at : at + length])
        if at + length > len(data):
            return b"".join(parts), "the last chunk is cut short"
        at += length
        at += 2 if data.startswith(b"\r\n", at) else data.startswith(b"\n", at)


def _undone(data: bytes, coding: str, limit: int) -> Body:
    codec = _CODECS.get(coding)
    if codec is None:
        return Body(unread=f"packed in a way that is not known: {coding[:40]}")
    if _is_plain(data, codec):
        return Body(data)
    why = ""
    for attempt in (codec, "raw deflate") if codec == "deflate" else (codec,):
        try:
            found, fault = inflate(data, attempt, limit)
        except ArchiverError as error:
            return Body(unread=str(error))
        except DamagedError as error:
            why = str(error)
        else:
            return Body(found[:limit], fault, too_large=len(found) > limit)
    return Body(data) if _looks_plain(data) else Body(unread=why)


def _is_plain(data: bytes, codec: str) -> bool:
    return (codec == "gzip" and not data.startswith(b"\x1f\x8b")) or not data


def _looks_plain(data: bytes) -> bool:
    return b"<" in data[:1000]
