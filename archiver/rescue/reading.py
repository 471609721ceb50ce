"""What a copy or an endpoint shows of a post, and whether it is the post that was looked for: pure functions
of bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html import unescape
from typing import Any

from archiver import html, identity
from archiver.extraction import extract
from archiver.model import Document, Quote
from archiver.platform import Platform
from archiver.records import written
from archiver.text import plain_words

__all__ = ["Shown", "expansions", "files", "is_it", "leads_to", "shown"]

Row = dict[str, Any]

_MOST_OBJECTS = 20_000
_LEAST_SURE = 30
"""How many letters the words of a post must have before they alone say which post it is."""
_CODES = re.compile(r"\b(?:https?://)?((?:pic\.)?[a-z0-9-]{1,20}\.[a-z]{2,3}/\w{5,14})\b", re.IGNORECASE)
_ELLIPSES = ("…", "...")
_URL = re.compile(r"https?:(?:\\?/){2}[^\s\"'<>()]{4,2000}")
_REFRESH = re.compile(
    rb"<meta[^<>]{0,200}http-equiv=.?refresh[^<>]{0,200}url=[\"']?(https?://[^\"'<>\s]{1,4000})",
    re.IGNORECASE,
)
_REPLACE = re.compile(rb"location\.replace\(\"(https?:[^\"<>\s]{1,4000})\"\)")


@dataclass(frozen=True, slots=True)
class Shown:
    """A post as a copy or an endpoint shows it; None what it does not show."""

    key: str
    text: str | None = None
    author_handle: str | None = None
    author_name: str | None = None
    language: str | None = None
    posted_at: str | None = None
    by_id: bool = False
    url: str | None = None
    native_id: str | None = None

    def values(self) -> dict[str, str]:
        """What is shown, by the names of the columns."""
        names = ("text", "author_handle", "author_name", "language", "posted_at")
        return {name: value for name in names if (value := getattr(self, name))}


def shown(body: bytes, url: str, platform: Platform, key: str | None = None) -> list[Shown]:
    """The posts of a platform that a body shows, with their words first; those of a key alone where one
    is given. JSON is read as the platform's own API writes it, or as oEmbed does."""
    value = _json(body)
    if isinstance(value, Mapping) and isinstance(value.get("html"), str):
        found = _in_page(value["html"].encode(), url, platform)
    elif value is not None:
        found = _in_json(value, platform)
    else:
        found = _in_page(body, url, platform)
    made = [_shown(quote) for quote in found if key is None or quote.key == key]
    return sorted(made, key=lambda one: (one.text is None, -len(one.text or "")))


def is_it(post: Row, candidate: Shown) -> bool | None:
    """Whether a post that was found is the one that is quoted: False where author, words or a code in them
    differ, None where they agree but are too few to tell."""
    if not candidate.text or not post["text"]:
        return None
    if (candidate.author_handle or "").lower() != (post["author_handle"] or "").lower():
        return False
    codes, others = (_codes(text) for text in (post["text"], candidate.text))
    if codes & others:
        return _says_the_same(post, candidate)
    media = [{code for code in found if code.startswith("pic.")} for found in (codes, others)]
    rest = [found - pics for found, pics in zip((codes, others), media, strict=True)]
    if any(one and other for one, other in ((media[0], media[1]), (rest[0], rest[1]))):
        return False
    if not _says_the_same(post, candidate):
        return False
    return True if len(plain_words(post["text"])) >= _LEAST_SURE else None


def expansions(body: bytes, shorteners: tuple[str, ...]) -> dict[str, str]:
    """Short addresses that a body tells the targets of."""
    found: dict[str, str] = {}
    value = _json(body)
    for one in _objects(value) if value is not None else ():
        short, target = one.get("url"), one.get("expanded_url")
        if isinstance(short, str) and isinstance(target, str):
            found.setdefault(short, target)
    if value is None and b"data-expanded-url" in body:
        root = html.parse(body.decode("utf-8", "replace")).root
        for link in html.select(root, "//a[@data-expanded-url]") if root is not None else ():
            href, leads = html.attribute(link, "href"), html.attribute(link, "data-expanded-url")
            if href and leads:
                found.setdefault(href, leads)
    return {short: target for short, target in found.items() if _is_expansion(short, target, shorteners)}


def leads_to(body: bytes, shorteners: tuple[str, ...]) -> str | None:
    """Where a page that stands for a redirect leads."""
    found = _REFRESH.search(body[:20_000]) or _REPLACE.search(body[:20_000])
    target = unescape(found[1].decode("utf-8", "replace")).replace("\\/", "/") if found else None
    return target if target and _is_expansion("", target, shorteners) else None


def files(text: str, pieces: tuple[str, ...]) -> list[str]:
    """The addresses of a platform's pictures and videos in markup or JSON, in order."""
    found: dict[str, None] = {}
    for match in _URL.finditer(text):
        url = unescape(match[0].replace("\\/", "/").replace("\\u0026", "&")).rstrip("\\,;")
        if any(piece in url.partition("?")[0] for piece in pieces):
            found[url] = None
    return list(found)


def _is_expansion(short: str, target: str, shorteners: tuple[str, ...]) -> bool:
    hosts = [address.partition("://")[2].partition("/")[0].lower() for address in (short, target)]
    return (not short or hosts[0] in shorteners) and bool(hosts[1]) and hosts[1] not in shorteners


def _says_the_same(post: Row, candidate: Shown) -> bool:
    state = "truncated" if (candidate.text or "").rstrip().endswith(_ELLIPSES) else "full"
    return identity.agree(post, {"text": candidate.text, "text_state": state})


def _codes(text: str) -> set[str]:
    """Short addresses and codes of media in words."""
    return {code.casefold() if code.startswith("pic.") else code for code in _CODES.findall(text)}


def _json(body: bytes) -> Any:
    if body.lstrip()[:1] not in (b"{", b"["):
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every object in a value, the outer ones first."""
    waiting, count = [value], 0
    while waiting and count < _MOST_OBJECTS:
        one = waiting.pop(0)
        count += 1
        if isinstance(one, Mapping):
            yield one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _in_json(value: Any, platform: Platform) -> list[Quote]:
    root = platform.life.told(value) if isinstance(value, Mapping) else None
    seen = [root] if root else [found for one in _objects(value) if (found := platform.in_data(one))]
    return [platform.understand(replace(one, form="json")) for one in seen]


def _in_page(body: bytes, url: str, platform: Platform) -> list[Quote]:
    found = extract(Document(body, url=url, source=url), (platform,))
    return [quote for quote in found.quotes if quote.sighting.form not in ("url", "healed")]


def _shown(quote: Quote) -> Shown:
    seen = quote.sighting
    return Shown(
        key=quote.key,
        text=seen.text,
        author_handle=seen.handle,
        author_name=seen.author_name,
        language=seen.language,
        posted_at=written(quote.posted.value),
        by_id=quote.posted.basis == "id",
        url=quote.url,
        native_id=quote.native_id,
    )
