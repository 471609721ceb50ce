"""Quotes in plain text: find the attribution, understand the layout, decide where the text begins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from archiver.flattened.anchors import HINT, Anchor, attributions
from archiver.flattened.layout import Layout, inferred
from archiver.flattened.reading import words
from archiver.flattened.starts import ranked
from archiver.flattened.view import View, viewed

__all__ = ["Found", "find"]

_SURE = 0.8


@dataclass(frozen=True, slots=True)
class Found:
    """A quote: ``start`` and ``end`` count characters of the text as given, attribution included;
    ``text`` is None where only the attribution stands there; ``other_start`` is the runner-up."""

    start: int
    end: int
    text: str | None
    author_name: str | None
    handle: str
    date_written: str
    url: str | None
    doubts: tuple[str, ...] = ()
    confidence: float = 1.0
    other_start: int | None = None


@lru_cache(maxsize=4)
def find(text: str) -> tuple[Found, ...]:
    """Every quote in a plain text, in order of place, whatever its platform."""
    if not HINT.search(text):
        return ()
    shown = viewed(text)
    found = attributions(shown)
    known = inferred(shown, found)
    floors = [0, *(anchor.end for anchor in found)]
    return tuple(_quote(shown, anchor, floor, known) for anchor, floor in zip(found, floors, strict=False))


def _quote(shown: View, anchor: Anchor, floor: int, known: Layout) -> Found:
    options = ranked(shown, anchor, floor, known)
    begin = options[0].place if options else anchor.start
    sure = round(options[0].probability, 3) if options else 0.5
    doubts = ("attribution-only",) if not options else ("ambiguous-start",) if sure < _SURE else ()
    return Found(
        start=shown.origin(begin),
        end=shown.origin(anchor.end - 1) + 1,
        text=words(shown, begin, anchor.start, known) or None,
        author_name=anchor.name,
        handle=anchor.handle,
        date_written=anchor.written,
        url=anchor.url,
        doubts=doubts,
        confidence=sure,
        other_start=shown.origin(options[1].place) if len(options) > 1 else None,
    )
