"""Facebook: posts, photos, videos, reels and comments.

Forms (years): ``div.fb-post[data-href]``, ``.fb-video``, ``.fb-comment-embed`` (2013 to now), most of them
empty, some with a ``blockquote[cite]`` or ``div.fb-xfbml-parse-ignore`` in them: words, "Posted by Name on
Monday, February 7, 2022", localised, where the name and the date are links (in the old form of videos the
title is the link, the date plain); ``fb:post``; frames ``plugins/post.php?href=``, ``video.php``,
``comment_embed.php``, ``video/embed``; ``amp-facebook[data-href]``.

Addresses: ``/USER/posts/ID`` (a number or ``pfbid…``), ``permalink.php?story_fbid=``, ``photo.php?fbid=``,
``/USER/photos/ALBUM/ID``, ``/USER/videos/ID``, ``/watch/?v=ID``, ``/reel/ID``, ``/groups/G/posts/ID``
(``permalink``), ``/OWNER_ID``; all hosts of the site (m, mbasic, graph, developers, country codes). An id
counts with its owner, who may be a name or a number; a pfbid and the number of the same post cannot be
joined offline. ``/share/p/CODE`` and ``fb.watch/CODE`` lead to a post that only Facebook knows.

Clock: none. The words are cut with "…" by the embed code. No posts: ``fb-page``, ``fb-like``,
``fb-comments``, ``fb-share-button``, ``sharer.php``, pages, groups, events.

Flattened to plain text: "[words, cut with ...]\\nPosted by Name on Monday, February 7, 2022".
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from archiver import dates, flattened, html, resources, verdicts
from archiver.html import Anchor, Element, Flow
from archiver.model import Link, Note, Quote, Sighting
from archiver.platform import SLASH, Address, Platform, Spot, quote
from archiver.shown import in_anchors, in_words, last_date, oembed, permalinks, reached
from archiver.text import squeeze
from archiver.verdicts import Known, Life, Question, Reply, Verdict

__all__ = ["PLATFORM"]

NAME = "facebook"
_HOST = re.compile(
    r"^(?:https?:)?//(?:[\w-]+\.){0,2}(?:facebook|fb)\.com(?::\d+)?/(?:\#!/)?(?P<path>[^?#]*)(?P<query>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_OWNED = re.compile(
    r"""^(?:pg/|groups/)?(?P<owner>[^/]{1,100})/
        (?P<kind>posts|permalink|activity|videos|photos|reels?)/(?:(?:[^/]{1,300}/){0,2})
        (?P<id>pfbid\w{10,120}|\d{5,20})(?::\d+)?/?$""",
    re.IGNORECASE | re.VERBOSE,
)
_NOTE = re.compile(r"^notes/(?P<owner>[^/]{1,100})/[^/]{1,300}/(?P<id>\d{5,20})(?P<post>)/?$", re.IGNORECASE)
_ALONE = re.compile(
    r"^(?:reel|reels|watch/live|videos|video)/(?:embed/?)?(?P<id>\d{5,20})/?$|^(?P<owner>\d{5,20})_(?P<post>\d{5,20})/?$",
    re.IGNORECASE,
)
_SHARED = re.compile(r"^share/(?:(?P<kind>[pvr])/)?(?P<code>\w{5,30})/?$")
_WATCH = re.compile(r"^(?:https?:)?//(?:www\.)?fb\.watch/(?P<code>[\w-]{5,30})/?(?:[?#].*)?$", re.IGNORECASE)
_PAGE = re.compile(
    r"^(?:(?P<story>permalink|story)\.php|(?P<photo>photo)(?:\.php)?/?|(?P<video>video(?:/video)?\.php|video/embed|watch(?:/live)?)/?)$",
    re.IGNORECASE,
)
_ID = re.compile(r"^(?:pfbid\w{10,120}|\d{5,20})$")
_NO_OWNER = frozenset(
    ("watch", "hashtag", "events", "pages", "people", "plugins", "media", "sharer", "dialog", "help")
)
_COMMENT = re.compile(rb"^comment:\d+_(\d+)$")
_DIGITS = re.compile(r"^\d{5,20}$")
_PROFILE = re.compile(
    r"^(?:https?:)?//(?:[\w-]+\.)?facebook\.com/(?!hashtag/)(?:(?:pages|people)/[^/?]{1,200}/)?(?:profile\.php\?id=)?(?P<handle>[^/?#]{2,100})/?(?:[?#].*)?$",
    re.IGNORECASE,
)
_CUT = re.compile(r"(?:…|\.\.\.)$")
_QUOTED = "fb-xfbml-parse-ignore"
_WRAPS = frozenset(("fb-post", "fb-video", "fb-comment-embed"))
_LONGEST_LEAD_IN = 40
_SHORTEST_CUT, _SHORTEST_WEEKDAY = 40, 3
_TAGS, _USERS = "https://www.facebook.com/hashtag/{}", "https://www.facebook.com/{}"


def address(written: str) -> Address | None:
    """What the address of a post, photo, video or comment says; None for pages, profiles and buttons."""
    watched = _WATCH.match(written)
    if watched:
        return Address(f"https://fb.watch/{watched['code']}/")
    found = _HOST.match(written)
    if not found:
        return None
    path, asked = found["path"], _asked(found["query"])
    owned, alone, shared = _OWNED.match(path), _ALONE.match(path), _SHARED.match(path)
    if owned and owned["owner"].lower() not in _NO_OWNER:
        kind = owned["kind"].lower()
        if path[:7].lower() == "groups/":
            kind = "groups"
        return _post(kind, owned["owner"], owned["id"], asked)
    alone = alone or _NOTE.match(path)
    if alone:
        kind = "notes" if path[:6].lower() == "notes/" else "posts" if alone["owner"] else "reel"
        return _post(kind, alone["owner"], alone["id"] or alone["post"], asked)
    if shared:
        kind = f"{shared['kind']}/" if shared["kind"] else ""
        return Address(f"https://www.facebook.com/share/{kind}{shared['code']}/")
    page = _PAGE.match(path)
    return _by_query(page, asked) if page else None


def _asked(query: str) -> dict[str, str]:
    return dict(parse_qsl(query[:4000].replace("&amp;", "&").lstrip("?").replace("#", "&").replace("?", "&")))


def _by_query(page: re.Match[str], asked: dict[str, str]) -> Address | None:
    """Pages whose post stands in the query."""
    if page["story"]:
        number, owner = asked.get("story_fbid", ""), asked.get("id")
        return _post("posts" if owner else "story", owner, number, asked) if _ID.match(number) else None
    if page["photo"] and "fbid" in asked:
        number = asked["fbid"]
        return _post("photo", None, number, asked) if _ID.match(number) else None
    number = asked.get("v") or asked.get("video_id") or ""
    return _post("watch", None, number, asked) if _ID.match(number) else None


def _post(kind: str, owner: str | None, number: str, asked: dict[str, str]) -> Address:
    if kind in ("reel", "reels"):
        kind, owner = "reel", None
    url = {
        "groups": f"groups/{owner}/posts/{number}",
        "notes": f"notes/{owner}/-/{number}",
        "photos": f"{owner}/photos/{number}",
        "videos": f"{owner}/videos/{number}",
        "reel": f"reel/{number}",
        "photo": f"photo.php?fbid={number}",
        "watch": f"watch/?v={number}",
        "story": f"permalink.php?story_fbid={number}",
    }.get(kind, f"{owner}/posts/{number}")
    comment = _comment(asked)
    scope = f"{owner.lower()}/" if owner else ""
    key = f"{scope}{number}/{comment}" if comment else f"{scope}{number}"
    if comment:
        url += f"{'&' if '?' in url else '?'}comment_id={comment}"
    handle = None if kind == "groups" else owner
    return Address(f"https://www.facebook.com/{url}", number, handle, key)


def _comment(asked: dict[str, str]) -> str | None:
    """The id of the comment that an address names, plain or in its encoded form."""
    written = asked.get("reply_comment_id") or asked.get("comment_id") or ""
    if _DIGITS.match(written):
        return written
    try:
        plain = base64.b64decode(written.encode("ascii", "replace") + b"==")
    except (binascii.Error, ValueError):
        return None
    found = _COMMENT.match(plain)
    return found[1].decode() if found else None


@dataclass(frozen=True, slots=True)
class _Signature:
    """ "Posted by Name on date" in a flow: where it begins, the link that is the name, the date."""

    start: int
    name: Anchor | None
    date: str | None


def _in_html(spot: Spot) -> Sighting | Note | None:
    element, names = spot.element, html.classes(spot.element)
    wraps = bool(names & _WRAPS)
    quoted = _QUOTED in names or reached(html.attribute(element, "cite"), address)
    if not wraps and (spot.inside or not quoted or html.name(element) == "a"):
        return None
    shown = html.flow(element)
    links = permalinks(shown, address)
    written = _written(element, links)
    found = reached(written, address)
    if not written or not found:
        return _unreadable(spot, shown) if wraps else None
    signed = _signature(shown, links)
    text = shown.text[: signed.start].strip() if signed else _paragraphs(element)
    name = signed.name if signed else None
    return Sighting(
        platform=NAME,
        form="sdk" if wraps else "blockquote",
        place=spot.place,
        fragment=html.markup(element),
        text=text or None,
        author_name=(squeeze(shown.text[name.start : name.end]) or None) if name else None,
        handle=_handle(found, name),
        date_written=signed.date if signed else None,
        url=written.strip(),
        links=tuple(_links(shown, signed.start if signed else 0, text, found)),
    )


def _unreadable(spot: Spot, shown: Flow) -> Note | None:
    """A widget with words and no address of a post: a template is nothing, words are worth a note."""
    words = squeeze(shown.text)
    if not words or "{" in html.markup(spot.element)[:2000]:
        return None
    return Note("embed-without-post", spot.place, words[:500])


def _written(element: Element, links: list[Anchor]) -> str | None:
    """The address of the embed as written; of two for the same post the one that says the owner."""
    quoted = html.select(element, ".//blockquote[@cite]")
    written = [html.attribute(element, key) for key in ("data-href", "href", "cite")]
    written += [html.attribute(inner, "cite") for inner in quoted] + [anchor.href for anchor in links]
    posts = [(w, found) for w in written if w and (found := reached(w, address))]
    if not posts:
        return None
    first, base = posts[0]
    return next((w for w, f in posts if f.native_id == base.native_id and f.handle), first)


def _signature(shown: Flow, links: list[Anchor]) -> _Signature | None:
    """The name is the last link to an account, the date the link to the post that follows it, or plain."""
    names = [anchor for anchor in shown.anchors if _is_account(anchor.href)]
    # An account without a public address is a link to nowhere.
    names = names or [anchor for anchor in shown.anchors if anchor.href.strip() in ("", "#")]
    name = max(names, key=lambda anchor: anchor.start, default=None)
    dates = [
        anchor for anchor in links if anchor.end > anchor.start and (not name or anchor.start >= name.end)
    ]
    if name is None and not (dates and last_date(shown.text, dates[-1].start)):
        return None
    if dates:
        date = squeeze(shown.text[dates[-1].start : dates[-1].end]) or None
    else:
        date = last_date(shown.text, name.end) if name else None
    first = min([anchor.start for anchor in (*dates[-1:], *([name] if name else []))])
    return _Signature(_start(shown, first), name, date)


def _is_account(href: str) -> bool:
    return bool(_PROFILE.match(href)) and not reached(href, address)


def _start(shown: Flow, name_at: int) -> int:
    """Where a signature begins: with its block, or behind words that stand in the same one."""
    block = max((at for at in shown.blocks if at <= name_at), default=0)
    line = max(block, shown.text.rfind("\n", 0, name_at) + 1)
    before = shown.text[line:name_at].rstrip(" :\u00a0")
    words = next((words for words in _lead_ins() if before[-len(words) :].casefold() == words), None)
    if words:
        return line + len(before) - len(words)
    return line if len(before) <= _LONGEST_LEAD_IN else name_at


def _paragraphs(element: Element) -> str | None:
    lines = (html.flow(p).text.strip() for p in html.select(element, "descendant-or-self::blockquote//p"))
    return "\n".join(line for line in lines if line) or None


def _handle(found: Address, name: Anchor | None) -> str | None:
    """The owner in the post's address, or in that of the author's page; a name before a number."""
    account = _PROFILE.match(name.href) if name else None
    known = [handle for handle in (found.handle, account["handle"] if account else None) if handle]
    return next((handle for handle in known if not handle.isdigit()), known[0] if known else None)


def _links(shown: Flow, end: int, text: str | None, found: Address) -> list[Link]:
    linked = in_anchors(
        shown, (0, end), lambda href: _leads_to(href, found), lambda href: bool(_leads_to(href))
    )
    linked = [
        replace(x, kind="mention") if x.kind == "url" and _is_account(x.url or "") else x for x in linked
    ]
    seen = {link.text for link in linked}
    return linked + [link for link in in_words(text, _TAGS, _USERS) if link.text not in seen]


def _leads_to(href: str, post: Address | None = None) -> bool:
    found = reached(href, address)
    return found is not None and (post is None or found.native_id == post.native_id)


@cache
def _lead_ins() -> list[str]:
    """The words between a post and its author, in folded case, the longest first."""
    return sorted((words.casefold() for words in _words()), key=len, reverse=True)


@cache
def _words() -> list[str]:
    words: dict[str, list[str]] = resources.read_json("platforms", "facebook.json")
    return words["before"]


def _in_data(value: Mapping[str, Any]) -> Sighting | None:
    return oembed(value, (NAME, "Facebook"), address, _in_html)


def _in_text(text: str) -> list[Sighting]:
    """Words that were cut, then author and day. Blogs sign so too: without a post's address it takes a day
    of the week, as their codes print it, and more words than "read more"."""
    found = flattened.by_date(text, _words(), "facebook.", is_post=_leads_to)
    return [
        flattened.sighting(one, text, NAME, in_words(one.text, _TAGS, _USERS))
        for one in found
        if "@" not in (one.author_name or "") and (one.url or _is_cut_post(one))
    ]


def _is_cut_post(found: flattened.Found) -> bool:
    words = found.text or ""
    is_long = len(words) >= _SHORTEST_CUT
    return is_long and bool(_CUT.search(words)) and _has_weekday(found.date_written or "")


def _has_weekday(written: str) -> bool:
    """Whether a day of the week begins or ends a printed date: what may go, and leaves the same date."""
    reading = dates.read(written)
    first, _, after = written.partition(" ")
    before, _, last = written.rpartition(" ")
    return reading is not None and any(
        len(word.strip(",.")) >= _SHORTEST_WEEKDAY
        and word.strip(",.").isalpha()
        and dates.read(rest) == reading
        for word, rest in ((first, after), (last, before.rstrip(",")))
    )


def _understand(seen: Sighting) -> Quote:
    understood = quote(seen, reached(seen.url, address))
    return replace(understood, text_state="truncated") if _CUT.search(seen.text or "") else understood


def _wording() -> str:
    """A cut, then the words that open a signature, in bytes of UTF-8."""
    known = ("".join(f"\\x{byte:02x}" for byte in words.encode().lower()) for words in _words())
    return rf"(?:\.\.\.|\xe2\x80\xa6)[\s>]{{1,12}}(?:{'|'.join(dict.fromkeys(known))})"


def _asking(post: Known) -> tuple[Question, ...]:
    """The frame of the embed: it is shown without a login."""
    address = verdicts.escaped(post.url or "")
    kind = "video" if "/videos/" in (post.url or "") else "post"
    return (Question("embed", f"https://www.facebook.com/plugins/{kind}.php?href={address}", program=False),)


def _verdict(reply: Reply) -> Verdict:
    return verdicts.by_page(reply, NAME)


PLATFORM = Platform(
    name=NAME,
    title="Facebook",
    forms="script widget with or without words, frame, AMP, plain text",
    clock=False,
    markers=(b"facebook", b"fb.watch", b"fb.com", b"fb-post", b"fb-video"),
    hosts=("facebook.com", "fb.com/", "fb.watch/"),
    needles=(
        r"fb-(?:post|video|comment-embed)|fb:post|fb\.watch",
        rf"plugins{SLASH}(?:post|video|comment_embed)\.php",
        rf"(?:facebook|fb)\.com{SLASH}[a-z0-9_.@:%\\/&;#!-]{{0,120}}(?:posts|permalink|activity|video|photo|reel|watch|story)",
        rf"(?:facebook|fb)\.com{SLASH}(?:share{SLASH}|[a-z0-9_.:%\\/-]{{0,60}}[0-9]{{5}}_[0-9]{{5}})",
    ),
    wordings=(_wording(),),
    address=address,
    understand=_understand,
    where=(
        "contains(@class, 'fb-post') or contains(@class, 'fb-video') or contains(@class, 'fb-comment-embed')"
        " or contains(@class, 'fb-xfbml-parse-ignore') or contains(@classname, 'fb-post')"
        " or contains(@classname, 'fb-video') or contains(@classname, 'fb-xfbml-parse-ignore')"
        " or self::blockquote[contains(@cite, 'facebook.com/')]"
    ),
    in_html=_in_html,
    in_data=_in_data,
    in_text=_in_text,
    life=Life(_asking, _verdict, files=("fbcdn.net/v/",), savable=False),
)
