"""The static quote that stands in the place of an embed: a form of our own, written and read back here.

It is one line of markup that runs no script, loads nothing and reads well without its style. What a reader
does not see and the extractor needs stands in ``data-`` attributes, so that reading a healed article gives
the same quotes as reading it before. Read back it is never a witness: it repeats what another form said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from typing import Any, cast

from archiver import html, ids, resources
from archiver.html import Element
from archiver.model import Link, Note, Quote, Sighting
from archiver.platform import Platform, Spot, nothing
from archiver.verdicts import GONE

__all__ = [
    "FORM",
    "MARK",
    "STYLE_START",
    "Aside",
    "figure",
    "host_of",
    "language_of",
    "reader",
    "style",
    "styled",
]

FORM = "healed"
MARK = "data-quoted-post"
_CLASS = "quoted-post"
STYLE_START = f"<style {MARK}"
_VERSION = "1"
_DOUBTS = frozenset(("ambiguous-start", "attribution-only"))
_WEB = re.compile(r"https?://[^\s<>\"]+\Z", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\r\n]+")
_CSS_BLANKS = re.compile(r"\s+")
# What Markdown, and the template languages around it, would take for marks of their own.
_ACTIVE = re.compile(r"[*_`~\[\]\\{}|]")
_TEMPLATE = re.compile(r"[{}]")


@dataclass(frozen=True, slots=True)
class Aside:
    """What stands beside a post's own words. ``state`` and ``checked_on`` (ISO day): what the last check
    found; ``copy``: the address of an archived copy and when it was made (ISO 8601, None where that is not
    known); ``filled``: the words are from the archive, not from the article; ``language`` of the notes;
    ``source``: the article is a source that other software makes pages of (Markdown, say)."""

    state: str | None = None
    checked_on: str | None = None
    copy: tuple[str, str | None] | None = None
    filled: bool = False
    posted_at: datetime | None = None
    language: str = "en"
    source: bool = False


def figure(quote: Quote, title: str, aside: Aside) -> str:
    """The static quote of a post, on one line: of one without words what became of it. ``title`` names the
    platform."""
    seen = quote.sighting
    say = _plain if not aside.source else _quiet
    words, rest = _linked(seen.text or "", seen.links, say)
    marks = {
        "class": _CLASS,
        MARK: _VERSION,
        "lang": None if words else seen.language,
        "data-platform": seen.platform,
        "data-id": seen.native_id,
        "data-state": aside.state,
        "data-words": "archive" if aside.filled else None,
        "data-doubts": " ".join(seen.doubts) or None,
        "data-confidence": f"{seen.confidence:g}" if seen.confidence != 1 else None,
        "data-counts": " ".join(f"{name}={count}" for name, count in seen.counts) or None,
    }
    paragraph = _tag("p", {"lang": seen.language, "dir": "auto"}, words)
    cited = {"cite": _address(seen, quote)}
    said = _tag("blockquote", cited, paragraph) if words else ""
    said += _caption(quote, title, aside, rest, say)
    return _tag("figure", marks, said)


def style() -> str:
    """The stylesheet."""
    return resources.read_text("healing", "quoted-post.css")


def styled(text: str) -> str:
    """A static quote with the stylesheet in it, on one line."""
    at = text.index(">", text.index("<figure")) + 1
    css = _CSS_BLANKS.sub(" ", style()).strip()
    return f'{text[:at]}{STYLE_START}="{_VERSION}">{css}</style>{text[at:]}'


def host_of(quote: Quote) -> str:
    """The host of a post's address, "" where it has none."""
    return ids.host(_address(quote.sighting, quote) or "")


def language_of(code: str | None) -> str:
    """The language in which notes are written in an article of a language: its own, else English."""
    found = (code or "").lower().partition("-")[0]
    return found if found in _words_table() else "en"


@cache
def _words_table() -> Any:
    return resources.read_json("healing", "words.json")["languages"]


