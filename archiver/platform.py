"""What a platform module must say, and the small steps that all of them share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from archiver import dates
from archiver.html import Element
from archiver.model import Moment, Note, Quote, Sighting

__all__ = ["Platform", "Spot", "day", "exact", "printed", "written_on"]


@dataclass(frozen=True, slots=True)
class Spot:
    """An element on which an embed may stand. ``place`` says where in the page; ``inside`` whether an
    embed that was found already holds it; ``links`` whether citations in prose are asked for."""

    element: Element
    place: str
    inside: bool = False
    links: bool = False


@dataclass(frozen=True, slots=True)
class Platform:
    """What a module knows of one platform.

    ``markers``: bytes (lower case) of which at least one stands in every page that shows a post of
    it. ``where``: an XPath condition on an element that may be an embed; ``links``: the same for a
    citation in prose. ``in_html`` reads one such element: a Sighting, a Note where it is an embed
    that cannot be understood, None where it is none. ``in_text`` reads plain text. ``understand``
    turns what was seen into a Quote.
    """

    name: str
    markers: tuple[bytes, ...]
    where: str
    in_html: Callable[[Spot], Sighting | Note | None]
    understand: Callable[[Sighting], Quote]
    links: str | None = None
    in_text: Callable[[str], Iterable[Sighting]] | None = None


def written_on(written: str | None, language: str | None = None) -> date | None:
    """The day that a printed date names, None where there is none or it is not understood."""
    reading = dates.read(written, language) if written else None
    return reading.day if reading else None


def exact(value: datetime, basis: str) -> Moment:
    """A time known to the moment."""
    return Moment(value, value, value, basis)


def day(on: date, slack: timedelta = timedelta(0)) -> Moment:
    """A printed day as a UTC interval, widened by ``slack`` where the zone of the print is unknown."""
    first = datetime.combine(on, time(), timezone.utc)
    return Moment(None, first - slack, first + timedelta(days=1, microseconds=-1000) + slack, "printed")


def printed(written: str | None, language: str | None = None) -> Moment:
    """A machine time written in an attribute (with zone): exact; anything else: Moment()."""
    reading = dates.read(written, language) if written else None
    if reading is None or reading.time is None or reading.offset is None:
        return Moment()
    zone = timezone(timedelta(minutes=reading.offset))
    return exact(datetime.combine(reading.day, reading.time, zone).astimezone(timezone.utc), "attribute")
