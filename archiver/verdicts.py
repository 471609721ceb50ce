"""Whether a post is still there, by what was answered to the question: pure functions of status, address and
body. Each platform says what to ask and what its answers mean; what many of them share stands here.

A wall (login, challenge, consent, block) is never taken for a post that is gone, nor is a page that says
nothing; an answer about another post says nothing of this one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

from archiver import resources
from archiver.model import Sighting

__all__ = [
    "GONE",
    "STATES",
    "Known",
    "Life",
    "Question",
    "Reply",
    "Verdict",
    "ask",
    "by_fediverse",
    "by_oembed",
    "by_page",
    "data",
    "escaped",
    "live",
    "shown",
    "text_of",
    "unknown",
    "wall",
    "weigh",
]

STATES = ("live", "private", "suspended", "deleted", "unavailable", "unknown")
"""What a post can be: of several answers of one time the first in this order counts."""

GONE = STATES[1:5]
"""The states of a post that the public can no longer see."""

_REFUSES = frozenset((401, 403, 407, 418, 429, 999))
_MOST = 2_000_000
_SHORT = 300
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a post that is asked about: ``key`` is its identity without the platform's name."""

    key: str
    native_id: str | None = None
    url: str | None = None
    handle: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A public address that tells whether a post is there. ``method``: a word for how (oembed, api, embed,
    page); ``program``: it is made for programs, so that robots.txt has no say."""

    method: str
    url: str
    program: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered: ``url`` after all redirects, ``body`` whole, without content coding."""

    method: str
    status: int
    url: str
    body: bytes
    about: Known


@dataclass(frozen=True, slots=True)
class Verdict:
    """``state``: one of `STATES`; ``because``: what it rests on, in words of ours; not ``settled``: the
    next question may know better. ``refused``: a wall stands before the answer."""

    state: str
    because: str
    settled: bool = True
    refused: bool = False


def _no_questions(_: Known) -> tuple[Question, ...]:
    return ()


def _nothing_known(_: Reply) -> Verdict:
    return unknown("no public way to ask is known")


def _tells_nothing(_: Mapping[str, Any]) -> Sighting | None:
    return None


def _own_address(post: Known) -> tuple[str, ...]:
    return (post.url,) if post.url else ()


def _no_listing(_handle: str, _first: str, _last: str) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Life:
    """What a platform knows of the life of its posts.

    ``asking``: the questions, the gentlest first; ``verdict``: what an answer means. ``addresses``: those
    under which web archives may hold a post. ``listing``: beginnings of addresses under which those of an
    account's posts with an id between two stand in web archives. ``shorteners``: hosts of short addresses
    in its posts; ``files``: pieces of text of which one stands in the address of each picture and video.
    ``told``: a post as an object of the platform's public API has it; ``savable``: whether web archives
    can save its pages as they are.
    """

    asking: Callable[[Known], tuple[Question, ...]] = field(default=_no_questions)
    verdict: Callable[[Reply], Verdict] = field(default=_nothing_known)
    addresses: Callable[[Known], tuple[str, ...]] = field(default=_own_address)
    listing: Callable[[str, str, str], tuple[str, ...]] = field(default=_no_listing)
    shorteners: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    told: Callable[[Mapping[str, Any]], Sighting | None] = field(default=_tells_nothing)
    savable: bool = True


def live(because: str) -> Verdict:
    """The post is there."""
    return Verdict("live", because)


def unknown(because: str, refused: bool = False) -> Verdict:
    """The answer says nothing of the post."""
    return Verdict("unknown", because, settled=False, refused=refused)


def weigh(verdicts: Mapping[str, Verdict]) -> Verdict:
    """Of the verdicts of several methods, the one that counts: the first state in order, surely known."""
    return min(verdicts.values(), key=lambda verdict: (STATES.index(verdict.state), not verdict.settled))


def escaped(url: str) -> str:
    """An address as a value inside another."""
    return quote(url, safe="")


def ask(method: str, head: str, tail: str = "") -> Callable[[Known], tuple[Question, ...]]:
    """The questions of a platform that is asked by the post's address alone, escaped between two texts."""

    def asking(post: Known) -> tuple[Question, ...]:
        return (Question(method, head + escaped(post.url) + tail),) if post.url else ()

    return asking


def text_of(reply: Reply) -> str:
    """The body as it is compared: lower case, straight quotation marks, single blanks."""
    words = reply.body[:_MOST].decode("utf-8", "replace").lower().replace("\u2019", "'")
    return _SPACES.sub(" ", words.replace("&#039;", "'").replace("&#39;", "'"))


def data(reply: Reply) -> Any:
    """The body as JSON, None where it is none."""
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None


