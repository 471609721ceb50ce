"""Tweets in markup other than the blockquote: widgets, placeholders, newsletters, screenshots with words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

from archiver import dates, html
from archiver.html import Element
from archiver.model import Note, Sighting
from archiver.platform import Spot
from archiver.platforms.twitter import blockquote, pages, unmarked
from archiver.platforms.twitter.address import NAME, is_id, status
from archiver.platforms.twitter.data import in_data
from archiver.platforms.twitter.links import in_words
from archiver.text import squeeze, tidy_lines

__all__ = ["WHERE", "in_html", "in_script"]

_ID_KEYS = ("data-tweet-id", "data-tweetid", "tweet-id", "tweetid", "data-tweet", "data-twitter-id")
_OWN_KEYS = (("embetty-tweet", "status"), ("amp-twitter", "data-tweetid"))
_RECOMMENDED = re.compile(r"^twitter://(\d{5,20})$")
_NAMED = re.compile(r"^twitter-(\d{15,20})$")
_SCREENSHOT = re.compile(r"^(?:Twitter|X) post by @(\w{1,20})(?:\s*[:,.-]\s*(\S.*))?$", re.DOTALL)
_CALL = re.compile(r"\bcreateTweet(?:Embed)?\s{0,9}\(\s{0,9}[\"'](\d{5,20})[\"']")
_COUNT = re.compile(r"([\d.,]{1,12}[KM]?)\s+(likes?|retweets?|replies|reply|views?)\b", re.IGNORECASE)

WHERE = " or ".join(
    (
        "self::blockquote",
        "contains(@class,'twitter-') or contains(@classname,'twitter-')",
        "contains(@data-twitter,'twitter-')",
        *(f"@{key}" for key in _ID_KEYS),
        "self::embetty-tweet",
        "starts-with(@data-recommend-id,'twitter://')",
        "starts-with(@id,'twitter-') and string-length(@id) > 22",
        "@data-attrs[contains(.,'/status/')]",
        "self::img[contains(@alt,' post by @')]",
        "contains(@class,'twitterstatus')",
        pages.WHERE,
        unmarked.WHERE,
    )
)


def in_html(spot: Spot) -> Sighting | Note | None:
    """A tweet at this element, in whatever way it stands there."""
    element = spot.element
    if html.name(element) == "blockquote":
        return blockquote.in_html(spot)
    if spot.inside:
        return None
    if html.name(element) in ("a", "p") and not blockquote.is_marked(element):
        return _newsletter(spot) or _by_id(spot) or unmarked.in_html(spot)
    return (
        _newsletter(spot)
        or pages.in_html(spot)
        or _mail_card(spot)
        or _onebox(spot)
        or _screenshot(spot)
        or _by_id(spot)
        or blockquote.in_html(spot)
    )


def in_script(text: str) -> Iterator[Sighting]:
    """The calls by which a script puts tweets on the page."""
    for call in _CALL.finditer(text) if "createTweet" in text else ():
        yield Sighting(NAME, "json", fragment=call[0], native_id=call[1])


def _newsletter(spot: Spot) -> Sighting | None:
    """A newsletter's own card: everything is in the JSON of its ``data-attrs``."""
    attrs = html.attribute(spot.element, "data-attrs")
    if not attrs or "/status/" not in attrs:
        return None
    try:
        value = json.loads(attrs, strict=False)
    except (ValueError, RecursionError):
        return None
    seen = in_data(value) if isinstance(value, dict) else None
    if seen is None:
        return None
    printed = html.select(spot.element, ".//*[contains(@class,'tweet-date')]")
    words = squeeze(html.words(printed[0])) if printed else None
    return replace(
        seen,
        form="rendered" if printed else "placeholder",
        place=spot.place,
        fragment=html.markup(spot.element),
        date_written=words if words and dates.read(words) else None,
    )


