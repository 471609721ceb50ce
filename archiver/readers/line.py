"""The sources that wait to be read: those that the user named, then those that they name."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from archiver.readers.source import Failure, Source

__all__ = ["Line"]


class Line:
    """An iterator that more can be added to, also after it came to an end. No address comes twice.

    ``ready`` prepares a source when its turn comes. ``spread``: hosts take turns, so that several
    processes do not all wait for one host; else the order is that of adding.
    """

    def __init__(self, ready: Callable[[Source | Failure], Source | Failure], spread: bool) -> None:
        self._ready = ready
        self._spread = spread
        self._lanes: dict[str, deque[Source | Failure]] = {}
        self._order: deque[str] = deque()
        self._seen: set[str] = set()

    def extend(self, sources: Iterable[Source | Failure]) -> int:
        """Puts sources at the end, but for addresses that were there already; how many there were."""
        twice = 0
        for source in sources:
            is_address = isinstance(source, Source) and source.is_address
            name = source.name if isinstance(source, Source) else source.source
            if is_address and name in self._seen:
                twice += 1
                continue
            if is_address:
                self._seen.add(name)
            self._put(source)
        return twice

    def __iter__(self) -> Iterator[Source | Failure]:
        return self

    def __next__(self) -> Source | Failure:
        if not self._order:
            raise StopIteration
        lane = self._order.popleft()
        source = self._lanes[lane].popleft()
        if self._lanes[lane]:
            self._order.append(lane)
        else:
            del self._lanes[lane]
        return self._ready(source)

    def _put(self, source: Source | Failure) -> None:
        lane = source.host if self._spread and isinstance(source, Source) else ""
        if lane not in self._lanes:
            self._lanes[lane] = deque()
            self._order.append(lane)
        self._lanes[lane].append(source)
