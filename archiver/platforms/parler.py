"""Parler: posts.

Forms (years): links and screenshots (2018 to 2023); no embed code of its own is known.

Addresses: ``parler.com/post/ID`` (32 hexadecimal digits), ``share.par.pw/post/ID``, ``parler.com/feed/UUID``
(since 2021). The id is unique.

Clock: none that is known. No posts: profiles (``/profile/``), ``/post-view?q=`` (a search).

Flattened to plain text: nothing but the address.
"""

from __future__ import annotations

import re

from archiver.model import Quote, Sighting
from archiver.platform import Address, Platform, quote
from archiver.shown import reached

__all__ = ["PLATFORM"]

NAME = "parler"
_POST = re.compile(
    r"^(?:https?:)?//(?:(?:www\.|app\.)?parler\.com|share\.par\.pw)/(?P<kind>post|feed)/(?P<id>[0-9a-f-]{32,36})/?(?:[?#].*)?$",
    re.IGNORECASE | re.DOTALL,
)


def address(written: str) -> Address | None:
    """What a post's address says; None for profiles and searches."""
    found = _POST.match(written)
    if not found:
        return None
    number = found["id"].lower()
    return Address(f"https://parler.com/{found['kind'].lower()}/{number}", number)


def _understand(seen: Sighting) -> Quote:
    return quote(seen, reached(seen.url, address))


PLATFORM = Platform(
    name=NAME,
    title="Parler",
    forms="address",
    clock=False,
    markers=(b"parler.com", b"share.par.pw"),
    hosts=("parler.com", "share.par.pw"),
    address=address,
    understand=_understand,
)
