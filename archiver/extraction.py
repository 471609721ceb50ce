"""extract(): ask the platforms on every surface, keep the order, keep notes. Bytes in, values out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, groupby

from archiver import (
    article,
    charsets,
    checks,
    context,
    embeds,
    healed,
    html,
    looking,
    quotations,
    speech,
    surfaces,
)
from archiver.html import Element
from archiver.looking import Asked
from archiver.merging import Item, merged
from archiver.model import Article, Document, Extraction, Note, Quote, Sighting
from archiver.platform import Platform
from archiver.platforms import PLATFORMS
from archiver.speech import Prose
from archiver.surfaces import Surface
from archiver.text import squeeze

__all__ = ["EXTRACTOR_VERSION", "extract"]

EXTRACTOR_VERSION = "0.1.0"
"""Stored with every quote; raised whenever the same bytes may give another answer."""

_CONTEXT = 200


def extract(
    document: Document,
    platforms: Sequence[Platform] = PLATFORMS,
    links: bool = False,
    sparing: bool = False,
) -> Extraction:
    """The posts that a document quotes, in document order; with ``links`` also citations in prose. Where
    ``sparing``, a document in which nothing was seen is not read for what it says of itself.

    Never raises because of what the document holds: what was seen and not understood is a Note.
    """
    decoded = charsets.decode(document.body, document.charset, markup=document.kind == "html")
    notes: list[Note] = []
    if decoded.damaged:
        notes.append(Note("undecodable", None, f"{decoded.damaged} places in {decoded.charset}"))
    root: Element | None = None
    look = looking.look((healed.reader(platforms), *platforms))
    if document.kind == "text":
        ask = look.within(decoded.text, links) if links else None
        found = _in_text(decoded.text, platforms, ask)
        seen = [_understand(replace(one, position=at), platforms) for at, one in enumerate(found, 1)]
        prose: Callable[[], Iterator[Prose]] = partial(_prose_of_text, decoded.text, seen)
    else:
        trees = surfaces.pages(charsets.in_utf8(document.body, decoded), look)
        numbers = {number for tree in trees for number in tree.marked.numbers}
        seen, prose = _in_page(trees, look.of(numbers, links), platforms, notes)
        root = trees[0].root if trees and (seen or notes or not sparing) else None
    about = article.read(root, document.url) if root is not None else Article(url=document.url)
    return Extraction(
        document=document,
        article=about,
        quotes=tuple(_compared(quote, about) for quote in _retold(seen, prose)),
        notes=tuple(notes),
        charset=decoded.charset,
        citations=links,
    )


def _understand(seen: Sighting, platforms: Sequence[Platform]) -> Quote:
    return next(p for p in platforms if p.name == seen.platform).understand(seen)


def _compared(quote: Quote, about: Article) -> Quote:
    """The quote with the doubt that its article raises."""
    if quote.sighting.kind != "embed":  # a page's margins list the newest posts as links
        return quote
    late = checks.after_article(quote.posted, (about.published_on, about.changed_on))
    return replace(quote, flags=(*quote.flags, late)) if late else quote


def _in_text(text: str, platforms: Sequence[Platform], ask: Asked | None) -> list[Sighting]:
    """The quotes of a plain text, in order of their place. Every platform looks: what is left of an embed
    may hold none of its markers. Citations (with ``ask``) only where it holds no quote: beside flattened
    quotes, addresses are mostly what is left of their links."""
    found = _apart(seen for p in platforms for seen in p.in_text(text))
    if ask and not found:
        found = sorted(embeds.cited(text, ask), key=_span)
    return [_with_words_around(seen, text) for seen in found]


def _apart(found: Iterable[Sighting]) -> list[Sighting]:
    """In order of place, without those that overlap one of a platform that was asked before: no two
    platforms made the same words."""
    kept: list[Sighting] = []
    for _, group in groupby(found, key=lambda seen: seen.platform):
        before = tuple(kept)
        kept += [seen for seen in group if not _overlaps(seen, before)]
        kept.sort(key=_span)
    return kept


def _overlaps(seen: Sighting, others: Sequence[Sighting]) -> bool:
    """Whether a quote shares a character with one of others, which are in order of place."""
    start, end = _span(seen)
    at = bisect_left(others, end, key=lambda other: _span(other)[0])
    return at > 0 and _span(others[at - 1])[1] > start


def _span(seen: Sighting) -> tuple[int, int]:
    return seen.span or (0, 0)


def _with_words_around(seen: Sighting, text: str) -> Sighting:
    start, end = _span(seen)
    return replace(
        seen,
        context_before=squeeze(text[max(0, start - 2 * _CONTEXT) : start])[-_CONTEXT:],
        context_after=squeeze(text[end : end + 2 * _CONTEXT])[:_CONTEXT],
    )


def _in_page(
    trees: Sequence[Surface], ask: Asked, platforms: Sequence[Platform], notes: list[Note]
) -> tuple[list[Quote], Callable[[], Iterator[Prose]]]:
    """The quotes of a page, in order, each once for each time that a reader sees it; and how to get the
    prose around them."""
    if len(trees) > 1 or any(tree.cut for tree in trees):
        notes.append(_nested(trees))
    if any(tree.trimmed for tree in trees):
        notes.append(Note("page-cut", None, "a tag with more attributes than are read: the first ones were"))
    items: list[Item] = []
    quotes: dict[int, Quote] = {}
    for tree in trees:
        for found in embeds.on_surface(tree, ask):
            if isinstance(found.answer, Note):
                notes.append(found.answer)
            else:
                seen = embeds.in_data(found.answer, platforms) if found.copy else found.answer
                quote = quotes[id(seen)] = _understand(seen, platforms)
                items.append(Item(seen, quote.key, found.host, found.element, found.copy))
    wanted = [item for item in merged(_apart_from_static(items)) if ask.links or item.seen.kind == "embed"]
    shown = frozenset(item.host for item in items if item.seen.kind == "embed" and not item.copy)
    return [
        _placed(quotes.get(id(item.seen)) or _understand(item.seen, platforms), at, item.element)
        for at, item in enumerate(wanted, 1)
    ], partial(_prose_of_page, trees, [item.host for item in wanted], shown)


def _prose_of_text(text: str, seen: Sequence[Quote]) -> Iterator[Prose]:
    yield speech.in_text(text, [one.sighting.span for one in seen])


def _prose_of_page(
    trees: Sequence[Surface], hosts: Sequence[Element], shown: Collection[Element]
) -> Iterator[Prose]:
    for tree in trees:
        if tree.root is not None:
            yield speech.in_page(tree.root, hosts, shown, tree.line)


def _retold(quotes: list[Quote], prose: Callable[[], Iterator[Prose]]) -> list[Quote]:
    """The quotes, each with the places at which the article's prose quotes the same words."""
    seen = [quote.sighting for quote in quotes]
    if not any(one.text and one.kind == "embed" for one in seen):
        return quotes
    found = [quotations.tied(seen, one) for one in prose()]
    return [
        replace(quote, quotations=tuple(chain(*several))) if any(several) else quote
        for quote, *several in zip(quotes, *found, strict=True)
    ]


def _apart_from_static(items: list[Item]) -> list[Item]:
    """Static quotes of our own, and what neither stands in one nor is made of one that it holds."""
    static = {item.host for item in items if item.seen.form == healed.FORM and not item.copy}
    around = {parent for host in static for parent in html.around(host)}
    return [
        item
        for item in items
        if not static or item.host in static or not (item.host in around or html.is_inside(item.host, static))
    ]


def _nested(trees: Sequence[Surface]) -> Note:
    cut = sum(tree.cut for tree in trees)
    lost = f"; of {cut} the end was not seen" if cut else ""
    return Note("page-cut", None, f"nested deeper than the parser reads: read in {len(trees)} pieces{lost}")


def _placed(quote: Quote, at: int, element: Element | None) -> Quote:
    """The quote with its place among the others and the words around it."""
    if element is None:
        return replace(quote, sighting=replace(quote.sighting, position=at))
    seen = replace(
        quote.sighting,
        position=at,
        context_before=context.before(element, _CONTEXT),
        context_after=context.after(element, _CONTEXT),
    )
    return replace(quote, sighting=seen)
