"""Truth Social: posts.

Forms (years): ``iframe.truthsocial-embed`` (2022 to now), its address in ``src`` or ``data-src``; links.

Addresses: ``/@USER/ID``, ``/@USER/posts/ID``, ``/users/USER/statuses/ID``, each with ``/embed``.

Clock: milliseconds since 1970 above 16 bits of the id, as in Mastodon, of which it is a copy.

The page carries handle and id only. No posts: profiles, tags, ``/share``.

Flattened to plain text: nothing, or "Donald Example (@example) on Truth Social" as words of a link.
"""

from __future__ import annotations

import re

from archiver import verdicts
from archiver.model import Moment, Quote, Sighting
from archiver.platform import Address, Platform, quote
from archiver.shown import clocked, reached
from archiver.verdicts import Known, Life, Question

__all__ = ["PLATFORM"]

NAME = "truthsocial"
_POST = re.compile(
    r"""^(?:https?:)?//(?:[\w-]+\.)?truthsocial\.com/
        (?:@(?P<handle>\w{1,30})/(?:posts/)?|users/(?P<user>\w{1,30})/statuses/)
        (?P<id>\d{15,20})(?:/embed)?/?(?:[?\#&].*)?$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_SHIFT, _FIRST_YEAR = 16, 2022


def address(written: str) -> Address | None:
    """What a post's address says; None for profiles."""
    found = _POST.match(written)
    if not found:
        return None
    handle, number = found["handle"] or found["user"], found["id"]
    url = f"https://truthsocial.com/@{handle}/posts/{number}"
    return Address(url, number, handle, f"truthsocial.com/{number}")


def time_of(number: str) -> Moment:
    """When a post was made, by its id."""
    return clocked(int(number), _SHIFT, 0, _FIRST_YEAR)


def _understand(seen: Sighting) -> Quote:
    found = reached(seen.url, address)
    by_id = time_of(found.native_id) if found and found.native_id else None
    return quote(seen, found, by_id=by_id)


def _asking(post: Known) -> tuple[Question, ...]:
    host, _, number = post.key.partition("/")
    return (Question("api", f"https://{host}/api/v1/statuses/{number}"),)


PLATFORM = Platform(
    name=NAME,
    title="Truth Social",
    forms="frame",
    clock=True,
    markers=(b"truthsocial.com",),
    hosts=("truthsocial.com",),
    address=address,
    understand=_understand,
    life=Life(_asking, verdicts.by_fediverse, files=("/media_attachments/files/",)),
)
