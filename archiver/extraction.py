"""extract(): ask the platforms on every surface, keep the order, keep notes. Bytes in, values out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archiver import article, charsets, embeds, html, surfaces
from archiver.html import Element
from archiver.model import Article, Document, Extraction, Note, Quote, Sighting
from archiver.platform import Platform
from archiver.platforms import PLATFORMS
from archiver.surfaces import Surface
from archiver.text import squeeze

__all__ = ["EXTRACTOR_VERSION", "extract"]

EXTRACTOR_VERSION = "0.1.0"
"""Stored with every quote; raised whenever the same bytes may give another answer."""

_CONTEXT = 200


def extract(document: Document, platforms: Sequence[Platform] = PLATFORMS, links: bool = False) -> Extraction:
    """The posts that a document quotes, in document order; with ``links`` also citations in prose.

    Never raises because of what the document holds: what was seen and not understood is a Note.
    """
    decoded = charsets.decode(document.body, document.charset, markup=document.kind == "html")
    notes: list[Note] = []
    if decoded.damaged:
        notes.append(Note("undecodable", None, f"{decoded.damaged} places in {decoded.charset}"))
    about = Article()
    if document.kind == "text":
        seen = _in_text(decoded.text, platforms)
    else:
        seen = []
        for surface in surfaces.walk(decoded.text):
            about = article.read(surface.root, document.url)
            seen += _on_surface(surface, platforms, links, notes)
    about = replace(about, url=about.url or document.url)
    return Extraction(
        document=document,
        article=about,
        quotes=tuple(_understand(s, at, platforms) for at, s in enumerate(seen, 1)),
        notes=tuple(notes),
        charset=decoded.charset,
    )


def _understand(seen: Sighting, position: int, platforms: Sequence[Platform]) -> Quote:
    by_name = next(p for p in platforms if p.name == seen.platform)
    return by_name.understand(replace(seen, position=position))


def _in_text(text: str, platforms: Sequence[Platform]) -> list[Sighting]:
    """The quotes of a plain text, in order of their place."""
    found = [seen for p in platforms for seen in p.in_text(text)]
    found.sort(key=lambda seen: seen.span or (0, 0))
    return [_with_words_around(seen, text) for seen in found]


def _with_words_around(seen: Sighting, text: str) -> Sighting:
    start, end = seen.span or (0, 0)
    return replace(
        seen,
        context_before=squeeze(text[max(0, start - 2 * _CONTEXT) : start])[-_CONTEXT:],
        context_after=squeeze(text[end : end + 2 * _CONTEXT])[:_CONTEXT],
    )


def _on_surface(
    surface: Surface, platforms: Sequence[Platform], links: bool, notes: list[Note]
) -> list[Sighting]:
    if surface.cut:
        notes.append(Note("page-cut", None, "nested deeper than the parser reads: the rest was not seen"))
    seen: list[Sighting] = []
    for found in embeds.on_tree(surface.root, platforms, links):
        if isinstance(found.answer, Note):
            notes.append(found.answer)
        else:
            seen.append(_with_context(found.answer, found.element))
    return seen


def _with_context(seen: Sighting, element: Element) -> Sighting:
    return replace(
        seen,
        context_before=html.text_before(element, _CONTEXT),
        context_after=html.text_after(element, _CONTEXT),
    )
