"""Flickr: photos and albums.

Forms (years): ``a[data-flickr-embed][href][title]`` around the image (2015 to now); before, the same link
without the attribute, its ``title`` "Title by Name, on Flickr" (2008-2015); frames
``/photos/USER/ID/player``.

Addresses: ``/photos/USER/ID[/in/…]``, ``/photos/USER/albums/ID`` (``sets``), ``flic.kr/p/CODE`` (the id in
base 58, without the user). User names in addresses are stable; an account also has a number
(``12345678@N00``).

Clock: none. The page carries the title, the address of the image, before 2015 the author's name. No posts:
people, groups, searches, image files on ``staticflickr.com``.

Flattened to plain text: nothing (title and author stand in attributes).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from archiver import html, verdicts
from archiver.model import Link, Note, Quote, Sighting
from archiver.platform import SLASH, Address, Platform, Spot, quote
from archiver.shown import oembed, reached
from archiver.text import squeeze
from archiver.verdicts import Life

__all__ = ["PLATFORM"]

NAME = "flickr"
_PHOTO = re.compile(
    r"""^(?:https?:)?//(?:www\.|m\.|secure\.)?flickr\.com/(?:\#/)?photos/(?P<user>[\w@%-]{2,60})/
        (?:(?:albums|sets)/(?P<album>\d{4,20})|(?P<id>\d{4,20}))(?:[/?\#].*)?$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_SHORT = re.compile(r"^(?:https?:)?//flic\.kr/p/(?P<code>[1-9A-HJ-NP-Za-km-z]{3,10})/?(?:[?#].*)?$")
_BASE58 = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
_NO_USER = frozenset(("tags", "search", "upload", "organize", "friends"))
_CREDIT = re.compile(r"^(?P<title>.{0,200}?)\s?\bby (?P<name>[^,]{1,80}), on Flickr$", re.DOTALL)
_IMAGE = re.compile(r"static\.?flickr\.com/", re.IGNORECASE)


def address(written: str) -> Address | None:
    """What the address of a photo's page or an album says; None for people, groups and image files."""
    found = _PHOTO.match(written)
    if found and found["user"].lower() not in _NO_USER:
        user = found["user"].replace("%40", "@")
        user = user.upper() if "@" in user else user.lower()
        native_id = found["album"] or found["id"]
        path = f"{user}/{'sets/' if found['album'] else ''}{native_id}"
        page = f"{user}/{'albums/' if found['album'] else ''}{native_id}"
        return Address(f"https://www.flickr.com/photos/{page}/", native_id, user, path)
    short = _SHORT.match(written)
    if not short:
        return None
    number = 0
    for letter in short["code"]:
        number = number * len(_BASE58) + _BASE58.index(letter)
    return Address(f"https://flic.kr/p/{short['code']}", str(number))


def _in_html(spot: Spot) -> Sighting | Note | None:
    element = spot.element
    href = html.attribute(element, "href") or ""
    found = reached(href, address)
    title = squeeze(html.attribute(element, "title") or "")
    credit = _CREDIT.match(title)
    images = [html.attribute(img, "src") or "" for img in html.select(element, ".//img[@src]")]
    marked = html.attribute(element, "data-flickr-embed") is not None
    if not found or not (marked or (credit and any(map(_IMAGE.search, images)))):
        return None
    return Sighting(
        platform=NAME,
        form="sdk" if marked else "placeholder",
        place=spot.place,
        fragment=html.markup(element),
        text=(credit["title"] if credit else title) or None,
        author_name=credit["name"] if credit else None,
        handle=found.handle,
        url=href.strip(),
        links=tuple(Link("media", None, src) for src in images if src),
    )


def _in_data(value: Mapping[str, Any]) -> Sighting | None:
    return oembed(value, (NAME, "Flickr"), address, _in_html)


def _understand(seen: Sighting) -> Quote:
    return quote(seen, reached(seen.url, address))


PLATFORM = Platform(
    name=NAME,
    title="Flickr",
    forms="linked image with its script, linked image with a credit, frame",
    clock=False,
    markers=(b"flickr", b"flic.kr"),
    hosts=("flickr.com/", "flic.kr/"),
    needles=(
        rf"data-flickr-embed|on flickr|flic\.kr{SLASH}p",
        rf"flickr\.com{SLASH}(?:#{SLASH})?photos{SLASH}[a-z0-9_@%-]{{2,60}}{SLASH}[a-z0-9]",
        r"static\.?flickr\.com",
    ),
    address=address,
    understand=_understand,
    where="self::a[@data-flickr-embed or contains(@title, ', on Flickr')]",
    in_html=_in_html,
    in_data=_in_data,
    life=Life(
        verdicts.ask("oembed", "https://www.flickr.com/services/oembed/?format=json&url="),
        verdicts.by_oembed(private=(401, 403)),
        files=("staticflickr.com/",),
    ),
)
