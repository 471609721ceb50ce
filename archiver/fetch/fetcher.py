"""Fetching a page: turns, rules, redirects, further tries, and the archived copy where it is gone."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from http.client import HTTPException
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from archiver import __version__
from archiver.fetch.answers import Limits, Terms, hear_out, page_of, redirect_of
from archiver.fetch.guard import CONNECT, Guard, Resolve, is_public, look_up
from archiver.fetch.page import FetchError, Known, Page
from archiver.fetch.parts import part_of
from archiver.fetch.queues import Queue, Turn
from archiver.fetch.reasons import READ, is_passing, reason
from archiver.fetch.robots import LARGEST, Robots
from archiver.fetch.sessions import session
from archiver.fetch.warc import Tape
from archiver.fetch.watch import Watch
from archiver.manners import Manners

__all__ = ["DEADLINE", "LIMIT", "Fetcher"]

DEADLINE = 60.0
"""Seconds for one page with all redirects and tries; waiting for a turn at the host does not count."""

LIMIT = 50_000_000
_PAUSES = (1.0, 2.0, 4.0)
_LONGEST_PAUSE = 30.0
_ROBOTS_DEADLINE = 15.0
_ROBOTS_REQUESTS = 6
_ANSWER, _ASKED, _ASKED_AGAIN = 10_000_000, 6, 3
_RAW_MEMENTO = re.compile(r"/(\d{14})/(?=https?:)", re.IGNORECASE)


class Fetcher:
    """Fetches pages.

    ``resolve`` and ``allow`` are the address guard: ``allow`` is asked for each address that a host
    resolves to, at the moment of connecting, and nothing but this argument opens it.
    """

    def __init__(
        self,
        resolve: Resolve | None = None,
        allow: Callable[[str], bool] = is_public,
        *,
        manners: Manners | None = None,
        limit: int = LIMIT,
        deadline: float = DEADLINE,
    ) -> None:
        self.guard = Guard(resolve or look_up, allow)
        self.manners = manners or Manners()
        self.limits = Limits(limit)
        self.queue = Queue(self.manners.delay, self.manners.per_host)
        self.tape = Tape(self.manners.warc)
        self.robots = Robots(self._robots_txt)
        self.parked: dict[str, float] = {}
        self._deadline = deadline
        about = f"; contact: {self.manners.contact}" if self.manners.contact else ""
        self.headers = {
            "User-Agent": f"archiver/{__version__} (preserves the social posts that articles quote{about})",
            "Accept": "text/html,application/xhtml+xml,text/plain;q=0.9,*/*;q=0.5",
            "Accept-Encoding": "gzip, deflate",
        }

    def get(self, url: str, known: Known | None = None, near: str | None = None) -> Page:
        """The page at an address, redirects followed; status 304 where it is as ``known``. Where it is
        gone, and mementos are asked for, the one nearest to ``near`` (HTTP date; else the newest).
        FetchError where it cannot be had whole."""
        with Watch(self._deadline) as watch, self._session(watch) as asking:
            errand = _Errand(self, watch, asking, self.limits)
            try:
                return errand.run(url, Terms(known=known))
            except FetchError as error:
                if not error.gone or self.manners.timegate is None:
                    raise
                return errand.memento(self.manners.timegate, url, near, error)

    def part(self, url: str, first: int, last: int, before: Page | None = None) -> Page:
        """The bytes of a file from ``first`` to ``last`` or to its end, as the body of a Page with ``part``;
        all of it where the server gives no parts and it is not too large. ``before``: another part of the
        same file. FetchError where it cannot be had, or is not the same file any more."""
        with Watch(self._deadline) as watch, self._session(watch) as asking:
            errand = _Errand(self, watch, asking, self.limits)
            return errand.run(url, Terms(span=(first, last), part_of=before))

    def ask(self, url: str, *, robots: bool = True, followed: bool = True, limit: int = _ANSWER) -> Page:
        """The answer of an address, whatever its status and type, with its body; a redirect as it is
        where not ``followed``. ``robots`` False: the address is made for programs. FetchError where there
        is none, or it is larger than ``limit`` bytes, or the server is busy, or refuses for now."""
        limits = Limits(limit, any_type=True, requests=_ASKED, tries=_ASKED_AGAIN)
        with Watch(self._deadline) as watch, self._session(watch) as asking:
            terms = Terms(any_status=True, followed=followed, robots=robots)
            return _Errand(self, watch, asking, limits).run(url, terms)

    def archived(self, url: str, near: str | None, gone: FetchError) -> Page:
        """The memento of a page that says itself that it is gone; ``gone`` where there is none, or none
        is asked for."""
        if self.manners.timegate is None:
            raise gone
        with Watch(self._deadline) as watch, self._session(watch) as asking:
            errand = _Errand(self, watch, asking, self.limits)
            return errand.memento(self.manners.timegate, url, near, gone)

    def _robots_txt(self, url: str) -> bytes:
        with Watch(_ROBOTS_DEADLINE) as watch, self._session(watch) as asking:
            limits = Limits(LARGEST, cut=True, any_type=True, requests=_ROBOTS_REQUESTS, tries=3)
            return _Errand(self, watch, asking, limits, is_for_rules=True).run(url, Terms()).body

    def _session(self, watch: Watch) -> requests.Session:
        return session(lambda host, port: self.guard.connect(host, port, watch), self.headers, self.tape)


class _Errand:
    """One page: what was asked so far, and what is left of time and patience."""

    def __init__(
        self,
        fetcher: Fetcher,
        watch: Watch,
        asking: requests.Session,
        limits: Limits,
        is_for_rules: bool = False,
    ) -> None:
        self._fetcher = fetcher
        self._watch = watch
        self._session = asking
        self._limits = limits
        self._is_for_rules = is_for_rules
        self._asked = self._failed = 0
        self._redirected: int | None = None

    def run(self, url: str, terms: Terms) -> Page:
        """The page at the end of all redirects."""
        found: Page | str = url
        while isinstance(found, str):
            host = _host(found)
            if self._is_for_rules:
                found = self._at_host(found, terms, host, Turn(0.0))
                continue
            with self._turn(host) as turn:
                found = self._at_host(found, terms, host, turn)
        return found

    def memento(self, timegate: str, url: str, near: str | None, gone: FetchError) -> Page:
        """The archived copy nearest to a date (RFC 7089), as it was archived where the archive gives
        that out; the reason for which it was looked for where there is none."""
        terms = Terms(near=near, is_memento=True)
        try:
            found = self.run(timegate + url, terms)
            raw = _RAW_MEMENTO.sub(r"/\1id_/", found.memento or "", count=1)
            if raw != found.memento:
                found = self._either(raw, terms, found)
        except FetchError as error:
            raise gone.because(f"{gone}; {_host(timegate)}: {error}") from error
        return replace(found, url=url)

    def _either(self, url: str, terms: Terms, other: Page) -> Page:
        try:
            return self.run(url, terms)
        except FetchError:
            return other  # an archive that has no such addresses

    @contextmanager
    def _turn(self, host: str) -> Iterator[Turn]:
        parked = self._fetcher.parked.get(host, 0.0) - time.monotonic()
        if parked > 0:
            raise FetchError(f"{host} has asked us to stay away for another {parked:.0f} s: try again later")
        with ExitStack() as held:
            with self._watch.paused():
                turn = held.enter_context(self._fetcher.queue.turn(host))
            yield turn

    def _at_host(self, url: str, terms: Terms, host: str, turn: Turn) -> Page | str:
        """The page, or the address at another host that it redirects to."""
        found: Page | str = url
        while isinstance(found, str) and _host(found) == host:
            if self._watch.over:
                raise FetchError(self._watch.reason, url=found)
            if self._fetcher.manners.robots and terms.robots and not self._is_for_rules:
                turn.delay = max(turn.delay, self._fetcher.robots.check(found))
            found = self._with_patience(found, terms, host)
        return found

    def _with_patience(self, url: str, terms: Terms, host: str) -> Page | str:
        """As many tries as are sensible."""
        while True:
            try:
                return self._ask(url, terms)
            except FetchError as error:
                self._failed += 1
                if not error.again or self._failed >= self._limits.tries or self._watch.over:
                    raise
                pause = error.after if error.after is not None else _PAUSES[min(self._failed, 3) - 1]
                if pause > _LONGEST_PAUSE and error.after is not None:
                    self._fetcher.parked[host] = time.monotonic() + pause
                    why = f"{error}; it asks us to stay away for {pause:.0f} s: try again later"
                    raise error.because(why) from error
                if pause >= self._watch.left or self._asked >= self._limits.requests:
                    raise
                time.sleep(pause)

    def _ask(self, url: str, terms: Terms) -> Page | str:
        """One request: the page, or the address that it redirects to."""
        if self._asked >= self._limits.requests:
            reason_given = f"redirected without end: not there after {self._asked} requests"
            raise FetchError(reason_given, url=url, status=self._redirected)
        self._asked += 1
        tape = self._fetcher.tape
        try:
            with tape.running(url):
                found = self._answer(url, terms)
        except FetchError as error:
            error.record = error.record or tape.record
            raise
        except (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException) as error:
            raise self._trouble(error, url) from error
        except (OSError, ValueError) as error:
            raise self._trouble(error, url) from error
        return found if isinstance(found, str) else replace(found, record=tape.record)

    def _answer(self, url: str, terms: Terms) -> Page | str:
        written = self._session.prepare_request(requests.Request("GET", url)).url
        headers = terms.headers(written or url)
        with self._session.get(
            url, headers=headers, allow_redirects=False, stream=True, timeout=(CONNECT, READ)
        ) as answer:
            target = self._session.get_redirect_target(answer)
            if target is None:
                made = part_of if terms.span else page_of
                return made(answer, terms, self._limits, self._watch, self._fetcher.tape)
            self._redirected = answer.status_code
            if not terms.followed:
                hear_out(answer, self._watch, self._fetcher.tape)
                return redirect_of(answer, _web_address(urljoin(answer.url, target), url))
            hear_out(answer, self._watch, self._fetcher.tape)
            return _web_address(urljoin(answer.url, target), url)

    def _trouble(self, error: Exception, url: str) -> FetchError:
        return FetchError(reason(error, self._watch), url=url, again=is_passing(error))


def _web_address(url: str, before: str) -> str:
    if urlsplit(url).scheme.lower() not in ("http", "https"):
        raise FetchError(f"leads to {url[:200]}, which is no web address: not followed", url=before)
    return url


def _host(url: str) -> str:
    """The host of an address, in lower case. FetchError where it is no web address."""
    try:
        host = urlsplit(_web_address(url, url)).hostname
    except ValueError:
        host = None
    if not host:
        raise FetchError("not a valid web address", url=url)
    return host.rstrip(".")
