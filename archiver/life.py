"""Asking whether quoted posts are still there: politely, one after another, every answer kept.

What an answer means is each platform's to say (a pure function); here is who is asked when, and when asking
ends: a host that refuses is left alone for the rest of the run.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

from archiver.fetch import Fetcher, FetchError
from archiver.later import Later, known_of
from archiver.platform import Platform
from archiver.verdicts import Known, Question, Reply, Verdict, unknown, weigh

__all__ = ["Answer", "Asker", "Wanted", "before", "check", "redirected"]

Row = dict[str, Any]

_MOST_REFUSALS = 3
_MOST_FAILURES = 5
_BUSY = frozenset((429, 503))
_LONGEST_REASON = 300
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which posts are asked about: of one ``platform``; those not asked about for a time
    (``older_than``); ``posts`` by their keys; at most ``limit``."""

    platform: str | None = None
    older_than: timedelta = _DAY
    limit: int | None = None
    posts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one post: its state now and before; ``left``: it was not asked about, and why."""

    post: str
    platform: str
    state: str | None
    before: str | None
    method: str | None = None
    http_status: int | None = None
    because: str | None = None
    left: bool = False


@dataclass(slots=True)
class Asker:
    """Asks, and remembers which hosts are to be left alone. ``instead``: other addresses for endpoints, a
    beginning of an address for another."""

    fetcher: Fetcher
    instead: Mapping[str, str] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    _refused: Counter[str] = field(default_factory=Counter)
    _failed: Counter[str] = field(default_factory=Counter)

    def verdicts(
        self, post: Known, platform: Platform
    ) -> tuple[dict[str, Verdict], dict[str, int | None], str | None]:
        """Method -> verdict and status, in the order of asking, up to one that settles it; and why nothing
        more is asked, where a host is left alone."""
        found: dict[str, Verdict] = {}
        statuses: dict[str, int | None] = {}
        why = None
        for question in platform.life.asking(post):
            host = _host(question.url)
            if host in self.left:
                why = self.left[host]
                continue
            verdict, status = self._ask(question, post, platform)
            found[question.method], statuses[question.method] = verdict, status
            if verdict.settled:
                break
        return found, statuses, why

    def _ask(self, question: Question, post: Known, platform: Platform) -> tuple[Verdict, int | None]:
        host = _host(question.url)
        try:
            page = self.fetcher.ask(redirected(question.url, self.instead), robots=not question.program)
        except FetchError as error:
            return self._trouble(host, error), error.status
        back = {there: here for here, there in self.instead.items()}
        reply = Reply(question.method, page.status, redirected(page.url, back), page.body, post)
        verdict = platform.life.verdict(reply)
        self._failed[host] = 0
        self._refused[host] = self._refused[host] + 1 if verdict.refused else 0
        if self._refused[host] >= _MOST_REFUSALS:
            self.left[host] = f"{host} refuses: {verdict.because}"
        return verdict, page.status

    def _trouble(self, host: str, error: FetchError) -> Verdict:
        """An answer that did not come: a host that is busy is left alone at once, one that fails soon."""
        self._failed[host] += 1
        busy = error.status in _BUSY or "stay away" in str(error)
        if busy or self._failed[host] >= _MOST_FAILURES:
            self.left[host] = f"{host}: {error}"
        return unknown(str(error), refused=busy)


def check(
    path: str,
    wanted: Wanted,
    asker: Asker,
    platforms: Sequence[Platform],
    now: Callable[[], str],
) -> Iterator[Answer]:
    """Asks about the posts of the archive at ``path`` and keeps every answer, post by post; an Answer for
    each, also for those that were left. ``now``: the time as UTC ISO 8601 with ``Z``."""
    by_name = {platform.name: platform for platform in platforms}
    with Later(path) as later:
        for key in _in_turn(_due(later, wanted, by_name, now())):
            row = later.post(key)
            yield _check(later, row, asker, by_name[row["platform"]], now)


def before(now: str, age: timedelta) -> str:
    """The time that lies ``age`` before another, both as UTC ISO 8601 with ``Z``."""
    moment = datetime.fromisoformat(now.replace("Z", "+00:00")) - age
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def redirected(url: str, instead: Mapping[str, str]) -> str:
    """An address with its beginning changed where another is wanted for it."""
    for here, there in instead.items():
        if url.startswith(here):
            return there + url[len(here) :]
    return url


def _check(later: Later, row: Row, asker: Asker, platform: Platform, now: Callable[[], str]) -> Answer:
    found, statuses, why = asker.verdicts(known_of(row), platform)
    if not found:
        return Answer(row["id"], row["platform"], row["state"], row["state"], because=why, left=True)
    at = now()
    checks = [
        {
            "post": row["id"],
            "checked_at": at,
            "method": method,
            "state": verdict.state,
            "http_status": statuses[method],
            "because": verdict.because[:_LONGEST_REASON],
        }
        for method, verdict in found.items()
    ]
    later.keep(at, {"checks": checks})
    best = weigh(found)
    method = next(name for name, verdict in found.items() if verdict == best)
    return Answer(
        row["id"], row["platform"], best.state, row["state"], method, statuses[method], best.because
    )


def _due(later: Later, wanted: Wanted, platforms: Mapping[str, Platform], now: str) -> list[tuple[str, str]]:
    """The posts to ask about, in order, each with the line that it stands in: its platform and host."""
    since = before(now, wanted.older_than)
    chosen = frozenset(wanted.posts)
    found = [
        (f"{row['platform']} {_host(row['url'] or '')}", row["id"])
        for row in later.due(since, wanted.platform, now)
        if (not chosen or row["id"] in chosen)
        and (platform := platforms.get(row["platform"]))
        and platform.life.asking(known_of(row))
    ]
    return found[: wanted.limit] if wanted.limit else found


def _in_turn(posts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Posts of different hosts in turn, so that none is waited for while another could be asked."""
    lines: dict[str, deque[str]] = {}
    for line, key in posts:
        lines.setdefault(line, deque()).append(key)
    while lines:
        for name in list(lines):
            yield lines[name].popleft()
            if not lines[name]:
                del lines[name]


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
