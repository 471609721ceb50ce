"""What is told from tags alone: pages that name posts and show none do not pass, all that show one do."""

from __future__ import annotations

import base64
import random

import pytest

from archiver import prefilter
from archiver.extraction import extract
from archiver.model import Document
from archiver.platforms import PLATFORMS
from tests.archives import page, tweet

SHOWS = prefilter.sieve(PLATFORMS, links=False)
STATUS = "https://twitter.com/ann_ex/status/1477053795909926913"
LINK = f'<a href="{STATUS}">said so</a>'
VIDEO = "https://www.youtube.com/watch?v=abcdefghijk"
FRAME = '<iframe src="https://www.youtube.com/embed/abcdefghijk"></iframe>'
ESCAPED = tweet(1).replace("<", "&lt;").replace(">", "&gt;")

MUTE = (
    f"<p>She {LINK} on Monday.</p>",
    f"<blockquote>Words of a book.</blockquote><p>{LINK}</p>",
    f"<p>{LINK}</p><blockquote><div>Words of a book.</div></blockquote>",
    f"<blockquote>Words.<script>var a = '<blockquote>'</script><!-- <div> --></blockquote><p>{LINK}</p>",
    f'<use xlink:href="#twitter-icon"></use><svg id="twitter-mask"><path d="M0"/></svg>{LINK}',
    f'<aside id="twitter-3" class="widget"><p>Tweets</p></aside>{LINK}',
    f'<a class="twitter-share-button" href="https://twitter.com/intent/tweet">Tweet</a>{LINK}',
    f'<a data-click=\'{{"to":"{VIDEO}"}}\' href="{VIDEO}">a film</a>',
    '<div data-youtube-id="">no film</div>',
    f"<!-- {tweet(1)} -->",
    f"<div class=lazy><b>x</b></div><!-- {tweet(1)} -->",
    f"<style>twitter-tweet {{}}</style><p>{LINK}</p>",
    '<span>VKontakte</span><a href="https://vk.com/share.php?url=x">share</a> VKontakte',
    '<script src="https://ann.example/embetty.js"></script><meta data-embetty-server="https://ann.example/">',
    '<script type="application/ld+json">{"sameAs": ["https://vk.com/ann", "https://gettr.com/user/ann"]}</script>',
    f'<script type="application/ld+json">{{"@type": "VideoObject", "url": "{VIDEO}"}}</script>',
    f'<script>window.data = {{"body": "<p>She <a href=\\"{STATUS}\\">said so</a>.</p>"}}</script>',
    f'<p>on flickr</p><a href="https://www.flickr.com/photos/ann/35634708743/"><img src="x.jpg"></a>{LINK}',
    "<p>Photo by u/ann_ex and music \u266c</p>",
)

LOUD = (
    tweet(1),
    f"<p>{LINK}</p>{tweet(1)}",
    f"<blockquote><div>Words.</blockquote> (@ann_ex) <a href='{STATUS}'>January 1, 2022</a>",
    f"<blockquote><p>Words.</p>&mdash; Ann (@ann_ex) <a href='{STATUS}'>January 1, 2022</a></blockquote>",
    f"<div class=lazy><!-- {tweet(1)} --></div>",
    f"<div class=lazy><!-- <b> --><!-- {tweet(1)} --></div>",
    f"<textarea>{tweet(1)}</textarea>",
    f"<textarea>{ESCAPED}</textarea>",
    f"<div><b>x</b>{ESCAPED}</div>",
    f"<p><br>{STATUS}</p>",
    f"<p>{STATUS}</p>",
    f"<div><span></span></div><p>\n{STATUS}\n",
    f"<p>She wrote <i>it</i>: words. Ann Example (@ann_ex) <a href='{STATUS}'>January 1, 2022</a></p>",
    f"<noscript>{tweet(1)}</noscript>",
    f"<template>{tweet(1)}</template>",
    f"<div data-html='{ESCAPED}'></div>",
    f"<div data-embed='{base64.b64encode(tweet(1).encode()).decode()}'></div>",
    f"<script type=text/template>{base64.b64encode(tweet(1).encode()).decode()}</script>",
    '<script async src="x.js" data-telegram-post="pier_ex/241"></script>',
    '<amp-tiktok data-src="6979926589184400256"></amp-tiktok>',
    '<amp-youtube data-videoid="abcdefghijk"></amp-youtube>',
    '<div data-youtube-id="abcdefghijk"></div>',
    f"<p>{LINK}</p>{FRAME}",
    f'<li class="menu </div><a href=x><script>; "</li>{FRAME}',
    f'<div data-url="https://twitter.com/<div class="share-button" data-url="{STATUS}"></div>',
    f"<svg><title>Icon<blockquote></svg>{FRAME}",
    '<div style="display: <td>block" data-tweet-id="1477053795909926913"></div>',
    f"<script>window.data = {{'body': '{tweet(1)}'}}</script>",
    '<div id="vk_post_-12_34"></div><script>VK.Widgets.Post("vk_post_-12_34", -12, 34, "x");</script>',
)


@pytest.mark.parametrize("body", MUTE)
def test_a_page_that_only_names_posts_does_not_pass(body: str) -> None:
    whole = page(body).encode()
    assert not extract(Document(whole)).quotes
    assert not SHOWS(whole)


@pytest.mark.parametrize("body", LOUD)
def test_a_page_that_shows_one_passes(body: str) -> None:
    assert SHOWS(page(body).encode())


def test_in_any_company() -> None:
    """Pieces in any order and never closed tags around them: whatever a whole reading finds has passed."""
    pieces = [
        *MUTE,
        *LOUD,
        "<div>",
        "</div>",
        "<td>",
        "<table><tr>",
        "</table>",
        "<p>",
        "<blockquote>",
        "</p>",
    ]
    chance = random.Random(7)
    shown = 0
    for _ in range(400):
        body = page("".join(chance.choices(pieces, k=chance.randint(1, 5)))).encode()
        found = bool(extract(Document(body)).quotes)
        shown += found
        assert SHOWS(body) or not found, body
    assert 100 < shown < 390
