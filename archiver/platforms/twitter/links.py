"""The links that a tweet shows: what they point to, in markup and in plain words."""

from __future__ import annotations

import re

from archiver import html
from archiver.html import Anchor, Flow
from archiver.model import Link
from archiver.platforms.twitter.address import status
from archiver.text import squeeze

__all__ = ["MEDIA_CODE", "PROFILE", "SHORT", "in_flow", "in_words"]

PROFILE = re.compile(
    r"//(?:www\.|mobile\.)?(?:twitter|x)\.com/(?:\#!/)?@?(\w{1,20})/?(?:\?|$)", re.IGNORECASE
)
_TAG = re.compile(r"//(?:www\.|mobile\.)?(?:twitter|x)\.com/(?:\#!/)?(?:hashtag/|search[/?])", re.IGNORECASE)
_MEDIA = re.compile(r"^pic\.(?:twitter|x)\.com/\w+$|/status/\d+/(?:photo|video)/\d", re.IGNORECASE)
MEDIA_CODE = re.compile(r"\bpic\.(?:twitter|x)\.com/(\w{6,12})", re.IGNORECASE)
SHORT = re.compile(r"https?://t\.co/\w+", re.IGNORECASE)
_IN_TEXT = re.compile(
    r"(?P<media>\bpic\.(?:twitter|x)\.com/\w+)|(?P<url>https?://[^\s<>]+)|(?<![\w&/])(?P<hashtag>[#＃]\w*[^\W\d]\w*)"
    r"|(?<![\w@/.])(?P<mention>@\w{1,20})(?![\w@])",
    re.IGNORECASE,
)


def in_flow(shown: Flow, end: int, permalink: Anchor | None) -> list[Link]:
    """The links of an element's text up to ``end``, without the link to the post itself."""
    found = [
        _link(shown, anchor) for anchor in shown.anchors if anchor.end <= end and anchor is not permalink
    ]
    pictures = (picture for picture in shown.pictures if picture.start <= end)
    return found + [Link("media", picture.alt or None, picture.src) for picture in pictures]


def _link(shown: Flow, anchor: Anchor) -> Link:
    words, href = squeeze(shown.text[anchor.start : anchor.end]), anchor.href.strip()
    mark = shown.text[max(0, anchor.start - 1) : anchor.start] + words[:1]
    if _MEDIA.search(words) or _MEDIA.search(href):
        kind = "media"
    elif _TAG.search(href) and ("#" in mark or "$" in mark or "＃" in mark):
        kind = "hashtag"
    elif PROFILE.search(href) and "@" in mark:
        kind = "mention"
    else:
        kind = "quoted" if status(href) else "url"
    target = html.attribute(anchor.element, "title") if kind == "url" and SHORT.match(href) else None
    return Link(kind, words or None, target if target and "://" in target else href)


def in_words(text: str | None) -> tuple[Link, ...]:
    """The links that the words themselves show."""
    return tuple(_shown_link(found) for found in _IN_TEXT.finditer(text or ""))


def _shown_link(found: re.Match[str]) -> Link:
    kind, words = found.lastgroup or "url", found[0]
    if kind == "media":
        return Link(kind, words, f"https://{words}")
    if kind == "hashtag":
        return Link(kind, words, f"https://twitter.com/hashtag/{words[1:]}")
    if kind == "mention":
        return Link(kind, words, f"https://twitter.com/{words[1:]}")
    return Link(kind, words, words)
