"""TikTok: videos and photo posts.

Forms (years): ``blockquote.tiktok-embed[data-video-id]`` (2019 to now; ``cite`` is the address, at times
only the host or in braces) around ``<section>``: "@handle", the caption (in ``<p>`` or bare), "♬ sound -
artist"; frames ``/embed/ID``, ``/embed/v2/ID``, ``/player/v1/ID``; ``amp-tiktok``.

Addresses: ``/@HANDLE/video/ID``, ``/@HANDLE/photo/ID``, ``m.tiktok.com/v/ID.html``, ``/share/video/ID``. The
id is unique by itself. ``vm.tiktok.com/CODE``, ``vt.tiktok.com/CODE`` and ``/t/CODE`` lead to a video that
only TikTok knows.

Clock: the seconds since 1970 stand above 32 bits of the id, a few seconds before the shown time.

The page carries handle and caption, never a date. No posts: ``data-embed-type`` creator, trending, tag and
curated; profiles, tags, sounds.

Flattened to plain text: "@handle", "caption with #tags", "♬ original sound - Name", a line each, or all on
one line where the caption stands bare in the section.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from archiver import flattened, html, verdicts
from archiver.html import Anchor, Flow
from archiver.model import Link, Moment, Note, Quote, Sighting
from archiver.platform import SLASH, Address, Platform, Spot, quote
from archiver.shown import clocked, in_anchors, in_words, oembed, reached
from archiver.text import squeeze
from archiver.verdicts import Life

__all__ = ["PLATFORM"]

NAME = "tiktok"
_POST = re.compile(
    r"""^(?:https?:)?//(?:[\w-]+\.){0,2}(?:(?:vx|tn)?tiktok|tiktokv|tnktok|tfxktok)\.com/
        (?:@(?P<handle>[\w.-]{0,40})/(?:video|photo)/|embed/(?:v\d/)?|player/v\d/|(?:i18n/)?share/video/|v/)
        (?P<id>\d{6,20})(?:\.html)?/?(?:[/?\#&].*)?$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_SHARED = re.compile(
    r"^(?:https?:)?//(?:(?P<host>v[mt])\.tiktok\.com|(?:www\.|m\.)?tiktok\.com/t)/(?P<code>[\w-]{5,20})/?(?:[?#].*)?$",
    re.IGNORECASE | re.DOTALL,
)
_PROFILE = re.compile(r"^(?:https?:)?//(?:[\w-]+\.)?tiktok\.com/@[\w.-]{1,40}/?(?:[?#]|$)", re.IGNORECASE)
_ID = re.compile(r"^\d{6,20}$")
_HANDLE = re.compile(r"^@([\w.-]{1,40})$")
_SOUND = re.compile(r"/music/|^♬")
_NAMED_SOUND = re.compile(r"♬\s{0,3}\S[^\n♬]{0,190}?\s[-–—]\s{1,3}\S")
_MOST_BREAKS = 3
_TAGS, _USERS = "https://www.tiktok.com/tag/{}", "https://www.tiktok.com/@{}"
_SHIFT = 32
_FIRST_YEAR = 2014


def address(written: str) -> Address | None:
    """What a video's address says; None for profiles, tags and sounds."""
    written = written.strip("{} ")
    found = _POST.match(written)
    if found:
        handle, number = found["handle"] or None, found["id"]
        return Address(f"https://www.tiktok.com/@{handle or ''}/video/{number}", number, handle)
    shared = _SHARED.match(written)
    if not shared:
        return None
    host = (shared["host"] or "").lower()
    return Address(
        f"https://{host}.tiktok.com/{shared['code']}/"
        if host
        else f"https://www.tiktok.com/t/{shared['code']}/"
    )


def time_of(number: str) -> Moment:
    """When a video was made, by its id."""
    return clocked((int(number) >> _SHIFT) * 1000, 0, 0, _FIRST_YEAR)


def _in_html(spot: Spot) -> Sighting | Note | None:
    element = spot.element
    if html.name(element) == "amp-tiktok":
        return _amp(spot)
    cite = (html.attribute(element, "cite") or "").strip("{} ")
    number = (html.attribute(element, "data-video-id") or "").strip()
    shown = html.flow(element)
    found = reached(cite, address)
    if not found:
        link = next((a.href for a in shown.anchors if reached(a.href, address)), None)
        cite, found = link or "", reached(link, address)
    if not found and not _ID.match(number):
        return None
    head = _head(shown)
    span = _caption(shown, head)
    text = shown.text[slice(*span)].strip() or None
    printed = _HANDLE.match(squeeze(shown.text[head.start : head.end])) if head else None
    return Sighting(
        platform=NAME,
        form="blockquote",
        place=spot.place,
        fragment=html.markup(element),
        text=text,
        handle=printed[1] if printed else found.handle if found else None,
        url=cite if found else None,
        native_id=number if _ID.match(number) else None,
        links=(*in_anchors(shown, span, _is_post, _is_post), *_sound(shown)),
    )


def _amp(spot: Spot) -> Sighting | None:
    """AMP's element with the bare id; one with an address needs no telling."""
    number = (html.attribute(spot.element, "data-src") or "").strip()
    if not _ID.match(number):
        return None
    return Sighting(NAME, "amp", place=spot.place, fragment=html.markup(spot.element), native_id=number)


def _head(shown: Flow) -> Anchor | None:
    """The link to the author, with which an embed begins."""
    if not shown.anchors:
        return None
    first = min(shown.anchors, key=lambda anchor: anchor.start)
    return first if _PROFILE.match(first.href) and not shown.text[: first.start].strip() else None


def _caption(shown: Flow, head: Anchor | None) -> tuple[int, int]:
    """Where the caption stands: between the author and the sound."""
    sounds = [anchor.start for anchor in shown.anchors if _is_sound(shown, anchor)]
    end = min(sounds, default=len(shown.text))
    note = shown.text.rfind("♬", 0, end)
    if not sounds and note >= 0:
        end = note
    # A code without an author's link holds at most a link to the video.
    return (head.end, max(end, head.end)) if head else (end, end) if not sounds else (0, end)


def _is_sound(shown: Flow, anchor: Anchor) -> bool:
    return bool(_SOUND.search(anchor.href) or _SOUND.search(shown.text[anchor.start : anchor.end]))


def _sound(shown: Flow) -> list[Link]:
    return [
        Link("url", squeeze(shown.text[anchor.start : anchor.end]) or None, anchor.href.strip())
        for anchor in shown.anchors
        if _is_sound(shown, anchor)
    ]


def _is_post(href: str) -> bool:
    return reached(href, address) is not None


def _in_data(value: Mapping[str, Any]) -> Sighting | None:
    return oembed(value, (NAME, "TikTok"), address, _in_html)


def _in_text(text: str) -> list[Sighting]:
    """A handle, a caption, a sound. Without a caption, or where the sound is not named as theirs are,
    it may be any song."""
    return [
        flattened.sighting(found, text, NAME, in_words(found.text, _TAGS, _USERS))
        for found in flattened.by_sound(text)
        if found.text
        and found.text.count("\n\n") <= _MOST_BREAKS
        and _NAMED_SOUND.search(text, found.start, found.end)
        and _is_laid_out(text[found.start : found.end], found.text)
    ]


def _is_laid_out(fragment: str, caption: str) -> bool:
    """Whether the handle stands on a line of its own, or all on one; a handle with which a sentence begins
    may be no author, unless tags tell."""
    first, _, rest = fragment.partition("\n")
    return not rest or "#" in caption or len(first.split()) == 1


def _understand(seen: Sighting) -> Quote:
    found = reached(seen.url, address)
    if seen.native_id and not (found and found.native_id):
        found = address(f"https://www.tiktok.com/@{seen.handle or ''}/video/{seen.native_id}")
    by_id = time_of(found.native_id) if found and found.native_id else None
    return quote(seen, found, by_id=by_id)


PLATFORM = Platform(
    name=NAME,
    title="TikTok",
    forms="blockquote, frame, plain text",
    clock=True,
    markers=(b"tiktok",),
    hosts=("tiktok.com", "tiktokv.com", "tnktok.com"),
    needles=(
        rf"tiktok-embed|amp-tiktok|v[mt]\.tiktok|tiktokv?\.com{SLASH}(?:t|v|embed|player|share|i18n){SLASH}|tnktok|tfxktok",
        rf"tiktok\.com{SLASH}(?:@|%40|u0040)[a-z0-9_.-]{{0,40}}{SLASH}(?:video|photo)",
    ),
    wordings=(r"\xe2\x99\xac",),
    address=address,
    understand=_understand,
    where=(
        "self::amp-tiktok or self::blockquote[contains(@class, 'tiktok-embed')"
        " or contains(@classname, 'tiktok-embed')"
        " or contains(@cite, 'tiktok.com/')]"
    ),
    in_html=_in_html,
    in_data=_in_data,
    in_text=_in_text,
    life=Life(
        verdicts.ask("oembed", "https://www.tiktok.com/oembed?url="),
        verdicts.by_oembed(gone=(400, 404), as_state="unavailable"),
    ),
)
