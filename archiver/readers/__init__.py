"""Sources as Documents: one function to open them all. What cannot be read comes as a Failure, never as
an exception, so that one source costs no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from archiver.model import Document
from archiver.readers.containers import Sieve, piped, read_file
from archiver.readers.feeds import Wanted, read_list
from archiver.readers.files import LIMIT, failure
from archiver.readers.kinds import KINDS, LISTS
from archiver.readers.line import Line
from archiver.readers.shapes import parts
from archiver.readers.soft import stand_in
from archiver.readers.source import Container, Failure, Source, Trouble, Visit, expand, named_in

if TYPE_CHECKING:
    from archiver.fetch import Fetcher

__all__ = [
    "KINDS",
    "LIMIT",
    "Container",
    "Failure",
    "Line",
    "Sieve",
    "Source",
    "Trouble",
    "Visit",
    "Wanted",
    "expand",
    "failure",
    "named_in",
    "open",
    "parts",
    "piped",
    "stand_in",
]


def open(
    source: Source,
    limit: int = LIMIT,
    fetcher: Callable[[], Fetcher] | None = None,
    sieve: Sieve | None = None,
    wanted: Wanted | None = None,
) -> Iterator[Document | Failure | Container]:
    """Every document of a source, one after another: of a page itself, of a container one a record, and
    behind them the Container; of a feed or sitemap first itself, as a Failure with the addresses that are to
    be read (``more``), then the articles that it holds.

    ``limit``: the largest body that is read, in bytes. ``fetcher`` makes the door to the web when an
    address is first read; without one there is the default door. ``sieve`` says of the bytes of a record
    whether they can hold a post; without one every record is given. ``wanted``: which articles of feeds and
    sitemaps.
    """
    for found in _read(source, limit, fetcher, sieve):
        if isinstance(found, Document) and found.kind in LISTS:
            yield from read_list(found, source, wanted or Wanted())
        else:
            yield found


def _read(
    source: Source, limit: int, fetcher: Callable[[], Fetcher] | None, sieve: Sieve | None
) -> Iterator[Document | Failure | Container]:
    if source.is_address and source.body is None:
        from archiver.readers.remote import is_remote_archive, read_remote
        from archiver.readers.web import read_address

        if is_remote_archive(source):
            yield from read_remote(source, limit, fetcher, sieve)
        else:
            yield read_address(source, limit, fetcher)
    else:
        yield from read_file(source, limit, sieve)
