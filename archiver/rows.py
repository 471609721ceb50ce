"""Extraction -> records and rows: the only module of the core that names columns."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Mapping
from typing import Any

from archiver import ids, provenance
from archiver.extraction import EXTRACTOR_VERSION
from archiver.healed import FORM
from archiver.model import Document, Extraction, Note, Quote
from archiver.records import KINDS, body_of, quotation, quotations, record, sighting, times, written
from archiver.text import file_name

__all__ = [
    "UNDERSTOOD",
    "Row",
    "Rows",
    "again",
    "body_of",
    "body_row",
    "container",
    "evidence",
    "failed",
    "quotations",
    "quote_id",
    "record",
    "rows",
    "sighting",
    "unchanged",
]

Row = dict[str, Any]
Rows = dict[str, list[Row]]
"""Table -> its rows, each with all of the columns that the extraction can tell."""

UNDERSTOOD = (
    *("outcome", "reason", "charset", "url", "title", "site", "byline", "published_on", "language"),
    *("article_key", "extractor_version"),
)
"""What a parser makes of a capture."""

_PACK_LEVEL = 6
_MOST_NOTES = 10_000
_ELSEWHERE = re.compile(r"https?://", re.IGNORECASE)
_HALF = re.compile("[\ud800-\udfff]")
_FILES = frozenset(("source", "origin", "container"))
"""Columns that may hold the name of a file."""
# The notes that say that a part of the document was not seen.
_PARTIAL = frozenset(("page-cut",))


def rows(found: Extraction, read_at: str, bodies: bool = True, stamp: str | None = None) -> Rows:
    """Everything that an archive keeps of one document that was read: its capture, its quotes with all
    that belongs to them, its notes and its body. ``read_at``: UTC ISO 8601 with ``Z``; ``bodies`` False
    leaves the markup of articles out, never plain text. Of what stands in a container the body is kept
    where it holds quotes, and not at all where the container is a web archive that we have, which is
    evidence itself.
    ``stamp``: by what the file is known again."""
    document = found.document
    article = _article_id(found)
    capture = ids.digest("capture", article, document.body)
    keeps = _keeps(found, bodies)
    known = bool(found.quotes) or keeps
    sha256 = ids.sha256(document.body) if known else None
    return _storable(
        {
            "captures": [_capture(found, capture, article, sha256, read_at)],
            "sources": _sources(document, capture, stamp),
            "bodies": [{"sha256": sha256, **_packed(document.body)}] if keeps else [],
            **_parts(found, article, capture),
        }
    )


def again(found: Extraction, capture: Row) -> Rows:
    """What is seen in a capture that is kept already: the capture as it is known, with what is understood
    of it now. Without a body (``b""``), its article stays what it was."""
    article = _article_id(found) if found.document.body else capture["article_key"]
    now = _capture(found, capture["id"], article, capture["sha256"], capture["read_at"])
    understood = {name: now[name] for name in UNDERSTOOD}
    return _storable({"captures": [{**capture, **understood}], **_parts(found, article, capture["id"])})


def evidence(found: Extraction) -> list[Row]:
    """For each quote where its fields are from, and of which page (`provenance.annotated`)."""
    page = _capture(found, "", "", ids.sha256(found.document.body), "")
    page["captured_at"] = found.document.captured_at
    made = [_quote(quote, "", "", "") for quote in found.quotes]
    return [provenance.annotated(row, page) for row in _storable({"quotes": made})["quotes"]]


def body_row(body: bytes) -> Row:
    """The row of bodies that holds a body."""
    return {"sha256": ids.sha256(body), **_packed(body)}


def quote_id(quote: Row, equals: Counter[str]) -> str:
    """The id of a quote by its row, as it would be were it seen so; ``equals`` counts those of one capture
    that show the same."""
    kind = _what({stored: kind for kind, stored in KINDS.items()}[quote["kind"]], quote["form"])
    names = ("text", "author_name", "author_handle", "date_written", "url_written")
    shown = ids.digest(quote["article"], quote["post_key"], kind, *(quote[name] or "" for name in names))
    equals[shown] += 1
    return ids.digest("quote", shown, str(equals[shown]))


def _parts(found: Extraction, article: str, capture: str) -> Rows:
    made: Rows = {
        "notes": [_note(note, capture, at) for at, note in enumerate(found.notes, 1)],
        "quotes": [],
        "sightings": [],
        "links": [],
        "quotations": [],
        "flags": [],
    }
    equals: Counter[str] = Counter()
    for quote in found.quotes:
        shown = _shown(quote, article)
        equals[shown] += 1
        _add_quote(made, quote, ids.digest("quote", shown, str(equals[shown])), article, capture)
    return made


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
    source = {"capture": capture, "source": found["source"], "stamp": None}
    return _storable({"captures": [row], "sources": [source]})


def container(found: Mapping[str, Any], key: str, stamp: str | None, read_at: str) -> Rows:
    """What an archive keeps of a file that holds many articles: a capture with the numbers. ``found`` has
    source, outcome, reason, records, articles, quoting, troubles, and ``end`` where it is not read to its
    end; ``key`` is what is in it, in short."""
    capture = ids.digest("container", key)
    row = {
        "id": capture,
        "captured_at": read_at,
        "captured_by": "reading",
        "read_at": read_at,
        "origin": found["source"],
        "record_offset": found["end"],
        "outcome": found["outcome"],
        "reason": found["reason"],
        "records": found["records"],
        "articles": found["articles"],
        "quoting": found["quoting"],
        "extractor_version": EXTRACTOR_VERSION,
    }
    notes = [
        _note(Note("damaged-record", place, why), capture, at)
        for at, (place, why) in enumerate(found["troubles"][:_MOST_NOTES], 1)
    ]
    return _storable(
        {
            "captures": [row],
            "sources": [{"capture": capture, "source": found["source"], "stamp": stamp}],
            "notes": notes,
        }
    )


def unchanged(capture: str, read_at: str) -> Rows:
    """What an archive keeps of a page that is as it was when ``capture`` was made: that it was seen."""
    return {"seen_again": [{"id": capture, "read_at": read_at}]}


def _storable(made: Rows) -> Rows:
    """Half characters (lone surrogates, out of file names and broken escapes) are no text to a database."""
    for table in made.values():
        for row in table:
            for name, value in row.items():
                if isinstance(value, str) and _HALF.search(value):
                    row[name] = file_name(value) if name in _FILES else _HALF.sub("\ufffd", value)
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
        "origin": _named(document),
        "address": document.url if document.http_status and not document.memento else None,
        "etag": document.etag,
        "last_modified": document.last_modified,
        "memento": document.memento,
        "container": document.container,
        "record_offset": document.record_offset,
        "warc_record_id": document.warc_record_id,
        "sha256": sha256,
        "kind": document.kind,
        "citations": int(found.citations),
        "metadata": found.metadata,
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
    if _is_contained(document):
        return "archive"
    return "http" if document.http_status else "file"


def _site(found: Extraction) -> str | None:
    """The host, so that one site has one name; the page's own word where it has no address."""
    return ids.host(found.article.url or "").removeprefix("www.") or found.article.site


