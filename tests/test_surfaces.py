"""Pages of every size and depth: linear, nothing silent; what is found and noted is all there is."""

from __future__ import annotations

import json
import time
from html.parser import HTMLParser
from typing import Any

import pytest

from archiver import context, html, payloads, surfaces
from archiver.extraction import extract
from archiver.model import Document, Extraction
from archiver.platforms import PLATFORMS
from archiver.sources import without_code
from tests.golden import Case, cases

FIRST = 1292009685284553405
SECONDS = 40


def read(body: str, links: bool = False) -> Extraction:
    return extract(Document(body.encode()), links=links)


def tweet(number: int) -> str:
    return (
        f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">Lamp {number} is lit</p>&mdash; Mara'
        f' (@maraquillon_ex) <a href="https://twitter.com/maraquillon_ex/status/{FIRST + number}">'
        "August 8, 2020</a></blockquote>"
    )


def timed(body: str) -> tuple[Extraction, float]:
    start = time.process_time()
    found = read(body)
    return found, time.process_time() - start


MONSTERS = {
    "ten thousand embeds": ("".join(map(tweet, range(10_000))), 10_000, []),
    "fifty thousand nested blockquotes": ("<blockquote>" * 50_000 + tweet(1), 1, ["page-cut"]),
    "a hundred thousand nested tags": (
        "<div>" * 100_000 + tweet(1) + "</div>" * 100_000 + tweet(2),
        2,
        ["page-cut"],
    ),
    "a long comment": ("<!--" + "x" * 10_000_000 + "-->" + tweet(1), 1, []),
    "a long address": (f'<img src="data:image/png;base64,{"A" * 30_000_000}">' + tweet(1), 1, []),
    "a million closed tags": ("<p>x</p>" * 250_000 + tweet(1), 1, []),
    "a hundred thousand attributes": (
        "<p " + " ".join(f"a{i}=1" for i in range(100_000)) + ">" + tweet(1),
        1,
        ["page-cut"],
    ),
    "brackets without end": ("<script>status tweet " + "[" * 500_000 + "</script>" + tweet(1), 1, []),
    "half of many objects": ('<script>var tweet=f({"a":[1,2],b:' * 20_000 + "</script>" + tweet(1), 1, []),
    "strings without end": ("<script>" + 'f("{\\"tweet\\":' * 50_000 + "</script>" + tweet(1), 1, []),
}


@pytest.mark.parametrize("name", MONSTERS)
def test_a_monster_is_read_in_time_and_whole(name: str) -> None:
    body, quotes, notes = MONSTERS[name]
    found, took = timed(body)
    assert len(found.quotes) == quotes
    assert [note.code for note in found.notes] == notes
    assert took < SECONDS


def test_thirty_megabytes_of_json_are_read_in_time() -> None:
    rows = [
        {"id": i, "words": "words and words " * 20, "html": tweet(i) if i % 1000 == 0 else ""}
        for i in range(85_000)
    ]
    body = '<script type="application/json">' + json.dumps(rows) + "</script>" + tweet(90_000)
    assert len(body) > 30_000_000
    found, took = timed(body)
    assert len(found.quotes) == 86
    assert took < SECONDS


@pytest.mark.parametrize(
    "piece",
    [
        tweet(1),
        '<a href="https://twitter.com/a_ex/status/1292009685284553405">x</a>',
        "<blockquote>",
        "<div><span>",
    ],
)
def test_twice_the_page_takes_about_twice_the_time(piece: str) -> None:
    small, large = (min(timed(piece * n)[1] for _ in range(2)) for n in (1_000, 4_000))
    assert large < 10 * small + 0.2


class Present(HTMLParser):
    """Embeds that a page shows, counted by another parser and another rule: marked blockquotes and frames."""

    MARKS = (
        *(
            "twitter-tweet",
            "twitter-video",
            "instagram-media",
            "tiktok-embed",
            "bluesky-embed",
            "mastodon-embed",
        ),
        *("text-post-media", "reddit-card", "reddit-embed-bq", "imgur-embed-pub"),
    )
    HIDDEN = ("template", "noscript", "textarea", "script", "style", "iframe", "code", "pre", "amp-twitter")

    def __init__(self) -> None:
        super().__init__()
        self.count = 0
        self.hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        words = (dict(attrs).get("class") or "").split()
        if not self.hidden and tag == "blockquote" and any(mark in words for mark in self.MARKS):
            self.count += 1
        if tag in self.HIDDEN:
            self.hidden.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.hidden:
            del self.hidden[self.hidden.index(tag) :]


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(c, id=c.name)
        for c in cases()
        if c.article.suffix == ".html"
        and not c.name.endswith("no-post")
        and not c.name.startswith("none/template")
    ],
)
def test_found_and_noted_is_present(case: Case) -> None:
    """Every marked blockquote of the page is a quote or a note. (Cases called no-post hold profiles and the
    like: marked, understood, and no posts.)"""
    text = case.read({}).charset
    page = Present()
    page.feed(case.article.read_bytes().decode(text or "utf-8", "replace"))
    extraction = case.read({})
    found = [
        q
        for q in extraction.quotes
        if "<blockquote" in q.sighting.fragment[:60].lower() and not_hidden(q.sighting.form)
    ]
    noted = [note for note in extraction.notes if note.code.startswith("embed-")]
    assert page.count <= len(found) + len(noted), f"{page.count} present"


