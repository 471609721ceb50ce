"""Imgur: images and albums.

Forms (years): ``blockquote.imgur-embed-pub[data-id]`` (2014 to now), ``data-id="a/ID"`` for an album, around
a link whose words are the title or "View post on imgur.com"; frames ``imgur.com/ID/embed``.

Addresses: ``imgur.com/ID``, ``/a/ID``, ``/gallery/[words-]ID``, ``/t/TOPIC/ID``, ``/r/SUB/ID``, each with
``/embed``. Whether a gallery's id is an album cannot be told offline. ``i.imgur.com`` is an image, no post.

Clock: none. The page carries the title at most. No posts: users, topics, ``/upload``.

Flattened to plain text: the title, or "View post on imgur.com".
"""

from __future__ import annotations

import re

from archiver import html, verdicts
from archiver.model import Note, Quote, Sighting
from archiver.platform import Address, Platform, Spot, quote
from archiver.shown import reached
from archiver.text import squeeze
from archiver.verdicts import Life

__all__ = ["PLATFORM"]

NAME = "imgur"
_POST = re.compile(
    r"""^(?:https?:)?//(?:www\.|m\.)?imgur\.(?:com|io)/(?P<album>a/)?(?:gallery/|t/\w{1,60}/|r/\w{1,60}/)?
        (?:[\w%-]{1,200}-)?(?P<id>[A-Za-z0-9]{5,8})(?:/embed|\.html)?/?(?:[?\#].*)?$""",
    re.VERBOSE | re.DOTALL,
)
_OWN_ID = re.compile(r"^(?:a/)?[A-Za-z0-9]{5,8}$")
# A page of the site is called by a lower case word; an id of letters alone holds a capital.
_WORD = re.compile(r"^[a-z]+$")
_INVITATION = re.compile(r"imgur\.com", re.IGNORECASE)


def address(written: str) -> Address | None:
    """What the address of an image's page or an album says; None for image files, users and topics."""
    found = _POST.match(written)
    if not found or (_WORD.match(found["id"]) and not found["album"]):
        return None
    native_id = f"{found['album'] or ''}{found['id']}"
    return Address(f"https://imgur.com/{native_id}", native_id)


def _in_html(spot: Spot) -> Sighting | Note | None:
    element = spot.element
    amp = html.attribute(element, "data-imgur-id")
    number = (amp or html.attribute(element, "data-id") or "").strip().strip("/")
    links = html.select(element, ".//a[@href]")
    href = next((h for a in links if reached(h := html.attribute(a, "href") or "", address)), None)
    if not _OWN_ID.match(number) and not href:
        return None
    title = squeeze(html.flow(element).text)
    return Sighting(
        platform=NAME,
        form="amp" if amp else "blockquote",
        place=spot.place,
        fragment=html.markup(element),
        text=None if _INVITATION.search(title) else title or None,
        url=href,
        native_id=number if _OWN_ID.match(number) else None,
    )


def _understand(seen: Sighting) -> Quote:
    by_id = Address(f"https://imgur.com/{seen.native_id}", seen.native_id) if seen.native_id else None
    return quote(seen, by_id or reached(seen.url, address))


PLATFORM = Platform(
    name=NAME,
    title="Imgur",
    forms="blockquote, frame",
    clock=False,
    markers=(b"imgur",),
    hosts=("imgur.com/", "imgur.io/"),
    needles=(r"imgur\.(?:com|io)|imgur-embed|amp-imgur",),
    address=address,
    understand=_understand,
    where=(
        "contains(@class, 'imgur-embed-pub') or contains(@classname, 'imgur-embed-pub')"
        " or self::amp-imgur[@data-imgur-id]"
    ),
    in_html=_in_html,
    life=Life(
        verdicts.ask("oembed", "https://api.imgur.com/oembed.json?url="),
        verdicts.by_oembed(),
        files=("i.imgur.com/",),
    ),
)