def shown(reply: Reply, platform: str) -> tuple[str, str] | None:
    """The first state of which a sign stands in the body, and the sign; in the order of the table."""
    words, number = text_of(reply), (reply.about.native_id or "").lower()
    for state, signs in _table()["platforms"].get(platform, {}).items():
        if sign := next((sign for sign in signs if sign.replace("{id}", number) in words), None):
            return state, sign
    return None


def wall(reply: Reply) -> Verdict | None:
    """Whether a wall stands before the answer: a login, a challenge, a consent page, a block."""
    parts = urlsplit(reply.url)
    where = f"{parts.hostname or ''}{parts.path}".lower()
    signs = _table()["walls"]
    if sign := next((sign for sign in signs["addresses"] if sign in where), None):
        return unknown(f"leads to a wall ({sign.strip('/.')})", refused=True)
    if reply.status in _REFUSES and reply.status not in (401, 403):
        return unknown(f"refused with {reply.status}", refused=True)
    if reply.status >= 500:
        return unknown(f"the server failed with {reply.status}")
    if _is_page(reply):
        words = text_of(reply)
        if sign := next((sign for sign in signs["words"] if sign in words), None):
            return unknown(f"answers with a wall ({sign})", refused=True)
    return None


def by_oembed(
    private: tuple[int, ...] = (403,),
    gone: tuple[int, ...] = (404, 410),
    as_state: str = "deleted",
    settled: bool = True,
) -> Callable[[Reply], Verdict]:
    """Answers of an oEmbed endpoint: an object about the post where it is there; statuses that say
    that it is ``private``, and that it is ``gone``, which means ``as_state``."""

    def verdict(reply: Reply) -> Verdict:
        status, found = reply.status, data(reply)
        if stands := wall(reply):
            return stands
        if status == 200 and isinstance(found, dict) and ("type" in found or "html" in found):
            return _about(reply, "oEmbed describes it")
        if status in gone and _says_gone(reply, found):
            return Verdict(as_state, f"oEmbed answers {status}", settled)
        if status in private and reply.body.strip() and not _is_page(reply):
            return Verdict("private", f"oEmbed answers {status}", settled)
        return _by_status(reply, "oEmbed")

    return verdict


def by_fediverse(reply: Reply) -> Verdict:
    """Answers of a server's public API for statuses, of its oEmbed endpoint and of its page, as most
    servers of the fediverse give them."""
    if reply.method != "api":
        return by_oembed()(reply) if reply.method == "oembed" else by_page(reply, "")
    found = data(reply)
    if stands := wall(reply):
        return stands
    if reply.status == 200 and isinstance(found, dict) and "id" in found:
        return _about(reply, "the server's API gives it out", str(found["id"]))
    if reply.status in (404, 410) and isinstance(found, dict) and "error" in found:
        return Verdict("deleted", f"the server's API answers {reply.status}")
    return _by_status(reply, "the server's API")


def by_page(reply: Reply, platform: str) -> Verdict:
    """Answers of a page for people (of the post or of its frame): what the platform shows there for a
    post that is there, then for one that is gone; a status alone only where nothing else is said."""
    if by_address := wall(Reply(reply.method, 200, reply.url, b"", reply.about)):
        return by_address
    found = shown(reply, platform)
    if found and (reply.status < 400 or (reply.status in (404, 410) and found[0] in GONE)):
        return Verdict(found[0], f"the page answers {reply.status} and shows: {found[1]}")
    if stands := wall(reply):
        return stands
    if reply.status in (404, 410):
        return Verdict("deleted", f"the page answers {reply.status}")
    return _by_status(reply, "the page")


def _by_status(reply: Reply, what: str) -> Verdict:
    """The verdict where no answer is understood."""
    if reply.status == 451:
        return Verdict("unavailable", f"{what} answers 451: withheld for legal reasons")
    if reply.status in _REFUSES:
        return unknown(f"refused with {reply.status}", refused=True)
    return unknown(f"{what} answers {reply.status}, and nothing of the post")


def _about(reply: Reply, because: str, number: str | None = None) -> Verdict:
    """Live, where the answer is about the post that was asked about."""
    wanted = reply.about.native_id
    if number is not None and wanted and number != wanted:
        return unknown("answers about another post")
    if number is None and wanted and wanted.lower() not in text_of(reply):
        return unknown("answers about another post")
    return live(because)


def _says_gone(reply: Reply, found: Any) -> bool:
    """Whether a status that says "not there" is the endpoint's own word on the post: a page for people
    must say so too, or the endpoint itself may be gone."""
    if found is not None or not _is_page(reply):
        return True
    words = text_of(reply)
    return any(sign in words for sign in _table()["not_there"])


def _is_page(reply: Reply) -> bool:
    head = reply.body[:2000].lstrip()[:_SHORT].lower()
    return head.startswith(b"<") and b"<?xml" not in head


@cache
def _table() -> Any:
    return resources.read_json("verdicts.json")