def _keeps(found: Extraction, bodies: bool) -> bool:
    """Whether the body is kept."""
    document = found.document
    if document.record_offset is not None and not _ELSEWHERE.match(document.container or ""):
        return False
    if document.kind == "text":
        return bool(found.quotes) or not _is_contained(document)
    return bodies and bool(found.quotes or found.notes)


def _sources(document: Document, capture: str, stamp: str | None) -> list[Row]:
    """What was given, and the feed that a page was read from; a file by which the capture is known again has
    a ``stamp``."""
    kept = None if _is_contained(document) else stamp
    found: list[Row] = [{"capture": capture, "source": _named(document), "stamp": kept}]
    if document.origin not in (None, _named(document)):
        found.append({"capture": capture, "source": document.origin, "stamp": None})
    return found


def _named(document: Document) -> str:
    """What was given: the page, or the container in which it was read (not that in which it is recorded)."""
    return (_is_contained(document) and (document.origin or document.container)) or document.source


def _is_contained(document: Document) -> bool:
    return document.container is not None and not document.recorded


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
    return ids.digest(article, quote.key, _what(seen.kind, seen.form), *(part or "" for part in shown))


def _what(kind: str, form: str) -> str:
    """The kind that a quote's id is made of. A static quote of our own is a quote beside the one that it
    repeats: what a witness showed stays what it showed."""
    return FORM if form == FORM else kind


def _add_quote(made: Rows, quote: Quote, name: str, article: str, capture: str) -> None:
    """Appends a quote and all that belongs to it to the rows."""
    seen = quote.sighting
    made["quotes"].append(_quote(quote, name, article, capture))
    made["sightings"].append({"capture": capture, "quote": name, "position": seen.position})
    made["links"] += [
        {"quote": name, "position": at, "kind": link.kind, "text": link.text, "url": link.url}
        for at, link in enumerate(seen.links, 1)
    ]
    made["quotations"] += [
        {"quote": name, "position": at, **quotation(said)} for at, said in enumerate(quote.quotations, 1)
    ]
    made["flags"] += [
        {"id": ids.digest("flag", name, code), "quote": name, "post": quote.key, "code": code}
        for code in dict.fromkeys(quote.flags)
    ]


def _quote(quote: Quote, name: str, article: str, capture: str) -> Row:
    seen = quote.sighting
    row = {
        "id": name,
        "article": article,
        "post": quote.key,
        "kind": KINDS.get(seen.kind, seen.kind),
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
        **_known_by(quote),
        **times(quote),
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
    return {**row, "evidence": provenance.kept(row)}


def _known_by(quote: Quote) -> Row:
    """By what a quote is known again, in whatever article."""
    seen = quote.sighting
    first, last = quote.id_range or (None, None)
    return {
        "post_key": quote.key,
        "native_id": quote.native_id,
        "media_key": quote.media_key,
        "text_key": ids.text_key(seen.platform, seen.handle, seen.text)
        if seen.handle and seen.text
        else None,
        "post_url": quote.url,
        "posted_on": _day(quote),
        "id_earliest": first,
        "id_latest": last,
    }


def _day(quote: Quote) -> str | None:
    """The UTC day of the post by this quote alone."""
    at = written(quote.posted.value)
    return at[:10] if at else quote.written_on
