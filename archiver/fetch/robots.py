"""robots.txt, by RFC 9309: what a host forbids, how fast it wants to be asked, and what its silence means."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from protego import Protego

from archiver.fetch.page import FetchError

__all__ = ["AGENT", "LARGEST", "Robots"]

AGENT = "archiver"
"""The name by which a robots.txt addresses us."""

LARGEST = 500 * 1024
"""How much of a robots.txt is read, in bytes: what the standard asks for at least."""

_LONGEST_DELAY = 30.0
_HOSTS = 5000
_KEPT, _KEPT_FAILURE = 24 * 3600.0, 300.0

Read = Callable[[str], bytes]


class Robots:
    """The rules of hosts, asked for once a day; for five minutes it is remembered that they could not be
    had. ``read`` gives the body of an address, FetchError where it cannot be had."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._known: dict[str, tuple[Protego | FetchError, float]] = {}

    def check(self, url: str) -> float:
        """The seconds that the host wants between two pages. FetchError where it forbids this one, or
        where it is not known whether it does."""
        parts = urlsplit(url)
        origin = f"{parts.scheme.lower()}://{parts.netloc.rpartition('@')[2].lower()}"
        rules, until = self._known.get(origin, (None, 0.0))
        if rules is None or time.monotonic() > until:
            if len(self._known) >= _HOSTS:
                self._known.clear()
            rules = self._rules(origin)
            kept = _KEPT_FAILURE if isinstance(rules, FetchError) else _KEPT
            self._known[origin] = (rules, time.monotonic() + kept)
        if isinstance(rules, FetchError):
            raise FetchError(str(rules), url=url, status=rules.status, again=rules.again, gone=rules.gone)
        if not rules.can_fetch(url, AGENT):
            raise FetchError(
                f"robots.txt of {parts.hostname} forbids it: not fetched (--no-robots decides otherwise)",
                url=url,
            )
        return min(rules.crawl_delay(AGENT) or 0.0, _LONGEST_DELAY)

    def _rules(self, origin: str) -> Protego | FetchError:
        """A host without the file allows all; one that fails, or says nothing, allows nothing."""
        try:
            return Protego.parse(self._read(f"{origin}/robots.txt").decode("utf-8-sig", "replace"))
        except FetchError as error:
            if error.status is not None and error.status < 500 and error.status != 429:
                return Protego.parse("")
            if error.status is None and not error.again:
                return error  # no such host, an address inside: so it is for the page too
            return FetchError(
                f"robots.txt cannot be read, so that it is not known what is forbidden ({error}): not fetched"
                " (--no-robots decides otherwise)",
                status=error.status,
            )