def _caption(quote: Quote, title: str, aside: Aside, rest: Sequence[Link], say: Callable[[str], str]) -> str:
    """Who said it and when, as embeds have always signed; then where it is and what became of it."""
    words = _words_table()[aside.language]
    signed = " ".join(("—", *_signature(quote, aside, say)))
    where = [_tag("span", {"class": f"{_CLASS}-platform"}, say(title))]
    for link in rest:
        shown = say(link.text) if link.text else escape(words["links"].get(link.kind, link.kind))
        where.append(_anchor(link, shown, bool(link.text)))
    if aside.copy and _WEB.match(aside.copy[0]):
        where.append(_copy(quote, aside.copy, words["copy"], aside.language))
    notes = []
    if aside.state in words["states"]:
        on = f" ({aside.checked_on})" if aside.checked_on else ""
        notes.append(words["states"][aside.state] + on)
    if aside.filled:
        notes.append(words["filled"])
    for note in notes:
        where.append(_tag("span", {"class": f"{_CLASS}-note", "lang": aside.language}, escape(note)))
    return _tag("figcaption", {}, f"{signed} · {' · '.join(where)}")


def _signature(quote: Quote, aside: Aside, say: Callable[[str], str]) -> list[str]:
    seen = quote.sighting
    parts = []
    if seen.author_name:
        parts.append(_tag("bdi", {"class": f"{_CLASS}-name"}, say(seen.author_name)))
    if seen.handle:
        parts.append(f"({_tag('bdi', {'class': f'{_CLASS}-handle'}, '@' + say(seen.handle))})")
    moment = quote.posted.value or aside.posted_at
    machine = f"{moment.year:04}-{moment:%m-%dT%H:%M:%SZ}" if moment else quote.written_on
    shown = seen.date_written or (machine or "")[:10]
    marks = {
        "datetime": machine,
        "data-written": seen.datetime_written,
        "data-basis": None if seen.date_written else "not-printed",
    }
    address = _address(seen, quote)
    link = {
        "class": f"{_CLASS}-link",
        "href": address,
        "rel": "nofollow",
        "data-url": None if seen.url == address else seen.url or "",
        "data-versionurl": aside.copy[0] if aside.copy and _WEB.match(aside.copy[0]) else None,
        "data-versiondate": aside.copy[1] if aside.copy else None,
    }
    words = say(shown) or escape(_words_table()[aside.language]["post"])
    # The link stands inside: in saved pages of platforms a time inside a link marks a post.
    when = _tag("a", link, words) if address else say(shown)
    if shown:
        when = _tag("time" if machine else "span", marks if machine else {}, when)
    return [*parts, when] if when else parts


def _copy(quote: Quote, copy: tuple[str, str | None], words: str, language: str) -> str:
    """A Robust Link (robustlinks.mementoweb.org) to the copy."""
    marks = {
        "class": f"{_CLASS}-copy",
        "href": copy[0],
        "rel": "nofollow",
        "data-originalurl": _address(quote.sighting, quote),
        "data-versiondate": copy[1],
        "lang": language,
    }
    return _tag("a", marks, escape(words))


def _address(seen: Sighting, quote: Quote) -> str | None:
    """The post's address, as written where that is one of the web; nothing else is ever linked to."""
    return next((url for url in (seen.url, quote.url) if url and _WEB.match(url)), None)


def _linked(text: str, links: Sequence[Link], say: Callable[[str], str]) -> tuple[str, list[Link]]:
    """The words with their links in them, and the links that stand nowhere in the words."""
    pieces: list[str] = []
    rest: list[Link] = []
    at = 0
    for link in links:
        start = text.find(link.text, at) if link.text else -1
        if start < 0 or not link.text:
            rest.append(link)
            continue
        end = start + len(link.text)
        pieces += (say(text[at:start]), _anchor(link, say(text[start:end]), True))
        at = end
    return "".join((*pieces, say(text[at:]))), rest


def _anchor(link: Link, shown: str, worded: bool) -> str:
    is_web = bool(link.url and _WEB.match(link.url))
    marks = {
        "href": link.url if is_web else None,
        "rel": "nofollow" if is_web else None,
        "data-kind": link.kind,
        "data-url": None if is_web else link.url,
        "data-text": None if worded else "",
    }
    return _tag("a", marks, shown)


def _tag(name: str, marks: dict[str, str | None], inside: str) -> str:
    given = "".join(f' {key}="{_value(value)}"' for key, value in marks.items() if value is not None)
    return f"<{name}{given}>{inside}</{name}>"


def _value(value: str) -> str:
    return _TEMPLATE.sub(_numbered, escape(value).replace("\n", "&#10;"))


