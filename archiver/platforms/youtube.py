"""YouTube: videos, shorts, streams and community posts.

Forms (years): frames ``/embed/ID`` on youtube.com and youtube-nocookie.com (2010 to now), ``object`` and
``embed`` on ``/v/ID`` (2005-2015); ``amp-youtube[data-videoid]``; players that wait for a click:
``lite-youtube[videoid]``, ``[data-plyr-embed-id]``, ``.rll-youtube-player[data-id]``, ``[data-youtube-id]``.

Addresses: ``watch?v=ID``, ``youtu.be/ID``, ``/embed/ID``, ``/v/ID``, ``/shorts/ID``, ``/live/ID`` on every
subdomain, and mirrors (invidious, piped); an id has 11 characters, of which the last can be one of 16 only.
Community posts: ``/post/Ugk…``, ``/channel/X/community?lb=Ugk…``.

Clock: none. The page carries at most the title of a video: in the frame's ``title`` where the site asked
YouTube for the code (``feature=oembed``), else that says "YouTube video player" in the site's language.

No posts: channels, playlists (``videoseries``), ``/embed/live_stream?channel=``, ``/embed?listType=``,
subscribe buttons, thumbnails.

Flattened to plain text: the title at most.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from archiver import html, verdicts
from archiver.model import Note, Quote, Sighting
from archiver.platform import SLASH, Address, Platform, Spot, quote
from archiver.shown import oembed, reached
from archiver.text import squeeze
from archiver.verdicts import Known, Life, Question, Reply, Verdict

__all__ = ["PLATFORM"]

NAME = "youtube"
_HOST = re.compile(
    r"""^(?:https?:)?//(?:[\w-]+\.){0,2}(?:youtube(?:-nocookie)?\.(?:com|googleapis\.com)|(?P<short>youtu\.be)
        |yewtu\.be|piped\.video|yt\.be|invidio\.us|invidious\.[\w.-]+|inv\.[\w.-]+)(?::\d+)?/(?P<rest>.*)$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
# How some content systems name a video in an attribute.
_NAMED = re.compile(r"^youtube://(?P<id>[\w-]{11})$", re.IGNORECASE)
_PATH = re.compile(
    r"^/{0,2}(?:(?:embed|v|e|shorts|live|watch|w)/)(?P<id>[\w-]{11})(?:[/?&#;%\"'\s].*)?$",
    re.IGNORECASE | re.DOTALL,
)
_SHORT = re.compile(r"^(?P<id>[\w-]{11})(?:[/?&#].*)?$", re.DOTALL)
_POST = re.compile(r"^post/(?P<id>Ug[\w-]{20,40})")
_COMMUNITY = re.compile(
    r"^(?:channel|c|user|@[^/?]{1,60})(?:/[^/?]{1,60})?/community\?(?P<query>.*)$", re.DOTALL
)
_HANDED_ON = re.compile(r"^attribution_link\?(?P<query>.*)$", re.DOTALL)
_WATCH = re.compile(r"^/?(?:watch(?:_popup)?/?|embed/?|details)?[?#](?P<query>.*)$", re.DOTALL)
_ID = re.compile(r"^[\w-]{10}[AEIMQUYcgkosw048]$")
_NO_VIDEO = frozenset(("videoseries", "live_stream", "VIDEO_ID", "YOUR_VIDEO_ID"))
_ASKED = re.compile(r"[?&;]feature=oembed\b")
# Attributes that hold a bare id, in the order in which they are asked.
_BARE = (
    "data-videoid",
    "videoid",
    "video-id",
    "data-youtube-id",
    "data-plyr-embed-id",
    "data-id",
    "data-video-id",
)


def address(written: str) -> Address | None:
    """What the address of a video or community post says; None for channels and playlists."""
    found = _HOST.match(written)
    if not found:
        named = _NAMED.match(written)
        return _video(named["id"]) if named else None
    rest = found["rest"]
    if handed := _HANDED_ON.match(rest):
        rest = (_parameter(handed["query"], "u") or "").lstrip("/")
    posted = _POST.match(rest)
    community = _COMMUNITY.match(rest)
    if posted or community:
        lead = posted["id"] if posted else _parameter(community["query"] if community else "", "lb")
        return Address(f"https://www.youtube.com/post/{lead}", lead) if lead else None
    path = _SHORT.match(rest) if found["short"] else _PATH.match(rest)
    watched = _WATCH.match(rest)
    number = path["id"] if path else _parameter(watched["query"], "v") if watched else None
    return _video(number)


