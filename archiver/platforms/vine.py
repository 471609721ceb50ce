"""Vine (2013-2017): videos of six seconds.

Forms (years): frames ``vine.co/v/ID/embed/simple`` and ``/embed/postcard`` (2013 to now, as an archive);
``amp-vine[data-vineid]``.

Addresses: ``vine.co/v/ID``; the id is unique and knows case.

Clock: none that is known. The page carries the id only. No posts: users (``/u/``), tags, playlists.

Flattened to plain text: nothing.
"""

from __future__ import annotations

import re

from archiver import html, verdicts
from archiver.model import Note, Quote, Sighting
from archiver.platform import Address, Platform, Spot, quote
from archiver.shown import reached
from archiver.verdicts import Known, Life, Question, Reply, Verdict

__all__ = ["PLATFORM"]

NAME = "vine"
_POST = re.compile(
    r"^(?:https?:)?//(?:www\.)?vine\.co/v/(?P<id>[A-Za-z0-9]{9,13})(?:/(?:embed|card)(?:/\w+)?)?/?(?:[?#].*)?$",
    re.DOTALL,
)


def address(written: str) -> Address | None:
    """What a video's address says; None for users and tags."""
    found = _POST.match(written)
    return Address(f"https://vine.co/v/{found['id']}", found["id"]) if found else None


def _in_html(spot: Spot) -> Sighting | Note | None:
    found = address(f"https://vine.co/v/{(html.attribute(spot.element, 'data-vineid') or '').strip()}")
    if not found or spot.inside:
        return None
    fragment = html.markup(spot.element)
    return Sighting(NAME, "amp", place=spot.place, fragment=fragment, native_id=found.native_id)


def _understand(seen: Sighting) -> Quote:
    return quote(seen, reached(seen.url, address) or address(f"https://vine.co/v/{seen.native_id}"))


def _asking(post: Known) -> tuple[Question, ...]:
    """What was kept of each video when the platform closed."""
    return (Question("api", f"https://archive.vine.co/posts/{post.native_id}.json"),)


def _verdict(reply: Reply) -> Verdict:
    return verdicts.by_page(reply, NAME)


PLATFORM = Platform(
    name=NAME,
    title="Vine",
    forms="frame, AMP",
    clock=False,
    markers=(b"vine.co", b"amp-vine"),
    hosts=("vine.co/",),
    needles=(r"//(?:www\.)?vine\.co|vine\.co[\\%&]|amp-vine",),
    address=address,
    understand=_understand,
    where="self::amp-vine",
    in_html=_in_html,
    life=Life(_asking, _verdict),
)
