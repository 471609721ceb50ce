"""Weibo: posts.

Forms (years): links and screenshots (2009 to now); no embed code of its own is known.

Addresses: ``weibo.com/UID/BASE62``, ``m.weibo.cn/status/ID`` and ``m.weibo.cn/UID/ID``, with the number or
its base 62, which say the same: groups of four letters are groups of seven digits, from the right. The id is
kept in base 62.

Clock: none that is known. No posts: profiles (``/u/UID``, ``/n/NAME``), topics, ``service.weibo.com/share``,
``ttarticle``.

Flattened to plain text: nothing but the address.
"""

from __future__ import annotations

import re

from archiver import verdicts
from archiver.model import Quote, Sighting
from archiver.platform import Address, Platform, quote
from archiver.shown import reached
from archiver.verdicts import Known, Life, Question, Reply, Verdict

__all__ = ["PLATFORM"]

NAME = "weibo"
_POST = re.compile(
    r"""^(?:https?:)?//(?:(?:www\.|m\.|e\.)?weibo\.com|(?:m\.|www\.)?weibo\.cn)/
        (?:(?P<user>\d{5,12})|status|statuses|detail)/(?P<id>\d{14,20}|(?=[a-z]*[A-Z0-9])[0-9A-Za-z]{9})
        /?(?:[?\#].*)?$""",
    re.VERBOSE | re.DOTALL,
)
_BASE62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DIGITS, _LETTERS = 7, 4


def address(written: str) -> Address | None:
    """What a post's address says; None for profiles, topics and buttons."""
    found = _POST.match(written)
    if not found:
        return None
    code = _in_letters(found["id"]) if found["id"].isdigit() and len(found["id"]) > 9 else found["id"]
    user = found["user"]
    url = f"https://weibo.com/{user}/{code}" if user else f"https://m.weibo.cn/status/{code}"
    return Address(url, code, user)


def _in_letters(number: str) -> str:
    """A post's number in base 62."""
    pieces = []
    for end in range(len(number), 0, -_DIGITS):
        value, letters = int(number[max(0, end - _DIGITS) : end]), ""
        while value:
            value, rest = divmod(value, len(_BASE62))
            letters = _BASE62[rest] + letters
        pieces.append(letters.rjust(_LETTERS, "0") if end > _DIGITS else letters)
    return "".join(reversed(pieces))


def _understand(seen: Sighting) -> Quote:
    return quote(seen, reached(seen.url, address))


_NO_SUCH = (20101, 20112, 20135)


def _asking(post: Known) -> tuple[Question, ...]:
    return (Question("api", f"https://m.weibo.cn/statuses/show?id={post.native_id}"),)


def _verdict(reply: Reply) -> Verdict:
    """What the mobile page asks for; without a session a visitor's wall may stand before it."""
    found = verdicts.data(reply)
    if stands := verdicts.wall(reply):
        return stands
    if reply.status == 200 and isinstance(found, dict):
        if found.get("ok") == 1 and isinstance(found.get("data"), dict):
            return verdicts.live("the API gives it out")
        if found.get("error_code") in _NO_SUCH:
            return Verdict("deleted", f"the API says {found['error_code']}")
    return verdicts.unknown(f"the API answers {reply.status}", refused=reply.status in (403, 432))


PLATFORM = Platform(
    name=NAME,
    title="Weibo",
    forms="address",
    clock=False,
    markers=(b"weibo.c",),
    hosts=("weibo.com/", "weibo.cn/"),
    address=address,
    understand=_understand,
    life=Life(_asking, _verdict),
)
