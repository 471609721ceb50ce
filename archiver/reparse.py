"""Reading the stored evidence again with the present parser: bodies where they are kept, else fragments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from archiver import metadata, results, rows
from archiver.database import open_reader, plain_errors
from archiver.extraction import extract
from archiver.model import Article, Document, Extraction, Note, Quote, Sighting
from archiver.platform import Platform
from archiver.platforms import PLATFORMS
from archiver.store import Changes, Store
from archiver.work import in_full

__all__ = ["reparse"]

Row = dict[str, Any]
Read = Callable[..., list[Row]]

_ABOUT = ("url", "title", "site", "byline", "published_on", "language")


def reparse(path: str, apply: bool = False, platforms: Sequence[Platform] = PLATFORMS) -> Changes:
    """What the present parser makes of an archive's evidence, beside what stands in it; with ``apply``
    in the place of it. Quotes of captures whose body is not kept are read from their fragments."""
    captures = _captures(path)
    with Store(path) as store:
        found = _found(path, captures, platforms)
        return store.rebuild(found, [capture["id"] for capture in captures], apply)


def _captures(path: str) -> list[Row]:
    """The captures that were read, in order."""
    with _reader(path) as read:
        return read("SELECT * FROM captures WHERE article_key IS NOT NULL ORDER BY id")


def _found(path: str, captures: Sequence[Row], platforms: Sequence[Platform]) -> Iterator[rows.Rows]:
    with _reader(path) as read:
        for capture in captures:
            stored = read("SELECT * FROM bodies WHERE sha256 = ?", capture["sha256"])
            if stored:
                found = _again(capture, rows.body_of(stored[0]), platforms)
            else:
                found = _from_fragments(capture, read, platforms)
            yield rows.again(found, capture)


def _again(capture: Row, body: bytes, platforms: Sequence[Platform]) -> Extraction:
    """A body read as it was read before."""
    found = extract(_document(capture, body), platforms, bool(capture["citations"]))
    if capture["metadata"] == metadata.FULL:
        return in_full(found, capture["captured_at"])
    return found


def _document(capture: Row, body: bytes) -> Document:
    known = capture["captured_by"] != "reading"
    return Document(
        body,
        kind=capture["kind"] or "html",
        source=capture["origin"],
        url=capture["url"],
        charset=capture["charset"],
        captured_at=capture["captured_at"] if known else None,
        media_type=capture["media_type"],
        http_status=capture["http_status"],
    )


def _from_fragments(capture: Row, read: Read, platforms: Sequence[Platform]) -> Extraction:
    """What the fragments of a capture's quotes show, where its body is not kept; the stored words where a
    fragment alone does not say enough."""
    quotes = [
        replace(
            _read_again(rows.sighting(row, read(_LINKS, row["id"])), row, platforms),
            quotations=rows.quotations(read(_QUOTATIONS, row["id"])),
        )
        for row in read(_SHOWN, capture["id"])
    ]
    notes = read("SELECT * FROM notes WHERE capture = ? ORDER BY position", capture["id"])
    return Extraction(
        document=_document(capture, b""),
        article=Article(**{name: capture[name] for name in _ABOUT}),
        quotes=tuple(quotes),
        notes=tuple(Note(note["code"], note["place"], note["detail"]) for note in notes),
        charset=capture["charset"],
        citations=bool(capture["citations"]),
        metadata=capture["metadata"] or metadata.HEAD,
    )


def _read_again(seen: Sighting, row: Row, platforms: Sequence[Platform]) -> Quote:
    kind = "text" if seen.span else "html"
    document = Document(seen.fragment.encode("utf-8", "replace"), kind=kind, charset="utf-8")
    found = [
        quote
        for quote in extract(document, platforms, links=seen.kind == "link").quotes
        if quote.key == row["post_key"] and quote.sighting.kind == seen.kind
    ]
    if len(found) == 1:
        again = found[0].sighting
        stays = (
            "form",
            "position",
            "place",
            "span",
            "fragment",
            "context_before",
            "context_after",
            "confidence",
        )
        seen = replace(again, **{name: getattr(seen, name) for name in stays})
    platform = next(platform for platform in platforms if platform.name == seen.platform)
    return platform.understand(seen)


@contextmanager
def _reader(path: str) -> Iterator[Read]:
    with closing(open_reader(path).conn) as connection, plain_errors(path):
        yield partial(results.every, connection)


_SHOWN = (
    "SELECT quotes.* FROM quotes JOIN sightings ON sightings.quote = quotes.id WHERE sightings.capture = ?"
    " ORDER BY sightings.position"
)
_QUOTATIONS = "SELECT * FROM quotations WHERE quote = ? ORDER BY position"
_LINKS = "SELECT kind, text, url FROM links WHERE quote = ? ORDER BY position"
