"""Bodies and headers as servers send them: codings undone within limits, types and times read."""

from __future__ import annotations

import zlib
from datetime import datetime, timezone
from email.message import Message
from email.utils import parsedate_to_datetime

from archiver.fetch.page import FetchError

__all__ = ["content_type", "decoded", "moment", "stamp"]

_MOST_CODINGS = 3
_PIECE = 16 * 1024


def decoded(raw: bytes, codings: str, limit: int) -> bytes:
    """The body without its content codings. FetchError where it is cut, zlib.error where broken."""
    names = [name.strip().lower() for name in codings.split(",") if name.strip()]
    if len(names) > _MOST_CODINGS:
        raise FetchError(f"packed {len(names)} times over")
    for name in reversed(names):
        if name in ("gzip", "x-gzip"):
            raw = _inflated(raw, 31, limit)
        elif name == "deflate":
            # Meant to be zlib's format; some servers send the bare stream.
            bare = len(raw) < 2 or (raw[0] & 15) != 8 or int.from_bytes(raw[:2], "big") % 31
            raw = _inflated(raw, -15 if bare else 15, limit)
        elif name != "identity":
            raise FetchError(f"content coding {name[:40]} is not understood")
    return raw


def _inflated(raw: bytes, window: int, limit: int) -> bytes:
    """All members, one after another; in small pieces, since each copies what follows its end."""
    out, view, at = bytearray(), memoryview(raw), 0
    while at < len(view):
        member = zlib.decompressobj(window)
        while not member.eof and at < len(view):
            piece = view[at : at + _PIECE]
            out += member.decompress(piece, limit + 1 - len(out))
            at += len(piece) - len(member.unused_data)
            if len(out) > limit:
                raise FetchError(f"larger than {limit // 1_000_000} MB when unpacked")
        if not member.eof:
            raise FetchError("incomplete: the packed body ends too early")
        if bytes(view[at : at + 2]) != b"\x1f\x8b":
            break  # padding
    return bytes(out)


def content_type(header: str | None) -> tuple[str | None, str | None]:
    """Media type and charset, both in lower case, None where they are not told."""
    if not header:
        return None, None
    message = Message()
    message["Content-Type"] = header
    return message.get_content_type(), message.get_content_charset()


def moment(header: str | None) -> datetime | None:
    """A date of HTTP, None where it is none."""
    try:
        found = parsedate_to_datetime(header or "")
        found = found if found.tzinfo else found.replace(tzinfo=timezone.utc)
        return found.astimezone(timezone.utc)
    except (TypeError, ValueError, OverflowError):
        return None


def stamp(header: str | None) -> str | None:
    """A date of HTTP as UTC ISO 8601 with ``Z``."""
    found = moment(header)
    return f"{found.year:04}-{found:%m-%dT%H:%M:%SZ}" if found else None
