"""Tweets in JSON: what newsletters, the old interface, the syndication service and page builders write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from html import unescape
from typing import Any

from archiver import html
from archiver.model import Link, Sighting
from archiver.platforms.twitter.address import NAME, canonical, is_handle, status
from archiver.platforms.twitter.links import in_words

__all__ = ["in_data"]

_ID = re.compile(r"^\d{9,20}$")
_ID_KEYS = ("tweetId", "tweet_id", "tweetid", "tweetID", "id_str", "id")
_HANDLE_KEYS = ("screen_name", "username", "screenName", "from_user")
_KIND_KEYS = ("type", "_type", "__typename", "kind", "name", "component", "provider", "service", "embedType")
_COUNTS = {
    "like_count": "likes",
    "favorite_count": "likes",
    "retweet_count": "reposts",
    "reply_count": "replies",
    "conversation_count": "replies",
    "quote_count": "quotes",
    "impression_count": "views",
    "bookmark_count": "bookmarks",
}


def in_data(value: Mapping[str, Any]) -> Sighting | None:
    """A tweet as an object: with its words and author, or no more than its id where the object says that
    it is a tweet."""
    text = value.get("full_text") or value.get("text")
    author = _author(value)
    if isinstance(text, str) and author and (native_id := _id(value)):
        return _whole(value, text, author, native_id)
    return _only_id(value)


def _author(value: Mapping[str, Any]) -> tuple[str | None, str] | None:
    """Name and handle, in the object itself (newsletters) or in its user or author."""
    for one in (value, _read(value.get("user")), _read(value.get("author"))):
        if isinstance(one, Mapping):
            handle = next((one[key] for key in _HANDLE_KEYS if one.get(key)), None)
            if isinstance(handle, str) and is_handle(handle):
                name = one.get("name") or one.get("from_user_name")
                return (name.strip() or None) if isinstance(name, str) else None, handle
    return None


def _id(value: Mapping[str, Any]) -> str | None:
    url = value.get("url")
    found = status(url) if isinstance(url, str) else None
    if found:
        return found[1]
    return next((key for key in map(_digits, (value.get("id_str"), value.get("id"))) if key), None)


def _digits(value: Any) -> str | None:
    """An id, given as a string, or as a number that JSON has kept exactly."""
    text = str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    return text if _ID.match(text) else None


def _whole(value: Mapping[str, Any], text: str, author: tuple[str | None, str], native_id: str) -> Sighting:
    name, handle = author
    url = value.get("url")
    written = value.get("date") or value.get("created_at")
    language = value.get("lang")
    words = _plain(text)
    return Sighting(
        platform=NAME,
        form="json",
        text=words or None,
        author_name=name,
        handle=handle,
        datetime_written=written if isinstance(written, str) else None,
        url=url if isinstance(url, str) and status(url) else None,
        native_id=native_id,
        language=language if isinstance(language, str) and language not in ("und", "zxx") else None,
        links=_all_links(value, words),
        counts=tuple(_counted(value)),
    )


def _counted(value: Mapping[str, Any]) -> Iterable[tuple[str, int]]:
    for key, name in _COUNTS.items():
        number = value.get(key)
        if type(number) is int or (isinstance(number, str) and number.isdecimal()):
            yield name, int(number)


def _plain(text: str) -> str:
    """The words, without the markup that newsletters put around mentions."""
    if "<" in text and (root := html.parse(f"<div>{text}</div>").root) is not None:
        return html.flow(root, raw=True).text.strip()
    return unescape(text).strip()


def _all_links(value: Mapping[str, Any], words: str) -> tuple[Link, ...]:
    """What the object tells of, then what only the words show."""
    known = {pair.get("url") for pair in _pairs(value)}
    return (*_links(value), *(link for link in in_words(words) if link.url not in known))


def _pairs(value: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Short addresses with what they lead to."""
    entities = value.get("entities")
    urls = entities.get("urls") if isinstance(entities, Mapping) else None
    return [*_dicts(urls), *_dicts([value.get("expanded_url")])]


def _links(value: Mapping[str, Any]) -> Iterable[Link]:
    """Pictures, films, expanded addresses, the post quoted and the post replied to."""
    entities = value.get("entities")
    media = [*_dicts(value.get("photos")), *_dicts(value.get("mediaDetails"))]
    for holder in (entities, value.get("extended_entities")):
        if isinstance(holder, Mapping):
            media += _dicts(holder.get("media"))
    addresses = (m.get("img_url") or m.get("media_url_https") or m.get("url") for m in media)
    videos = (value.get("video_url"), *addresses)
    yield from (Link("media", None, url) for url in dict.fromkeys(filter(_is_address, videos)))
    for pair in _pairs(value):
        url = pair.get("expanded_url") or pair.get("url")
        if _is_address(url):
            yield Link(
                "url", pair.get("display_url") if isinstance(pair.get("display_url"), str) else None, url
            )
    yield from _others(value)


def _others(value: Mapping[str, Any]) -> Iterable[Link]:
    for key in ("quoted_tweet", "quoted_status"):
        quoted = _read(value.get(key))
        if isinstance(quoted, Mapping) and quoted:
            text, author = quoted.get("full_text") or quoted.get("text"), _author(quoted)
            url = canonical(author[1] if author else None, _id(quoted))
            if isinstance(text, str) or url:
                yield Link("quoted", _plain(text) if isinstance(text, str) else None, url)
    parent = _digits(value.get("in_reply_to_status_id_str"))
    if parent:
        handle = value.get("in_reply_to_screen_name")
        yield Link("replied", None, canonical(handle if isinstance(handle, str) else None, parent))


def _read(value: Any) -> Any:
    """The object that a string holds as JSON; anything else as it is."""
    if not isinstance(value, str) or value[:1] != "{":
        return value
    try:
        return json.loads(value, strict=False)
    except (ValueError, RecursionError):
        return None


def _dicts(values: Any) -> list[Mapping[str, Any]]:
    return [one for one in values if isinstance(one, Mapping)] if isinstance(values, list) else []


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and "://" in value


def _only_id(value: Mapping[str, Any]) -> Sighting | None:
    for key in _ID_KEYS:
        native_id = _digits(value[key]) if key in value else None
        if native_id and len(native_id) >= 15 and ("weet" in key or _says_tweet(value)):
            if any(isinstance(one, str) and "<" in one for one in value.values()):
                return None
            url = value.get("url")
            url = url if isinstance(url, str) and status(url) else None
            found = status(url)
            return Sighting(NAME, "json", native_id=native_id, url=url, handle=found[0] if found else None)
    return None


def _says_tweet(value: Mapping[str, Any]) -> bool:
    said = {value[key].lower() for key in _KIND_KEYS if isinstance(value.get(key), str)}
    return any("tweet" in one or one in ("twitter", "twitter_post", "x-post") for one in said)
