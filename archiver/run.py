"""Sources to a pool of workers to one writer."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from functools import partial
from typing import TYPE_CHECKING

from archiver import readers, work
from archiver.errors import ArchiverError
from archiver.ledger import Ledger
from archiver.pool import ordered
from archiver.readers import Failure, Line, Source, Visit
from archiver.work import Options, Result

if TYPE_CHECKING:
    from archiver.store import Store

__all__ = ["Options", "Result", "add", "default_jobs", "extract", "now", "sources"]

_FEW = 8
_MUCH = 64_000_000
_BATCH, _BATCH_SECONDS = 1000, 0.5


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


def default_jobs(found: Sequence[Source | Failure]) -> int:
    """One process for a few small sources, else one a core."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    is_little = len(found) < _FEW and sum(map(_size, found)) < _MUCH
    return 1 if is_little else cores


def _size(source: Source | Failure) -> int:
    if isinstance(source, Failure) or source.is_address or source.body is not None:
        return 0
    try:
        return os.stat(source.name).st_size
    except (OSError, ValueError):
        return 0


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
    try:
        body, goes_on = readers.piped(sys.stdin.buffer, limit)
    except OSError as error:
        return Failure("-", f"standard input cannot be read: {error.strerror or error}")
    return replace(source, body=body, piped=goes_on)


def extract(sources: Iterable[Source | Failure], options: Options, jobs: int) -> Iterator[Result]:
    """A Result for each document, in order; ``data`` is the list of its quotes as records."""
    yield from _results(sources, options, jobs, work.records, Ledger(None, options))


def add(path: str, sources: Iterable[Source | Failure], options: Options, jobs: int) -> Iterator[Result]:
    """Writes what is read to the archive at ``path``, many documents at a time; a Result for each that is
    written. What is known of a file that has not changed is not read again. ArchiverError where the archive
    cannot be opened or written."""
    from archiver.store import Store

    with Store(path) as store:
        for batch in _batches(_results(sources, options, jobs, work.rows, Ledger(store, options), store)):
            new = [result for result in batch if result.data is not None]
            outcomes = iter(store.save_all([result.data for result in new]) if new else ())
            for result in batch:
                written = next(outcomes) if result.data is not None else None
                lasting = result.outcome in ("failed", "partial")  # what fails again fails, as it did before
                outcome = result.outcome if lasting else written or result.outcome
                yield replace(result, outcome=outcome, data=None)


def _batches(results: Iterable[Result]) -> Iterator[list[Result]]:
    """Results together that are written together: many where they come fast. No source is cut in two but
    one that goes on and on."""
    batch: list[Result] = []
    begun = time.monotonic()
    for result in results:
        batch.append(result)
        late = time.monotonic() - begun > _BATCH_SECONDS
        if (late and not result.record) or len(batch) >= _BATCH:
            yield batch
            batch, begun = [], time.monotonic()
    if batch:
        yield batch


def _results(
    sources: Iterable[Source | Failure],
    options: Options,
    jobs: int,
    shape: work.Shape,
    ledger: Ledger,
    store: Store | None = None,
) -> Iterator[Result]:
    if options.manners.warc:
        from archiver.fetch import prepare

        prepare(options.manners.warc)
    given = list(sources)
    if any(isinstance(source, Source) and source.piped for source in given):
        jobs = 1  # only this process has the pipe
    visited = None if options.again else store
    line = Line(lambda source: ledger.wanted([_with_visit(source, visited)]), spread=jobs > 1)
    line.extend(given)
    read = partial(work.read, options, shape)
    found = ordered(read, line, jobs, partial(work.lost, options, shape))
    yield from ledger.summed(_followed(found, line), read)


def _followed(
    found: Iterable[tuple[Source | Failure | Result, tuple[Result, ...]]],
    line: Line[Source | Failure | Result],
) -> Iterator[tuple[Source | Failure | Result, tuple[Result, ...]]]:
    """The same, while the addresses that a list names join the line."""
    for item, results in found:
        for result in results:
            line.extend(result.more)
        yield item, tuple(replace(result, more=()) for result in results)


def _with_visit(source: Source | Failure, store: Store | None) -> Source | Failure:
    """A web address with what its last visit was told."""
    if isinstance(source, Failure) or not source.is_address or store is None:
        return source
    visit = store.visit(source.name)
    return replace(source, visit=Visit(**visit)) if visit else source
