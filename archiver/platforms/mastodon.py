"""Mastodon and servers that speak its addresses (Pleroma, Akkoma, GoToSocial): posts.

Forms (years): ``iframe.mastodon-embed`` on ``…/embed`` (2017 to now); ``blockquote.mastodon-embed
[data-embed-url]`` (2024 to now), which shows "Post by @user@host" and "View on Mastodon" and never words.

Addresses, on any host: ``/@USER/ID``, ``/@USER@REMOTE/ID``, ``/users/USER/statuses/ID``, ``/web/@USER/ID``,
``/web/statuses/ID``, ``/deck/@USER/ID``, each with ``/embed``; ``/@USER/statuses/ULID`` (GoToSocial);
``/notice/FLAKE`` (Pleroma). An id counts on its host only: the same post has another id on every server. Ids
of servers before version 2.0 (2017) are short numbers; ``/@USER/12`` is also an article on other sites, so
that they count where the address or the host says that it is a post.

Clock: ids of 15 digits and more are milliseconds since 1970 above 16 bits.

The page carries handle and id only. No posts: profiles, tags, ``/share``, ``/intent``,
``/authorize_interaction``.

Flattened to plain text: "Post by @user@host\\nView on Mastodon".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from archiver import flattened, html, verdicts
from archiver.model import Moment, Note, Quote, Sighting
from archiver.platform import SLASH, Address, Platform, Spot, quote
from archiver.shown import clocked, permalinks, reached
from archiver.verdicts import Known, Life, Question

__all__ = ["PLATFORM"]

NAME = "mastodon"
_POST = re.compile(
    r"""^(?:https?:)?//(?P<host>[\w.-]+\.[a-z]{2,24}(?::\d+)?)/(?P<app>web/|deck/)?
        (?:@(?P<handle>[\w.-]{1,60}(?:@[\w.-]+)?)/(?:(?:posts|statuses)/)?
          |users/(?P<user>[\w.-]{1,60})/statuses/|(?P<bare>statuses/))
        (?P<id>\d{1,20}|0[0-9A-HJKMNP-TV-Z]{25})(?P<embed>/embed)?/?(?:[?\#&].*)?$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_FLAKE = re.compile(
    r"^(?:https?:)?//(?P<host>[\w.-]+\.[a-z]{2,24})/notice/(?P<id>A[0-9A-Za-z]{17})(?:/embed)?/?(?:[?#].*)?$"
)
# Hosts of other platforms whose addresses look alike.
_OTHERS = re.compile(
    r"(?:^|\.)(?:truthsocial|gab|medium|tiktok|threads|youtube|flipboard|substack)\.(?:com|net|ai)$",
    re.IGNORECASE,
)
_KNOWN = re.compile(r"masto|mstdn|\btoot|social|pawoo|fedi|pleroma", re.IGNORECASE)
_BY, _VIEW = ("Post by",), ("View on Mastodon",)
_SHIFT, _LONG = 16, 15
_FIRST_YEAR = 2016


def address(written: str) -> Address | None:
    """What a post's address says, on any host; None for profiles and for what is no post for sure."""
    found = _POST.match(written) or _FLAKE.match(written)
    if not found or _OTHERS.search(found["host"]):
        return None
    parts = found.groupdict()
    host, number = found["host"].lower().removeprefix("www."), found["id"]
    if number.isdigit():
        number = number.lstrip("0")
        is_marked = parts["embed"] or parts["user"] or _KNOWN.search(host)
        if not number or (len(number) < _LONG and not is_marked):
            return None
        if parts["bare"] and not (parts["app"] and len(number) >= _LONG):
            return None
    handle = parts.get("handle") or parts.get("user")
    if handle:
        url = f"https://{host}/@{handle}/{'' if number.isdigit() else 'statuses/'}{number}"
    elif number.isdigit():
        url = f"https://{host}/web/statuses/{number}"
    else:
        url = f"https://{host}/notice/{number}"
    return Address(url, number, handle, f"{host}/{number}")


def time_of(number: str) -> Moment:
    """When a post was made, by its id; Moment() for short ids and those of other software."""
    if not number.isdigit() or len(number) < _LONG:
        return Moment()
    return clocked(int(number), _SHIFT, 0, _FIRST_YEAR)


def _in_html(spot: Spot) -> Sighting | Note | None:
    element = spot.element
    link = html.attribute(element, "data-embed-url")
    if not link:
        link = next((anchor.href for anchor in permalinks(html.flow(element), address)), None)
    found = reached(link, address)
    if not link or not found:
        return None
    return Sighting(
        platform=NAME,
        form="blockquote",
        place=spot.place,
        fragment=html.markup(element),
        handle=found.handle,
        url=link.strip(),
    )


def _in_text(text: str) -> list[Sighting]:
    """Pointers whose address is left: they show no words."""
    if "/@" not in text:
        return []
    found = flattened.by_pointer(text, _BY, _VIEW)
    return [
        replace(flattened.sighting(one, text, NAME), handle=post.handle or one.handle)
        for one in found
        if (post := reached(one.url, address))
    ]


def _understand(seen: Sighting) -> Quote:
    found = reached(seen.url, address)
    by_id = time_of(found.native_id) if found and found.native_id else None
    return quote(seen, found, by_id=by_id)


def _asking(post: Known) -> tuple[Question, ...]:
    """The server's public API for statuses, its oEmbed where that wants a login, then the page."""
    host, _, number = post.key.partition("/")
    url = post.url or ""
    return (
        Question("api", f"https://{host}/api/v1/statuses/{number}"),
        Question("oembed", f"https://{host}/api/oembed?url={verdicts.escaped(url)}"),
        Question("page", url, program=False),
    )


def _told(value: Mapping[str, Any]) -> Sighting | None:
    """A status as the server's API has it."""
    url, content, account = value.get("url"), value.get("content"), value.get("account")
    found = address(url) if isinstance(url, str) else None
    if found is None or not isinstance(content, str) or not isinstance(account, Mapping):
        return None
    root = html.parse(f"<div>{content}</div>").root
    pairs = ((account, "display_name"), (value, "created_at"), (value, "language"))
    name, written, language = (about.get(key) for about, key in pairs)
    return Sighting(
        platform=NAME,
        form="json",
        text=(html.flow(root).text.strip() or None) if root is not None else None,
        author_name=name if isinstance(name, str) and name else None,
        handle=found.handle,
        datetime_written=written if isinstance(written, str) else None,
        url=url,
        language=language if isinstance(language, str) else None,
    )


PLATFORM = Platform(
    name=NAME,
    title="Mastodon",
    forms="blockquote, frame, Markdown",
    clock=True,
    markers=(
        b"mastodon",
        b"/@",
        b"\\/@",
        b"/users/",
        b"\\/users\\/",
        b"/notice/",
        b"/statuses/",
        b"%2f%40",
        b"%2f@",
        b"u002f@",
    ),
    hosts=("/@", "/users/", "/notice/", "/statuses/"),
    needles=(
        r"mastodon-embed|data-embed-url=[^ ]{1,200}/embed",
        rf"{SLASH}(?:@|%40|u0040)[a-z0-9_.@%-]{{1,120}}{SLASH}(?:(?:posts|statuses){SLASH})?[0-9]",
        rf"statuses{SLASH}[0-9]|notice{SLASH}a",
    ),
    address=address,
    understand=_understand,
    where=(
        "self::blockquote[contains(@class, 'mastodon-embed') or contains(@classname, 'mastodon-embed')"
        " or contains(@data-embed-url, '/embed')]"
    ),
    in_html=_in_html,
    in_text=_in_text,
    life=Life(_asking, verdicts.by_fediverse, files=("/media_attachments/files/",), told=_told),
)
