"""What need not be read again, and the sums of what is read in parts: the archive is asked by a file's size,
its time of change and the options that decide what is found in it."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, replace
from typing import Any, Protocol

from archiver import metadata, readers, rows
from archiver.extraction import EXTRACTOR_VERSION
from archiver.readers import Failure, Source
from archiver.sums import Sum, left_out
from archiver.work import Options, Result

__all__ = ["Archive", "Ledger"]

_SAMPLE = 64 * 1024

Again = Callable[[Source], Iterable[tuple[Result, ...]]]


class Archive(Protocol):
    """What is asked of an archive."""

    def known(self, source: str, stamp: str) -> dict[str, Any] | None: ...
    def seen_again(self, capture: dict[str, Any], read_at: str) -> None: ...


class Ledger:
    """Sources -> the parts of them that are still to be read; results of parts -> results of sources.
    ``archive`` None: nothing is known, nothing is kept."""

    def __init__(self, archive: Archive | None, options: Options) -> None:
        self._archive = archive
        self._options = options
        self._sums: dict[str, Sum] = {}
        self._before: dict[str, int] = {}
        self._keys: dict[str, str] = {}

    def wanted(self, sources: Iterable[Source | Failure]) -> Iterator[Source | Failure | Result]:
        """What is to be read, large web archives in parts; a Result for what is known."""
        for source in sources:
            if isinstance(source, Failure):
                yield source
                continue
            stamp = self._stamp(source)
            known = self._archive.known(source.name, stamp) if self._archive and stamp else None
            if known and known["record_offset"] is None and known["outcome"] != "failed":
                yield self._known(source, known)
                continue
            begin = known["record_offset"] if known and known["record_offset"] else 0
            self._sums[source.name] = _before(source.name, known) if begin and known else Sum(source.name)
            self._before[source.name] = self._sums[source.name].articles
            yield from readers.parts(replace(source, stamp=stamp), begin)

    def summed(
        self, found: Iterable[tuple[Source | Failure | Result, tuple[Result, ...]]], again: Again
    ) -> Iterator[Result]:
        """The results, each part of a container with the sum up to it. A part that does not begin where the
        one before it ended is read ``again`` from there."""
        waiting: list[Result] = []
        for item, results in found:
            if not isinstance(item, Source) or item.span is None:
                yield from (self._whole(item, result) for result in results)
                continue
            if self._sums[item.name].broken_off:  # what follows has no place to go on from
                yield from (result for result in results if result.sum is None)
                continue
            waiting += results
            if waiting and waiting[-1].sum is not None:
                yield from self._part(item, waiting, again)
                waiting = []
        yield from waiting

    def _part(self, item: Source, results: list[Result], again: Again) -> Iterator[Result]:
        before = self._sums[item.name].end or 0
        last = item.span[1] if item.span else None
        if last is not None and before >= last:
            return
        if not item.exact and before and results[-1].first != before:
            exact = replace(item, span=(before, last), exact=True)
            results = [result for chunk in again(exact) for result in chunk]
        yield from (self._whole(item, result) for result in results)

    def _whole(self, item: Source | Failure | Result, result: Result) -> Result:
        """A container's result with all that came before, and its rows."""
        if result.sum is None or not isinstance(item, Source):
            return result
        whole = self._sums.get(item.name, Sum(item.name)).plus(result.sum)
        self._sums[item.name] = whole
        data: Any = []
        if self._archive is not None:
            row = {**asdict(whole), "outcome": whole.outcome, "reason": whole.reason}
            data = rows.container(row, self._key(item, whole), item.stamp, self._options.read_at)
        size = _size(item.name) or 1
        share = (result.sum.end - item.span[0]) / size if item.span and result.sum.end else 1.0
        told = replace(
            result,
            outcome=whole.outcome,
            reason=whole.trouble or whole.hint,
            data=data,
            sum=whole,
            share=share,
        )
        return replace(told, before=self._before.get(item.name, 0))

    def _key(self, item: Source, whole: Sum) -> str:
        """What a container holds, in short, as it was when it was opened: it may grow while it is read."""
        sampled = self._keys.get(item.name) or _sampled(item)
        if sampled is None:  # a pipe: what came out of it
            return f"{item.url or item.name} {whole.records} {whole.articles} {whole.quoting}"
        self._keys[item.name] = sampled
        return sampled

    def _known(self, source: Source, known: dict[str, Any]) -> Result:
        if self._archive is not None:
            self._archive.seen_again(known, self._options.read_at)
        whole = None
        if known["records"] is not None:
            whole = _before(source.name, known)
        before = whole.articles if whole else 0
        return Result(source.name, "unchanged", None, known["quotes"], sum=whole, before=before)

    def _stamp(self, source: Source) -> str | None:
        """By what a file is known again; None for what is no file."""
        if source.is_address or source.body is not None or source.name == "-":
            return None
        try:
            known = os.stat(source.name)
        except (OSError, ValueError):
            return None
        if not stat.S_ISREG(known.st_mode):
            return None
        options = self._options
        ways = [source.kind, source.url, "links" * options.links, "lean" * (not options.bodies)]
        ways.append("full metadata" * (options.metadata == metadata.FULL))
        told = [str(known.st_size), str(known.st_mtime_ns), str(options.limit), EXTRACTOR_VERSION]
        return " ".join([*told, *filter(None, ways)])


def _before(name: str, known: dict[str, Any]) -> Sum:
    """What an earlier run has read of a container."""
    return Sum(
        name,
        known["records"],
        known["articles"],
        known["quoting"],
        left_out(known["reason"]),
        known["troubles"],
        known["record_offset"],
    )


def _size(name: str) -> int | None:
    try:
        return os.stat(name).st_size
    except (OSError, ValueError):
        return None


def _sampled(item: Source) -> str | None:
    """The size of a file and samples of it; None where it is none, or is there no longer."""
    if item.body is not None:
        return None
    size = int(item.stamp.partition(" ")[0]) if item.stamp else _size(item.name)
    if size is None:
        return None
    digest = hashlib.sha256()
    try:
        with open(item.name, "rb") as file:
            for at in (0, size // 2, max(0, size - _SAMPLE)):
                file.seek(at)
                digest.update(file.read(min(_SAMPLE, size - at)))
    except OSError:
        return None
    return f"{size} {digest.hexdigest()}"
