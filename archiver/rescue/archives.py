"""Web archives: which copies of an address they hold, what a copy shows, and asking them to make one.

What an archive says is checked before it is believed: the form of an address, whose copy it is, when it was
made. An archive that refuses is left alone for the rest of the run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from archiver import ids
from archiver.fetch import Fetcher, FetchError, Page
from archiver.life import redirected

__all__ = ["Archives", "Endpoints", "Memento", "stamp_of"]

_MEMENTO = re.compile(
    r"^https?://([^/?#]+)/(?:[\w-]{1,40}/){0,3}(\d{14})(?:[a-z]{2}_)?/(https?:/{1,2}\S+)$", re.IGNORECASE
)
_STAMP = re.compile(r"^\d{14}$")
_MARKED = re.compile(r"/(\d{14})[a-z]{2}_/")
_NO_DIGIT = re.compile(r"\D")
_FIELDS = "timestamp,original,mimetype,statuscode,digest"
_BUSY = frozenset((403, 429, 503, 509))
_MOST_FAILURES = 4


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where web archives are asked. ``timegates`` beside the first one are asked for single copies."""

    cdx: str = "https://web.archive.org/cdx/search/cdx"
    available: str = "https://archive.org/wayback/available"
    replay: str = "https://web.archive.org/web/"
    save: str = "https://web.archive.org/save/"
    timegates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Memento:
    """A copy that an archive says it holds: ``url`` is where people see it, ``original`` what it is of,
    ``archived_at`` UTC ISO 8601 with ``Z``."""

    archive: str
    url: str
    original: str
    archived_at: str
    media_type: str = ""
    status: str = ""


