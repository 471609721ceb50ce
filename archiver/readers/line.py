"""The sources that wait to be read: those that the user named, then those that they name."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from archiver.readers.source import Failure, Source

__all__ = ["Line"]


Item = TypeVar("Item")


class Line(Generic[Item]):
    """An iterator that more can be added to, also after it came to an end. No address comes twice.

    ``ready`` makes what is to be read of a source when its turn comes. ``spread``: hosts take turns, so
    that several processes do not all wait for one host; else the order is that of adding.
    """

    def __init__(self, ready: Callable[[Source | Failure], Iterable[Item]], spread: bool) -> None:
        self._ready = ready
        self._spread = spread
        self._current: Iterator[Item] = iter(())
        self._lanes: dict[str, deque[Source | Failure]] = {}
        self._order: deque[str] = deque()
        self._seen: set[str] = set()

    def extend(self, sources: Iterable[Source | Failure]) -> None:
        """Puts sources at the end, but for addresses that were there already."""
        for source in sources:
            is_address = isinstance(source, Source) and source.is_address
            name = source.name if isinstance(source, Source) else source.source
            if is_address and name in self._seen:
                continue
            if is_address:
                self._seen.add(name)
            self._put(source)

    def __iter__(self) -> Iterator[Item]:
        return self

    def __next__(self) -> Item:
        while True:
            for item in self._current:
                return item
            if not self._order:
                raise StopIteration
            self._current = iter(self._ready(self._next()))

    def _next(self) -> Source | Failure:
        lane = self._order.popleft()
        source = self._lanes[lane].popleft()
        if self._lanes[lane]:
            self._order.append(lane)
        else:
            del self._lanes[lane]
        return source

    def _put(self, source: Source | Failure) -> None:
        lane = source.host if self._spread and isinstance(source, Source) else ""
        if lane not in self._lanes:
            self._lanes[lane] = deque()
            self._order.append(lane)
        self._lanes[lane].append(source)