def _plain(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br />")


def _quiet(text: str) -> str:
    """Words in which no other software finds marks of its own."""
    return _ACTIVE.sub(_numbered, escape(text, quote=False)).replace("\n", "<br />")


def _numbered(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};"


def reader(platforms: Sequence[Platform]) -> Platform:
    """What reads static quotes, of these platforms, in the shape of a platform."""
    return _reader(tuple(platforms))


@cache
def _reader(platforms: tuple[Platform, ...]) -> Platform:
    known = {platform.name: platform for platform in platforms}

    def in_html(spot: Spot) -> Sighting | Note | None:
        platform = known.get(html.attribute(spot.element, "data-platform") or "")
        if html.name(spot.element) != "figure":
            return None
        if platform is None:
            return Note("embed-unknown", spot.place, html.squeezed(spot.element)[:500])
        return _read(spot, platform)

    return Platform(
        name=FORM,
        title="Static quote",
        forms="static quote of our own",
        clock=False,
        markers=(MARK.encode(),),
        hosts=(),
        signs=(MARK,),
        address=nothing,
        understand=_not_ours,
        where=f"@{MARK}",
        in_html=in_html,
    )


def _not_ours(seen: Sighting) -> Quote:
    raise LookupError(f"a static quote is understood by its own platform: {seen.platform}")


def _read(spot: Spot, platform: Platform) -> Sighting | None:
    element = spot.element
    said = {key.removeprefix("data-"): value for key, value in html.attributes(element)}
    words = _one(element, ".//blockquote/p")
    text = _words(words) if words is not None else None
    if not text and said.get("state") not in GONE:
        return None
    moment = _one(element, ".//figcaption/time | .//figcaption/span[not(@class)]")
    link = _one(element, f".//figcaption//a[@class='{_CLASS}-link']")
    handle = _said(element, "handle")
    is_printed = moment is not None and html.attribute(moment, "data-basis") is None
    return Sighting(
        platform=platform.name,
        form=FORM,
        place=spot.place,
        fragment=html.markup(element),
        text=text,
        author_name=_said(element, "name"),
        handle=handle.removeprefix("@") if handle else None,
        date_written=_words(moment) if moment is not None and is_printed else None,
        datetime_written=html.attribute(moment, "data-written") if moment is not None else None,
        url=_written(link),
        native_id=_number_of(said.get("id"), link, platform),
        language=html.attribute(words if words is not None else element, "lang"),
        links=tuple(_link(anchor) for anchor in html.select(element, ".//a[@data-kind]")),
        doubts=tuple(code for code in said.get("doubts", "").split() if code in _DOUBTS),
        confidence=_number(said.get("confidence")),
        counts=_counts(said.get("counts", "")),
    )


def _one(element: Element, path: str) -> Element | None:
    return next(iter(html.select(element, path)), None)


def _said(element: Element, what: str) -> str | None:
    found = _one(element, f".//figcaption//*[@class='{_CLASS}-{what}']")
    return _words(found) if found is not None else None


def _words(element: Element) -> str | None:
    """The words as they were written: blanks stay, a line feed in the source is none of theirs."""
    pieces = cast("list[object]", html.select(element, ".//text() | .//br"))
    texts = (_BLANKS.sub(_blank, piece) if isinstance(piece, str) else "\n" for piece in pieces)
    return "".join(texts).strip() or None


def _blank(found: re.Match[str]) -> str:
    return found[0] if not found[0].strip(" ") else " "


def _number_of(said: str | None, link: Element | None, platform: Platform) -> str | None:
    """The platform's id that the quote names, where its link leads to the post of that id: markup is
    anyone's, and only an address is checked by its platform."""
    href = html.attribute(link, "href") if link is not None else None
    found = platform.address(href) if said and href else None
    return said if found and found.native_id == said else None


def _written(link: Element | None) -> str | None:
    """The address as the article wrote it before."""
    if link is None:
        return None
    said = html.attribute(link, "data-url")
    return (html.attribute(link, "href") if said is None else said) or None


def _link(anchor: Element) -> Link:
    text = _words(anchor) if html.attribute(anchor, "data-text") is None else None
    url = html.attribute(anchor, "href") or html.attribute(anchor, "data-url")
    return Link(html.attribute(anchor, "data-kind") or "url", text, url)


def _number(value: str | None) -> float:
    try:
        found = float(value) if value else 1.0
    except ValueError:
        return 0.0
    return found if 0 <= found <= 1 else 0.0


def _counts(value: str) -> tuple[tuple[str, int], ...]:
    pairs = (pair.partition("=") for pair in value.split())
    return tuple((name, int(count)) for name, _, count in pairs if count.isascii() and count.isdigit())