@dataclass(slots=True)
class Archives:
    """Asks web archives. ``instead``: other servers for endpoints, a beginning of an address for another;
    what is kept are the addresses of the archives themselves."""

    fetcher: Fetcher
    endpoints: Endpoints = field(default_factory=Endpoints)
    instead: Mapping[str, str] = field(default_factory=dict)
    saver: Fetcher | None = None
    left: dict[str, str] = field(default_factory=dict)
    _failed: dict[str, int] = field(default_factory=dict)

    def listed(self, url: str, limit: int, prefix: bool = False, redirects: bool = False) -> list[Memento]:
        """The copies of an address, or of all that begin with it, in order of time, each content once.
        FetchError where the archive does not say."""
        asked = {"url": url, "output": "json", "fl": _FIELDS, "limit": str(limit)}
        asked |= {"matchType": "prefix", "collapse": "urlkey"} if prefix else {"collapse": "digest"}
        asked["filter"] = "statuscode:(200|301|302)" if redirects else "statuscode:200"
        page = self.ask(f"{self.endpoints.cdx}?{urlencode(asked)}")
        rows = _rows(page)
        found = [self._listed(row, url, prefix) for row in rows]
        return [memento for memento in found if memento][:limit]

    def available(self, url: str, near: str | None = None) -> Memento | None:
        """The copy that the archive thinks the nearest to a time (14 digits); None where it has none."""
        asked = {"url": url, **({"timestamp": near} if near else {})}
        page = self.ask(f"{self.endpoints.available}?{urlencode(asked)}")
        try:
            closest = json.loads(page.body)["archived_snapshots"]["closest"]
            address, there = str(closest["url"]), closest["available"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        memento = _memento(address)
        if not there or memento is None or not _same(memento.original, url):
            return None
        own = self._is_ours(address)
        return memento if own else None

    def nearest(self, timegate: str, url: str) -> tuple[Memento, Page] | None:
        """The copy that another archive's TimeGate leads to (RFC 7089), None where it has none."""
        page = self.ask(timegate + url)
        if page.status != 200:
            return None
        memento = _memento(page.url)
        return (memento, page) if memento and _same(memento.original, url) else None

    def read(self, memento: Memento, followed: bool = True) -> Page:
        """A copy as it was archived. FetchError where it cannot be had."""
        head, stamp, original = memento.url.partition(f"/{stamp_of(memento.archived_at)}/")
        return self.ask(f"{head}{stamp[:-1]}id_/{original}" if original else memento.url, followed=followed)

    def save(self, url: str) -> Memento | None:
        """A new copy of an address; None where the archive made none. FetchError where it refuses."""
        page = self._asked(self.saver or self.fetcher, self.endpoints.save + url, True)
        for address in (page.location or "", page.url):
            path = urlsplit(address)
            whole = address if path.scheme else f"{self.endpoints.replay.partition('/web/')[0]}{address}"
            memento = _memento(whole)
            if memento and page.status < 400 and _same(memento.original, url):
                return memento
        return None

    def ask(self, url: str, followed: bool = True) -> Page:
        """An answer of an archive, made for programs. FetchError where there is none."""
        return self._asked(self.fetcher, url, followed)

    def _asked(self, fetcher: Fetcher, url: str, followed: bool) -> Page:
        host = urlsplit(url).netloc
        if host in self.left:
            raise FetchError(f"left alone: {self.left[host]}")
        try:
            page = fetcher.ask(redirected(url, self.instead), robots=False, followed=followed)
        except FetchError as error:
            self._failed[host] = self._failed.get(host, 0) + 1
            busy = error.status in _BUSY or "stay away" in str(error)
            if busy or self._failed[host] >= _MOST_FAILURES:
                self.left[host] = f"{host}: {error}"
            raise
        self._failed[host] = 0
        back = {there: here for here, there in self.instead.items()}
        place = redirected(page.location, back) if page.location else None
        return Page(
            redirected(page.url, back),
            page.status,
            page.body,
            page.media_type,
            page.charset,
            page.date,
            record=page.record,
            location=place,
        )

    def _is_ours(self, address: str) -> bool:
        return urlsplit(address).hostname == urlsplit(self.endpoints.replay).hostname

    def _listed(self, row: Mapping[str, str], url: str, prefix: bool) -> Memento | None:
        """A row of a list as a copy, None where it is none of what was asked for."""
        stamp, original = row.get("timestamp", ""), row.get("original", "")
        time = _time(stamp)
        if time is None or not original.lower().startswith(("http://", "https://")):
            return None
        if not (_begins(original, url) if prefix else _same(original, url)):
            return None
        address = f"{self.endpoints.replay}{stamp}/{original}"
        archive = urlsplit(address).netloc
        return Memento(archive, address, original, time, row.get("mimetype", ""), row.get("statuscode", ""))


def stamp_of(time: str | None) -> str:
    """A time as the 14 digits of web archives.

    >>> stamp_of("2022-01-20T13:23:05Z")
    '20220120132305'
    """
    return _NO_DIGIT.sub("", time or "")[:14]


def _rows(page: Page) -> list[dict[str, str]]:
    """A list in JSON: its first row names the fields. FetchError where it is none."""
    if page.status in (403, 404) and b"Blocked" not in page.body and b"exclu" not in page.body.lower():
        raise FetchError(f"the list answers {page.status}", url=page.url, status=page.status)
    if page.status >= 400 or not page.body.strip():
        return []
    try:
        rows: Any = json.loads(page.body)
    except (ValueError, RecursionError):
        raise FetchError("the list is no JSON", url=page.url, status=page.status) from None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise FetchError("the list is none", url=page.url, status=page.status)
    head, *rest = rows or [[]]
    return [
        {str(name): str(value) for name, value in zip(head, row, strict=False)}
        for row in rest
        if len(row) == len(head)
    ]


def _memento(address: str) -> Memento | None:
    """The copy that an address of an archive names."""
    found = _MEMENTO.match(address)
    time = _time(found[2]) if found else None
    if not found or time is None:
        return None
    plain = _MARKED.sub(r"/\1/", address, count=1)
    secure = f"https:{plain.partition(':')[2]}"
    return Memento(found[1].lower(), secure, found[3], time)


def _time(stamp: str) -> str | None:
    if not _STAMP.match(stamp) or not stamp.isascii():
        return None
    year, rest = stamp[:4], [stamp[at : at + 2] for at in range(4, 14, 2)]
    if not ("1990" <= year <= "2200" and "01" <= rest[0] <= "12" and "01" <= rest[1] <= "31"):
        return None
    return f"{year}-{rest[0]}-{rest[1]}T{rest[2]}:{rest[3]}:{rest[4]}Z"


def _plain(url: str) -> str:
    tidy = ids.tidy_url(quote(url, safe="%/:=&?~#+!$,;'@()*[]"))
    return tidy.removeprefix("https://").removeprefix("www.").casefold()


def _same(one: str, other: str) -> bool:
    """Whether two addresses are one, whatever their scheme, case, www and tracking."""
    return _plain(one) == _plain(other)


def _begins(one: str, head: str) -> bool:
    return _plain(one).startswith(_plain(head if "://" in head else f"https://{head}"))