def _parameter(query: str, key: str) -> str | None:
    pairs = parse_qsl(query.replace("&amp;", "&").replace("#", "&")[:4000])
    return next((value for name, value in pairs if name == key), None)


def _video(number: str | None) -> Address | None:
    if not number or number in _NO_VIDEO:
        return None
    number = number[:11]
    return Address(f"https://www.youtube.com/watch?v={number}", number) if _ID.match(number) else None


def _in_html(spot: Spot) -> Sighting | Note | None:
    element, tag = spot.element, html.name(spot.element)
    if spot.inside:
        return None
    if tag == "iframe":
        return _asked(spot)
    number = next((v for key in _BARE if (v := (html.attribute(element, key) or "").strip())), None)
    found = _video(number) or reached(number, address) if number else None
    if not found:
        return None
    title = html.attribute(element, "playlabel") or html.attribute(element, "data-title")
    return Sighting(
        platform=NAME,
        form="amp" if tag == "amp-youtube" else "placeholder",
        place=spot.place,
        fragment=html.markup(element),
        text=None
        if tag == "amp-youtube" or not title or ":" not in title
        else title.partition(":")[2].strip(),
        native_id=found.native_id,
    )


def _asked(spot: Spot) -> Sighting | None:
    """A frame whose code YouTube gave when asked: its title is the video's."""
    element = spot.element
    src = next((v for k in ("src", "data-src", "data-lazy-src") if (v := html.attribute(element, k))), "")
    title = squeeze(html.attribute(element, "title") or "")
    if not title or not _ASKED.search(src) or not reached(src, address):
        return None
    return Sighting(
        NAME, "iframe", place=spot.place, fragment=html.markup(element), text=title, url=src.strip()
    )


def _in_data(value: Mapping[str, Any]) -> Sighting | None:
    return oembed(value, (NAME, "YouTube"), address, _in_html)


def _understand(seen: Sighting) -> Quote:
    return quote(seen, reached(seen.url, address) or _video(seen.native_id))


def _asking(post: Known) -> tuple[Question, ...]:
    """oEmbed; where that has nothing the page, which says why."""
    address = verdicts.escaped(post.url or "")
    page = Question("page", post.url or "", program=False)
    return (Question("oembed", f"https://www.youtube.com/oembed?format=json&url={address}"), page)


def _verdict(reply: Reply) -> Verdict:
    if reply.method == "oembed":  # 401: it may not be embedded, or is private
        return verdicts.by_oembed(private=(403,), gone=(400, 404), settled=False)(reply)
    return verdicts.by_page(reply, NAME)


PLATFORM = Platform(
    name=NAME,
    title="YouTube",
    forms="frame, object, AMP, click-to-load player",
    clock=False,
    shown_only=True,
    markers=(b"youtu", b"yewtu.be", b"piped.video", b"invidi", b"plyr", b"ytimg"),
    hosts=("youtube", "youtu.be", "yewtu.be", "piped.video", "invidio", "yt.be"),
    needles=(
        rf"youtube(?:-nocookie)?\.(?:com|googleapis\.com)(?::[0-9]{{1,5}})?{SLASH}{{1,3}}(?:embed|v|e|vi|shorts|live|w|post){SLASH}",
        rf"youtube(?:-nocookie)?\.(?:com|googleapis\.com)(?::[0-9]{{1,5}})?{SLASH}{{1,3}}(?:watch|embed[?#]|attribution_link|details|[?#])",
        rf"youtu\.be(?::[0-9]{{1,5}})?{SLASH}|community(?:\?|%3f)",
        r"yewtu\.be|piped\.video|//yt\.be|invidio|//inv\.",
        r"(?:amp|lite)-youtube|embetty-video|youtube-id|<youtube-video|youtube-player[^,{.>:]|plyr-provider|feature(?:=|%3d)oembed",
    ),
    address=address,
    understand=_understand,
    where=(
        "self::amp-youtube or self::lite-youtube or self::youtube-video or @data-youtube-id != ''"
        " or self::embetty-video[@type='youtube']"
        " or @data-plyr-provider='youtube' or contains(@class, 'youtube-player')"
        " or self::iframe[@title and @*[contains(., 'feature=oembed')]]"
    ),
    in_html=_in_html,
    in_data=_in_data,
    life=Life(_asking, _verdict, files=("i.ytimg.com/vi/",)),
)
