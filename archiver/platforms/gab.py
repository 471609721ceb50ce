"""Gab: posts.

Forms (years): links and frames (2016 to now); no embed code of its own is known.

Addresses: ``gab.com/USER/posts/ID``, ``gab.ai/USER/posts/ID`` (until 2018), each with ``/embed``.

Clock: since 2019 Gab runs a copy of Mastodon, whose ids of 15 digits and more are milliseconds since 1970
above 16 bits; earlier ids are short numbers without a time.

No posts: profiles, groups, ``/compose`` (share buttons).

Flattened to plain text: nothing.
"""

from __future__ import annotations

import re

from archiver import verdicts
from archiver.model import Moment, Quote, Sighting
from archiver.platform import Address, Platform, quote
from archiver.shown import clocked, reached
from archiver.verdicts import Known, Life, Question

__all__ = ["PLATFORM"]

NAME = "gab"
_POST = re.compile(
    r"""^(?:https?:)?//(?:www\.)?gab\.(?:com|ai)/@?(?P<handle>[\w.-]{1,40})/posts?/(?P<id>\d{1,20})
        (?:/embed)?/?(?:[?\#&].*)?$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_SHIFT, _LONG, _FIRST_YEAR = 16, 15, 2019


def address(written: str) -> Address | None:
    """What a post's address says; None for profiles and groups."""
    found = _POST.match(written)
    if not found:
        return None
    handle, number = found["handle"], found["id"]
    return Address(f"https://gab.com/{handle}/posts/{number}", number, handle, f"gab.com/{number}")


def time_of(number: str) -> Moment:
    """When a post was made, by its id; Moment() for the short ids of the first years."""
    return clocked(int(number), _SHIFT, 0, _FIRST_YEAR) if len(number) >= _LONG else Moment()


def _understand(seen: Sighting) -> Quote:
    found = reached(seen.url, address)
    by_id = time_of(found.native_id) if found and found.native_id else None
    return quote(seen, found, by_id=by_id)


def _asking(post: Known) -> tuple[Question, ...]:
    host, _, number = post.key.partition("/")
    return (Question("api", f"https://{host}/api/v1/statuses/{number}"),)


PLATFORM = Platform(
    name=NAME,
    title="Gab",
    forms="frame",
    clock=True,
    markers=(b"gab.com", b"gab.ai"),
    hosts=("gab.com/", "gab.ai/"),
    address=address,
    understand=_understand,
    life=Life(_asking, verdicts.by_fediverse, files=("/media_attachments/files/",)),
)
