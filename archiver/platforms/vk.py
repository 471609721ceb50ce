"""VK: wall posts, videos, clips and photos.

Forms (years): ``div#vk_post_OWNER_ID`` filled by ``VK.Widgets.Post("element", OWNER, ID, "hash")`` in a
script (2013 to now; the element may have any id, then only the script's arguments say the post); frames
``video_ext.php?oid=OWNER&id=ID`` (also vkvideo.ru) and ``widget_post.php``;
``amp-vk[data-owner-id][data-post-id]``.

Addresses: ``vk.com/wallOWNER_ID``, also as ``?w=wall…`` behind any page, ``videoOWNER_ID`` and
``clipOWNER_ID`` (one and the same), ``photoOWNER_ID``, ``?z=video…``; hosts vk.com, m.vk.com, vk.ru,
vkontakte.ru, vkvideo.ru. An id counts for its owner only; owners below zero are communities.

Clock: none; ids give the order on one wall. The page carries ids only. No posts: communities, profiles,
``share.php``, widgets of groups, comments and likes.

Flattened to plain text: nothing.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from archiver import html, verdicts
from archiver.model import Note, Quote, Sighting
from archiver.platform import Address, Platform, Spot, quote
from archiver.shown import reached
from archiver.verdicts import Known, Life, Question, Reply, Verdict

__all__ = ["PLATFORM"]

NAME = "vk"
_HOST = re.compile(
    r"^(?:https?:)?//(?:[\w-]+\.)?(?:vk\.com|vk\.ru|vkontakte\.ru|vkvideo\.ru)/(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_POST = re.compile(
    r"(?:^|[?&](?:w|z)=)(?P<kind>wall|video|clip|photo)(?P<owner>-?\d{1,12})_(?P<id>\d{1,12})(?!\d)",
    re.IGNORECASE,
)
_PLAYER = re.compile(r"^video_ext\.php\?", re.IGNORECASE)
_WIDGET = re.compile(r"^widget_post\.php\?", re.IGNORECASE)
_NUMBER = re.compile(r"^-?\d{1,12}$")
_ELEMENT = re.compile(r"^vk_post_(?P<owner>-?\d{1,12})_(?P<id>\d{1,12})$")
_CALL = re.compile(
    r"""VK\.Widgets\.Post\(\s*["'](?P<element>[\w-]{1,100})["']\s*,\s*["']?(?P<owner>-?\d{1,12})["']?\s*,"""
    r"""\s*["']?(?P<id>\d{1,12})["']?"""
)


def address(written: str) -> Address | None:
    """What the address of a post, video or photo says; None for walls, groups and profiles."""
    found = _HOST.match(written)
    if not found:
        return None
    rest = found["rest"].replace("&amp;", "&").replace("%2F", "/").replace("%2f", "/")
    if _PLAYER.match(rest) or _WIDGET.match(rest):
        asked = parse_qs(urlsplit(rest).query)
        kind, names = ("video", ("oid", "id")) if _PLAYER.match(rest) else ("wall", ("owner_id", "post_id"))
        owner, number = (asked.get(name, [""])[0] for name in names)
        return _made(kind, owner, number)
    post = _POST.search(rest)
    return _made(post["kind"].lower(), post["owner"], post["id"]) if post else None


def _made(kind: str, owner: str, number: str) -> Address | None:
    if not (_NUMBER.match(owner) and _NUMBER.match(number)) or number.strip("-0") == "":
        return None
    native_id = f"{owner}_{number}"
    key = f"{'video' if kind == 'clip' else kind}{native_id}"
    return Address(f"https://vk.com/{key}", native_id, None, key)


def _in_html(spot: Spot) -> Sighting | Note | None:
    """The element of a widget, or its script where the element does not say the post."""
    element = spot.element
    if html.name(element) == "script":
        return _called(spot)
    if html.name(element) == "amp-vk":
        return _amp(spot)
    found = _ELEMENT.match(html.attribute(element, "id") or "")
    return _widget(spot, found) if found else None


def _amp(spot: Spot) -> Sighting | None:
    owner, number = (html.attribute(spot.element, key) or "" for key in ("data-owner-id", "data-post-id"))
    made = _made("wall", owner.strip(), number.strip())
    if not made:
        return None
    return Sighting(NAME, "amp", place=spot.place, fragment=html.markup(spot.element), url=made.url)


def _called(spot: Spot) -> Sighting | None:
    for found in _CALL.finditer(html.words(spot.element)):
        if not _ELEMENT.match(found["element"]):
            return _widget(spot, found)
        if not html.select(spot.element, f"//*[@id='{found['element']}']"):
            return _widget(spot, found)
    return None


def _widget(spot: Spot, found: re.Match[str]) -> Sighting | None:
    made = _made("wall", found["owner"], found["id"])
    if not made:
        return None
    return Sighting(NAME, "sdk", place=spot.place, fragment=html.markup(spot.element)[:5000], url=made.url)


def _understand(seen: Sighting) -> Quote:
    return quote(seen, reached(seen.url, address))


def _asking(post: Known) -> tuple[Question, ...]:
    """The page, which walls of public communities show without a login."""
    return (Question("page", post.url or "", program=False),)


def _verdict(reply: Reply) -> Verdict:
    return verdicts.by_page(reply, NAME)


PLATFORM = Platform(
    name=NAME,
    title="VK",
    forms="script widget, frame",
    clock=False,
    markers=(b"vk.com", b"vk.ru", b"vkontakte", b"vkvideo.ru", b"vk_post", b"vk.widgets", b"amp-vk"),
    hosts=("vk.com/", "vk.ru/", "vkontakte.ru/", "vkvideo.ru/"),
    address=address,
    understand=_understand,
    where="starts-with(@id, 'vk_post_') or self::amp-vk or self::script[contains(., 'VK.Widgets.Post(')]",
    in_html=_in_html,
    life=Life(_asking, _verdict, files=("userapi.com/",)),
)
