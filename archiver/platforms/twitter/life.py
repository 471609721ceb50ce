"""Whether a tweet is still there, and where web archives may hold it.

The syndication service, from which embeds are drawn, says why a tweet is not shown; oEmbed tells a
protected account from a tweet that is gone. Neither wants a login.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from archiver import verdicts
from archiver.model import Sighting
from archiver.platforms.twitter.address import NAME
from archiver.platforms.twitter.data import in_data
from archiver.verdicts import Known, Life, Question, Reply, Verdict

__all__ = ["LIFE", "token"]

_SYNDICATION = "https://cdn.syndication.twimg.com/tweet-result"
_OEMBED = "https://publish.twitter.com/oembed"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_MOST_BEGINNINGS = 3


def token(number: int) -> str:
    """The token that the syndication service wants, as its own script makes it of the id: id / 1e15 * pi
    in base 36, in the shortest digits that name the number, without zeros and the point.

    >>> token(1484243218123464706)
    '3livybep2rg'
    """
    value = number / 1e15 * math.pi
    delta = max(0.5 * (math.nextafter(value, math.inf) - value), math.nextafter(0.0, 1.0))
    whole, fraction, made = int(value), value - int(value), []
    while fraction >= delta:
        fraction, delta = fraction * 36, delta * 36
        digit = int(fraction)
        fraction -= digit
        made.append(digit)
        if (fraction > 0.5 or (fraction == 0.5 and digit & 1)) and fraction + delta > 1:
            while made and made[-1] == 35:
                made.pop()
            if made:
                made[-1] += 1
            else:
                whole += 1
            break
    head = ""
    while whole:
        whole, digit = divmod(whole, 36)
        head = _DIGITS[digit] + head
    return (head + "".join(_DIGITS[digit] for digit in made)).replace("0", "")


def _asking(post: Known) -> tuple[Question, ...]:
    if not post.native_id or not post.native_id.isdecimal():
        return ()
    number = post.native_id
    page = f"https://twitter.com/{post.handle or 'i'}/status/{number}"
    return (
        Question("syndication", f"{_SYNDICATION}?id={number}&lang=en&token={token(int(number))}"),
        Question("oembed", f"{_OEMBED}?url={verdicts.escaped(page)}&omit_script=1&dnt=1"),
    )


def _verdict(reply: Reply) -> Verdict:
    if reply.method == "oembed":
        return verdicts.by_oembed()(reply)
    found = verdicts.data(reply)
    if stands := verdicts.wall(reply):
        return stands
    if reply.status == 200 and isinstance(found, dict):
        return _syndicated(found, reply)
    if reply.status in (404, 410):
        return Verdict("deleted", f"the syndication service answers {reply.status}", settled=False)
    return verdicts.unknown(f"the syndication service answers {reply.status}", reply.status == 403)


def _syndicated(found: dict[str, object], reply: Reply) -> Verdict:
    if not found:
        return Verdict("deleted", "the syndication service has nothing", settled=False)
    if found.get("__typename") == "TweetTombstone" or "tombstone" in found:
        if shown := verdicts.shown(reply, NAME):
            return Verdict(shown[0], f"a tombstone says: {shown[1]}")
        return Verdict("unavailable", "a tombstone stands in its place", settled=False)
    if str(found.get("id_str") or "") == reply.about.native_id:
        return verdicts.live("the syndication service gives it out")
    return verdicts.unknown("the syndication service answers about something else")


def _addresses(post: Known) -> tuple[str, ...]:
    """The spellings under which tweets were saved, the usual ones first."""
    if not post.native_id:
        return ()
    whose = (post.handle, "i") if post.handle else ("i",)
    found = [f"https://twitter.com/{who}/status/{post.native_id}" for who in whose]
    found += [f"https://x.com/{who}/status/{post.native_id}" for who in whose]
    return (*found, f"https://mobile.twitter.com/{whose[0]}/status/{post.native_id}")


def _listing(handle: str, first: str, last: str) -> tuple[str, ...]:
    """At most a few beginnings of ids that hold all between two, below the account's addresses."""
    low, high, zeros = int(first), int(last), 0
    while high - low >= _MOST_BEGINNINGS - 1:
        low, high, zeros = low // 10, high // 10, zeros + 1
    heads = [str(head) for head in range(low, high + 1)]
    return tuple(
        f"{host}/{handle}/status/{head}" for host in ("twitter.com", "x.com") for head in heads if head != "0"
    )


def _told(value: Mapping[str, Any]) -> Sighting | None:
    """A tweet as the API's second version has it, and web archives that saved it from there: its author
    stands beside it."""
    about, beside = value.get("data"), value.get("includes")
    users = beside.get("users") if isinstance(beside, Mapping) else None
    if not isinstance(about, Mapping) or not isinstance(users, list):
        return in_data(value)
    author = next((one for one in users if _is(one, about.get("author_id"))), None)
    return in_data({**about, "author": author}) if author else None


def _is(user: Any, number: Any) -> bool:
    return isinstance(user, Mapping) and number is not None and user.get("id") == number


LIFE = Life(
    asking=_asking,
    verdict=_verdict,
    addresses=_addresses,
    listing=_listing,
    shorteners=("t.co",),
    told=_told,
    savable=False,
    files=("pbs.twimg.com/media/", "pbs.twimg.com/ext_tw_video_thumb/", "video.twimg.com/"),
)
