"""Bluesky: posts.

Forms (years): ``blockquote.bluesky-embed[data-bluesky-uri]`` (2024 to now): the text (line feeds of the
source are meant), "[image or embed]" as a link where the post holds media, "— Name (@handle) date" with the
handle inside or outside of the name's link; frames ``embed.bsky.app/embed/DID/app.bsky.feed.post/RKEY``.

Addresses: ``bsky.app/profile/DID-or-handle/post/RKEY``, ``at://DID/app.bsky.feed.post/RKEY``, the frame, and
mirrors (fxbsky, bskyx …). The id is the record key inside the account: an address with a handle and one with
a DID cannot be joined offline.

Clock: the record key is a TID, microseconds above 10 bits. The client may choose any, so that it counts only
where the printed date does not contradict. The printed date is local time of whoever copied the code,
without a zone, in that reader's language.

No posts: profiles (also as a bare DID), feeds, lists, starter packs, ``/intent/``.

Flattened to plain text: "text", "[image or embed]" on a line of its own where the post holds media, "— Name
(@handle.bsky.social) January 3, 2025 at 5:04 PM" on the last line or behind the text. The handle always
holds a dot.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from archiver import attribution, checks, dates, flattened, html, verdicts
from archiver.html import Anchor, Flow
from archiver.model import Link, Moment, Note, Quote, Sighting
from archiver.platform import WORLD, Address, Platform, Spot, quote, written_on
from archiver.shown import clocked, in_anchors, in_words, oembed, permalinks, reached
from archiver.verdicts import Known, Life, Question, Reply, Verdict

__all__ = ["PLATFORM"]

NAME = "bluesky"
_POST = re.compile(
    r"""^(?:(?:https?:)?//(?:[\w-]{1,40}\.){0,3}(?:bsky\.app|fxbsky\.app|vxbsky\.app|bskyx\.app|bskye\.app|bsyy\.app|bsky\.dev)/
        (?:profile/(?P<actor>[\w.:%-]{3,300})/post/|embed/(?P<framed>[\w.:%-]{3,300})/app\.bsky\.feed\.post/)
        |at://(?P<at>[\w.:%-]{3,300})/app\.bsky\.feed\.post/)
        (?P<key>[a-z2-7A-Z0-9._~-]{3,64})/?(?:[/?\#&].*)?$""",
    re.VERBOSE | re.DOTALL,
)
_DID = re.compile(r"^did:\w+:", re.IGNORECASE)
_TID = re.compile(r"^[234567abcdefghij][234567a-z]{12}$")
_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_SHIFT = 10
_FIRST_YEAR = 2022
_MEDIA = re.compile(r"\[image or embed\]$")
# Nothing but the mark of media, or an id in the place of words (a generator that mixed up its fields).
_NO_WORDS = re.compile(r"^(?:\[image or embed\]|did:\w+:\S+)?$")
_STAMP = re.compile(r"^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)$")
_DOMAIN = re.compile(
    r"^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,6}[a-z][a-z0-9-]{0,60}[a-z0-9]$", re.IGNORECASE
)
_MARKED = re.compile(r"\s{0,9}(?:\[\[image or embed\]\]\([^\s()]{0,300}\)|\[image or embed\])")
_OWN_DOMAIN = ".bsky.social"
_TAGS, _USERS = "https://bsky.app/hashtag/{}", "https://bsky.app/profile/{}"


def address(written: str) -> Address | None:
    """What a post's address says; None for profiles, feeds and lists."""
    found = _POST.match(written)
    if not found:
        return None
    actor = (found["actor"] or found["framed"] or found["at"]).replace("%3A", ":").replace("%3a", ":")
    actor = actor.lower() if not _DID.match(actor) else f"did:{actor[4:]}"
    key = found["key"]
    handle = None if _DID.match(actor) else actor
    return Address(f"https://bsky.app/profile/{actor}/post/{key}", key, handle, f"{actor}/{key}")


def time_of(key: str) -> Moment:
    """The time inside a record key, Moment() where it is none."""
    if not _TID.match(key):
        return Moment()
    number = 0
    for letter in key:
        number = number * 32 + _ALPHABET.index(letter)
    return clocked((number >> _SHIFT) // 1000, 0, 0, _FIRST_YEAR)


def _in_html(spot: Spot) -> Sighting | Note | None:
    element = spot.element
    uri = html.attribute(element, "data-bluesky-uri") or ""
    # A wrapper round the code leaves the word to it.
    held = html.select(element, ".//blockquote[@data-bluesky-uri]")
    if html.name(element) != "blockquote" and (not uri or held):
        return None
    marked = bool(uri) or "bluesky-embed" in html.classes(element)
    if not marked and (spot.inside or html.select(element, ".//blockquote")):
        return None
    shown = html.flow(element, raw=True)
    links = permalinks(shown, address)
    written = uri if reached(uri, address) else links[-1].href if links else None
    if not written and (uri or shown.anchors):
        return None
    seen = _read(spot, shown, links, written)
    complete = bool(seen.handle and seen.text and seen.date_written)
    return seen if (written and marked) or (complete and written_on(seen.date_written)) else None


def _read(spot: Spot, shown: Flow, links: list[Anchor], written: str | None) -> Sighting:
    element = spot.element
    link = _date_link(shown, links)
    signed = attribution.read(shown.text, shown.blocks, (link.start, link.end) if link else None)
    end = signed.start if signed else link.start if link else len(shown.text)
    text = shown.text[:end].strip()
    has_media = bool(_MEDIA.search(text))
    text = "" if _NO_WORDS.match(text) else text
    handle = signed.handle if signed and "." in (signed.handle or "") else None
    date = signed.date if signed else None
    return Sighting(
        platform=NAME,
        form="blockquote",
        place=spot.place,
        fragment=html.markup(element),
        text=text or None,
        author_name=signed.name if signed else None,
        handle=handle,
        date_written=date,
        datetime_written=date if date and _STAMP.match(date) else _stamp(element),
        url=written.strip() if written else None,
        language=_language(element),
        links=tuple(_links(shown, end, text) + (_media(written) if has_media and written else [])),
    )


def _stamp(element: html.Element) -> str | None:
    """The machine time that generators write beside the printed one."""
    times = html.select(element, ".//time[@datetime]")
    return html.attribute(times[-1], "datetime") if times else None


def _date_link(shown: Flow, links: list[Anchor]) -> Anchor | None:
    """The link that is the date: the last one to a post that is not the mark of media."""
    rest = [link for link in links if not _MEDIA.search(shown.text[link.start : link.end])]
    return rest[-1] if rest and shown.text[: rest[-1].start].strip() else None


def _links(shown: Flow, end: int, text: str) -> list[Link]:
    """The links inside the words, without the mark of media."""
    found = in_anchors(shown, (0, end), lambda _: False, lambda href: reached(href, address) is not None)
    linked = {link.text for link in found}
    plain = [link for link in in_words(text, _TAGS, _USERS) if link.text not in linked]
    return [link for link in found if not _MEDIA.search(link.text or "")] + plain


def _media(written: str) -> list[Link]:
    found = reached(written, address)
    return [Link("media", "[image or embed]", found.url)] if found else []


def _language(element: html.Element) -> str | None:
    marked = html.select(element, ".//p[@lang]")
    return (html.attribute(marked[0], "lang") if marked else None) or None


def _in_data(value: Mapping[str, Any]) -> Sighting | None:
    return oembed(value, (NAME, "Bluesky Social"), address, _in_html)


def _in_text(text: str) -> list[Sighting]:
    """Signed as tweets are. A photographer's name and day stand so too, but no time of day. The mark of
    media belongs to the words, but would be a paragraph of its own: the text is read without it."""
    bare = _MARKED.sub(lambda mark: " " * len(mark[0]), text) if "[image or embed]" in text else text
    return [
        _sighting(found, text)
        for found in flattened.find(bare)
        if _DOMAIN.match(found.handle or "") and _is_sure(found)
    ]


def _sighting(found: flattened.Found, text: str) -> Sighting:
    mark = "[image or embed]" if "[image or embed]" in text[found.start : found.end] else ""
    return replace(
        flattened.sighting(found, text, NAME, in_words(found.text, _TAGS, _USERS)),
        text=f"{found.text}\n\n{mark}".strip() if found.text else None,
        url=found.url if reached(found.url, address) else None,
    )


def _is_sure(found: flattened.Found) -> bool:
    reading = dates.read(found.date_written or "")
    is_ours = (found.handle or "").lower().endswith(_OWN_DOMAIN) or reached(found.url, address) is not None
    return is_ours or (reading is not None and reading.time is not None and bool(found.text))


def _understand(seen: Sighting) -> Quote:
    found = reached(seen.url, address)
    by_id = time_of(found.native_id) if found and found.native_id else Moment()
    on = written_on(seen.date_written, seen.language)
    contradicts = checks.date_against_id(on, by_id, WORLD + timedelta(hours=1))
    return quote(seen, found, by_id=Moment() if contradicts else by_id)


_API = "https://public.api.bsky.app/xrpc/"
_NO_WORD = verdicts.unknown("the API answers, and nothing of the post")


def _asking(post: Known) -> tuple[Question, ...]:
    """The public API, which wants no login; an account is asked about where its post is not found."""
    actor, _, key = post.key.partition("/")
    uri = verdicts.escaped(f"at://{actor}/app.bsky.feed.post/{key}")
    thread = f"{_API}app.bsky.feed.getPostThread?uri={uri}&depth=0&parentHeight=0"
    profile = f"{_API}app.bsky.actor.getProfile?actor={verdicts.escaped(actor)}"
    return (Question("api", thread), Question("profile", profile)) if key else ()


def _verdict(reply: Reply) -> Verdict:
    if stands := verdicts.wall(reply):
        return stands
    found = verdicts.data(reply)
    found = found if isinstance(found, dict) else {}
    error = str(found.get("error") or "")
    if error in ("AccountTakedown", "AccountDeactivated"):
        return Verdict("suspended" if error == "AccountTakedown" else "unavailable", f"the API says {error}")
    if reply.method == "profile":
        gone = reply.status == 400 and "not found" in str(found.get("message") or "").lower()
        return Verdict("deleted", "the API knows no such account") if gone else _NO_WORD
    thread = found.get("thread")
    return _by_thread(thread if isinstance(thread, dict) else {}, error, reply)


def _by_thread(thread: dict[str, Any], error: str, reply: Reply) -> Verdict:
    kind, post = str(thread.get("$type") or "").partition("#")[2], thread.get("post")
    if error == "NotFound" or kind == "notFoundPost":
        return Verdict("deleted", f"the API says {error or kind}", settled=False)
    if kind == "blockedPost":
        return Verdict("private", f"the API says {kind}")
    if isinstance(post, dict) and str(post.get("uri") or "").endswith(f"/{reply.about.native_id}"):
        return verdicts.live("the API gives it out")
    return _NO_WORD


def _told(value: Mapping[str, Any]) -> Sighting | None:
    """A post as the public API has it, alone or in its thread."""
    thread = value.get("thread")
    post = thread.get("post") if isinstance(thread, Mapping) else value
    record, author = (post.get(key) if isinstance(post, Mapping) else None for key in ("record", "author"))
    if not isinstance(record, Mapping) or not isinstance(author, Mapping) or not isinstance(post, Mapping):
        return None
    texts = (record.get("text"), author.get("displayName"), author.get("handle"), record.get("createdAt"))
    text, name, handle, written = (one if isinstance(one, str) and one else None for one in texts)
    return Sighting(
        platform=NAME,
        form="json",
        text=text,
        author_name=name,
        handle=handle,
        datetime_written=written,
        url=str(post.get("uri") or ""),
    )


PLATFORM = Platform(
    name=NAME,
    title="Bluesky",
    forms="blockquote, frame, plain text",
    clock=True,
    markers=(b"bsky", b"bluesky"),
    hosts=("bsky.app", "bsky.dev", "bskyx.app", "app.bsky.feed.post"),
    address=address,
    understand=_understand,
    where=(
        "@data-bluesky-uri or contains(@class, 'bluesky-embed') or contains(@classname, 'bluesky-embed')"
        " or self::blockquote[.//a[contains(@href, 'bsky.app/profile')]]"
    ),
    in_html=_in_html,
    in_data=_in_data,
    in_text=_in_text,
    life=Life(_asking, _verdict, files=("cdn.bsky.app/img/feed_", "video.bsky.app/watch/"), told=_told),
)
