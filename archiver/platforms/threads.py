"""Threads: posts.

Forms (years): ``blockquote.text-post-media[data-text-post-permalink]`` (2023 to now), which shows "Post by
@handle" or nothing, and "View on Threads", localised, and never any words of the post; frames
``/@HANDLE/post/CODE/embed`` and ``/t/CODE/embed``.

Addresses: ``/@HANDLE/post/CODE`` and ``/t/CODE`` on threads.net (until 2025) and threads.com; the code is
unique by itself and is Instagram's.

Clock: as Instagram's, milliseconds since 2011-08-24T21:07:01.721Z above 23 bits of the code's 66.

No posts: profiles (``/@HANDLE``), ``/search``, ``/intent/``.

Flattened to plain text: "Post by @handle\\nView on Threads" (German "Auf Threads ansehen", Chinese "在
Threads 查看").
"""

from __future__ import annotations

import re

from archiver import flattened, html, verdicts
from archiver.model import Moment, Note, Quote, Sighting
from archiver.platform import Address, Platform, Spot, quote
from archiver.shown import clocked, permalinks, reached
from archiver.verdicts import Known, Life, Question, Reply, Verdict

__all__ = ["PLATFORM"]

NAME = "threads"
_POST = re.compile(
    r"""^(?:https?:)?//(?:[\w-]+\.)?threads\.(?:net|com)/
        (?:@(?P<handle>[\w.]{1,30})/(?:post|media)|t)/(?P<code>[\w-]{11,60})/?(?:[/?\#&].*)?$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL | re.ASCII,
)
_TEMPLATE = re.compile(r"^[A-Z_]+$")
_HANDLE = re.compile(r"(?<![\w@])@([\w.]{1,30})")
_BY = ("Post by",)
_VIEW = ("View on Threads", "Auf Threads ansehen", "在 Threads 查看")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_CODE_LENGTH, _SHIFT, _EPOCH_MS, _FIRST_YEAR = 11, 23, 1314220021721, 2023


def address(written: str) -> Address | None:
    """What a post's address says; None for profiles."""
    found = _POST.match(written)
    if not found or _TEMPLATE.match(found["code"]):
        return None
    code, handle = found["code"][:_CODE_LENGTH], found["handle"]
    url = f"https://www.threads.com/@{handle}/post/{code}" if handle else f"https://www.threads.com/t/{code}"
    return Address(url, code, handle)


def time_of(code: str) -> Moment:
    """When a post was made, by its code."""
    number = 0
    for letter in code:
        number = number * 64 + _ALPHABET.index(letter)
    return clocked(number, _SHIFT, _EPOCH_MS, _FIRST_YEAR)


def _in_html(spot: Spot) -> Sighting | Note | None:
    element = spot.element
    shown = html.flow(element)
    link = html.attribute(element, "data-text-post-permalink")
    if not link:
        link = next((anchor.href for anchor in permalinks(shown, address)), None)
    found = reached(link, address)
    if not link or not found:
        return None
    printed = _HANDLE.search(shown.text)
    return Sighting(
        platform=NAME,
        form="blockquote",
        place=spot.place,
        fragment=html.markup(element),
        handle=printed[1] if printed else found.handle,
        url=link.strip(),
    )


def _in_text(text: str) -> list[Sighting]:
    """Pointers whose address is left: they show no words."""
    if "threads." not in text:
        return []
    found = flattened.by_pointer(text, _BY, _VIEW)
    return [flattened.sighting(one, text, NAME) for one in found if reached(one.url, address)]


def _understand(seen: Sighting) -> Quote:
    found = reached(seen.url, address)
    by_id = time_of(found.native_id) if found and found.native_id else None
    return quote(seen, found, by_id=by_id)


def _asking(post: Known) -> tuple[Question, ...]:
    """The frame of the embed: it is shown without a login."""
    return (Question("embed", f"{(post.url or '').rstrip('/')}/embed", program=False),)


def _verdict(reply: Reply) -> Verdict:
    return verdicts.by_page(reply, NAME)


PLATFORM = Platform(
    name=NAME,
    title="Threads",
    forms="blockquote, frame, Markdown",
    clock=True,
    markers=(b"threads.net", b"threads.com", b"text-post-media"),
    hosts=("threads.net", "threads.com"),
    address=address,
    understand=_understand,
    where=(
        "self::blockquote[@data-text-post-permalink or contains(@class, 'text-post-media')"
        " or contains(@classname, 'text-post-media')]"
    ),
    in_html=_in_html,
    in_text=_in_text,
    life=Life(_asking, _verdict, files=("cdninstagram.com/v/", "fbcdn.net/v/"), savable=False),
)
