"""One run of what keeps an archive alive: new articles in, old posts asked about when they are due, a look
for what is missing, a short report. Nothing stays running; the next run takes up what one left."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from archiver import run, schedule
from archiver.errors import ArchiverError
from archiver.fetch import Fetcher, prepare
from archiver.later import Later
from archiver.life import Answer, Asker, before, check
from archiver.life import Wanted as Asked
from archiver.platform import Platform
from archiver.readers import Wanted
from archiver.rescue import Archives, Search, rescue
from archiver.rescue import Wanted as Lacking
from archiver.verdicts import GONE
from archiver.watching import Feed, Plan

if sys.platform != "win32":
    import fcntl

__all__ = ["Report", "watch"]

_SAVE_DELAY = 12.0
_LAST_RESCUE = "rescue"


@dataclass(slots=True)
class Report:
    """What a run did. ``failed``: sources with their reasons; ``gone`` and ``back``: posts whose state is
    another now; ``left``: hosts that refused; ``late``: there was no time for all; ``busy``: another run
    was still going on, and nothing was done."""

    articles: int = 0
    quotes: int = 0
    unchanged: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    gone: list[Answer] = field(default_factory=list)
    back: list[Answer] = field(default_factory=list)
    rescued: Counter[str] = field(default_factory=Counter)
    left: list[str] = field(default_factory=list)
    late: bool = False
    busy: bool = False


def watch(
    plan: Plan,
    platforms: Sequence[Platform],
    getter: Callable[[Any], Fetcher] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Report:
    """Does what is due now. ``getter`` makes a fetcher of manners. ArchiverError where the archive cannot be
    opened or written."""
    make = getter or (lambda manners: Fetcher(manners=manners))
    report = Report()
    with _alone(plan.path) as memory:
        if memory is None:
            report.busy = True
            return report
        end = clock() + plan.minutes * 60
        if plan.manners.warc:
            prepare(plan.manners.warc)
        for feed in plan.feeds:
            if _is_due(memory, feed.source, feed.every) and not _is_late(report, clock, end):
                _read(plan, feed, report)
                _note(memory, plan.path, feed.source)
        if Path(plan.archive).exists():
            _ask(plan, platforms, make, report, lambda: _is_late(report, clock, end))
            if plan.rescues and _is_due(memory, _LAST_RESCUE, timedelta(hours=1)):
                _rescue(plan, platforms, make, report, lambda: _is_late(report, clock, end))
                _note(memory, plan.path, _LAST_RESCUE)
    return report


def _read(plan: Plan, feed: Feed, report: Report) -> None:
    now = run.now()
    since = before(now, feed.since)[:10] if isinstance(feed.since, timedelta) else feed.since
    wanted = Wanted(since, feed.match)
    options = run.Options(links=feed.links, manners=plan.manners, wanted=wanted, read_at=now)
    own = [plan.archive + end for end in ("", "-wal", "-shm", "-journal")]
    for result in run.add(plan.archive, run.sources([feed.source], skip=own), options, 1):
        if result.outcome == "failed":
            report.failed.append((result.source, result.reason or ""))
        elif result.outcome == "unchanged":
            report.unchanged += result.records is None
        elif result.records is None:
            report.articles += 1
            report.quotes += result.quotes


def _ask(
    plan: Plan,
    platforms: Sequence[Platform],
    make: Callable[[Any], Fetcher],
    report: Report,
    is_late: Callable[[], bool],
) -> None:
    if not plan.checks or is_late():
        return
    now = run.now()
    with Later(plan.archive) as later:
        keys = tuple(schedule.due(later.due(now, None, now), now, plan.schedule, plan.checks))
    asker = Asker(make(plan.manners), dict(plan.instead))
    if not keys:
        return
    for answer in check(plan.archive, Asked(older_than=timedelta(0), posts=keys), asker, platforms, run.now):
        if answer.left:
            continue
        report.asked[str(answer.state)] += 1
        if answer.state in GONE and answer.before not in GONE:
            report.gone.append(answer)
        elif answer.state == "live" and answer.before in GONE:
            report.back.append(answer)
        if is_late():
            break
    report.left += asker.left.values()


def _rescue(
    plan: Plan,
    platforms: Sequence[Platform],
    make: Callable[[Any], Fetcher],
    report: Report,
    is_late: Callable[[], bool],
) -> None:
    if is_late():
        return
    fetcher, instead = make(plan.manners), dict(plan.instead)
    saver = make(replace(plan.manners, delay=max(_SAVE_DELAY, plan.manners.delay))) if plan.save else None
    search = Search(Archives(fetcher, instead=instead, saver=saver), Asker(fetcher, instead), run.now())
    search.folder = plan.media
    wanted = Lacking(older_than=plan.rescue_every, limit=plan.rescues, files=bool(plan.media), save=plan.save)
    for result in rescue(plan.archive, wanted, search, platforms):
        report.rescued.update(result.found)
        if is_late():
            break
    report.left += search.archives.left.values()


def _is_late(report: Report, clock: Callable[[], float], end: float) -> bool:
    report.late = report.late or clock() > end
    return report.late


def _is_due(memory: dict[str, str], name: str, every: timedelta) -> bool:
    """Whether something was last done long enough ago, by a clock that did not run ahead."""
    last, now = memory.get(name), run.now()
    return last is None or last <= before(now, every) or last > now


def _note(memory: dict[str, str], path: str, name: str) -> None:
    """Remembers that something was done now, whole or not at all."""
    memory[name] = run.now()
    place = f"{path}.state"
    try:
        Path(f"{place}.new").write_text(json.dumps(memory, indent=1, sort_keys=True), "utf-8")
        os.replace(f"{place}.new", place)
    except OSError as error:
        raise ArchiverError(f"{place}: cannot be written: {error.strerror or error}") from error


@contextmanager
def _alone(path: str) -> Iterator[dict[str, str] | None]:
    """What earlier runs remember; None where another run is going on."""
    try:
        file = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise ArchiverError(f"{path}.lock: cannot be written: {error.strerror or error}") from error
    try:
        if sys.platform != "win32":
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield None
                return
        yield _memory(f"{path}.state")
    finally:
        os.close(file)


def _memory(place: str) -> dict[str, str]:
    """What is remembered; nothing where that is damaged: then all is due."""
    try:
        told = json.loads(Path(place).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(value) for name, value in told.items()} if isinstance(told, dict) else {}
