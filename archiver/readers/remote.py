"""A WACZ at an address: its directory is read, then the web archives in it, part by part; never all of it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from archiver.fetch import Fetcher, FetchError, Page
from archiver.model import Document
from archiver.readers.entries import read_zip
from archiver.readers.source import Container, Failure, Source, Tally

__all__ = ["is_remote_archive", "read_remote"]

Get = Callable[[int, int, "Page | None"], Page]

_NAME = re.compile(r"\.wacz$", re.IGNORECASE)
_ZIP = b"PK\x03\x04"
_SMALL, _LARGE, _GROWTH = 1 << 18, 1 << 22, 4
_KEPT = 3


def is_remote_archive(source: Source) -> bool:
    """Whether an address names a WACZ."""
    try:
        return source.kind is None and bool(_NAME.search(urlsplit(source.name).path))
    except ValueError:
        return False


def read_remote(
    source: Source,
    limit: int,
    fetcher: Callable[[], Fetcher] | None = None,
    sieve: Callable[[bytes], bool] | None = None,
) -> Iterator[Document | Failure | Container]:
    """What the web archives in a WACZ hold. Where the way to it breaks, what was read until then is kept,
    and the Container says so. A server that gives no parts is asked for all of it, up to ``limit`` bytes."""
    door = fetcher() if fetcher else Fetcher(limit=limit)
    tally = Tally(source.name, sieve)
    is_open = False
    try:
        file = _File(lambda first, last, before: door.part(source.name, first, last, before))
        if not file.read(len(_ZIP)).startswith(_ZIP):
            yield Failure(source.name, f"named as a WACZ, but {file.kind}, which is none", url=source.name)
            return
        file.seek(0)
        for found in read_zip(source, io.BufferedReader(file, _SMALL), tally, limit):
            is_open = True
            yield found
    except FetchError as error:
        if is_open or tally.records:
            tally.trouble("the rest", str(error))
            yield tally.sum()
        else:
            url = error.url or source.name
            yield Failure(source.name, str(error), url=url, http_status=error.status)


class _File(io.RawIOBase):
    """A file elsewhere. Parts that follow one another grow, so that few are asked for; a few are kept. Every
    read raises FetchError where a part cannot be had."""

    def __init__(self, get: Get) -> None:
        self._get = get
        self._at = 0
        self._first = get(0, _SMALL - 1, None)
        self.size = self._first.part.size if self._first.part else 0
        self.kind = self._first.media_type or "something"
        self._step = _SMALL
        self._parts = [(0, self._first.body)]

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise OSError("a place before the beginning")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._at >= self.size:
            return 0
        start, body = self._part()
        found = body[self._at - start : self._at - start + len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def _part(self) -> tuple[int, bytes]:
        """The part that holds the next byte."""
        for start, body in self._parts:
            if start <= self._at < start + len(body):
                return start, body
        latest, body = self._parts[-1]
        goes_on = self._at == latest + len(body)
        self._step = min(self._step * _GROWTH, _LARGE) if goes_on else _SMALL
        # The end is read in small steps backwards: all of it is asked for at once.
        start = self._at if goes_on else min(self._at, max(0, self.size - _SMALL))
        last = min(start + self._step, self.size) - 1
        part = (start, self._get(start, last, self._first).body)
        self._parts = [*self._parts[1 - _KEPT :], part]
        return part
