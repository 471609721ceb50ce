"""Sources as Documents: one function to open them all. What cannot be read comes as a Failure, never as
an exception, so that one source costs no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from archiver.model import Document
from archiver.readers.files import LIMIT, read_body, read_file
from archiver.readers.kinds import KINDS
from archiver.readers.source import Failure, Source, Visit, expand, named_in

if TYPE_CHECKING:
    from archiver.fetch import Fetcher

__all__ = ["KINDS", "LIMIT", "Failure", "Source", "Visit", "expand", "named_in", "open"]


def open(
    source: Source,
    limit: int = LIMIT,
    fetcher: Callable[[], Fetcher] | None = None,
) -> Iterator[Document | Failure]:
    """Every document of a source, one after another (a file holds one).

    ``limit``: the largest body that is read, in bytes. ``fetcher`` makes the door to the web when an
    address is first read; without one there is the default door.
    """
    if source.body is not None:
        yield read_body(source, limit)
    elif source.is_address:
        from archiver.readers.web import read_address

        yield read_address(source, limit, fetcher)
    else:
        yield read_file(source, limit)
