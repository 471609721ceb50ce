"""Reddit: posts and comments.

Forms (years): ``div.reddit-embed[data-embed-created]`` (2015-2017, comments), ``blockquote.reddit-card
[data-card-created]`` (2015-2021; both times are those of the embed code, not of the post),
``blockquote.reddit-embed-bq`` (2022 to now); frames on ``redditmedia.com`` and ``embed.reddit.com``.

Addresses: ``/r/SUB/comments/POST[/slug[/COMMENT]]``, ``/comments/POST``,
``/r/SUB/comments/POST/comment/ID``, ``/user/NAME/comments/…``, ``/gallery/POST``, ``redd.it/POST``, on every
subdomain and on mirrors (teddit, libreddit, redlib). Post ids are unique. ``/r/SUB/s/CODE`` leads to a post
that only Reddit knows.

Clock: none; ids are numbers in base 36 and give an order only.

The page carries the title (the text), the author since 2022, the subreddit; of a comment only its author and
the title of what it answers; never a date. No posts: subreddits, users, ``/submit`` buttons.

Flattened to plain text: "Title\\nby u/name in subreddit", "Title from r/subreddit", "Comment\\nby u/name
from discussion Title in subreddit", where blanks can be lost ("discussionTitle", "insubreddit").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from archiver import flattened, html, verdicts
from archiver.html import Anchor, Flow
from archiver.model import Link, Note, Quote, Sighting
from archiver.platform import SLASH, Address, Platform, Spot, quote
from archiver.shown import oembed, permalinks, reached
from archiver.text import squeeze
from archiver.verdicts import Known, Life, Question, Reply, Verdict

__all__ = ["PLATFORM"]

NAME = "reddit"
_POST = re.compile(
    r"""^(?:https?:)?//(?:[\w-]{1,40}\.){0,3}(?:(?:v|r)?x?reddit(?:media)?\.com
        |[\w-]{0,40}(?:teddit|libreddit|redlib)[\w.-]{0,60}\.[a-z]{2,24})/
        (?:r/(?P<sub>\w{2,50})/|u(?:ser)?/(?P<user>[\w-]{2,30})/)?(?:comments|gallery|tb)/(?P<post>[a-z0-9]{2,10})
        (?:/comment/(?P<reply>[a-z0-9]{4,10})|/(?P<slug>[^/?\#]*)(?:/(?P<comment>[a-z0-9]{4,10}))?)?/?(?:[?\#&].*)?$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_SHORT = re.compile(
    r"^(?:https?:)?//(?:www\.)?redd\.it/(?P<post>[a-z0-9]{4,10})/?(?:[?#].*)?$", re.IGNORECASE
)
_SHARED = re.compile(
    r"^(?:https?:)?//(?:[\w-]+\.)?reddit\.com/(?:r|u|user)/(?P<where>[\w-]+)/s/(?P<code>\w{5,20})/?(?:[?#].*)?$",
    re.IGNORECASE,
)
_MOST_BESIDE = 24
_SHORTEST_TITLE = 5
_CODES = frozenset(("reddit-card", "reddit-embed", "reddit-embed-bq"))
_USER = re.compile(r"//(?:[\w-]+\.)?reddit\.com/u(?:ser)?/([\w-]{2,30})", re.IGNORECASE)


def address(written: str) -> Address | None:
    """What a post's or a comment's address says; None for subreddits and users."""
    found = _POST.match(written)
    if found:
        return _post(found)
    short = _SHORT.match(written)
    if short:
        post = short["post"].lower()
        return Address(f"https://www.reddit.com/comments/{post}/", post)
    shared = _SHARED.match(written)
    return Address(f"https://www.reddit.com/r/{shared['where']}/s/{shared['code']}") if shared else None


def _post(found: re.Match[str]) -> Address:
    post, comment = found["post"].lower(), (found["reply"] or found["comment"] or "").lower()
    user = found["user"]
    scope = f"r/{found['sub']}/" if found["sub"] else f"user/{user}/" if user else ""
    url = f"https://www.reddit.com/{scope}comments/{post}/"
    if comment:
        # A user's page holds posts of that user; a comment there may be anyone's.
        return Address(f"{url}comment/{comment}/", post, None, f"{post}/{comment}")
    return Address(url, post, user)


def _in_html(spot: Spot) -> Sighting | Note | None:
    element = spot.element
    inner = html.select(element, ".//blockquote")
    marked = bool(html.classes(element) & _CODES)
    if any(html.classes(code) & _CODES for code in inner) or (not marked and (inner or spot.inside)):
        return None
    shown = html.flow(element)
    if not marked and not _is_card(shown):
        return None
    links = permalinks(shown, address)
    if not links:
        return None
    link = links[0]
    found = reached(link.href, address)
    is_comment = bool(found and found.key and "/" in found.key)
    author = next((user for a in shown.anchors if (user := _USER.search(a.href))), None)
    return Sighting(
        platform=NAME,
        form="blockquote",
        place=spot.place,
        fragment=html.markup(element),
        text=None if is_comment else _title(shown, link),
        handle=author[1] if author else found.handle if found else None,
        url=link.href.strip(),
        links=tuple(_answered(shown, links[1:])) if is_comment else (),
    )


def _is_card(shown: Flow) -> bool:
    """Whether a blockquote that lost its class is made as a code: the link to the post first, then links to
    author and subreddit, and hardly a word beside them."""
    anchors = sorted(shown.anchors, key=lambda anchor: anchor.start)
    bare = len("".join(shown.text.split())) - sum(
        len("".join(shown.text[a.start : a.end].split())) for a in anchors
    )
    leads = [bool(reached(anchor.href, address)) or "reddit.com/" in anchor.href for anchor in anchors]
    is_first = bool(anchors) and anchors[0].start == 0 and reached(anchors[0].href, address) is not None
    return is_first and len(anchors) > 1 and all(leads) and bare <= _MOST_BESIDE


def _title(shown: Flow, link: Anchor) -> str | None:
    words = squeeze(shown.text[link.start : link.end])
    return words if words and "://" not in words else None


def _answered(shown: Flow, links: list[Anchor]) -> list[Link]:
    """The post to which a comment belongs."""
    return [Link("replied", _title(shown, link), link.href.strip()) for link in links[:1]]


def _in_data(value: Mapping[str, Any]) -> Sighting | None:
    return oembed(value, (NAME, "reddit"), address, _in_html, by_handle=True)


def _in_text(text: str) -> list[Sighting]:
    """Titles with author and place. A comment shows no words of its own: without an address it says
    nothing. A line that begins in small letters is the middle of a sentence."""
    found = [
        replace(flattened.sighting(one, text, NAME), url=one.url if reached(one.url, address) else None)
        for one in flattened.by_forum(text)
    ]
    return [seen for seen in found if seen.url or _is_title(seen)]


def _is_title(seen: Sighting) -> bool:
    """Whether words are the title of a post, not the credit of a picture ("Image by u/name in place")."""
    words = (seen.text or "").split()
    return len("".join(words)) >= _SHORTEST_TITLE and (len(words) > 1 or not seen.fragment.isascii())


def _understand(seen: Sighting) -> Quote:
    return quote(seen, reached(seen.url, address))


_REASONS = {"private": "private", "banned": "suspended", "quarantined": "live", "gold_only": "private"}
_TAKEN = ("[deleted]", "[removed]", "[ Removed by Reddit ]")


def _asking(post: Known) -> tuple[Question, ...]:
    """The public listing of things by their names, then oEmbed."""
    head, _, comment = post.key.partition("/")
    name = f"t1_{comment}" if comment else f"t3_{head}"
    address = verdicts.escaped(post.url or "")
    return (
        Question("api", f"https://www.reddit.com/api/info.json?id={name}&raw_json=1"),
        Question("oembed", f"https://www.reddit.com/oembed?url={address}"),
    )


def _verdict(reply: Reply) -> Verdict:
    found = verdicts.data(reply)
    if reply.method == "oembed":
        return verdicts.by_oembed()(reply)
    if stands := verdicts.wall(reply):
        return stands
    if not isinstance(found, dict):
        return verdicts.unknown(f"the API answers {reply.status}", refused=reply.status == 403)
    if why := _REASONS.get(str(found.get("reason"))):
        return Verdict(why, f"the API says: {found['reason']}")
    return _thing(found) if reply.status == 200 else verdicts.unknown(f"the API answers {reply.status}")


def _thing(found: dict[str, Any]) -> Verdict:
    """A post that is taken away stays in the listing, without its words."""
    try:
        children = found["data"]["children"]
        about = children[0]["data"] if children else None
    except (KeyError, TypeError, IndexError):
        return verdicts.unknown("the API answers, and nothing that is understood")
    if about is None:
        return Verdict("deleted", "the API lists nothing of that name")
    words = about.get("body") or about.get("selftext")
    if about.get("removed_by_category") or words in _TAKEN:
        return Verdict("deleted", f"the API shows: {about.get('removed_by_category') or words}")
    return verdicts.live("the API lists it")


PLATFORM = Platform(
    name=NAME,
    title="Reddit",
    forms="blockquote, frame, plain text",
    clock=False,
    markers=(b"reddit", b"redd.it", b"teddit", b"redlib"),
    hosts=("reddit.com", "redditmedia.com", "redd.it/", "teddit", "redlib", "libreddit"),
    needles=(
        r"reddit-(?:card|embed)",
        rf"redd\.it{SLASH}|(?:reddit|redditmedia)\.com{SLASH}[a-z0-9_%\\/&;#-]{{0,90}}(?:comments|gallery|tb){SLASH}",
        rf"(?:teddit|redlib|libreddit)[a-z0-9_.:-]{{0,60}}{SLASH}",
        rf"reddit\.com{SLASH}(?:r|u|user){SLASH}[a-z0-9_-]{{1,50}}{SLASH}s{SLASH}",
    ),
    wordings=(r"by[ \r\n\t>]{0,6}u/",),
    address=address,
    understand=_understand,
    where=(
        "contains(@class, 'reddit-card') or contains(@class, 'reddit-embed')"
        " or contains(@classname, 'reddit-card') or contains(@classname, 'reddit-embed')"
        " or self::blockquote[.//a[contains(@href, 'reddit.com/r/')]]"
    ),
    in_html=_in_html,
    in_data=_in_data,
    in_text=_in_text,
    life=Life(_asking, _verdict, files=("i.redd.it/", "preview.redd.it/")),
)
