"""Telegram: posts of channels and public groups.

Forms (years): ``script[data-telegram-post="channel/123"]`` (2017 to now; the id and nothing else); frames
``t.me/channel/123?embed=1``; a saved page of t.me, ``.tgme_widget_message[data-post]`` with text,
``time[datetime]``, media and what it answers; ``blockquote.telegram-post`` with a link.

Addresses: ``t.me/CHANNEL/ID`` and ``t.me/s/CHANNEL/ID``, also on telegram.me and telegram.dog, with
``?single``, ``?thread=``, ``?comment=``; ``CHANNEL/TOPIC/ID`` in groups with topics; ``t.me/c/NUMBER/ID`` in
private ones; ``tg://resolve?domain=CHANNEL&post=ID``. An id counts inside its channel only, whose name knows
no case.

Clock: none; ids give the order inside the channel. A saved page says the exact time.

No posts: channels, ``/joinchat/``, ``/share/``, ``/addstickers/``, ``/iv``, ``/proxy``, and the discussion
widget (``data-telegram-discussion``).

Flattened to plain text: a saved page gives "Channel name\\n[text]\\n12.3K views\\nedited 14:02".
"""

from __future__ import annotations

import re
from dataclasses import replace

from archiver import html, verdicts
from archiver.html import Element
from archiver.model import Link, Note, Quote, Sighting
from archiver.platform import SLASH, Address, Platform, Spot, quote
from archiver.shown import in_anchors, permalinks, reached
from archiver.text import squeeze
from archiver.verdicts import Known, Life, Question, Reply, Verdict

__all__ = ["PLATFORM"]

