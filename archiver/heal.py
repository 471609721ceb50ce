"""An article with its embeds replaced by static quotes: bytes in, bytes out.

An embed is replaced only where it is certain which characters of the source are it: its element, read alone,
must be what the parser saw on the page. And what comes out is read again: where its quotes are not those of
the article before, what made the difference is taken back. All that is no embed stays, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from archiver import charsets, healed, spans
from archiver.extraction import extract
from archiver.healed import Aside
from archiver.model import Document, Extraction, Quote
from archiver.platform import Platform
from archiver.platforms import PLATFORMS
from archiver.spans import Tag
from archiver.text import encoded
from archiver.verdicts import GONE
from archiver.widgets import Fate, unneeded

__all__ = ["Healed", "Known", "Left", "Rules", "heal"]

_PAGE = re.compile(r"<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_BLOCK = re.compile(r"<!-- wp:((?:core-)?embed\S{0,40})[^\n]{0,4000}?-->\s{0,20}")
_TAG = re.compile(r"<[^<>]{0,10000}>")
# Marks of a program, in which markup is a string or an expression.
_PROGRAM = re.compile(r"=\\[\"']|\bclassName=|=\{|\$\{|<\?|<%|\{%")
_BEFORE = re.compile(r"[ \t>*+-]*(?:\d{1,4}[.)][ \t]*)?\Z")
_FRONT = re.compile(r"\A\ufeff?(---|\+\+\+)[ \t]*\n.*?^\1[ \t]*$", re.DOTALL | re.MULTILINE)
_INDENTED = re.compile(r"(?: {4}|\t)")
# How often an article is read again to find what makes it read otherwise; what is not found by then is left.
_MOST_TRIES = 60
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,4}[.)])[ \t]")


@dataclass(frozen=True, slots=True)
class Known:
    """What an archive knows of a post. ``posted_at``: its exact time; ``state`` and ``checked_on`` (ISO day):
    the last check; ``copy``: the address of an archived copy, and when it was made."""

    text: str | None = None
    author_name: str | None = None
    handle: str | None = None
    language: str | None = None
    posted_at: datetime | None = None
    state: str | None = None
    checked_on: str | None = None
    copy: tuple[str, str | None] | None = None


def _unknown(_: str) -> Known | None:
    return None


@dataclass(frozen=True, slots=True)
class Rules:
    """How to heal. ``known`` tells of a post by its key; ``only``: the platforms whose embeds are meant,
    empty for all; ``style``: put the stylesheet into the first static quote; ``language`` of the notes, None
    for that of the article; ``kind``: html, markdown, or source where that is not known."""

    known: Callable[[str], Known | None] = _unknown
    only: frozenset[str] = frozenset()
    style: bool = True
    language: str | None = None
    kind: str = "source"


@dataclass(frozen=True, slots=True)
class Left:
    """An embed that stays as it is, and why (a code of ``data/codes.json``)."""

    position: int
    key: str
    place: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Healed:
    """``body``: the article healed; ``spans``: the bytes of the old body that were replaced, ``scripts`` of
    them scripts; ``keys``: the posts whose embeds are static quotes now, ``left``: those that are not."""

    body: bytes
    keys: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    scripts: int = 0


@dataclass(frozen=True, slots=True)
class _Source:
    document: Document
    text: str
    codec: str
    tags: list[Tag]
    is_page: bool


@dataclass(frozen=True, slots=True)
class _Patch:
    """A span of the source and what comes in its place; ``quote`` as it is to be read afterwards."""

    start: int
    end: int
    text: str
    at: int
    quote: Quote


def heal(document: Document, rules: Rules, platforms: Sequence[Platform] = PLATFORMS) -> Healed:
    """The article with its embeds replaced by static quotes, and what was left as it was."""
    before = extract(document, platforms)
    wanted = {
        at: quote
        for at, quote in enumerate(before.quotes)
        if quote.sighting.form != healed.FORM and _is_meant(quote, rules)
    }
    if not wanted:
        return Healed(document.body)
    source = _source(document, before.charset or "utf-8")
    if source is None:
        return Healed(document.body, left=_left(wanted, "encoding-not-reversible"))
    seen = extract(_utf8(document, spans.marked(source.text, source.tags)), platforms)
    if [_shown(q) for q in seen.quotes] != [_shown(q) for q in before.quotes]:
        return Healed(document.body, left=_left(wanted, "place-uncertain"))
    work = _Work(source, before, seen, rules, platforms)
    return work.done(wanted)


def _is_meant(quote: Quote, rules: Rules) -> bool:
    return not rules.only or quote.sighting.platform in rules.only


def _left(wanted: dict[int, Quote], reason: str) -> tuple[Left, ...]:
    return tuple(Left(at + 1, q.key, q.sighting.place, reason) for at, q in wanted.items())


def _source(document: Document, charset: str) -> _Source | None:
    found = charsets.lossless(document.body, charset)
    if found is None:
        return None
    text, codec = found
    return _Source(document, text, codec, spans.tags(text), bool(_PAGE.search(text)))


def _utf8(document: Document, text: str) -> Document:
    body = encoded(text)
    return replace(document, body=body, charset="utf-8")


def _shown(quote: Quote) -> tuple[Any, ...]:
    """What must be the same before and after."""
    seen = quote.sighting
    return (
        *(quote.key, quote.native_id, quote.url, quote.written_on, quote.posted, quote.text_state),
        *(seen.platform, seen.kind, seen.author_name, seen.handle, seen.text, seen.date_written),
        *(seen.language, quote.flags, quote.confidence),
    )


@dataclass(slots=True)
class _Work:
    source: _Source
    before: Extraction
    seen: Extraction
    rules: Rules
    platforms: Sequence[Platform]

    def done(self, wanted: dict[int, Quote]) -> Healed:
        reasons: dict[int, str] = {}
        patches: list[_Patch] = []
        for at in wanted:
            patch = self._patch(at)
            if isinstance(patch, str):
                reasons[at] = patch
            else:
                patches.append(patch)
        # Of two that share characters, the one inside is the embed, and the other holds it.
        patches.sort(key=lambda patch: patch.end - patch.start)
        free = spans.disjoint((patch.start, patch.end) for patch in patches)
        reasons |= {
            patch.at: "holds-another" for patch, is_free in zip(patches, free, strict=True) if not is_free
        }
        patches = sorted(
            (p for p, is_free in zip(patches, free, strict=True) if is_free), key=lambda p: p.start
        )
        kept = self._kept(patches)
        reasons |= {patch.at: "reads-otherwise" for patch in patches if patch not in kept}
        left = [left for at, reason in reasons.items() for left in _left({at: wanted[at]}, reason)]
        return self._result(kept, sorted(left, key=lambda one: one.position))

    def _result(self, kept: list[_Patch], left: Sequence[Left]) -> Healed:
        if not kept:
            return Healed(self.source.document.body, left=tuple(left))
        scripts = self._scripts(kept)
        if scripts and not self._reads_as(kept, scripts):
            scripts = []
        body, replaced = self._written(kept, scripts)
        return Healed(body, tuple(p.quote.key for p in kept), tuple(left), replaced, len(scripts))

    def _kept(self, patches: list[_Patch]) -> list[_Patch]:
        """The patches after which the article still reads the same."""
        kept: list[_Patch] = []
        waiting = [patches] if patches else []
        tries = 0
        while waiting and tries < _MOST_TRIES:
            tries += 1
            some = waiting.pop(0)
            if self._reads_as([*kept, *some], []):
                kept += some
            elif len(some) > 1:
                half = len(some) // 2
                waiting[:0] = [some[:half], some[half:]]
        return sorted(kept, key=lambda patch: patch.start)

    def _reads_as(self, patches: list[_Patch], scripts: Sequence[tuple[int, int]]) -> bool:
        """Whether the patched article shows the quotes that it should: the same, the patched ones static."""
        body, _ = self._written(patches, scripts)
        after = extract(replace(self.source.document, body=body), self.platforms)
        expected = {at: _shown(quote) for at, quote in enumerate(self.before.quotes)}
        expected |= {patch.at: _shown(patch.quote) for patch in patches}
        forms = {patch.at: healed.FORM for patch in patches}
        return [(_shown(q), q.sighting.form) for q in after.quotes] == [
            (expected[at], forms.get(at, quote.sighting.form)) for at, quote in enumerate(self.before.quotes)
        ]

    def _written(
        self, patches: list[_Patch], scripts: Sequence[tuple[int, int]]
    ) -> tuple[bytes, tuple[tuple[int, int], ...]]:
        """The patched body, and the bytes of the old one that were replaced."""
        source = self.source
        changes = sorted([(p.start, p.end, p.text) for p in patches] + [(*span, "") for span in scripts])
        css = self.rules.style and healed.STYLE_START not in source.text
        pieces: list[bytes] = []
        replaced: list[tuple[int, int]] = []
        at = done = 0
        for start, end, new in changes:
            text = healed.styled(new) if css and new else new
            css = css and not new
            gap = source.text[at:start].encode(source.codec, "surrogateescape")
            done += len(gap)
            pieces += (gap, _encoded(text, source.codec))
            size = len(source.text[start:end].encode(source.codec, "surrogateescape"))
            replaced.append((done, done + size))
            at, done = end, done + size
        pieces.append(source.text[at:].encode(source.codec, "surrogateescape"))
        return b"".join(pieces), tuple(replaced)

    def _scripts(self, kept: list[_Patch]) -> list[tuple[int, int]]:
        """The scripts that served these embeds, and nothing else that is still there."""
        at_all = {quote.sighting.platform for quote in self.before.quotes}
        done = {patch.at for patch in kept}
        open_ = {
            quote.sighting.platform
            for at, quote in enumerate(self.before.quotes)
            if at not in done and quote.sighting.form != healed.FORM
        }
        fate = Fate(
            platforms=at_all - open_,
            hosts=frozenset(healed.host_of(patch.quote) for patch in kept),
            spans=tuple((patch.start, patch.end) for patch in kept),
            anywhere=self.rules.kind == "html" or (self.source.is_page and self.rules.kind != "markdown"),
        )
        return unneeded(self.source.text, self.source.tags, fate)

    def _patch(self, at: int) -> _Patch | str:
        """The static quote for an embed, or why there is none."""
        name = self.before.quotes[at].sighting.platform
        platform = next(p for p in self.platforms if p.name == name)
        quote, filled = self._filled(self.before.quotes[at], platform)
        known = self.rules.known(quote.key)
        if not quote.sighting.text and not (known and known.state in GONE):
            return "no-words"
        span = self._span(at)
        if isinstance(span, str):
            return span
        language = self.rules.language or self.before.article.language
        aside = Aside(
            state=known.state if known else None,
            checked_on=known.checked_on if known else None,
            copy=known.copy if known else None,
            filled=filled is not None,
            posted_at=filled.posted_at if filled else None,
            language=healed.language_of(language),
            source=self.rules.kind == "markdown" or not self.source.is_page,
        )
        text = healed.figure(quote, platform.title, aside)
        block = _block(self.source.text, *span)
        if block:
            return _Patch(*block, f"<!-- wp:html -->{text}<!-- /wp:html -->", at, quote)
        return _Patch(*span, text, at, quote)

    def _filled(self, quote: Quote, platform: Platform) -> tuple[Quote, Known | None]:
        """A quote as it is to be read afterwards: one without words with those that the archive knows, and
        then the archive's knowledge beside it."""
        seen = quote.sighting
        known = None if seen.text else self.rules.known(quote.key)
        if known is None or not known.text:
            return quote, None
        whole = platform.understand(
            replace(
                seen,
                text=known.text,
                author_name=seen.author_name or known.author_name,
                handle=seen.handle or known.handle,
                language=seen.language or known.language,
            )
        )
        flags = (*whole.flags, *(flag for flag in quote.flags if flag not in whole.flags))
        return replace(whole, flags=flags), known

    def _span(self, at: int) -> tuple[int, int] | str:
        """The characters of the source that are an embed, proven; or why they are not known."""
        source, fragment = self.source, self.seen.quotes[at].sighting.fragment
        inside = spans.numbers(fragment)
        if not inside or not fragment.startswith("<"):
            return "stands-in-data"
        tag = source.tags[inside[0]]
        end = spans.end_of(source.tags, inside[0])
        if not fragment.startswith(f'<{tag.name} {spans.ATTRIBUTE}="{inside[0]}"') or end is None:
            return "place-uncertain"
        span = (tag.start, end)
        if set(inside) != spans.opened(source.tags, span) or not self._stands_alone(span, fragment):
            return "place-uncertain"
        return _in_program(source, span, self.rules.kind) or span

    def _stands_alone(self, span: tuple[int, int], fragment: str) -> bool:
        """Whether a span, read alone, is that element and nothing else."""
        alone = ("<html><body>" if self.source.is_page else "") + spans.marked(
            self.source.text, self.source.tags, span
        )
        found = extract(_utf8(self.source.document, alone), self.platforms).quotes
        return len(found) == 1 and found[0].sighting.fragment == fragment


