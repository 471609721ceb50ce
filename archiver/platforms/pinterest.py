"""Pinterest: pins.

Forms (years): ``a[data-pin-do=embedPin]`` with ``href`` or ``data-pin-id`` (2013 to now); frames
``assets.pinterest.com/ext/embed.html?id=ID``; ``amp-pinterest[data-do=embedPin]``.

Addresses: ``/pin/ID`` and ``/pin/words--ID`` on every country's host; ``pin.it/CODE`` leads to a pin that
only Pinterest knows.

Clock: none. The page carries the id only. No posts: ``data-pin-do`` embedBoard, embedUser, buttonPin,
buttonBookmark, buttonFollow; ``/pin/create`` (share buttons); boards and profiles.

Flattened to plain text: nothing.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from archiver import html, verdicts
from archiver.model import Note, Quote, Sighting
from archiver.platform import SLASH, Address, Platform, Spot, quote
from archiver.shown import reached
from archiver.verdicts import Life

__all__ = ["PLATFORM"]

NAME = "pinterest"
_PIN = re.compile(
    r"""^(?:https?:)?//(?:[\w-]{1,40}\.){0,3}pinterest\.[a-z]{2,4}(?:\.[a-z]{2})?/pin/(?:[^/?\#]{1,200}--)?
        (?P<id>\d{5,20})(?:[/?\#].*)?$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_FRAME = re.compile(r"^(?:https?:)?//assets\.pinterest\.com/ext/embed\.html\?", re.IGNORECASE)
_SHORT = re.compile(r"^(?:https?:)?//(?:www\.)?pin\.it/(?P<code>\w{5,20})/?(?:[?#].*)?$", re.IGNORECASE)
_ID = re.compile(r"^\d{5,20}$")


def address(written: str) -> Address | None:
    """What a pin's address says; None for boards, profiles and buttons."""
    found = _PIN.match(written)
    if found:
        return _pin(found["id"])
    if _FRAME.match(written):
        return _pin(parse_qs(urlsplit(written).query).get("id", [""])[0])
    short = _SHORT.match(written)
    return Address(f"https://pin.it/{short['code']}") if short else None


def _pin(number: str) -> Address | None:
    return Address(f"https://www.pinterest.com/pin/{number}/", number) if _ID.match(number) else None


def _in_html(spot: Spot) -> Sighting | Note | None:
    element = spot.element
    does = html.attribute(element, "data-pin-do") or html.attribute(element, "data-do") or "embedPin"
    href = html.attribute(element, "href") or html.attribute(element, "data-url") or ""
    number = (html.attribute(element, "data-pin-id") or "").strip()
    found = reached(href, address) or _pin(number)
    if does.lower() != "embedpin" or not found:
        return None
    return Sighting(
        platform=NAME,
        form="amp" if html.name(element) == "amp-pinterest" else "sdk",
        place=spot.place,
        fragment=html.markup(element),
        url=href.strip() if reached(href, address) else None,
        native_id=found.native_id,
    )


def _understand(seen: Sighting) -> Quote:
    return quote(seen, reached(seen.url, address) or _pin(seen.native_id or ""))


PLATFORM = Platform(
    name=NAME,
    title="Pinterest",
    forms="script widget, frame, AMP",
    clock=False,
    markers=(b"pinterest", b"pin.it", b"data-pin-"),
    hosts=("pinterest.", "pin.it/"),
    needles=(
        rf"embedpin|data-pin-id|amp-pinterest|pin\.it{SLASH}|ext{SLASH}embed\.html",
        rf"{SLASH}pin{SLASH}[a-z0-9_%.-]{{0,200}}[0-9]{{5}}",
    ),
    address=address,
    understand=_understand,
    where="@data-pin-do or self::a[@data-pin-id] or self::amp-pinterest",
    in_html=_in_html,
    life=Life(
        verdicts.ask("oembed", "https://www.pinterest.com/oembed.json?url="),
        verdicts.by_oembed(),
        files=("i.pinimg.com/",),
    ),
)
