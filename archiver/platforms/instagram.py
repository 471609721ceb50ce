"""Instagram: posts, reels and videos.

Forms (years): ``blockquote.instagram-media`` (2013 to now). Versions 1-12 (until about 2020) end with "A
photo posted by Name (@handle) on <time>", where ``data-instgrm-captioned`` stands also with the caption;
versions 13 and later hold "A post shared by Name (@handle)" and neither caption nor time. The link to the
post is ``data-instgrm-permalink`` (version 7 on), or the first link. Frames ``/p/CODE/embed[/captioned]``;
``amp-instagram[data-shortcode]``; rendered frames.

Addresses: ``/p/CODE``, ``/reel/CODE``, ``/reels/CODE``, ``/tv/CODE``, each also behind a user's name, and
``instagr.am``. The code is 11 characters of base64url (9 or 10 in the first years); a longer one carries a
private token, which is cut. ``/share/…`` leads to a post that only Instagram knows.

Clock: the code is a number whose bits above 23 are milliseconds since 2011-08-24T21:07:01.721Z. It is made
when the upload begins: up to minutes before the shown time, which is US Pacific time in words and UTC in
``time[datetime]``. Codes shorter than 9 characters are older than the clock.

The signature is localised: what is sure is "(@handle)"; the words around the name are a table
(data/platforms/instagram.json). A caption stands in a paragraph, "View this post on Instagram" in none.

No posts: profiles (``/USER/``), stories, ``/explore/``, ``/accounts/``, follow buttons.

Flattened to plain text: "[View this post on Instagram]\\n[caption]\\nA post shared by Name (@handle)[ on Sep
3, 2018 at 3:55pm PDT]", all of it localised.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from archiver import flattened, html, resources, verdicts
from archiver.html import Element, Flow
from archiver.model import Moment, Note, Quote, Sighting
from archiver.platform import SLASH, Address, Platform, Spot, quote, written_on
from archiver.shown import clocked, in_words, last_date, oembed, permalinks, reached
from archiver.text import squeeze
from archiver.verdicts import Known, Life, Question, Reply, Verdict

__all__ = ["PLATFORM"]

NAME = "instagram"
_POST = re.compile(
    r"""^(?:https?:)?//(?:[\w-]+\.){0,2}(?:instagram\.com|instagr\.am)(?::\d+)?/
        (?:(?!share/)(?P<handle>[\w.]{1,30})/)?(?:p|reels?|tv)/(?P<code>[\w-]{3,60})/?(?:[/?\#&].*)?$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL | re.ASCII,
)
_SHARED = re.compile(
    r"^(?:https?:)?//(?:www\.)?instagram\.com/share/(?:(?:p|reel)/)?(?P<code>[\w-]{5,40})", re.IGNORECASE
)
_TEMPLATE = re.compile(r"^(?:[A-Z_]+|embed|audio)$")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_CODE_LENGTH, _SHORTEST_WITH_CLOCK = 11, 9
_SHIFT, _EPOCH_MS, _FIRST_YEAR = 23, 1314220021721, 2011
# A post can be made at night of one day and be shown with the Pacific day before or after.
_ZONE = timedelta(days=1)

_SIGNED = re.compile(r"[(（]\s*@\s*([\w.]{1,30})\s*[)）]")
_MARKS = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_ONLY_HANDLE = re.compile(r"(?<![\w@.])@([\w.]{1,30})\s*$")
_NAMED = re.compile(r"instagram|инстаграм|インスタ|אינסטגרם|إنستغرام|انستغرام|إنستجرام", re.IGNORECASE)
_LONGEST_INVITATION, _MOST_PARAGRAPHS = 70, 200
_LONGEST_HANDLE = 30
_TAGS, _USERS = "https://www.instagram.com/explore/tags/{}/", "https://www.instagram.com/{}/"


def address(written: str) -> Address | None:
    """What a post's address says; None for profiles, stories and the like."""
    found = _POST.match(written)
    if found and not _TEMPLATE.match(found["code"]):
        code = found["code"][:_CODE_LENGTH]
        return Address(f"https://www.instagram.com/p/{code}/", code, found["handle"])
    shared = _SHARED.match(written)
    return Address(f"https://www.instagram.com/share/p/{shared['code']}/") if shared else None


def time_of(code: str) -> Moment:
    """When the upload of a post began, by its code."""
    if not _SHORTEST_WITH_CLOCK <= len(code) <= _CODE_LENGTH:
        return Moment()
    number = 0
    for letter in code:
        number = number * 64 + _ALPHABET.index(letter)
    return clocked(number, _SHIFT, _EPOCH_MS, _FIRST_YEAR)


def _in_html(spot: Spot) -> Sighting | Note | None:
    element, tag = spot.element, html.name(spot.element)
    if tag == "amp-instagram":
        return _amp(spot)
    if tag == "iframe":
        return None if spot.inside else _rendered(spot)
    marked = _is_marked(element)
    if not marked and (tag != "blockquote" or spot.inside or html.select(element, ".//blockquote")):
        return None
    shown = html.flow(element)
    link = _link(element, shown)
    if not marked and not (link and _is_signed(shown)):
        return None
    if link is None:
        return _without_link(spot, shown)
    return _blockquote(spot, shown, link) if reached(link, address) else None


def _is_marked(element: Element) -> bool:
    named = any("instagram-media" in word for word in html.classes(element))
    return (named and html.name(element) == "blockquote") or any(
        key.startswith("data-instgrm-") for key, _ in html.attributes(element)
    )


def _is_signed(shown: Flow) -> bool:
    """Whether a blockquote that lost its marks ends as the code does: in known words round a handle."""
    signed = _signature(shown)
    return signed is not None and any(_around(shown, signed))


def _without_link(spot: Spot, shown: Flow) -> Sighting | Note | None:
    """A code that lost its links: a post all the same where it shows words and author."""
    signed = _signature(shown)
    if not signed or any(anchor.href.strip("#") for anchor in shown.anchors):
        return None
    seen = _blockquote(spot, shown, None)
    return seen if seen.text else Note("embed-without-post", spot.place, squeeze(shown.text)[:500])


def _blockquote(spot: Spot, shown: Flow, link: str | None) -> Sighting:
    element = spot.element
    signed = _signature(shown)
    handle, end = (signed[1], signed.start()) if signed else _only_handle(shown)
    text = _caption(element, shown, end)
    time = next(iter(html.select(element, ".//time")), None)
    date = squeeze(html.words(time)) if time is not None else None
    if date and not written_on(date):
        date = last_date(date, 0) or date
    elif not date and signed:
        date = last_date(shown.text, signed.end())
    return Sighting(
        platform=NAME,
        form="blockquote",
        place=spot.place,
        fragment=html.markup(element),
        text=text,
        author_name=_name(shown, signed) if signed else None,
        handle=handle,
        date_written=date or None,
        datetime_written=html.attribute(time, "datetime") if time is not None else None,
        url=link.strip() if link else None,
        links=in_words(text, _TAGS, _USERS),
    )


def _amp(spot: Spot) -> Sighting | None:
    code = (html.attribute(spot.element, "data-shortcode") or "").strip()
    if not address(f"https://www.instagram.com/p/{code}/"):
        return None
    return Sighting(
        NAME, "amp", place=spot.place, fragment=html.markup(spot.element), native_id=code[:_CODE_LENGTH]
    )


def _rendered(spot: Spot) -> Sighting | None:
    """The frame that Instagram's script has put in place of the blockquote."""
    src = html.attribute(spot.element, "src") or ""
    found = reached(src, address)
    if not found or "instagram-media" not in (html.attribute(spot.element, "class") or ""):
        return None
    fragment = html.markup(spot.element)
    return Sighting(
        NAME, "rendered", place=spot.place, fragment=fragment, url=src.strip(), handle=found.handle
    )


def _link(element: Element, shown: Flow) -> str | None:
    """The address of the embed as written: in its own attribute, else in the first link to a post."""
    permalink = html.attribute(element, "data-instgrm-permalink")
    if permalink:
        return permalink
    links = permalinks(shown, address)
    return links[0].href if links else None


def _signature(shown: Flow) -> re.Match[str] | None:
    """The last "(@handle)": captions may hold others. Bidi marks count as nothing."""
    return next(reversed(list(_SIGNED.finditer(_without_marks(shown.text)))), None)


def _without_marks(text: str) -> str:
    """The text with blanks for the marks that Hebrew and Arabic signatures hold, so that places stay."""
    return _MARKS.sub(" ", text)


def _only_handle(shown: Flow) -> tuple[str | None, int]:
    """The handle of "A post shared by @handle", which has no name, and where that line begins."""
    begin = shown.text.rfind("\n") + 1
    found = _ONLY_HANDLE.search(shown.text, begin)
    if found and _strip(shown.text[begin : found.start()]) == "":
        return found[1], begin
    return None, len(shown.text)


def _name(shown: Flow, signed: re.Match[str]) -> str | None:
    """The name that stands before "(@handle)", without the words around it; None where they are not
    known."""
    inside = [a for a in shown.anchors if a.end <= signed.start() and not reached(a.href, address)]
    before = _without_marks(shown.text[: signed.start()])
    if inside and inside[-1].end >= len(before.rstrip()) and "instagram.com/" in inside[-1].href:
        return squeeze(before[inside[-1].start : inside[-1].end]) or None
    opened, closed = _around(shown, signed)
    line = squeeze(before[before.rfind("\n") + 1 :])
    return (_strip(line) if opened else line if closed else None) or None


def _around(shown: Flow, signed: re.Match[str]) -> tuple[bool, bool]:
    """Whether the words before the name and those behind the handle are known."""
    before, after = (
        _without_marks(text) for text in (shown.text[: signed.start()], shown.text[signed.end() :])
    )
    low = squeeze(after).casefold()
    opened = _strip(before[before.rfind("\n") + 1 :]) is not None
    return opened, any(low.startswith(words) for words in _tables()["after"])


def _strip(line: str) -> str | None:
    """A line without the words that open a signature, None where they are not known."""
    low = squeeze(line).casefold()
    found = next((words for words in _tables()["before"] if low.startswith(words)), None)
    return squeeze(line)[len(found) :].strip(" :") if found is not None else None


def _caption(element: Element, shown: Flow, end: int) -> str | None:
    """The words of the paragraphs before the signature: placeholders stand outside of paragraphs, or say
    the platform's name."""
    paragraphs = (html.flow(p).text.strip() for p in html.select(element, ".//p")[:_MOST_PARAGRAPHS])
    lines = []
    at = 0
    for text in paragraphs:
        found = shown.text.find(text, at, end) if text else -1
        if found < 0:
            continue
        at = found + len(text)
        if not _is_invitation(text):
            lines.append(text)
    return "\n".join(lines) or None


def _is_invitation(text: str) -> bool:
    """ "View this post on Instagram", in any language."""
    return len(text) <= _LONGEST_INVITATION and (
        squeeze(text).casefold().strip(" .") in _tables()["invitations"]
        or bool(_NAMED.search(text) and "#" not in text and "@" not in text and "\n" not in text)
    )


@cache
def _tables() -> dict[str, Any]:
    """Words in folded case; those that open a signature with the longest first."""
    return {
        key: sorted((words.casefold() for words in value), key=len, reverse=True)
        for key, value in _words().items()
        if isinstance(value, list)
    }


def _in_data(value: Mapping[str, Any]) -> Sighting | None:
    return oembed(value, (NAME, "Instagram"), address, _in_html, by_handle=True)


def _in_text(text: str) -> list[Sighting]:
    """Embeds whose caption or address is left; the rest says next to nothing. A line above a signature that
    holds another one is no caption."""
    words = _words()
    found = flattened.by_phrase(text, words["before"], words["after"], words["invitations"], is_post=_is_post)
    return [
        flattened.sighting(one, text, NAME, in_words(one.text, _TAGS, _USERS))
        for one in found
        if _is_handle(one.handle) and not (one.doubts and _SIGNED.search(one.text or ""))
    ]


def _is_post(url: str) -> bool:
    return reached(url, address) is not None


def _is_handle(handle: str | None) -> bool:
    return bool(handle and len(handle) <= _LONGEST_HANDLE)


@cache
def _words() -> dict[str, Any]:
    """The words of data/platforms/instagram.json as they are written."""
    words: dict[str, Any] = resources.read_json("platforms", "instagram.json")
    return words


def _understand(seen: Sighting) -> Quote:
    found = reached(seen.url, address)
    if not found and seen.native_id:
        found = address(f"https://www.instagram.com/p/{seen.native_id}/")
    by_id = time_of(found.native_id) if found and found.native_id else None
    return quote(seen, found, by_id=by_id, check_slack=_ZONE)


def _asking(post: Known) -> tuple[Question, ...]:
    """The frame of the embed: it is shown without a login."""
    if not post.native_id:
        return ()
    return (
        Question("embed", f"https://www.instagram.com/p/{post.native_id}/embed/captioned/", program=False),
    )


def _verdict(reply: Reply) -> Verdict:
    return verdicts.by_page(reply, NAME)


PLATFORM = Platform(
    name=NAME,
    title="Instagram",
    forms="blockquote with or without caption, frame, rendered frame, AMP, plain text",
    clock=True,
    markers=(b"instagram", b"instagr.am", b"instgrm"),
    hosts=("instagram.com", "instagr.am"),
    needles=(
        r"instagram-media|instgrm|amp-instagram",
        rf"(?:instagram\.com|instagr\.am)(?::[0-9]{{1,5}})?{SLASH}(?:[a-z0-9_.]{{1,30}}{SLASH})?(?:p|reels?|tv|share){SLASH}",
    ),
    address=address,
    understand=_understand,
    where=(
        "@data-instgrm-permalink or contains(@class, 'instagram-media')"
        " or contains(@classname, 'instagram-media') or self::amp-instagram"
        " or self::blockquote[.//a[contains(@href, 'instagram.com/')]]"
    ),
    in_html=_in_html,
    in_data=_in_data,
    in_text=_in_text,
    life=Life(_asking, _verdict, files=("cdninstagram.com/v/", "fbcdn.net/v/"), savable=False),
)
