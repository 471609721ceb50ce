"""Pixelfed: picture posts, on any host.

Forms (years): ``iframe.pixelfed__embed`` on ``/p/USER/ID/embed`` (2019 to now), with ``?caption=true``.

Addresses: ``/p/USER/ID`` on any host, an id of 15 digits and more (shops number their goods alike);
``/i/web/post/ID`` on a host that says its name. An id counts on its host only.

Clock: none that is known for sure. The page carries handle and id only. No posts: profiles, ``/i/`` pages.

Flattened to plain text: nothing.
"""

from __future__ import annotations

import re

from archiver import verdicts
from archiver.model import Quote, Sighting
from archiver.platform import SLASH, Address, Platform, quote
from archiver.shown import reached
from archiver.verdicts import Known, Life, Question, Reply, Verdict

__all__ = ["PLATFORM"]

NAME = "pixelfed"
_POST = re.compile(
    r"""^(?:https?:)?//(?P<host>[\w.-]+\.[a-z]{2,24})/p/(?P<handle>[\w.-]{1,40})/
        (?P<id>\d{15,20}|\d{6,14}(?=/embed))(?:/embed)?/?(?:[?\#&].*)?$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_IN_APP = re.compile(
    r"^(?:https?:)?//(?P<host>[\w.-]*pixel[\w.-]*\.[a-z]{2,24})/i/web/post/(?P<id>\d{9,20})/?(?:[?#].*)?$",
    re.IGNORECASE,
)


def address(written: str) -> Address | None:
    """What a post's address says, on any host."""
    found = _POST.match(written) or _IN_APP.match(written)
    if not found:
        return None
    host, number, handle = (
        found["host"].lower().removeprefix("www."),
        found["id"],
        found.groupdict().get("handle"),
    )
    url = f"https://{host}/p/{handle}/{number}" if handle else f"https://{host}/i/web/post/{number}"
    return Address(url, number, handle, f"{host}/{number}")


def _understand(seen: Sighting) -> Quote:
    return quote(seen, reached(seen.url, address))


def _asking(post: Known) -> tuple[Question, ...]:
    return (Question("page", post.url or "", program=False),)


def _verdict(reply: Reply) -> Verdict:
    return verdicts.by_page(reply, NAME)


PLATFORM = Platform(
    name=NAME,
    title="Pixelfed",
    forms="frame",
    clock=False,
    markers=(b"/p/", b"\\/p\\/", b"%2fp%2f", b"/i/web/post/"),
    hosts=("/p/", "/i/web/post/"),
    needles=(rf"{SLASH}p{SLASH}[a-z0-9_.-]{{1,40}}{SLASH}[0-9]{{9}}|i{SLASH}web{SLASH}post{SLASH}[0-9]",),
    address=address,
    understand=_understand,
    life=Life(_asking, _verdict),
)
