"""Quotes in plain text: find the attribution, understand the layout, decide where the text begins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache

from archiver import resources
from archiver.flattened.anchors import HINT, Anchor, attributions
from archiver.flattened.blocks import quotation_below
from archiver.flattened.found import Found, sighting
from archiver.flattened.layout import Layout, inferred
from archiver.flattened.lines import goes_on, has_words, opening
from archiver.flattened.reading import words
from archiver.flattened.signed import by_date, by_forum, by_phrase, by_pointer, by_sound
from archiver.flattened.starts import Start, leans, ranked, steps
from archiver.flattened.view import View, viewed

__all__ = ["Found", "by_date", "by_forum", "by_phrase", "by_pointer", "by_sound", "find", "sighting"]

_SURE = 0.8
_FEW, _MANY, _NEAR = 2, 200, 4
_NO_TEXT, _ONE_LINE, _REWRITTEN, _BELOW = 0.5, 0.6, 0.85, 0.7
_PLAIN = ("'", '"', "--")


@lru_cache(maxsize=4)
def find(text: str) -> tuple[Found, ...]:
    """Every quote in a plain text, in order of place, whatever its platform."""
    if not HINT.search(text):
        return ()
    shown = viewed(text)
    found = attributions(shown)
    known = understood(shown, found)
    ways = [steps(shown, anchor, known) if anchor.dash else [] for anchor in found]
    options = (ranked(way, lean) for way, lean in zip(ways, leans(ways), strict=True))
    stops = (*(anchor.start for anchor in found[1:]), len(shown.text))
    quotes = (
        _quote(shown, anchor, known, of) if of else _looked_down(shown, anchor, known, stop)
        for anchor, of, stop in zip(found, options, stops, strict=False)
    )
    return tuple(quote for quote in quotes if quote)


def understood(shown: View, found: Sequence[Anchor]) -> Layout:
    """The layout of a document, and how its posts like to begin, by a first look at them all."""
    known = inferred(shown, found)
    if not _FEW < len(found) < _MANY or "#" not in shown.text:
        return known
    tags = Counter(tag for anchor in found for tag in set(_leading(shown, anchor)))
    return replace(known, openings=frozenset(tag for tag, count in tags.items() if count > 1))


def _leading(shown: View, anchor: Anchor) -> Iterator[str]:
    """Tags that begin one of the last lines above an attribution, and that words follow."""
    last = shown.line_at(anchor.start)
    for number in range(max(0, last - _NEAR), last):
        line = shown.lines[number]
        tag = opening(shown.text[line.start : line.end]) if line.start >= anchor.floor else ""
        behind = shown.text[line.start + len(tag) : anchor.start].lstrip()
        if tag and has_words(behind) and not goes_on(behind):
            yield tag


def _quote(shown: View, anchor: Anchor, known: Layout, options: list[Start]) -> Found:
    begin = options[0].place if options else anchor.start
    text = words(shown, begin, anchor.start, known) or None
    sure = _sure(shown, options, text, anchor, known)
    return Found(
        start=shown.origin(begin),
        end=shown.origin(anchor.end - 1) + 1,
        text=text,
        author_name=anchor.name,
        handle=anchor.handle,
        date_written=anchor.written,
        url=anchor.url,
        doubts=("attribution-only",) if text is None else ("ambiguous-start",) if sure < _SURE else (),
        confidence=sure,
        other_start=shown.origin(options[1].place) if len(options) > 1 else None,
    )


def _looked_down(shown: View, anchor: Anchor, known: Layout, stop: int) -> Found | None:
    """A quote with nothing of its text above the attribution: what follows in the same quotation is its
    text. An author without a dash and without a text is none."""
    end = quotation_below(shown, anchor, stop)
    quote = _quote(shown, anchor, known, [])
    if end is None:
        return quote if anchor.dash else None
    return replace(
        quote,
        end=shown.origin(end - 1) + 1,
        text=words(shown, anchor.end, end, known) or None,
        doubts=("ambiguous-start",),
        confidence=_BELOW,
    )


def _sure(shown: View, options: list[Start], text: str | None, anchor: Anchor, known: Layout) -> float:
    """How likely the text is exact: the worth of the start, less where the layout itself may mislead."""
    if not options or text is None:
        return _NO_TEXT
    sure = _worth(options[0].probability)
    if known.one_line:
        sure *= _ONE_LINE
    # A tool that writes "--" for a dash, or converts to Markdown, has made other signs plain too.
    quoted = shown.is_markdown and shown.lines[shown.line_at(anchor.start)].depth > 0
    if (quoted or anchor.dash.startswith("--")) and any(sign in text for sign in _PLAIN):
        sure = min(sure, _REWRITTEN)
    return round(sure, 3)


@cache
def _points() -> list[tuple[float, float]]:
    return [
        (chance, worth) for chance, worth in resources.read_json("flattened", "confidence.json")["points"]
    ]


def _worth(chance: float) -> float:
    """What a chance is worth, by data/flattened/confidence.json."""
    points = _points()
    after = next((n for n, point in enumerate(points) if point[0] >= chance), len(points) - 1)
    (left, low), (right, high) = points[max(0, after - 1)], points[after]
    return low + (high - low) * (chance - left) / (right - left) if right > left else high
