"""What was found in a text, and the Sighting that it becomes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from archiver.model import Link, Sighting

__all__ = ["Found", "sighting"]


@dataclass(frozen=True, slots=True)
class Found:
    """A quote: ``start`` and ``end`` count characters of the text as given, attribution included;
    ``text`` is None where only the attribution stands there; ``other_start`` is the runner-up."""

    start: int
    end: int
    text: str | None
    author_name: str | None
    handle: str | None
    date_written: str | None
    url: str | None = None
    doubts: tuple[str, ...] = ()
    confidence: float = 1.0
    other_start: int | None = None


def sighting(found: Found, text: str, platform: str, links: Iterable[Link] = ()) -> Sighting:
    """What was found in ``text``, as a platform's module gives it on."""
    return Sighting(
        platform=platform,
        form="text",
        span=(found.start, found.end),
        fragment=text[found.start : found.end],
        text=found.text,
        author_name=found.author_name,
        handle=found.handle,
        date_written=found.date_written,
        url=found.url,
        links=tuple(links),
        doubts=found.doubts,
        confidence=found.confidence,
    )
