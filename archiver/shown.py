"""What the embeds of many platforms show alike: addresses that lead to a post, links in words, a date."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from archiver import dates, html, ids
from archiver.html import Anchor, Element, Flow
from archiver.model import Link, Moment, Note, Quote, Sighting
from archiver.platform import Address, Spot, exact, quote
from archiver.text import squeeze

__all__ = ["clocked", "in_anchors", "in_words", "last_date", "oembed", "permalinks", "reached", "timed"]

_IN_WORDS = re.compile(
    r"(?P<url>https?://[^\s<>]+)"
    r"|(?<![\w&/#])[#＃](?P<hashtag>\w{1,100})"
    r"|(?<![\w@/.])@(?P<mention>\w[\w.-]{0,99})"
)
_WORD = re.compile(r"\S+")
_JOINS = re.compile(r"^[^\W\d_]{1,2}$")
_CLOSING = "。、，！？….,;:!?)]}»”’\"'"
_DATE_LENGTH = 80
_NEVER = 2100
_ACCOUNT = re.compile(r"/@([\w.-]{1,100})/?(?:[?#].*)?$")


def reached(written: str | None, address: Callable[[str], Address | None]) -> Address | None:
    """The post that an address leads to, also through a redirector or a web archive."""
    found = (address(candidate) for candidate in ids.unwrapped(written or ""))
    return next((post for post in found if post), None)


def clocked(number: int, shift: int, epoch_ms: int, first_year: int) -> Moment:
    """The time inside a post's number (see `ids.clock`), Moment() where no post of the platform can have
    it: before its first year, or in another century."""
    try:
        value = ids.clock(number, shift, epoch_ms)
    except ValueError:
        return Moment()
    return exact(value, "id") if first_year <= value.year < _NEVER else Moment()


def timed(
    seen: Sighting, address: Callable[[str], Address | None], time_of: Callable[[str], Moment]
) -> Quote:
    """A quote of a platform whose addresses say all that is known of a post, and whose ids hold its time."""
    found = reached(seen.url, address)
    by_id = time_of(found.native_id) if found and found.native_id else None
    return quote(seen, found, by_id=by_id)


def permalinks(shown: Flow, address: Callable[[str], Address | None]) -> list[Anchor]:
    """The links of a flow that lead to posts."""
    return [anchor for anchor in shown.anchors if reached(anchor.href, address)]


def in_words(text: str | None, hashtag: str, mention: str) -> tuple[Link, ...]:
    """The links that the words themselves show; ``hashtag`` and ``mention`` are addresses with a ``{}``.

    >>> in_words("see #a", "https://p.example/tags/{}", "https://p.example/{}")
    (Link(kind='hashtag', text='#a', url='https://p.example/tags/a'),)
    """
    return tuple(_in_words(text or "", hashtag, mention))


def _in_words(text: str, hashtag: str, mention: str) -> Iterator[Link]:
    for found in _IN_WORDS.finditer(text):
        if found["url"]:
            words = found[0].rstrip(_CLOSING)
            yield Link("url", words, words)
        elif found["hashtag"] and not found["hashtag"].isdigit():
            yield Link("hashtag", found[0], hashtag.format(found["hashtag"]))
        elif found["mention"]:
            name = found["mention"].rstrip(".-")
            yield Link("mention", f"@{name}", mention.format(name))


def in_anchors(
    shown: Flow, span: tuple[int, int], own: Callable[[str], bool], quoted: Callable[[str], bool]
) -> list[Link]:
    """The links that stand inside ``span`` of a flow, without those to the post itself (``own``)."""
    return [
        _link(shown, anchor, quoted)
        for anchor in shown.anchors
        if span[0] <= anchor.start and anchor.end <= span[1] and anchor.href and not own(anchor.href)
    ]


def _link(shown: Flow, anchor: Anchor, quoted: Callable[[str], bool]) -> Link:
    words, href = squeeze(shown.text[anchor.start : anchor.end]), anchor.href.strip()
    before = shown.text[max(0, anchor.start - 1) : anchor.start]
    if "#" in (before, words[:1]) or words[:1] == "＃":
        kind = "hashtag"
    elif "@" in (before, words[:1]):
        kind = "mention"
    else:
        kind = "quoted" if quoted(href) else "url"
    return Link(kind, words or None, href)


def last_date(text: str, start: int) -> str | None:
    """The last printed date of a short text behind ``start``, as printed; None where there is none."""
    rest = text[start : start + 4 * _DATE_LENGTH]
    found = None
    end = -1
    for word in _WORD.finditer(rest):
        # "on", "le", "am": what joins a date to the words before it.
        if _JOINS.match(word[0]):
            continue
        if word.start() >= end and (date := dates.at(rest, word.start())):
            found, end = squeeze(rest[date.start : date.end]), date.end
    return found


def oembed(
    value: Mapping[str, Any],
    platform: tuple[str, str],
    address: Callable[[str], Address | None],
    in_html: Callable[[Spot], Sighting | Note | None],
    by_handle: bool = False,
) -> Sighting | None:
    """A platform's answer when asked for an embed code (https://oembed.com), as content systems store it:
    title and author beside the code. ``platform`` is its name here and as it calls itself; ``by_handle``
    says that its ``author_name`` is a handle. None where the code alone says as much."""
    provider = value.get("provider_name")
    if not isinstance(provider, str) or provider.strip().casefold() != platform[1].casefold():
        return None
    name, title = _said(value, "author_name"), _said(value, "title")
    if not (name or title):
        return None
    root = html.parse(_said(value, "html") or "").root
    seen = _code(root, in_html) if root is not None else None
    if seen is None:
        framed = (
            [html.attribute(e, "src") for e in html.select(root, ".//iframe[@src]")]
            if root is not None
            else []
        )
        url = next((url for url in (_said(value, "url"), *framed) if url and reached(url, address)), None)
        found = reached(url, address)
        if not found:
            return None
        seen = Sighting(platform[0], "json", handle=found.handle, url=url)
    account = _ACCOUNT.search(_said(value, "author_url") or "")
    handle = _said(value, "author_unique_id") or (account[1] if account else name if by_handle else None)
    return replace(
        seen,
        form="json",
        text=seen.text or title,
        author_name=seen.author_name or (None if by_handle else name),
        handle=seen.handle or handle,
    )


def _said(value: Mapping[str, Any], key: str) -> str | None:
    said = value.get(key)
    return said.strip() or None if isinstance(said, str) else None


def _code(root: Element, in_html: Callable[[Spot], Sighting | Note | None]) -> Sighting | None:
    answers = (in_html(Spot(element, "")) for element in html.select(root, ".//blockquote"))
    return next((answer for answer in answers if isinstance(answer, Sighting)), None)
