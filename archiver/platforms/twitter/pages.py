"""Tweets on saved pages: the platform's own of both generations, and a mirror's (Nitter)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from archiver import html
from archiver.html import Element, Flow
from archiver.model import Link, Sighting
from archiver.platform import Spot
from archiver.platforms.twitter import links
from archiver.platforms.twitter.address import NAME, is_handle, is_id, status
from archiver.text import squeeze

__all__ = ["WHERE", "in_html"]

WHERE = (
    "@data-tweet-id or self::article[@data-testid='tweet']"
    " or (contains(@class,'tweet') and .//a[contains(@href,'/status/')]//time[@datetime])"
    " or contains(concat(' ',@class,' '),' timeline-item ')"
)
_OWN_PATH = re.compile(r"^/(\w{1,20})/status/(\d{1,20})")
_HANDLE = re.compile(r"@(\w{1,20})")
_MS = re.compile(r"^\d{12,14}$")
_SECONDS = re.compile(r"^\d{9,11}$")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_KINDS = {"reply": "replies", "retweet": "reposts", "favorite": "likes"}


def in_html(spot: Spot) -> Sighting | None:
    """A tweet of a saved page."""
    element = spot.element
    if html.attribute(element, "data-testid") == "tweet" or _is_card(element):
        return _react(spot)
    if "timeline-item" in html.classes(element):
        return _mirror(spot)
    if html.attribute(element, "data-tweet-id") and html.attribute(element, "data-screen-name"):
        return _classic(spot)
    return None


def _is_card(element: Element) -> bool:
    """A card as site builders draw it (react-tweet): a class of its own, and a time that is the link."""
    looks = any("tweet" in word for word in html.classes(element))
    return looks and bool(html.select(element, ".//a[contains(@href,'/status/')]//time[@datetime]"))


def _first(element: Element, path: str) -> Element | None:
    return next(iter(html.select(element, path)), None)


def _with_class(name: str) -> str:
    return f".//*[contains(concat(' ',@class,' '),' {name} ')]"


def _shown(element: Element, path: str, raw: bool = False) -> Flow | None:
    found = _first(element, path)
    return html.flow(found, raw=raw) if found is not None else None


def _classic(spot: Spot) -> Sighting | None:
    """twitter.com from 2014 to 2020: names, ids and times in attributes."""
    element = spot.element
    native_id = html.attribute(element, "data-tweet-id") or ""
    shown = _shown(element, ".//p[contains(concat(' ',@class,' '),' tweet-text ')]", raw=True)
    if not is_id(native_id) or shown is None:
        return None
    stamp = _first(element, ".//*[@data-time-ms or @data-time]")
    day = _first(element, ".//a[contains(@class,'tweet-timestamp')]")
    written = squeeze(html.words(stamp)) if stamp is not None else ""
    title = html.attribute(day, "title") if day is not None else None
    handle = html.attribute(element, "data-screen-name")
    quoted = _first(element, _with_class("QuoteTweet-link"))
    path = html.attribute(quoted, "href") if quoted is not None else None
    return Sighting(
        platform=NAME,
        form="rendered",
        place=spot.place,
        fragment=html.markup(element),
        text=_unbroken(shown).strip() or None,
        author_name=html.attribute(element, "data-name"),
        handle=handle if is_handle(handle) else None,
        date_written=title or written or None,
        datetime_written=_machine_time(stamp),
        url=f"https://twitter.com/{handle}/status/{native_id}" if is_handle(handle) else None,
        native_id=native_id,
        links=(*_expanded(shown), *([Link("quoted", None, f"https://twitter.com{path}")] if path else [])),
        counts=_classic_counts(element),
    )


def _unbroken(shown: Flow) -> str:
    """The words with a blank before the picture's link, which the page hides by a class."""
    for anchor in reversed(shown.anchors):
        before = shown.text[: anchor.start]
        if shown.text[anchor.start :].startswith("pic.") and before[-1:].strip():
            return f"{before} {shown.text[anchor.start :]}"
    return shown.text


