"""Addresses of tweets, their ids and the clock inside them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import cache, lru_cache
from urllib.parse import unquote

from archiver import ids, resources
from archiver.model import Moment
from archiver.platform import Address, exact

__all__ = ["NAME", "address", "canonical", "ids_of", "is_handle", "is_id", "mirrors", "status", "time_of"]

NAME = "twitter"
_STATUS = re.compile(
    r"""(?:https?:)?//(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com(?::\d+)?/(?:\#!/)?
        (?:i/(?:web/)?|(?P<handle>\w{1,20})/)status(?:es)?/(?P<id>\d{1,20})(?!\d)""",
    re.IGNORECASE | re.VERBOSE,
)
_ACTION = re.compile(r"//(?:\w+\.)?(?:twitter|x)\.com/(?:intent|share|home|login)\b", re.IGNORECASE)
_SHARE = re.compile(r"[/.](?:share|sharer|intent|submit|pin/create)\b", re.IGNORECASE)
_HANDLE = re.compile(r"^[A-Za-z0-9_]{1,20}$")
_DIGITS = re.compile(r"^\d{1,20}$")

_SHIFT, _EPOCH_MS, _FIRST_SNOWFLAKE = 22, 1288834974657, 29700859247
_EARLY_MARGIN = timedelta(hours=24)
# Handles that stand in an address for any handle.
_PLACEHOLDERS = frozenset(("i", "x", "twitter", "user", "username", "statuses", "anyuser", "web"))


# Frames, services and older paths that name a post without "status".
_WIDGET = re.compile(
    r"""//(?:\w+\.)?(?:twitter|x)\.com/(?:embed/(?:Tweet|index)\.html\?(?:[^\#]*&)?id=|i/videos/(?:tweet/)?
        |i/cards/tfw/v1/|i/events/moments/tweet/)(?P<id>\d{1,20})(?!\d)
        |//cdn\.syndication\.twimg\.com/(?:tweet-result|tweet)\?(?:[^\#]*&)?id=(?P<served>\d{1,20})(?!\d)""",
    re.IGNORECASE | re.VERBOSE,
)


def mirrors() -> tuple[str, ...]:
    """Hosts, or the pieces that their names share, of sites that show tweets under the same ids."""
    return tuple(resources.read_json("platforms", "twitter.json")["mirrors"])


@cache
def _mirrored() -> re.Pattern[str]:
    """A mirror's address: HANDLE/status/ID as the original has it, or thread/ID."""
    names = "|".join(re.escape(name) for name in mirrors())
    return re.compile(
        rf"//(?:[\w-]{{1,40}}\.){{0,3}}(?:{names})[\w.-]{{0,60}}/"
        r"(?:(?P<handle>\w{1,20})/status(?:es)?/|(?:thread|tweet|status|i/status)/)(?P<id>\d{1,20})(?!\d)",
        re.IGNORECASE,
    )


def _elsewhere(address: str) -> tuple[str | None, str] | None:
    """Handle and id where a widget, a service or a mirror names a post."""
    found = _WIDGET.search(address)
    if found:
        return None, found["id"] or found["served"]
    mirrored = _mirrored().search(address)
    return (mirrored["handle"], mirrored["id"]) if mirrored else None


@lru_cache(256)  # each address of a post is asked about several times, one after another
def status(address: str | None) -> tuple[str | None, str] | None:
    """Handle (None for a placeholder) and id of a status address in any spelling, also inside a
    redirector's or a web archive's; None where the address names no post."""
    if not address:
        return None
    found = _STATUS.match(address.strip())
    if not found:
        if _ACTION.search(address) or _SHARE.search(address):
            return None
        found = _STATUS.search(address) or _STATUS.search(unquote(unquote(address)))
        found = found or next(filter(None, map(_STATUS.match, ids.unwrapped(address))), None)
    handle, native_id = (found["handle"], found["id"]) if found else _elsewhere(address) or (None, "0")
    if int(native_id) == 0:
        return None
    return (None if not handle or handle.lower() in _PLACEHOLDERS else handle), native_id


def address(written: str) -> Address | None:
    """What a status address says; None where it names no post."""
    found = status(written)
    return Address(canonical(*found) or "", found[1], found[0]) if found else None


def is_id(value: str | None) -> bool:
    """Whether an attribute's value is the id of a tweet."""
    return bool(value) and bool(_DIGITS.match(value or ""))


def is_handle(value: str | None) -> bool:
    """Whether a printed handle can be one of this platform: letters, digits and "_", 20 at the most."""
    return bool(value) and bool(_HANDLE.match(value or ""))


def canonical(handle: str | None, native_id: str | None) -> str | None:
    """The address under which a tweet is kept; any handle leads to it."""
    return f"https://twitter.com/{handle or 'i'}/status/{native_id}" if native_id else None


def time_of(native_id: str) -> Moment:
    """When the post was made, by its id: exact from November 2010 on, an interval before."""
    number = int(native_id)
    if number <= _FIRST_SNOWFLAKE:
        return ids.interpolate(number, _early(), _EARLY_MARGIN)
    try:
        return exact(ids.clock(number, _SHIFT, _EPOCH_MS), "id")
    except ValueError:
        return Moment()


def ids_of(posted: Moment) -> tuple[str, str] | None:
    """The first and the last id that a post made in an interval can have; None where it is not known."""
    if posted.earliest is None or posted.latest is None:
        return None
    first, last = _id_at(posted.earliest, first=True), _id_at(posted.latest, first=False)
    return (str(first), str(last)) if 0 <= first <= last else None


def _id_at(moment: datetime, first: bool) -> int:
    """The smallest or the largest id of a moment: of its millisecond; before there were snowflakes, of
    the known points around it."""
    seconds = moment.timestamp()
    if seconds > _early()[-1][1]:
        number = (int(seconds * 1000) - _EPOCH_MS) << _SHIFT
        return number if first else number + (1 << _SHIFT) - 1
    if first:
        return max((number for number, at in _early() if at <= seconds), default=0)
    return min(number for number, at in _early() if at >= seconds)


@cache
def _early() -> tuple[tuple[int, int], ...]:
    lines = resources.read_text("platforms", "twitter-early-ids.tsv").splitlines()
    rows = (line.split("\t") for line in lines if line[:1].isdigit())
    return tuple((int(row[0]), int(row[1])) for row in rows)
