"""What a platform module must say, and the small steps that all of them share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from archiver import checks, dates, ids
from archiver.html import Element
from archiver.model import Moment, Note, Quote, Sighting
from archiver.verdicts import Life

__all__ = [
    "SLASH",
    "WORLD",
    "Address",
    "Platform",
    "Spot",
    "day",
    "exact",
    "interval",
    "nothing",
    "printed",
    "quote",
    "written_on",
]

SLASH = r"(?:/|\\{1,4}/|%(?:25){0,2}2f|\\{1,2}u002f|\\{1,2}x2f|&\#(?:x2f|47);)"
"""A slash in the bytes of a page, for needles: plain, or escaped as scripts, addresses and entities do it."""

WORLD = timedelta(hours=14)
"""How far the clocks of the world are from UTC: the slack of a printed time without a zone."""


@dataclass(frozen=True, slots=True)
class Spot:
    """An element on which an embed may stand. ``place`` says where in the page; ``inside`` whether an
    embed that was found already holds it."""

    element: Element
    place: str
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """What a post's address says. ``url`` is the canonical address; ``native_id`` the platform's id, None
    for an opaque address (a share link) whose target only the platform knows; ``key`` the id with its
    scope where ids alone are not unique (``channel/12``)."""

    url: str
    native_id: str | None = None
    handle: str | None = None
    key: str | None = None


def nothing(_: Any) -> None:
    """What a platform sees that does not look."""


def _none(_: str) -> Iterable[Sighting]:
    return ()


# Each is itself alone: a hash over all of its fields would be made for every page.
@dataclass(frozen=True, slots=True, eq=False)
class Platform:
    """What a module knows of one platform.

    ``title``, ``forms`` and ``clock`` are for readers: the platform's name, the forms in which its posts
    are embedded in one line, and whether its ids hold the time. ``markers``: bytes (lower case) of which
    at least one stands in every page that shows a post of it. ``hosts``: pieces of text (lower case) of
    which one stands in each of its addresses; ``signs``: pieces of which one stands in each text that
    shows a post, where markers and hosts stand on pages of every kind. ``needles``: regular expressions
    (ASCII, without captures, case aside) of which one is found in the bytes of every page that shows a post;
    without them the markers stand for that; ``wordings`` are further ones, for plain texts that show a
    post and none of its addresses. ``address`` reads an address, of a
    post's page or of its frame: None where it names no post (a profile, a button). ``where``: an XPath
    condition on the elements that ``in_html`` can read; tags, attributes or words that it names must stand
    in the element itself. ``in_html`` gives a Sighting, a Note where an embed cannot be understood, None
    where there is none. ``in_data`` reads an object of a page's JSON, ``in_script`` the text of
    a script (calls that put a post on the page), ``in_text`` plain text, in which markers may be lost.
    ``understand`` turns what was seen into a Quote. ``shown_only``: what stands in a page's data alone
    (scripts, JSON) is a link; most of it is the site's own player. ``life``: how to ask whether a post is
    still there, and where web archives may hold it.
    """

    name: str
    title: str
    forms: str
    clock: bool
    markers: tuple[bytes, ...]
    hosts: tuple[str, ...]
    address: Callable[[str], Address | None]
    understand: Callable[[Sighting], Quote]
    signs: tuple[str, ...] = ()
    needles: tuple[str, ...] = ()
    wordings: tuple[str, ...] = ()
    shown_only: bool = False
    where: str | None = None
    in_html: Callable[[Spot], Sighting | Note | None] = field(default=nothing)
    in_data: Callable[[Mapping[str, Any]], Sighting | None] = field(default=nothing)
    in_script: Callable[[str], Iterable[Sighting]] = field(default=_none)
    in_text: Callable[[str], Iterable[Sighting]] = field(default=_none)
    life: Life = field(default=Life())


def written_on(written: str | None, language: str | None = None) -> date | None:
    """The day that a printed date names, None where there is none or it is not understood."""
    reading = dates.read(written, language) if written else None
    return reading.day if reading else None


def exact(value: datetime, basis: str) -> Moment:
    """A time known to the moment."""
    return Moment(value, value, value, basis)


def interval(earliest: datetime, latest: datetime, basis: str) -> Moment:
    """A time known to lie between two."""
    return Moment(None, earliest, latest, basis)


def day(on: date, slack: timedelta = timedelta(0)) -> Moment:
    """A printed day as a UTC interval, widened by ``slack`` where the zone of the print is unknown."""
    first = datetime.combine(on, time(), timezone.utc)
    return interval(first - slack, first + timedelta(days=1, microseconds=-1000) + slack, "printed")


def printed(written: str | None, language: str | None = None) -> Moment:
    """A machine time written in an attribute (with zone): exact; anything else: Moment()."""
    reading = dates.read(written, language) if written else None
    if reading is None or reading.time is None or reading.offset is None:
        return Moment()
    zone = timezone(timedelta(minutes=reading.offset))
    return exact(datetime.combine(reading.day, reading.time, zone).astimezone(timezone.utc), "attribute")


def quote(
    seen: Sighting,
    address: Address | None,
    by_id: Moment | None = None,
    slack: timedelta = WORLD,
    check_slack: timedelta | None = None,
) -> Quote:
    """A Quote of what was seen, as most platforms understand it.

    ``by_id``: the time inside the id; ``slack``: how far the printed day's zone may lie from UTC;
    ``check_slack``: how far the printed day may lie from the id's time before a flag says so, None
    where the id's time proves nothing.
    """
    native_id = (address.native_id if address else None) or seen.native_id
    on = written_on(seen.date_written, seen.language)
    by_id = by_id or Moment()
    by_mark = printed(seen.datetime_written)
    known = (moment for moment in (by_mark, by_id) if moment.value)
    posted = next(known, None) or (day(on, slack) if on else by_id)
    flags = (
        *seen.doubts,
        None if check_slack is None else checks.date_against_id(on, by_id, check_slack),
        checks.handle_against_address(seen.handle, address.handle if address else None),
        "date-not-understood" if seen.date_written and not on else None,
    )
    return Quote(
        key=_key(seen, address, native_id),
        sighting=seen,
        native_id=native_id,
        url=address.url if address else None,
        written_on=on.isoformat() if on else None,
        posted=posted,
        text_state="full" if seen.text else "missing",
        flags=tuple(flag for flag in flags if flag),
        confidence=seen.confidence,
    )


def _key(seen: Sighting, address: Address | None, native_id: str | None) -> str:
    if address and address.native_id:
        return f"{seen.platform}:{address.key or address.native_id}"
    if native_id:
        return f"{seen.platform}:{native_id}"
    if address:
        return ids.url_key(seen.platform, address.url)
    return ids.text_key(seen.platform, seen.handle, seen.text or seen.date_written)
