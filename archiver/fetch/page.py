"""What the web gives: a page received whole, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass

from archiver.errors import ArchiverError

__all__ = ["FetchError", "Known", "Page", "Part", "Record"]


class FetchError(ArchiverError):
    """A page that could not be had whole. ``status`` is that of HTTP where one was given, ``url`` where
    the answer came from, ``record`` where it is recorded; ``again``: another try may help, not before
    ``after`` seconds where the server said so; ``gone``: there is no such page any more."""

    def __init__(
        self,
        reason: str,
        *,
        url: str | None = None,
        status: int | None = None,
        again: bool = False,
        after: float | None = None,
        gone: bool = False,
    ) -> None:
        super().__init__(reason)
        self.url = url
        self.status = status
        self.again = again
        self.after = after
        self.gone = gone
        self.record: Record | None = None

    def because(self, reason: str) -> FetchError:
        """The same failure, final, with another reason."""
        found = FetchError(reason, url=self.url, status=self.status)
        found.record = self.record
        return found


@dataclass(frozen=True, slots=True)
class Record:
    """Where an answer stands in a WARC: the file, the offset of its record in bytes, the record's id."""

    path: str
    offset: int
    id: str


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier visit was told of a page: ``url`` is the address that answered."""

    url: str
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a file a body is: its ``first`` byte, and the ``size`` of the whole file."""

    first: int
    size: int


@dataclass(frozen=True, slots=True)
class Page:
    """An answer received whole: ``url`` after all redirects, ``body`` without transfer and content
    coding, ``charset`` as the header declares it, ``date`` of the answer as UTC ISO 8601 with ``Z``.

    ``status`` 304 says that the page is as it was on the earlier visit; its body is empty then.
    ``memento`` is the address of the archived copy where that stands in for the page; ``url`` is then
    the page's own and ``date`` that of the copy. ``location``: where the content of the page is said to
    stand, or where a redirect leads that was not followed.
    """

    url: str
    status: int
    body: bytes
    media_type: str | None = None
    charset: str | None = None
    date: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    memento: str | None = None
    record: Record | None = None
    part: Part | None = None
    location: str | None = None
