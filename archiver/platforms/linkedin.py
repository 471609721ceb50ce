"""LinkedIn: posts.

Forms (years): frames ``/embed/feed/update/urn:li:share:ID`` (2018 to now; also activity, ugcPost).

Addresses: ``/embed/feed/update/URN``, ``/feed/update/URN``,
``/posts/USER_words-of-the-post-activity-ID-code``. The same post has one id as share or ugcPost and another
as activity, which cannot be joined offline.

Clock: milliseconds since 1970 above 22 bits of the number (never seen to be wrong, never proved).

The page carries nothing but the id. No posts: profiles (``/in/``), companies, articles (``/pulse/``), share
buttons (``/shareArticle``, ``/sharing/``).

Flattened to plain text: nothing.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from archiver import verdicts
from archiver.model import Moment, Quote, Sighting
from archiver.platform import SLASH, Address, Platform, quote
from archiver.shown import clocked, reached
from archiver.verdicts import Known, Life, Question, Reply, Verdict

__all__ = ["PLATFORM"]

NAME = "linkedin"
_URN = re.compile(
    r"""^(?:https?:)?//(?:[\w-]+\.)?linkedin\.com/(?:embed/)?(?:mwlite/)?feed/update/
        (?P<urn>urn:li:(?:share|activity|ugcPost|groupPost:\d{3,12}-|groupPost):?(?<=[:-])(?P<id>\d{8,20}))
        /?(?:[?\#&].*)?$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_POST = re.compile(
    r"""^(?:https?:)?//(?:[\w-]+\.)?linkedin\.com/(?:embed/)?posts/(?:(?P<handle>[^/?\#_]{2,100})_)?[^/?\#]{0,300}?
        (?<![a-z])(?P<kind>activity|ugcpost|share)-(?P<id>\d{15,20})(?:-[\w-]{1,10})?/?(?:[?\#&].*)?$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_KINDS = {"activity": "activity", "ugcpost": "ugcPost", "share": "share", "grouppost": "groupPost"}
_SHIFT = 22
_FIRST_YEAR = 2010


def address(written: str) -> Address | None:
    """What a post's address says; None for profiles, companies and articles."""
    if "%" in written:
        written = unquote(written)
    found = _URN.match(written)
    if found:
        _, _, kind, number = found["urn"].split(":", 3)
        return _post(kind, number, None)
    found = _POST.match(written)
    return _post(found["kind"], found["id"], found["handle"]) if found else None


def _post(kind: str, number: str, handle: str | None) -> Address:
    urn = f"urn:li:{_KINDS[kind.lower()]}:{number}"
    return Address(f"https://www.linkedin.com/feed/update/{urn}/", urn, handle)


def time_of(urn: str) -> Moment:
    """When a post was made, by its number."""
    number = urn.rpartition(":")[2].rpartition("-")[2]
    return clocked(int(number), _SHIFT, 0, _FIRST_YEAR)


def _understand(seen: Sighting) -> Quote:
    found = reached(seen.url, address)
    by_id = time_of(found.native_id) if found and found.native_id else None
    return quote(seen, found, by_id=by_id)


def _asking(post: Known) -> tuple[Question, ...]:
    """The frame of the embed: it is shown without a login."""
    return (Question("embed", f"https://www.linkedin.com/embed/feed/update/{post.native_id}", program=False),)


def _verdict(reply: Reply) -> Verdict:
    return verdicts.by_page(reply, NAME)


PLATFORM = Platform(
    name=NAME,
    title="LinkedIn",
    forms="frame",
    clock=True,
    markers=(b"linkedin.com",),
    hosts=("linkedin.com",),
    needles=(rf"feed{SLASH}update{SLASH}|linkedin\.com{SLASH}(?:embed{SLASH})?posts{SLASH}",),
    address=address,
    understand=_understand,
    life=Life(_asking, _verdict, files=("media.licdn.com/dms/image/",), savable=False),
)
