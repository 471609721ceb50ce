"""Bodies as Documents, and why there is none."""

from __future__ import annotations

import re
from dataclasses import replace

from archiver.model import Document
from archiver.readers.kinds import Kind, recognise
from archiver.readers.source import Failure, Source, other_scheme

__all__ = ["LIMIT", "document", "failure", "larger", "trouble"]

LIMIT = 64_000_000
"""The largest body that is read, in bytes, where the user says nothing."""

_CURES = {
    FileNotFoundError: "no such file: check the path",
    PermissionError: "not readable: give yourself the right to read it (chmod +r)",
    IsADirectoryError: "a folder that changed while it was read: run the command again",
}
_LOOKS_LIKE_HOST = re.compile(r"(?:www\.|[a-z0-9-]{1,63}\.[a-z]{2,10}/)", re.IGNORECASE)


def document(source: Source, body: bytes, known: Document, kind: Kind | None = None) -> Document | Failure:
    """The body as a Document with what is ``known`` of it; a Failure where it is empty or no article."""
    reason, outcome, minor = None, "failed", False
    if not body.strip(b" \t\r\n\f\0\xef\xbb\xbf\xff\xfe"):
        reason, outcome = "empty: there is nothing to read", "empty"
    elif source.kind is None:
        kind = kind or recognise(body, source.name, known.charset)
        if kind.refusal:
            minor = kind.media and source.found
            reason, outcome = kind.refusal, "empty" if minor else "failed"
    if reason:
        failed = failure(replace(known, source=source.name), reason)
        return replace(failed, outcome=outcome, minor=minor)
    return replace(known, body=body, kind=source.kind or (kind.name if kind else "html"), source=source.name)


def failure(known: Document, reason: str) -> Failure:
    """The document as one that was not had, with what is known of it."""
    return Failure(
        known.source,
        reason,
        url=known.url,
        origin=known.origin,
        captured_at=known.captured_at,
        media_type=known.media_type,
        http_status=known.http_status,
        container=known.container,
        record_offset=known.record_offset,
        warc_record_id=known.warc_record_id,
    )


def larger(limit: int) -> str:
    """Why a body is not read."""
    return f"larger than {limit / 1_000_000:g} MB: give a larger --max-size, in MB, to read it"


def trouble(name: str, error: OSError | ValueError) -> str:
    """Why a file cannot be read, and what to do."""
    scheme = other_scheme(name)
    if scheme:
        return f"archiver reads files and http(s) addresses, not {scheme}: save the page and give the file"
    if isinstance(error, FileNotFoundError) and _LOOKS_LIKE_HOST.match(name):
        return f"no such file; for a web page write https://{name}"
    if isinstance(error, ValueError):
        return "no such file: a path holds no NUL character"
    return _CURES.get(type(error)) or f"cannot be read: {error.strerror or error}"