def _mail_card(spot: Spot) -> Sighting | None:
    """The table that Ghost sends by e-mail: every cell is a link to the tweet."""
    if "kg-twitter-card" not in html.classes(spot.element):
        return None
    links = [a for a in html.select(spot.element, ".//a[@href]") if status(html.attribute(a, "href"))]
    cells = [(tidy_lines(html.flow(a).text), a) for a in links]
    cells = [(words, a) for words, a in cells if words]
    url = html.attribute(links[0], "href") if links else None
    head = next((at for at, (words, _) in enumerate(cells) if "@" in words.splitlines()[-1][:1]), None)
    when = next((at for at, (words, _) in enumerate(cells) if at != head and dates.read(words)), None)
    body = [
        words for at, (words, _) in enumerate(cells) if at > (-1 if head is None else head) and at != when
    ]
    body = [words for words in body if not _COUNT.match(words)]
    lines = cells[head][0].splitlines() if head is not None else []
    text = body[0] if body else None
    return Sighting(
        platform=NAME,
        form="rendered",
        place=spot.place,
        fragment=html.markup(spot.element),
        text=text,
        author_name=" ".join(lines[:-1]) or None,
        handle=lines[-1].strip("@ ") if lines else None,
        date_written=cells[when][0] if when is not None else None,
        url=url,
        links=in_words(text),
    )


def _onebox(spot: Spot) -> Sighting | None:
    """The box of a forum (Discourse): name, handle, words and date in elements of their own."""
    url = html.attribute(spot.element, "data-onebox-src")
    if "twitterstatus" not in html.classes(spot.element) or not status(url):
        return None
    name, handle, words, day = (
        next(iter(html.select(spot.element, path)), None)
        for path in (".//h4", _with("twitter-screen-name"), _with("tweet"), _with("date") + "//a")
    )
    text = tidy_lines(html.flow(words).text) if words is not None else None
    return Sighting(
        platform=NAME,
        form="rendered",
        place=spot.place,
        fragment=html.markup(spot.element),
        text=text or None,
        author_name=squeeze(html.words(name)) or None if name is not None else None,
        handle=squeeze(html.words(handle)).lstrip("@") or None if handle is not None else None,
        date_written=squeeze(html.words(day)) or None if day is not None else None,
        url=url,
        links=in_words(text),
    )


def _with(name: str) -> str:
    return f".//*[contains(concat(' ', @class, ' '), ' {name} ')]"


def _screenshot(spot: Spot) -> Sighting | None:
    """A picture of a tweet that says in its alternative text whose it is."""
    found = _SCREENSHOT.match((html.attribute(spot.element, "alt") or "").strip())
    address = html.attribute(spot.element, "src") or ""
    if not found or not status(address):
        return None
    text = squeeze(found[2]) if found[2] else None
    return Sighting(
        platform=NAME,
        form="placeholder",
        place=spot.place,
        fragment=html.markup(spot.element),
        text=text,
        handle=found[1],
        url=address,
        links=in_words(text),
    )


def _by_id(spot: Spot) -> Sighting | None:
    """A widget, a tag or a placeholder that carries the id in an attribute of its own."""
    element = spot.element
    tag = html.name(element)
    value = _id(element, tag)
    if value is None or _holds_quote(element):
        return None
    found = status(value)
    links = html.select(element, ".//a[@href]") if tag != "iframe" else []
    addresses = (html.attribute(link, "href") or "" for link in links)
    url = value if found else next((a for a in addresses if (status(a) or ("", ""))[1] == value), None)
    found = status(url)
    is_widget = tag in ("iframe", "twitter-widget") or "twitter-tweet-rendered" in html.classes(element)
    return Sighting(
        platform=NAME,
        form="amp" if tag[:4] == "amp-" else "rendered" if is_widget else "placeholder",
        place=spot.place,
        fragment=html.markup(element),
        handle=found[0] if found else None,
        url=url,
        native_id=None if found else value,
    )


def _id(element: Element, tag: str) -> str | None:
    own = [key for name, key in _OWN_KEYS if name == tag]
    for key in (*own, *_ID_KEYS):
        value = (html.attribute(element, key) or "").strip()
        if (is_id(value) and len(value) > 4) or status(value):
            return value
    named = _RECOMMENDED.match(html.attribute(element, "data-recommend-id") or "")
    named = named or _NAMED.match(html.attribute(element, "id") or "")
    return named[1] if named else None


def _holds_quote(element: Element) -> bool:
    """Whether a blockquote or a widget inside says more than the element around it."""
    return bool(html.select(element, ".//blockquote | .//iframe[@data-tweet-id] | .//twitter-widget"))
