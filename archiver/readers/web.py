"""Web addresses as Documents."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from archiver.fetch import Fetcher, FetchError, Known, Page, Record, decoded
from archiver.model import Document
from archiver.readers.files import document
from archiver.readers.kinds import LISTS, Kind, recognise
from archiver.readers.soft import stand_in
from archiver.readers.source import Failure, Source

__all__ = ["read_address"]

NOT_MODIFIED = 304
_GZIP = b"\x1f\x8b"
_HEAD = 64 * 1024
_DATA = re.compile(r"^application/(?:[\w.-]{1,60}\+)?json$")


def read_address(
    source: Source, limit: int, fetcher: Callable[[], Fetcher] | None = None
) -> Document | Failure:
    """The document at an address; a Failure with the reason where it cannot be had whole."""
    door = fetcher() if fetcher else Fetcher(limit=limit)
    visit = source.visit
    known = Known(visit.url, visit.etag, visit.last_modified) if visit else None
    try:
        found = _found(source, door.get(source.name, known, source.near), limit)
        if door.manners.timegate and isinstance(found, Document) and _says_gone(found):
            gone = FetchError(f"{_says_gone(found)} stands in the place of the article", url=found.url)
            return _found(source, door.archived(source.name, source.near, gone), limit)
        return found
    except FetchError as error:
        return Failure(
            source.name,
            str(error),
            url=error.url or source.name,
            http_status=error.status,
            **_place(error.record),
        )


def _found(source: Source, page: Page, limit: int) -> Document | Failure:
    visit = source.visit
    if page.status == NOT_MODIFIED and visit:
        return Failure(source.name, "", "unchanged", url=page.url, capture=visit.capture, quotes=visit.quotes)
    page = _unpacked(page, limit)
    return document(source, page.body, _known(page), _kind(page.body, page.media_type, page.charset))


def _says_gone(found: Document) -> str | None:
    other = stand_in(found)
    return other.name if other and other.gone else None


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
        recorded=page.record is not None,
        **_place(page.record),
    )


def _place(record: Record | None) -> dict[str, Any]:
    if record is None:
        return {}
    return {"container": record.path, "record_offset": record.offset, "warc_record_id": record.id}


def _unpacked(page: Page, limit: int) -> Page:
    """A sitemap that is kept packed, unpacked; what else is packed is left so."""
    if not page.body.startswith(_GZIP):
        return page
    try:
        body = decoded(page.body, "gzip", limit)
    except (FetchError, zlib.error):
        return page
    kind = recognise(body[:_HEAD], page.url)
    return replace(page, body=body) if kind.name in LISTS else page


def _kind(body: bytes, media_type: str | None, charset: str | None) -> Kind:
    """The content decides whether a body is read at all; what is read is HTML where the server says so."""
    kind = recognise(body, "page.txt" if media_type == "text/plain" else "page.html", charset)
    if media_type and _DATA.search(media_type) and kind.name not in LISTS:
        return Kind("", f"no article but {media_type}")
    if kind.name in ("html", "text") and media_type in ("text/html", "application/xhtml+xml"):
        return Kind("html")
    return kind
