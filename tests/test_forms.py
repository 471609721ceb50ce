"""Every platform on every surface: a post's address is found wherever it stands, once, under one key."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from html import escape
from urllib.parse import quote

import pytest

from archiver.extraction import extract
from archiver.model import Document
from archiver.platforms import PLATFORMS
from tests.modules import ROOT

BEFORE, AFTER = "<!doctype html><p>The lamp was lit.</p>", "<p>The council had no comment.</p>"


def frame(url: str) -> str:
    return f'<iframe width="500" src="{escape(url)}"></iframe>'


def script(value: object) -> str:
    return '<script type="application/json">' + json.dumps(value).replace("/", r"\/") + "</script>"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def block(url: str) -> str:
    wrapper = '<div class="wp-block-embed__wrapper">'
    return f'<figure class="wp-block-embed">{wrapper}\n{escape(url)}\n</div></figure>'


SURFACES: dict[str, tuple[str, Callable[[str], str]]] = {
    "frame": ("iframe", frame),
    "lazy frame": (
        "iframe",
        lambda url: f'<iframe src="about:blank" data-lazy-src="{escape(url)}"></iframe>',
    ),
    "frame behind consent": (
        "iframe",
        lambda url: f'<iframe data-cookieconsent="marketing" data-cookieblock-src="{escape(url)}"></iframe>',
    ),
    "proxy's frame": (
        "iframe",
        lambda url: frame(f"https://cdn.embedly.com/widgets/media.html?src={quote(url, safe='')}&k=1"),
    ),
    "placeholder": ("placeholder", lambda url: f'<div class="embed" data-url="{escape(url)}"></div>'),
    "element of a site's own": ("placeholder", lambda url: f'<uc-embed uc-src="{escape(url)}"></uc-embed>'),
    "card": ("placeholder", lambda url: f'<a class="embedly-card" href="{escape(url)}">A post</a>'),
    "AMP": ("amp", lambda url: f'<amp-embed data-url="{escape(url)}"></amp-embed>'),
    "paragraph": ("url", lambda url: f"<p>{escape(url)}</p>"),
    "block of an editor": ("url", block),
    "JSON block": ("json", lambda url: script({"body": [{"type": "embed", "data": {"source": url}}]})),
    "JSON with markup": ("json", lambda url: script({"body": [{"type": "html", "html": frame(url)}]})),
    "JSON twice": ("json", lambda url: script({"state": json.dumps({"embeds": [{"url": url}]})})),
    "JSON in an attribute": (
        "json",
        lambda url: f'<div data-props="{escape(json.dumps({"embed": {"url": url}}))}"></div>',
    ),
    "JavaScript": ("json", lambda url: "<script>f({a: 1}, " + json.dumps(frame(url)) + ");</script>"),
    "text area": ("escaped", lambda url: f"<textarea hidden>{escape(frame(url))}</textarea>"),
    "attribute with markup": ("escaped", lambda url: f'<div data-code="{escape(frame(url))}"></div>'),
    "URL-encoded attribute": (
        "escaped",
        lambda url: f'<div data-code="{quote(frame(url), safe="")}"></div>',
    ),
    "base64 in an attribute": ("escaped", lambda url: f'<div data-code="{encoded(frame(url))}"></div>'),
    "base64 in a script": (
        "escaped",
        lambda url: f'<script type="text/plain">{encoded(frame(url))}</script>',
    ),
    "comment of a lazy loader": ("escaped", lambda url: f'<div class="lazy"><!--{frame(url)}--></div>'),
    "template": ("iframe", lambda url: f"<template>{frame(url)}</template>"),
    "noscript": ("iframe", lambda url: f"<noscript>{frame(url)}</noscript>"),
    "escaped text": ("escaped", lambda url: f"<p>{escape(frame(url))}</p>"),
}


def addresses() -> list[tuple[str, str]]:
    """Addresses and the keys of their posts: those of the corpus that any surface can hold."""
    found = []
    for line in (ROOT / "tests/corpora/addresses.tsv").read_text("utf-8").splitlines():
        written, _, rest = line.partition("\t")
        key = rest.partition("\t")[0]
        if (
            written.startswith("https://")
            and ":" in key
            and not key.endswith(":url")
            and not set("{}&;\"'") & set(written)
        ):
            found.append((written, key))
    return found


def test_there_are_addresses_of_every_platform() -> None:
    assert {key.partition(":")[0] for _, key in addresses()} == {platform.name for platform in PLATFORMS}


@pytest.mark.parametrize("surface", SURFACES)
def test_an_address_is_found_once(surface: str) -> None:
    form, write = SURFACES[surface]
    wrong = []
    links_in_data = {platform.name for platform in PLATFORMS if platform.shown_only and form == "json"}
    for url, key in addresses():
        found = extract(Document((BEFORE + write(url) + AFTER).encode())).quotes
        if key.partition(":")[0] in links_in_data:
            wrong += [(url, key, "a link") for _ in found]
            continue
        if [(quote.key, quote.sighting.kind) for quote in found] != [(key, "embed")]:
            wrong.append((url, key, [(quote.key, quote.sighting.form) for quote in found]))
        elif found[0].sighting.form != form and "base64" not in surface:
            wrong.append((url, form, [(quote.key, quote.sighting.form) for quote in found]))
    assert wrong == [], wrong


def test_a_citation_is_a_link_and_only_when_asked_for() -> None:
    for url, key in addresses():
        document = Document(f'{BEFORE}<p>See <a href="{escape(url)}">this</a>.</p>'.encode())
        assert extract(document).quotes == ()
        assert [(q.key, q.sighting.kind) for q in extract(document, links=True).quotes] == [(key, "link")], (
            url
        )


@pytest.mark.parametrize("surface", SURFACES)
def test_a_copy_does_not_double(surface: str) -> None:
    """A frame in the page, and the same post on a surface that nobody sees: one quote."""
    form, write = SURFACES[surface]
    if form not in ("json", "escaped") and surface not in ("template", "noscript"):
        return
    for url, key in addresses():
        page = BEFORE + frame(url) + "<p>Between.</p>" + write(url) + AFTER
        assert [quote.key for quote in extract(Document(page.encode())).quotes] == [key], url