def _expanded(shown: Flow) -> list[Link]:
    """Links with the addresses that the page knows behind the short ones."""
    found = []
    for link, anchor in zip(links.in_flow(shown, len(shown.text), None), shown.anchors, strict=False):
        target = html.attribute(anchor.element, "data-expanded-url") or link.url
        if target and target.startswith("/"):
            target = f"https://twitter.com{target}"
        kind = "hashtag" if "/hashtag/" in (target or "") else link.kind
        kind = "mention" if (link.text or "").startswith("@") else kind
        found.append(Link(kind, link.text, target))
    return found


def _machine_time(stamp: Element | None) -> str | None:
    if stamp is None:
        return None
    ms, seconds = html.attribute(stamp, "data-time-ms") or "", html.attribute(stamp, "data-time") or ""
    if not _MS.match(ms) and not _SECONDS.match(seconds):
        return None
    value = int(ms) if _MS.match(ms) else int(seconds) * 1000
    moment = _EPOCH + timedelta(milliseconds=value)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{value % 1000:03}Z"


def _classic_counts(element: Element) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    for kind, name in _KINDS.items():
        holder = _first(
            element, f".//*[contains(@class,'ProfileTweet-action--{kind}')]//*[@data-tweet-stat-count]"
        )
        value = html.attribute(holder, "data-tweet-stat-count") if holder is not None else None
        if value and value.isdecimal():
            found[name] = int(value)
    return tuple(found.items())


def _react(spot: Spot) -> Sighting | None:
    """twitter.com and x.com since 2020: test ids, and a time that is the link to the post."""
    element = spot.element
    time = _first(element, ".//a[contains(@href,'/status/')]//time[@datetime]")
    link = html.parent(time) if time is not None else None
    href = html.attribute(link, "href") if link is not None else None
    own = _OWN_PATH.match(href or "")
    url = f"https://twitter.com{href}" if own else href
    if time is None or not status(url):
        return None
    name = _first(element, ".//*[@data-testid='User-Name' or @data-testid='User-Names']")
    who = html.flow(name if name is not None else element).text
    handle = _HANDLE.search(who)
    words = ".//*[@data-testid='tweetText'] | .//p[@lang][not(ancestor::*[@data-testid])]"
    shown = _shown(element, words, raw=True)
    photos = html.select(element, ".//*[@data-testid='tweetPhoto']//img[@src]")
    return Sighting(
        platform=NAME,
        form="rendered",
        place=spot.place,
        fragment=html.markup(element),
        text=(shown.text.strip() or None) if shown else None,
        author_name=squeeze(who[: handle.start()]) or None if handle else None,
        handle=handle[1] if handle else (own[1] if own else None),
        date_written=squeeze(html.words(time)) or None,
        datetime_written=html.attribute(time, "datetime"),
        url=url,
        links=(
            *(_expanded(shown) if shown else ()),
            *(Link("media", html.attribute(p, "alt"), html.attribute(p, "src")) for p in photos),
        ),
    )


def _mirror(spot: Spot) -> Sighting | None:
    """A post on a Nitter page: the day and minute stand in the title of its link."""
    element = spot.element
    day = _first(element, _with_class("tweet-date") + "//a[@href]")
    shown = _shown(element, _with_class("tweet-content"), raw=True)
    if day is None or shown is None or "show-more" in html.classes(element):
        return None
    own = _OWN_PATH.match(html.attribute(day, "href") or "")
    address = f"https://twitter.com{own[0]}" if own else html.attribute(day, "href") or ""
    if not status(address):
        return None
    name, handle = _shown(element, _with_class("fullname")), _shown(element, _with_class("username"))
    stamp = html.attribute(day, "title")
    return Sighting(
        platform=NAME,
        form="rendered",
        place=spot.place,
        fragment=html.markup(element),
        text=shown.text.strip() or None,
        author_name=squeeze(name.text) or None if name else None,
        handle=handle.text.strip().lstrip("@") if handle else (own[1] if own else None),
        date_written=stamp or squeeze(html.words(day)),
        datetime_written=stamp,
        url=address,
        links=tuple(_expanded(shown)),
    )
