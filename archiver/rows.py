"""Extraction -> records and rows: the only module of the core that names columns."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from archiver import ids
from archiver.extraction import EXTRACTOR_VERSION
from archiver.model import Document, Extraction, Note, Quote

__all__ = ["Row", "Rows", "failed", "record", "rows", "unchanged"]

Row = dict[str, Any]
Rows = dict[str, list[Row]]
"""Table -> its rows, each with all of the columns that the extraction can tell."""

_KINDS = {"embed": "embed", "link": "citation"}
_PACK_LEVEL = 6
_HALF = re.compile("[\ud800-\udfff]")
# The notes that say that a part of the document was not seen.
_PARTIAL = frozenset(("page-cut",))


def record(extraction: Extraction, quote: Quote) -> Row:
    """One quote as ``extract`` prints it: the keys of the contract, times as UTC ISO 8601 with ``Z``."""
    seen, document = quote.sighting, extraction.document
    container = (
        {"container": document.container, "record_offset": document.record_offset}
        if document.container is not None
        else {}
    )
    return {
        "source": document.source,
        **container,
        "position": seen.position,
        "kind": seen.kind,
        "form": seen.form,
        "platform": seen.platform,
        "key": quote.key,
        "post_id": quote.native_id,
        "url": quote.url,
        "author_handle": seen.handle,
        "author_name": seen.author_name,
        "text": seen.text,
        "text_state": quote.text_state,
        "language": seen.language,
        "date_written": seen.date_written,
        "written_on": quote.written_on,
        **_times(quote),
        "links": [{"kind": link.kind, "text": link.text, "url": link.url} for link in seen.links],
        "flags": list(quote.flags),
        "confidence": quote.confidence,
        "place": seen.place,
        "span_start": seen.span[0] if seen.span else None,
        "span_end": seen.span[1] if seen.span else None,
        "context_before": seen.context_before or None,
        "context_after": seen.context_after or None,
    }


def rows(found: Extraction, read_at: str, bodies: bool = True) -> Rows:
    """Everything that an archive keeps of one document that was read: its capture, its quotes with all
    that belongs to them, its notes and its body. ``read_at``: UTC ISO 8601 with ``Z``; ``bodies`` False
    leaves the markup of articles out, never plain text."""
    document = found.document
    article = _article_id(found)
    capture = ids.digest("capture", article, document.body)
    keeps = document.kind == "text" or (bodies and bool(found.quotes) and document.container is None)
    known = bool(found.quotes) or keeps
    sha256 = ids.sha256(document.body) if known else None
    made: Rows = {
        "captures": [_capture(found, capture, article, sha256, read_at)],
        "sources": [_source(capture, name) for name in sorted({document.source, *_named(document)})],
        "bodies": [{"sha256": sha256, **_packed(document.body)}] if keeps else [],
        "notes": [_note(note, capture, at) for at, note in enumerate(found.notes, 1)],
        "quotes": [],
        "sightings": [],
        "links": [],
        "flags": [],
    }
    equals: Counter[str] = Counter()
    for quote in found.quotes:
        shown = _shown(quote, article)
        equals[shown] += 1
        _add_quote(made, quote, ids.digest("quote", shown, str(equals[shown])), article, capture)
    return _storable(made)


def failed(found: Mapping[str, Any], read_at: str) -> Rows:
    """What an archive keeps of a source that gave no document: a capture with the reason. ``found`` has
    source, outcome and reason, and of url, captured_at, media_type and http_status what is known."""
    capture = ids.digest("failed", found["source"], found["outcome"], found["reason"])
    captured_at, url = found.get("captured_at"), found.get("url")
    row = {
        "id": capture,
        "url": ids.tidy_url(url) if url else None,
        "captured_at": captured_at or read_at,
        "captured_by": "http" if captured_at else "reading",
        "read_at": read_at,
        "origin": found["source"],
        **{name: found.get(name) for name in ("container", "record_offset", "warc_record_id", "records")},
        "media_type": found.get("media_type"),
        "http_status": found.get("http_status"),
        "outcome": found["outcome"],
        "reason": found["reason"],
        "extractor_version": EXTRACTOR_VERSION,
    }
    return _storable({"captures": [row], "sources": [{"capture": capture, "source": found["source"]}]})


def unchanged(capture: str, read_at: str) -> Rows:
    """What an archive keeps of a page that is as it was when ``capture`` was made: that it was seen."""
    return {"seen_again": [{"id": capture, "read_at": read_at}]}


def _storable(made: Rows) -> Rows:
    """Half characters (lone surrogates, out of file names and broken escapes) are no text to a database."""
    for table in made.values():
        for row in table:
            for name, value in row.items():
                if isinstance(value, str) and _HALF.search(value):
                    row[name] = _HALF.sub("\ufffd", value)
    return made


def _article_id(found: Extraction) -> str:
    """Of the tidy canonical address; of the content where there is none."""
    if found.article.url:
        return ids.digest("article", ids.tidy_url(found.article.url))
    return ids.digest("article", "", found.document.body)


def _capture(found: Extraction, capture: str, article: str, sha256: str | None, read_at: str) -> Row:
    document, about = found.document, found.article
    cut = next((note.detail for note in found.notes if note.code in _PARTIAL), None)
    return {
        "id": capture,
        "article_key": article,
        "url": about.url,
        "captured_at": document.captured_at or read_at,
        "captured_by": _captured_by(document),
        "read_at": read_at,
        "origin": document.source,
        "address": document.url if document.http_status and not document.memento else None,
        "etag": document.etag,
        "last_modified": document.last_modified,
        "memento": document.memento,
        "container": document.container,
        "record_offset": document.record_offset,
        "warc_record_id": document.warc_record_id,
        "sha256": sha256,
        "media_type": document.media_type or ("text/plain" if document.kind == "text" else "text/html"),
        "charset": found.charset,
        "http_status": document.http_status,
        "outcome": "partial" if cut else "kept" if found.quotes else "empty",
        "reason": cut,
        "title": about.title,
        "site": _site(found),
        "byline": about.byline,
        "published_on": about.published_on,
        "language": about.language,
        "extractor_version": EXTRACTOR_VERSION,
    }


def _captured_by(document: Document) -> str:
    """On whose word the time of a capture is."""
    if document.captured_at is None:
        return "reading"
    if document.captured_by:
        return document.captured_by
    if document.warc_record_id or document.container:
        return "archive"
    return "http" if document.http_status else "file"


def _site(found: Extraction) -> str | None:
    """The host, so that one site has one name; the page's own word where it has no address."""
    return ids.host(found.article.url or "").removeprefix("www.") or found.article.site


