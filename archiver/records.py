"""Quotes as records: what ``extract`` prints, and what comes back out of the rows that keep them."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from archiver.model import Extraction, Link, Quotation, Quote, Sighting
from archiver.text import file_name

__all__ = ["KINDS", "body_of", "quotation", "quotations", "record", "sighting", "times", "written"]

Row = dict[str, Any]

_ABOUT = ("url", "title", "site", "byline", "published_on", "language")
KINDS = {"embed": "embed", "link": "citation"}
"""Kind of a sighting -> kind of a quote in the archive."""


def record(extraction: Extraction, quote: Quote) -> Row:
    """One quote as ``extract`` prints it: the keys of the contract, times as UTC ISO 8601 with ``Z``."""
    seen, document = quote.sighting, extraction.document
    container = (
        {"container": file_name(document.container), "record_offset": document.record_offset}
        if document.container is not None
        else {}
    )
    return {
        "source": file_name(document.source),
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
        **times(quote),
        "links": [{"kind": link.kind, "text": link.text, "url": link.url} for link in seen.links],
        "quotations": [quotation(said) for said in quote.quotations],
        "flags": list(quote.flags),
        "confidence": quote.confidence,
        "place": seen.place,
        "span_start": seen.span[0] if seen.span else None,
        "span_end": seen.span[1] if seen.span else None,
        "context_before": seen.context_before or None,
        "context_after": seen.context_after or None,
        "article": {name: getattr(extraction.article, name) for name in _ABOUT},
    }


def sighting(quote: Row, links: Iterable[Row]) -> Sighting:
    """What an article showed, out of the rows that keep it: the printed words, to be understood again."""
    return Sighting(
        platform=quote["platform"],
        form=quote["form"],
        kind={stored: kind for kind, stored in KINDS.items()}[quote["kind"]],
        position=quote["position"],
        place=quote["place"],
        span=None if quote["span_start"] is None else (quote["span_start"], quote["span_end"]),
        fragment=quote["fragment"],
        context_before=quote["context_before"] or "",
        context_after=quote["context_after"] or "",
        text=quote["text"],
        author_name=quote["author_name"],
        handle=quote["author_handle"],
        date_written=quote["date_written"],
        datetime_written=quote["time_written"],
        url=quote["url_written"],
        native_id=quote["native_id"],
        language=quote["language"],
        links=tuple(Link(link["kind"], link["text"], link["url"]) for link in links),
        confidence=quote["confidence"],
    )


def quotation(said: Quotation) -> Row:
    """Words of a post in prose, as they are printed and kept: its signs in one line."""
    return {
        "kind": said.kind,
        "text": said.text,
        "sentence": said.sentence,
        "signs": " ".join(said.signs),
        "place": said.place,
        "span_start": said.span[0] if said.span else None,
        "span_end": said.span[1] if said.span else None,
    }


def quotations(rows: Iterable[Row]) -> tuple[Quotation, ...]:
    """The same, out of the rows that keep them."""
    return tuple(
        Quotation(
            row["kind"],
            row["text"],
            row["sentence"],
            tuple(row["signs"].split()),
            row["place"],
            None if row["span_start"] is None else (row["span_start"], row["span_end"]),
        )
        for row in rows
    )


def body_of(row: Row) -> bytes:
    """The body that a row of bodies holds."""
    return zlib.decompress(row["body"]) if row["encoding"] == "zlib" else bytes(row["body"])


def times(quote: Quote) -> Row:
    """When the post was made, in the four columns that say so."""
    return {
        "posted_at": written(quote.posted.value),
        "posted_earliest": written(quote.posted.earliest),
        "posted_latest": written(quote.posted.latest),
        "time_basis": quote.posted.basis,
    }


def written(moment: datetime | None) -> str | None:
    """UTC ISO 8601 with ``Z``; milliseconds only where there are some."""
    if moment is None:
        return None
    text = f"{moment.year:04}-{moment:%m-%dT%H:%M:%S}"
    return f"{text}.{moment.microsecond // 1000:03}Z" if moment.microsecond >= 1000 else f"{text}Z"
