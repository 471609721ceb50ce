"""PeerTube: videos, on any host.

Forms (years): ``iframe`` on ``/videos/embed/UUID`` (2018 to now; a short id since 2021).

Addresses, on any host: ``/videos/embed/ID``, ``/videos/watch/ID``, ``/w/ID``, with a UUID or its short form
(22 characters in the base 58 of Flickr). The UUID is the same on every server: it is the id.

Clock: none. The page carries at most the title of the video, in the frame's ``title``. No posts: channels,
playlists (``/video-playlists/``, ``/w/p/``).

Flattened to plain text: nothing.
"""

from __future__ import annotations

import re

from archiver import html, verdicts
from archiver.model import Note, Quote, Sighting
from archiver.platform import SLASH, Address, Platform, Spot, quote
from archiver.shown import reached
from archiver.text import squeeze
from archiver.verdicts import Known, Life, Question, Reply, Verdict

__all__ = ["PLATFORM"]

NAME = "peertube"
_VIDEO = re.compile(
    r"""^(?:https?:)?//(?P<host>[\w.-]+\.[a-z]{2,24}(?::\d+)?)/(?:videos/(?:embed|watch)|w)/
        (?P<id>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[1-9A-HJ-NP-Za-km-z]{22})
        /?(?:[?\#&;].*)?$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_BASE58 = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
_UUID_BITS = 128
_UUID = re.compile(r"^(.{8})(.{4})(.{4})(.{4})(.{12})$")
_PLAYER = re.compile(r"^(?:peertube|video)?\s*(?:video\s*)?(?:player|embed)?$", re.IGNORECASE)


def address(written: str) -> Address | None:
    """What a video's address says, on any host; None for channels and playlists."""
    found = _VIDEO.match(written)
    number = _uuid(found["id"]) if found else None
    if not found or not number:
        return None
    return Address(f"https://{found['host'].lower()}/videos/watch/{number}", number)


def _uuid(written: str) -> str | None:
    """The UUID of an id in either spelling."""
    if "-" in written:
        return written.lower()
    value = 0
    for letter in written:
        if letter not in _BASE58:
            return None
        value = value * len(_BASE58) + _BASE58.index(letter)
    if value >> _UUID_BITS:
        return None
    return _UUID.sub(r"\1-\2-\3-\4-\5", f"{value:032x}")


def _in_html(spot: Spot) -> Sighting | Note | None:
    """A frame with the title of its video."""
    src = html.attribute(spot.element, "src") or ""
    title = squeeze(html.attribute(spot.element, "title") or "")
    if spot.inside or _PLAYER.match(title) or not reached(src, address):
        return None
    return Sighting(
        platform=NAME,
        form="iframe",
        place=spot.place,
        fragment=html.markup(spot.element),
        text=title,
        url=src.strip(),
    )


def _understand(seen: Sighting) -> Quote:
    return quote(seen, reached(seen.url, address))


def _asking(post: Known) -> tuple[Question, ...]:
    host = (post.url or "").split("/")[2]
    return (Question("api", f"https://{host}/api/v1/videos/{post.native_id}"),)


def _verdict(reply: Reply) -> Verdict:
    """The server's public API for videos."""
    found = verdicts.data(reply)
    if stands := verdicts.wall(reply):
        return stands
    if reply.status == 200 and isinstance(found, dict) and {"uuid", "shortUUID"} & set(found):
        same = reply.about.native_id in (found.get("uuid"), found.get("shortUUID"))
        return verdicts.live("the API gives it out") if same else verdicts.unknown("another video")
    if reply.status in (401, 403) and isinstance(found, dict):
        return Verdict("private", f"the API answers {reply.status}")
    if reply.status in (404, 410) and isinstance(found, dict):
        return Verdict("deleted", f"the API answers {reply.status}")
    return verdicts.unknown(f"the API answers {reply.status}")


PLATFORM = Platform(
    name=NAME,
    title="PeerTube",
    forms="frame",
    clock=False,
    markers=(b"/videos/", b"\\/videos\\/", b"%2fvideos%2f", b"/w/"),
    hosts=("/videos/embed/", "/videos/watch/", "/w/"),
    needles=(
        rf"(?:videos{SLASH}(?:embed|watch)|{SLASH}w){SLASH}(?:[0-9a-f]{{8}}-[0-9a-f]{{4}}|[1-9a-z]{{22}})",
    ),
    address=address,
    understand=_understand,
    where="self::iframe[@title and contains(@src, '/videos/embed/')]",
    in_html=_in_html,
    life=Life(_asking, _verdict),
)
