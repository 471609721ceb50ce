"""Sources to a pool of workers to one writer. Errors of a source are caught here, and only here."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timezone
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from archiver import readers
from archiver.errors import ArchiverError
from archiver.extraction import extract as extract_document
from archiver.manners import Manners
from archiver.model import Document, Extraction
from archiver.pool import ordered
from archiver.readers import Failure, Line, Source, Visit

if TYPE_CHECKING:
    from archiver.fetch import Fetcher
    from archiver.store import Store

__all__ = ["Options", "Result", "add", "default_jobs", "extract", "now", "sources"]

_FEW = 8
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
    """How sources are read. ``links``: citations in prose too; ``bodies``: keep the articles; ``limit``:
    largest body in bytes; ``manners``: towards web servers; ``again``: read pages again that are as they
    were on the last visit; ``wanted``: of feeds and sitemaps; ``read_at``: UTC ISO 8601 with ``Z``."""

    links: bool = False
    bodies: bool = True
    limit: int = readers.LIMIT
    manners: Manners = field(default_factory=Manners)
    again: bool = False
    wanted: readers.Wanted = field(default_factory=readers.Wanted)
    read_at: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one document. ``outcome``: that of a capture; ``reason`` where it failed or held
    nothing (``minor``: as was to be expected); ``quotes`` their number; ``data`` the records or the
    rows; ``trace`` of a bug of ours; ``records``: how many articles a feed or
    sitemap named, ``more`` those of them that are still to be read."""

    source: str
    outcome: str
    reason: str | None = None
    quotes: int = 0
    data: Any = None
    trace: str | None = None
    minor: bool = False
    records: int | None = None
    more: tuple[Source, ...] = ()


def now() -> str:
    """The time as UTC ISO 8601 with ``Z``: that of ARCHIVER_NOW where it is set. ArchiverError where
    that is no time."""
    fixed = os.environ.get("ARCHIVER_NOW")
    if not fixed:
        return _stamp(datetime.now(timezone.utc))
    try:
        moment = datetime.fromisoformat(fixed.strip().replace("Z", "+00:00"))
    except ValueError:
        raise ArchiverError(f"ARCHIVER_NOW is no time: {fixed}; write it as 2026-01-31T12:00:00Z") from None
    return _stamp(moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc))


def _stamp(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def default_jobs(sources: int) -> int:
    """One process for a few sources, else one a core."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return 1 if sources < _FEW else cores


def sources(
    names: Sequence[str],
    list_file: str | None = None,
    *,
    kind: str | None = None,
    url: str | None = None,
    limit: int = readers.LIMIT,
    skip: Iterable[str] = (),
) -> list[Source | Failure]:
    """Everything that is to be read: what was named, what a list names, folders file by file (without
    the paths in ``skip``), standard input read. ArchiverError where the list cannot be read."""
    named = list(names)
    if list_file is not None:
        named += readers.named_in(list_file, sys.stdin.buffer.read)
    found = readers.expand(named, kind=kind, url=url, skip=skip)
    return [_with_input(source, limit) for source in found]


def _with_input(source: Source | Failure, limit: int) -> Source | Failure:
    if isinstance(source, Failure) or source.name != "-":
        return source
    return replace(source, body=sys.stdin.buffer.read(limit + 1))


def extract(sources: Iterable[Source | Failure], options: Options, jobs: int) -> Iterator[Result]:
    """A Result for each document, in order; ``data`` is the list of its quotes as records."""
    return _results(sources, options, jobs, _records)


def add(path: str, sources: Iterable[Source | Failure], options: Options, jobs: int) -> Iterator[Result]:
    """Writes each document to the archive at ``path`` as it is read; a Result for each that is
    written. ArchiverError where the archive cannot be opened or written."""
    from archiver.store import Store

    with Store(path) as store:
        ready = _as_it_is if options.again else partial(_with_visit, store)
        for result in _results(sources, options, jobs, _rows, ready):
            yield replace(result, outcome=store.save(result.data) or result.outcome, data=None)


def _as_it_is(source: Source | Failure) -> Source | Failure:
    return source


def _with_visit(store: Store, source: Source | Failure) -> Source | Failure:
    """A web address with what its last visit was told."""
    if isinstance(source, Failure) or not source.is_address:
        return source
    visit = store.visit(source.name)
    return replace(source, visit=Visit(**visit)) if visit else source


def _results(
    sources: Iterable[Source | Failure],
    options: Options,
    jobs: int,
    shape: Callable[[Options, Extraction | Failure], Any],
    ready: Callable[[Source | Failure], Source | Failure] = _as_it_is,
) -> Iterator[Result]:
    if options.manners.warc:
        from archiver.fetch import prepare

        prepare(options.manners.warc)
    work = partial(_read, options, shape)
    line = Line(ready, spread=jobs > 1)
    line.extend(sources)
    for results in ordered(work, line, jobs, partial(_lost, options, shape)):
        for result in results:
            line.extend(result.more)
            yield replace(result, more=())


def _read(
    options: Options, shape: Callable[[Options, Extraction | Failure], Any], source: Source | Failure
) -> tuple[Result, ...]:
    """One source, in whatever process."""
    if isinstance(source, Failure):
        return (_result(options, shape, source),)
    try:
        return tuple(
            _result(options, shape, _extracted(found, options.links))
            for found in readers.open(source, options.limit, partial(_fetcher, options), options.wanted)
        )
    except MemoryError:
        return (_result(options, shape, Failure(source.name, "too large for the memory of this machine")),)
    except _BUGS as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{os.path.basename(place.filename)}:{place.lineno}"
        failure = Failure(
            source.name, f"a bug in archiver: {type(error).__name__} at {where}; please report it"
        )
        return (replace(_result(options, shape, failure), trace=traceback.format_exc()),)


def _lost(
    options: Options,
    shape: Callable[[Options, Extraction | Failure], Any],
    source: Source | Failure,
    why: str,
) -> tuple[Result, ...]:
    """What is recorded of a source whose process died."""
    name = source.source if isinstance(source, Failure) else source.name
    return (_result(options, shape, Failure(name, why)),)


@cache
def _fetcher(options: Options) -> Fetcher:
    from archiver.fetch import Fetcher

    return Fetcher(manners=options.manners, limit=options.limit)


def _extracted(found: Document | Failure, links: bool) -> Extraction | Failure:
    """The quotes of a document; a page of another kind in its place is a failure, not an article without
    quotes."""
    if isinstance(found, Failure):
        return found
    extraction = extract_document(found, links=links)
    other = None if extraction.quotes else readers.stand_in(found)
    return readers.failure(found, f"{other.name} stands in the place of the article") if other else extraction


def _result(
    options: Options, shape: Callable[[Options, Extraction | Failure], Any], found: Extraction | Failure
) -> Result:
    data = shape(options, found)
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
    outcome = "kept" if found.quotes else "empty"
    return Result(found.document.source, outcome, None, len(found.quotes), data)


def _records(_options: Options, found: Extraction | Failure) -> list[dict[str, Any]]:
    from archiver import rows

    return [] if isinstance(found, Failure) else [rows.record(found, quote) for quote in found.quotes]


def _rows(options: Options, found: Extraction | Failure) -> dict[str, list[dict[str, Any]]]:
    from archiver import rows

    if isinstance(found, Failure):
        if found.capture:
            return rows.unchanged(found.capture, options.read_at)
        return rows.failed(asdict(replace(found, more=())), options.read_at)
    return rows.rows(found, options.read_at, options.bodies)