def not_hidden(form: str) -> bool:
    return form not in ("json", "escaped")


def test_every_platform_says_what_readers_want_to_know() -> None:
    for platform in PLATFORMS:
        assert platform.title and platform.forms and len(platform.forms) < 120, platform.name
        assert all(piece == piece.lower() for piece in platform.hosts), platform.name


def test_words_around_an_element() -> None:
    page = html.parse(
        "<p>One <b>two</b></p><p id=x>Here</p><script>no</script><ul><li>three<li>four</ul>"
    ).root
    assert page is not None
    (element,) = html.select(page, "//*[@id='x']")
    assert context.before(element, 200) == "One two"
    assert context.after(element, 200) == "three four"
    assert context.before(element, 3) == "two"


@pytest.mark.parametrize(
    ("text", "values", "rest"),
    [
        ('{"a": 1}', [{"a": 1}], ""),
        ('var a = {"key": "a long enough value"};', [{"key": "a long enough value"}], "var a =  ;"),
        ('f("<b>markup in a string</b>")', ["<b>markup in a string</b>"], "f( )"),
        ('<a href="https://example.org/a/b/c/d/e">', [], '<a href="https://example.org/a/b/c/d/e">'),
        ('a = {b: ["x", "y and much more of it"]}', [["x", "y and much more of it"]], "a = {b:  }"),
        ("a = {'single': 1}", [], "a = {'single': 1}"),
    ],
)
def test_json_in_scripts(text: str, values: list[Any], rest: str) -> None:
    every = payloads.found_in(text, range(len(text)))
    assert payloads.read(text, every) == (values, rest)


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        (r"\u003Cp class=\u0022x\u0022\u003E", '<p class="x">'),
        (r"<p class=\"x\">a\/b\n<\/p>", '<p class="x">a/b\n</p>'),
        (r"<p class=\\\"x\\\">", '<p class="x">'),
        ("%3Cp%3Ea%20b%3C%2Fp%3E", "<p>a b</p>"),
        ("&lt;p&gt;a&lt;/p&gt;", "<p>a</p>"),
        ("&amp;lt;p&amp;gt;", "<p>"),
        (r"\ud83d\ude00 \x3cp\x3e", "😀 <p>"),
        ("PGlmcmFtZSBzcmM9Imh0dHBzOi8vYSI+PC9pZnJhbWU+", '<iframe src="https://a"></iframe>'),
    ],
)
def test_escapes_are_undone(hidden: str, shown: str) -> None:
    assert surfaces.plain(hidden) == shown


def test_code_is_no_markup_but_a_template_literal_is() -> None:
    assert "<code>`&lt;b>`</code>" in without_code("Write `<b>` so.")
    assert "`<b>`" in without_code("const a = `<b>`;")
    assert "`<b>`" in without_code("<script>f(1, `<b>`)</script>")


POST = (
    '<blockquote class="twitter-tweet"><a href="https://twitter.com/ann_ex/status/1484154513781686279">x</a>'
)


def test_what_stands_behind_the_end_of_the_page_is_read() -> None:
    page = f"<!doctype html><html><body><p>Words.</p></body></html>\nMore {POST}</blockquote><p>End."
    assert [quote.native_id for quote in extract(Document(page.encode())).quotes] == ["1484154513781686279"]


def test_a_tag_is_cut_without_the_page_behind_it() -> None:
    for mark in "\"'":
        words = " ".join(f"c{n}" for n in range(20_000))
        found = extract(Document(f"<html><body><div class={mark}{words}{mark}>{POST}".encode()))
        assert [quote.native_id for quote in found.quotes] == ["1484154513781686279"]
        assert [note.code for note in found.notes] == ["page-cut"]


@pytest.mark.parametrize(
    "text", ["", " ", "<!-- -->", "<!-- a --><!-- b -->", "<?php ?>", "<!doctype html>", "\0"]
)
def test_a_page_without_an_element_is_no_trouble(text: str) -> None:
    assert extract(Document(text.encode())).quotes == ()
