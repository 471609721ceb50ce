"""Web addresses as Documents."""

from __future__ import annotations

from collections.abc import Callable

from archiver.fetch import Fetcher, FetchError
from archiver.model import Document
from archiver.readers.files import document
from archiver.readers.kinds import Kind, recognise
from archiver.readers.source import Failure, Source

__all__ = ["read_address"]


def read_address(
    source: Source, limit: int, fetcher: Callable[[], Fetcher] | None = None
) -> Document | Failure:
    """The document at an address; a Failure with the reason where it cannot be had whole."""
    door = fetcher() if fetcher else Fetcher(limit=limit)
    try:
        page = door.get(source.name)
    except FetchError as error:
        return Failure(source.name, str(error), url=error.url or source.name, http_status=error.status)
    known = Document(
        b"",
        url=page.url,
        charset=page.charset,
        captured_at=page.date,
        media_type=page.media_type,
        http_status=page.status,
    )
    return document(source, page.body, known, _kind(page.body, page.media_type, page.charset))


def _kind(body: bytes, media_type: str | None, charset: str | None) -> Kind:
    """The content decides whether a body is read at all; what is read is HTML where the server says so."""
    kind = recognise(body, "page.txt" if media_type == "text/plain" else "page.html", charset)
    if kind.name and media_type in ("text/html", "application/xhtml+xml"):
        return Kind("html")
    return kind
