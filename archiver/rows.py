"""Extraction -> records and rows: the only module of the core that names columns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from archiver.model import Extraction, Quote

__all__ = ["record"]


def record(extraction: Extraction, quote: Quote) -> dict[str, Any]:
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


def _times(quote: Quote) -> dict[str, Any]:
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
    text = f"{moment:%Y-%m-%dT%H:%M:%S}"
    if moment.year < 1000:
        text = text.zfill(19)
    return f"{text}.{moment.microsecond // 1000:03}Z" if moment.microsecond >= 1000 else f"{text}Z"
