"""What a worker does with one source, in whatever process: reads it, looks for quotes, shapes what it found.
Errors of a source are caught here, and only here."""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from archiver import metadata, plugins, prefilter, readers
from archiver.extraction import extract as extract_document
from archiver.manners import Manners
from archiver.model import Document, Extraction
from archiver.readers import Container, Failure, Source
from archiver.sums import Sum

if TYPE_CHECKING:
    from archiver.fetch import Fetcher

__all__ = ["Options", "Result", "Shape", "in_full", "lost", "read", "records", "rows"]

_CHUNK = 64
# A bug that one article brings to light must not cost the others: it is recorded with its place, and
# the traceback is shown with -v. Nothing that the world does wrong comes as one of these.
_BUGS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Options:
    """How sources are read. ``links``: citations in prose too; ``evidence``: say where each
    field is from; ``bodies``: keep the articles; ``limit``:
    largest body in bytes; ``manners``: towards web servers; ``again``: read pages again that are as they
    were on the last visit; ``metadata``: ``full`` reads all of a page that quotes for what it says of itself;
    ``wanted``: of feeds and sitemaps; ``read_at``: UTC ISO 8601 with ``Z``."""

    links: bool = False
    evidence: bool = False
    bodies: bool = True
    limit: int = readers.LIMIT
    manners: Manners = field(default_factory=Manners)
    again: bool = False
    metadata: str = metadata.HEAD
    wanted: readers.Wanted = field(default_factory=readers.Wanted)
    read_at: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one document. ``outcome``: that of a capture; ``reason`` where it failed or held
    nothing (``minor``: as was to be expected); ``quotes`` their number; ``data`` the records or the
    rows; ``trace`` of a bug of ours.

    ``record``: one of a container's, of which the empty ones are only counted. ``sum``: of the container, or
    of the part of it from ``first`` on (``before``: how many articles an earlier run has read of it);
    ``share`` of its source that is read with this one. ``records``: how many articles a feed or sitemap
    names, ``more`` those of them that are still to be read."""

    source: str
    outcome: str
    reason: str | None = None
    quotes: int = 0
    data: Any = None
    trace: str | None = None
    minor: bool = False
    record: bool = False
    sum: Sum | None = None
    first: int | None = None
    before: int = 0
    share: float = 1.0
    records: int | None = None
    more: tuple[Source, ...] = ()


Shape = Callable[[Options, Source | Failure, "Extraction | Failure"], Any]


def read(options: Options, shape: Shape, source: Source | Failure | Result) -> Iterator[tuple[Result, ...]]:
    """All that comes of a source, some at a time."""
    if isinstance(source, Result):
        yield (source,)
    elif isinstance(source, Failure):
        yield (_result(options, shape, source, source),)
    else:
        yield from _read(options, shape, source)


def lost(options: Options, shape: Shape, source: Source | Failure | Result, why: str) -> tuple[Result, ...]:
    """What is recorded of a source whose process died."""
    if isinstance(source, Source) and source.span:
        first, last = source.span
        place = f"bytes {first} to {'the end' if last is None else last}"
        return (_of_part(source, Container(source.name, troubles=(readers.Trouble(place, why),)), 0),)
    name = source.name if isinstance(source, Source) else source.source
    failure = Failure(name, why)
    return (_result(options, shape, failure, failure),)


def in_full(found: Extraction, day: str) -> Extraction:
    """What ``metadata.fuller`` gives; what its libraries say of a page is for whoever works on them."""
    for name in ("trafilatura", "htmldate"):
        logger = logging.getLogger(name)
        logger.handlers = logger.handlers or [logging.NullHandler()]
    return metadata.fuller(found, day)


def records(options: Options, _source: Source | Failure, found: Extraction | Failure) -> list[dict[str, Any]]:
    """The quotes of a document as ``extract`` prints them."""
    from archiver import rows as tables

    if isinstance(found, Failure):
        return []
    made = [tables.record(found, quote) for quote in found.quotes]
    if options.evidence:
        for one, evidence in zip(made, tables.evidence(found), strict=True):
            one["evidence"] = evidence
    return made


def rows(
    options: Options, source: Source | Failure, found: Extraction | Failure
) -> dict[str, list[dict[str, Any]]]:
    """All that the archive keeps of a document."""
    from archiver import rows as tables

    if isinstance(found, Failure):
        if found.capture:
            return tables.unchanged(found.capture, options.read_at)
        return tables.failed(asdict(replace(found, more=())), options.read_at)
    is_itself = isinstance(source, Source) and found.document.source == source.name
    stamp = source.stamp if is_itself and isinstance(source, Source) else None
    return tables.rows(found, options.read_at, options.bodies, stamp)


def _read(options: Options, shape: Shape, source: Source) -> Iterator[tuple[Result, ...]]:
    """Documents of a page or a container, the empty ones of a container left out."""
    sieve = prefilter.sieve(plugins.platforms(), options.links)
    quoting = 0
    ready: list[Result] = []
    try:
        for found in readers.open(source, options.limit, partial(_fetcher, options), sieve, options.wanted):
            if isinstance(found, Container):
                ready.append(_of_part(source, found, quoting))
                continue
            result = _looked_at(options, shape, source, found)
            quoting += result is not None and result.quotes > 0
            ready += [result] if result else []
            if len(ready) >= _CHUNK:
                yield tuple(ready)
                ready = []
    except MemoryError:
        failure = Failure(source.name, "too large for the memory of this machine")
        ready.append(_result(options, shape, source, failure))
    except _BUGS as error:
        ready.append(_bug(options, shape, source, Failure(source.name, ""), error))
    yield tuple(ready)


def _looked_at(options: Options, shape: Shape, source: Source, found: Document | Failure) -> Result | None:
    """The result of a document; None for a record of a container in which there is nothing."""
    if isinstance(found, Failure):
        return _result(options, shape, source, found)
    try:
        made = extract_document(found, plugins.platforms(), options.links, sparing=_is_record(found))
        if options.metadata == metadata.FULL:
            made = in_full(made, found.captured_at or options.read_at)
        if _is_record(found) and not (made.quotes or made.notes):
            return None
        other = None if made.quotes or _is_record(found) else readers.stand_in(found)
        if other:
            failure = readers.failure(found, f"{other.name} stands in the place of the article")
            return _result(options, shape, source, failure)
        return _result(options, shape, source, made)
    except _BUGS as error:
        if not _is_record(found):
            raise
        known = Failure(
            found.source, "", url=found.url, origin=found.container, captured_at=found.captured_at
        )
        return replace(_bug(options, shape, source, known, error), record=True)


def _bug(options: Options, shape: Shape, source: Source, known: Failure, error: BaseException) -> Result:
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(place.filename)}:{place.lineno}"
    failure = replace(known, reason=f"a bug in archiver: {type(error).__name__} at {where}; please report it")
    return replace(_result(options, shape, source, failure), trace=traceback.format_exc())


@cache
def _fetcher(options: Options) -> Fetcher:
    from archiver.fetch import Fetcher

    return Fetcher(manners=options.manners, limit=options.limit)


def _result(options: Options, shape: Shape, source: Source | Failure, found: Extraction | Failure) -> Result:
    data = shape(options, source, found)
    if isinstance(found, Failure):
        return Result(
            found.source,
            found.outcome,
            found.reason or None,
            found.quotes,
            data,
            minor=found.minor,
            records=found.records,
            more=found.more,
        )
    is_record = _is_record(found.document)
    outcome = "kept" if found.quotes else "empty"
    return Result(found.document.source, outcome, None, len(found.quotes), data, record=is_record)


def _is_record(document: Document) -> bool:
    """Whether it is one of many that a file holds; a page that was fetched and recorded is not."""
    return document.container is not None and not document.recorded


def _of_part(source: Source, found: Container, quoting: int) -> Result:
    """The result of a container, or of a part of it; its rows are made when all of it is known."""
    last = source.span[1] if source.span else None
    whole = Sum(
        found.source,
        found.records,
        found.articles,
        quoting,
        dict(found.left_out),
        tuple((trouble.place, trouble.why) for trouble in found.troubles),
        None if last is None else max(found.end, last),
        found.broken_off,
    )
    return Result(source.name, whole.outcome, whole.trouble, sum=whole, first=found.first)
