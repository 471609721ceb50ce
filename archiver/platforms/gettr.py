"""Gettr: posts.

Forms (years): links and screenshots (2021 to now); no embed code of its own is known.

Addresses: ``gettr.com/post/pID``; replies ``gettr.com/comment/cID``. The id is unique.

Clock: none that is known. No posts: users (``/user/``), streams, ``/share``.

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

NAME = "gettr"
_POST = re.compile(
    r"^(?:https?:)?//(?:www\.)?gettr\.com/(?P<kind>post|comment)/(?P<id>[pc][a-z0-9]{5,14})/?(?:[?#].*)?$",
    re.DOTALL,
)


def address(written: str) -> Address | None:
    """What a post's address says; None for users and streams."""
    found = _POST.match(written)
    return Address(f"https://gettr.com/{found['kind']}/{found['id']}", found["id"]) if found else None


def _understand(seen: Sighting) -> Quote:
    return quote(seen, reached(seen.url, address))


def _asking(post: Known) -> tuple[Question, ...]:
    """The page, made for link previews."""
    return (Question("page", post.url or "", program=False),)


def _verdict(reply: Reply) -> Verdict:
    return verdicts.by_page(reply, NAME)


PLATFORM = Platform(
    name=NAME,
    title="Gettr",
    forms="address",
    clock=False,
    markers=(b"gettr.com",),
    hosts=("gettr.com",),
    address=address,
    understand=_understand,
    life=Life(_asking, _verdict),
)
