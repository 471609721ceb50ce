"""Sources as Documents: one function to open them all. What cannot be read comes as a Failure, never as
an exception, so that one source costs no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from archiver.model import Document
from archiver.readers.feeds import Wanted, read_list
from archiver.readers.files import LIMIT, failure, read_body, read_file
from archiver.readers.kinds import KINDS, LISTS
from archiver.readers.line import Line
from archiver.readers.soft import stand_in
from archiver.readers.source import Failure, Source, Visit, expand, named_in

if TYPE_CHECKING:
    from archiver.fetch import Fetcher

__all__ = [
    "KINDS",
    "LIMIT",
    "Failure",
    "Line",
    "Source",
    "Visit",
    "Wanted",
    "expand",
    "failure",
    "named_in",
    "open",
    "stand_in",
]


def open(
    source: Source,
    limit: int = LIMIT,
    fetcher: Callable[[], Fetcher] | None = None,
    wanted: Wanted | None = None,
) -> Iterator[Document | Failure]:
    """Every document of a source, one after another: an article is one; a feed holds several, and comes
    first itself, as a Failure with the addresses that are to be read (``more``).

    ``limit``: the largest body that is read, in bytes. ``fetcher`` makes the door to the web when an
    address is first read; without one there is the default door. ``wanted``: which articles of feeds
    and sitemaps.
    """
    found = _read(source, limit, fetcher)
    if isinstance(found, Document) and found.kind in LISTS:
        yield from read_list(found, source, wanted or Wanted())
    else:
        yield found


def _read(source: Source, limit: int, fetcher: Callable[[], Fetcher] | None) -> Document | Failure:
    if source.body is not None:
        return read_body(source, limit)
    if source.is_address:
        from archiver.readers.web import read_address

        return read_address(source, limit, fetcher)
    return read_file(source, limit)