NAME = "telegram"
_POST = re.compile(
    r"""^(?:https?:)?//(?:www\.)?(?:t\.me|telegram\.(?:me|dog))/(?:s/)?
        (?!(?:joinchat|addstickers|addemoji|addtheme|addlist|share|iv|proxy|socks|setlanguage|login|bg|boost|contact|invoice|giftcode)/)
        (?P<channel>c/\d{4,15}|[a-z]\w{2,31})/(?:\d{1,10}/)?(?P<id>\d{1,10})/?(?:[?\#&].*)?$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_RESOLVED = re.compile(
    r"^tg://resolve\?(?:domain=(?P<channel>[a-z]\w{2,31})&post=(?P<id>\d{1,10}))(?:&.*)?$", re.IGNORECASE
)
_PICTURE = re.compile(r"""url\(\s*['"]?([^'")\s]{1,2000})""")
_MEDIA = (
    "contains(@class, 'tgme_widget_message_photo_wrap')",
    "contains(@class, 'tgme_widget_message_video')",
    "contains(@class, 'tgme_widget_message_roundvideo')",
)
_ACCOUNT = re.compile(r"^https?://t\.me/([A-Za-z]\w{2,31})/?$")
_WIDGET = re.compile(r"^(?P<channel>[A-Za-z]\w{2,31})/(?:\d{1,10}/)?(?P<id>\d{1,10})(?:\?.*)?$")


def address(written: str) -> Address | None:
    """What a post's address says; None for channels, invitations and buttons."""
    found = _POST.match(written) or _RESOLVED.match(written)
    if not found:
        return None
    channel, number = found["channel"], found["id"].lstrip("0")
    if not number:
        return None
    handle = None if channel[:2].lower() == "c/" else channel
    key = f"{channel.lower()}/{number}"
    return Address(f"https://t.me/{key}", number, handle, key)


def _in_html(spot: Spot) -> Sighting | Note | None:
    element, tag = spot.element, html.name(spot.element)
    posted = (html.attribute(element, "data-telegram-post") or "").strip()
    if posted:
        return _widget(spot, posted) if _WIDGET.match(posted) else None
    posted = (html.attribute(element, "data-post") or "").strip()
    if _WIDGET.match(posted) and "tgme_widget_message" in html.classes(element):
        return _saved(spot, posted)
    if tag != "blockquote" or "telegram-post" not in html.classes(element):
        return None
    shown = html.flow(element)
    links = permalinks(shown, address)
    if not links:
        return None
    found = reached(links[-1].href, address)
    text = shown.text[: links[-1].start].strip()
    return Sighting(
        platform=NAME,
        form="blockquote",
        place=spot.place,
        fragment=html.markup(element),
        text=text or None,
        handle=found.handle if found else None,
        url=links[-1].href.strip(),
    )


def _widget(spot: Spot, posted: str) -> Sighting:
    """Telegram's script, which will fetch the post."""
    return Sighting(
        platform=NAME,
        form="sdk",
        place=spot.place,
        fragment=html.markup(spot.element),
        handle=posted.partition("/")[0],
        url=f"https://t.me/{posted}",
    )


def _saved(spot: Spot, posted: str) -> Sighting:
    """A post as t.me shows it."""
    element = spot.element
    answered = set(html.select(element, ".//a[contains(@class, 'tgme_widget_message_reply')]"))
    body = next((e for e in _all(element, "_text") if not html.is_inside(e, answered)), None)
    shown = html.flow(body) if body is not None else None
    time = next(iter(html.select(element, ".//time[@datetime]")), None)
    stamp = html.attribute(time, "datetime") if time is not None else None
    names = [*_all(element, "_owner_name"), *_all(element, "_author_name")]
    name = next((e for e in names if not html.is_inside(e, answered)), None)
    words = in_anchors(shown, (0, len(shown.text)), lambda _: False, _is_post) if shown else []
    # A hashtag is a search inside the channel.
    found = f"https://t.me/s/{posted.partition('/')[0]}"
    words = [replace(x, url=found + x.url) if x.url and x.url[0] == "?" else x for x in words]
    replied = [Link("replied", None, html.attribute(e, "href")) for e in answered]
    return Sighting(
        platform=NAME,
        form="rendered",
        place=spot.place,
        fragment=html.markup(element),
        text=(shown.text.strip() or None) if shown else None,
        author_name=squeeze(html.flow(name).text) or None if name is not None else None,
        handle=_account(name) or posted.partition("/")[0],
        date_written=stamp[:10] if stamp else None,
        datetime_written=stamp,
        url=f"https://t.me/{posted}",
        links=(*words, *replied, *_media(element)),
        counts=_views(element),
    )


def _views(element: Element) -> tuple[tuple[str, int], ...]:
    """How often a post was seen, where that is a number and not "12.3K"."""
    shown = (squeeze(html.words(views)) for views in _all(element, "_views"))
    return tuple(("views", int(number)) for number in shown if number.isdecimal())


def _account(name: Element | None) -> str | None:
    """Whose name it is: in a group another's than the group's."""
    found = _ACCOUNT.match(html.attribute(name, "href") or "") if name is not None else None
    return found[1] if found else None


def _media(element: Element) -> list[Link]:
    """The pictures and films of a saved post; its emoji and its author's picture are none."""
    found: dict[str, None] = {}
    for inner in html.select(element, f".//*[{' or '.join(_MEDIA)}]"):
        styled = _PICTURE.search(html.attribute(inner, "style") or "")
        address = html.attribute(inner, "src") or (styled[1] if styled else "")
        if "//" in address:
            found[address] = None
    return [Link("media", None, address) for address in found]


def _all(element: Element, part: str) -> list[Element]:
    path = f".//*[contains(concat(' ', @class, ' '), ' tgme_widget_message{part} ')]"
    return html.select(element, path)


def _is_post(href: str) -> bool:
    return reached(href, address) is not None


def _understand(seen: Sighting) -> Quote:
    found = reached(seen.url, address)
    # The name in an address is the channel's or the group's, not always the author's.
    return quote(seen, replace(found, handle=None) if found else None)


def _asking(post: Known) -> tuple[Question, ...]:
    """The frame of the widget: it is shown without a login."""
    return (Question("embed", f"https://t.me/{post.key}?embed=1&mode=tme", program=False),)


def _verdict(reply: Reply) -> Verdict:
    return verdicts.by_page(reply, NAME)


PLATFORM = Platform(
    name=NAME,
    title="Telegram",
    forms="script widget, frame, saved page, blockquote",
    clock=False,
    markers=(b"t.me", b"telegram", b"tgme_", b"tg://"),
    hosts=("t.me/", "telegram.me/", "telegram.dog/", "tg://resolve"),
    needles=(
        rf"data-telegram-post|tgme_widget|telegram-post|tg:{SLASH}{{2}}resolve",
        rf"(?:t\.me|telegram\.(?:me|dog)){SLASH}(?:[sc]{SLASH})?[a-z0-9_]{{2,33}}{SLASH}[0-9]",
    ),
    address=address,
    understand=_understand,
    where=(
        "@data-telegram-post or @data-post and contains(@class, 'tgme_widget_message')"
        " or self::blockquote[contains(@class, 'telegram-post')]"
    ),
    in_html=_in_html,
    life=Life(_asking, _verdict, files=("telesco.pe/file/", "telegram-cdn.org/file/")),
)
