"""Web addresses as Documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archiver.fetch import Fetcher, FetchError, Known, Page, Record
from archiver.model import Document
from archiver.readers.files import document
from archiver.readers.kinds import Kind, recognise
from archiver.readers.source import Failure, Source

__all__ = ["read_address"]

NOT_MODIFIED = 304


def read_address(
    source: Source, limit: int, fetcher: Callable[[], Fetcher] | None = None
) -> Document | Failure:
    """The document at an address; a Failure with the reason where it cannot be had whole."""
    door = fetcher() if fetcher else Fetcher(limit=limit)
    visit = source.visit
    known = Known(visit.url, visit.etag, visit.last_modified) if visit else None
    try:
        page = door.get(source.name, known)
    except FetchError as error:
        return Failure(
            source.name,
            str(error),
            url=error.url or source.name,
            http_status=error.status,
            **_place(error.record),
        )
    if page.status == NOT_MODIFIED and visit:
        return Failure(source.name, "", "unchanged", url=page.url, capture=visit.capture, quotes=visit.quotes)
    return document(source, page.body, _known(page), _kind(page.body, page.media_type, page.charset))


def _known(page: Page) -> Document:
    """What the server said of a page."""
    return Document(
        b"",
        url=page.url,
        charset=page.charset,
        captured_at=page.date,
        captured_by=("memento" if page.memento else "http") if page.date else None,
        media_type=page.media_type,
        http_status=page.status,
        etag=page.etag,
        last_modified=page.last_modified,
        memento=page.memento,
        **_place(page.record),
    )


def _place(record: Record | None) -> dict[str, Any]:
    if record is None:
        return {}
    return {"container": record.path, "record_offset": record.offset, "warc_record_id": record.id}


def _kind(body: bytes, media_type: str | None, charset: str | None) -> Kind:
    """The content decides whether a body is read at all; what is read is HTML where the server says so."""
    kind = recognise(body, "page.txt" if media_type == "text/plain" else "page.html", charset)
    if kind.name and media_type in ("text/html", "application/xhtml+xml"):
        return Kind("html")
    return kind