def _named(document: Document) -> list[str]:
    """The feed that an article was read from: a source too."""
    return [document.origin] if document.origin and document.container is None else []


def _source(capture: str, source: str) -> Row:
    return {"capture": capture, "source": source}


def _packed(body: bytes) -> Row:
    packed = zlib.compress(body, _PACK_LEVEL)
    if len(packed) < len(body):
        return {"encoding": "zlib", "body": packed}
    return {"encoding": "identity", "body": body}


def _note(note: Note, capture: str, position: int) -> Row:
    return {
        "capture": capture,
        "position": position,
        "code": note.code,
        "place": note.place,
        "detail": note.detail,
    }


def _shown(quote: Quote, article: str) -> str:
    """What makes a quote this quote: the article, the post, and all that a reader is shown of it."""
    seen = quote.sighting
    shown = (seen.text, seen.author_name, seen.handle, seen.date_written, seen.url)
    return ids.digest(article, quote.key, seen.kind, *(part or "" for part in shown))


def _add_quote(made: Rows, quote: Quote, name: str, article: str, capture: str) -> None:
    """Appends a quote and all that belongs to it to the rows."""
    seen = quote.sighting
    made["quotes"].append(_quote(quote, name, article, capture))
    made["sightings"].append({"capture": capture, "quote": name, "position": seen.position})
    made["links"] += [
        {"quote": name, "position": at, "kind": link.kind, "text": link.text, "url": link.url}
        for at, link in enumerate(seen.links, 1)
    ]
    made["flags"] += [
        {"id": ids.digest("flag", name, code), "quote": name, "post": quote.key, "code": code}
        for code in dict.fromkeys(quote.flags)
    ]


def _quote(quote: Quote, name: str, article: str, capture: str) -> Row:
    seen = quote.sighting
    return {
        "id": name,
        "article": article,
        "post": quote.key,
        "kind": _KINDS.get(seen.kind, seen.kind),
        "form": seen.form,
        "position": seen.position,
        "platform": seen.platform,
        "author_name": seen.author_name,
        "author_handle": seen.handle,
        "text": seen.text,
        "text_state": quote.text_state,
        "language": seen.language,
        "date_written": seen.date_written,
        "written_on": quote.written_on,
        "time_written": seen.datetime_written,
        "url_written": seen.url,
        "post_key": quote.key,
        "native_id": quote.native_id,
        "post_url": quote.url,
        **_times(quote),
        "fragment": seen.fragment,
        "context_before": seen.context_before,
        "context_after": seen.context_after,
        "place": seen.place,
        "span_start": seen.span[0] if seen.span else None,
        "span_end": seen.span[1] if seen.span else None,
        "confidence": quote.confidence,
        "capture": capture,
        "extractor_version": EXTRACTOR_VERSION,
    }


def _times(quote: Quote) -> Row:
    return {
        "posted_at": _stamp(quote.posted.value),
        "posted_earliest": _stamp(quote.posted.earliest),
        "posted_latest": _stamp(quote.posted.latest),
        "time_basis": quote.posted.basis,
    }


def _stamp(moment: datetime | None) -> str | None:
    """UTC ISO 8601 with ``Z``; milliseconds only where there are some."""
    if moment is None:
        return None
    text = f"{moment.year:04}-{moment:%m-%dT%H:%M:%S}"
    return f"{text}.{moment.microsecond // 1000:03}Z" if moment.microsecond >= 1000 else f"{text}Z"
