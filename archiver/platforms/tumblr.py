"""Tumblr: posts.

Forms (years): ``div.tumblr-post[data-href]`` (2014 to now) around a link to the post; frames on
``embed.tumblr.com/embed/post/TOKEN/ID``.

Addresses: ``BLOG.tumblr.com/post/ID[/slug]``, ``tumblr.com/BLOG/ID[/slug]`` (since 2022),
``/blog/view/BLOG/ID``, ``/dashboard/blog/BLOG/ID``; the frame says the id without the blog; blogs with a
domain of their own are read where an embed code says that it is Tumblr. ``tmblr.co/CODE`` leads to a post
that only Tumblr knows.

Clock: none. The page carries blog and id, and a slug, which is no text. No posts: blogs, tags, ``/share``,
follow buttons.

Flattened to plain text: the post's address as words of the link.
"""

from __future__ import annotations

import re

from archiver import html, ids, verdicts
from archiver.model import Note, Quote, Sighting
from archiver.platform import SLASH, Address, Platform, Spot, quote
from archiver.shown import reached
from archiver.verdicts import Life

__all__ = ["PLATFORM"]

NAME = "tumblr"
_ON_BLOG = re.compile(
    r"""^(?:https?:)?//(?!www\.|embed\.|assets\.|secure\.|m\.)(?P<blog>[\w-]{1,60})\.tumblr\.com/(?:post|image|private)/
        (?P<id>\d{4,20})(?:[/?\#].*)?$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_ON_SITE = re.compile(
    r"""^(?:https?:)?//(?:www\.|m\.)?tumblr\.com/(?:(?:dashboard/)?blog/(?:view/)?|@)?(?P<blog>[\w-]{2,60})/
        (?P<id>\d{4,20})(?:[/?\#].*)?$""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_FRAME = re.compile(
    r"^(?:https?:)?//embed\.tumblr\.com/embed/post/(?P<token>[\w:.-]{1,80})/(?P<id>\d{4,20})(?:[/?#].*)?$",
    re.IGNORECASE | re.DOTALL,
)
_SHORT = re.compile(r"^(?:https?:)?//tmblr\.co/(?P<code>[\w-]{5,40})", re.IGNORECASE)
_OWN_DOMAIN = re.compile(r"^(?:https?:)?//[^/?#]+/(?:post|image)/(?P<id>\d{4,20})(?:[/?#].*)?$", re.DOTALL)
_NO_BLOG = frozenset(("tagged", "search", "explore", "post", "settings", "reblog", "likes", "communities"))


def address(written: str) -> Address | None:
    """What a post's address says; None for blogs and tags."""
    found = _ON_BLOG.match(written) or _ON_SITE.match(written)
    if found and found["blog"].lower() not in _NO_BLOG:
        blog, number = found["blog"].lower(), found["id"]
        return Address(f"https://www.tumblr.com/{blog}/{number}", number, blog, f"{blog}/{number}")
    framed = _FRAME.match(written)
    if framed:
        return Address(f"https://embed.tumblr.com/embed/post/{framed['token']}/{framed['id']}", framed["id"])
    short = _SHORT.match(written)
    return Address(f"https://tmblr.co/{short['code']}") if short else None


def _on_own_domain(written: str) -> Address | None:
    """A post of a blog with a domain of its own, where an embed code says that it is one."""
    found = _OWN_DOMAIN.match(written)
    if not found:
        return None
    blog = ids.host(written).removeprefix("www.")
    return Address(f"https://{blog}/post/{found['id']}", found["id"], blog, f"{blog}/{found['id']}")


def _in_html(spot: Spot) -> Sighting | Note | None:
    element = spot.element
    written = html.attribute(element, "data-href") or ""
    links = [html.attribute(a, "href") or "" for a in html.select(element, ".//a[@href]")]
    framed = reached(written, address)
    if not framed:
        return None
    best = next((link for link in links if reached(link, address) or _on_own_domain(link)), written)
    found = reached(best, address) or _on_own_domain(best)
    if not found:
        return None
    return Sighting(
        platform=NAME,
        form="sdk",
        place=spot.place,
        fragment=html.markup(element),
        handle=found.handle,
        url=best.strip(),
        native_id=framed.native_id,
    )


def _understand(seen: Sighting) -> Quote:
    return quote(seen, reached(seen.url, address) or _on_own_domain(seen.url or ""))


PLATFORM = Platform(
    name=NAME,
    title="Tumblr",
    forms="script widget, frame",
    clock=False,
    markers=(b"tumblr", b"tmblr.co"),
    hosts=("tumblr.com", "tmblr.co/"),
    needles=(
        rf"tumblr-post|tmblr\.co{SLASH}|tumblr\.com{SLASH}(?:embed{SLASH})?(?:post|image|private){SLASH}",
        rf"tumblr\.com{SLASH}[a-z0-9_@%\\/&;#-]{{0,120}}[0-9]{{4}}",
    ),
    address=address,
    understand=_understand,
    where="contains(@class, 'tumblr-post') or contains(@classname, 'tumblr-post')",
    in_html=_in_html,
    life=Life(
        verdicts.ask("oembed", "https://www.tumblr.com/oembed/1.0?url="),
        verdicts.by_oembed(),
        files=("media.tumblr.com/",),
    ),
)