def _in_program(source: _Source, span: tuple[int, int], kind: str) -> str | None:
    """Why markup in a source is better left: it is a string of a program, a sample, or data."""
    if source.is_page and kind != "markdown":
        return None
    if _PROGRAM.search(source.text, *span):
        return "in-program"
    if kind == "html":
        return None
    start = span[0]
    line = source.text.rfind("\n", 0, start) + 1
    before = _TAG.sub("", source.text[line:start])
    front = _FRONT.match(source.text)
    if not _BEFORE.match(before.strip(" \t")) or (front and start < front.end()):
        return "in-program"
    is_sample = kind == "markdown" and _is_code(source.text[:line], source.text[line:start])
    return "in-program" if is_sample else None


def _is_code(before: str, indent: str) -> bool:
    """Whether an indented line of Markdown is code: after an empty line, and not inside an item of a list."""
    lines = before.splitlines()
    if not _INDENTED.match(indent) or (lines and lines[-1].strip()):
        return False
    deep = len(indent) - len(indent.lstrip())
    nearer = (one for one in reversed(lines) if one.strip() and len(one) - len(one.lstrip()) < deep)
    return not _ITEM.match(next(nearer, ""))


def _block(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The embed block of WordPress around a span, where it holds nothing but the embed."""
    opening = None
    for found in _BLOCK.finditer(text, max(0, start - 4500), start):
        opening = found
    if opening is None:
        return None
    closing = f"<!-- /wp:{opening[1]} -->"
    last = text.find(closing, end, end + 1000)
    if last < 0 or "<!-- /wp:" in text[opening.end() : start]:
        return None
    around = text[opening.end() : start] + text[end:last]
    return None if _TAG.sub("", around).strip() else (opening.start(), last + len(closing))


def _encoded(text: str, codec: str) -> bytes:
    """New markup in the article's own encoding; beyond Unicode's only ASCII, so that none is mistaken."""
    if not codec.startswith("utf"):
        text = text.encode("ascii", "xmlcharrefreplace").decode("ascii")
    return text.encode(codec, "xmlcharrefreplace")
