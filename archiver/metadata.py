"""What an article says of itself outside its head, where it is asked for: trafilatura reads the whole page,
which takes many times as long as looking for quotes, so only pages that quote are read so.

What it finds takes the place of what the head says; what it does not find stays. The address is the head's,
for it is the article's identity; so is the language where the page names one, since that of the words is
guessed. No doubt about a quote comes of what is found here.
"""

from __future__ import annotations

import importlib
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from archiver import charsets
from archiver.errors import ArchiverError
from archiver.model import Article, Extraction, Note
from archiver.text import squeeze

__all__ = ["FULL", "HEAD", "WAYS", "fuller", "ready"]

HEAD, FULL = "head", "full"
WAYS = (HEAD, FULL)
"""How much of an article is read for what it says of itself."""

_LARGEST = 4_000_000
_LONGEST = 500
_FEWEST_LETTERS = 200
_CURE = "--metadata full needs an extra: pip install 'archiver[metadata]'"
_FIRST_DAY = "1995-01-01"
# What a page can bring to light in libraries that we have not written; it costs the metadata, not the quotes.
_THEIR_BUGS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


def ready() -> None:
    """ArchiverError that names the cure where the extra is not installed."""
    for name in ("trafilatura", "py3langid"):
        _module(name)


def fuller(found: Extraction, day: str) -> Extraction:
    """The answer with all that its article says of itself; as it is where it quotes nothing, or is no page.

    ``day``: UTC ISO 8601, when the page was read: no article was published later than the day after.
    ArchiverError where the extra is not installed. Where a page is too large, or the reader fails at it, a
    Note says so.
    """
    document = found.document
    if document.kind != "html" or not found.quotes:
        return found
    read_in_full = replace(found, metadata=FULL)
    text = charsets.decode(document.body, found.charset, markup=True).text
    if len(text) > _LARGEST:
        return _without(read_in_full, f"longer than {_LARGEST:,} characters")
    try:
        about = _read(text, found.article, _day_after(day))
    except _THEIR_BUGS as error:
        return _without(read_in_full, f"trafilatura fails: {type(error).__name__}")
    return replace(read_in_full, article=about)


def _without(found: Extraction, why: str) -> Extraction:
    return replace(found, notes=(*found.notes, Note("metadata-unread", None, why)))


def _read(text: str, head: Article, last: str) -> Article:
    days = {
        "original_date": True,
        "extensive_search": False,
        "min_date": _FIRST_DAY,
        "max_date": last,
        "outputformat": "%Y-%m-%d",
    }
    told = _module("trafilatura.metadata").extract_metadata(text, head.url, days)
    return replace(
        head,
        title=_words(told.title) or head.title,
        site=_words(told.sitename) or head.site,
        byline=_words(told.author) or head.byline,
        published_on=_day(told.date) or head.published_on,
        language=head.language or _language(text),
    )


def _language(text: str) -> str | None:
    """That of the article's words, None where they are too few to tell."""
    words = _module("trafilatura").extract(text, include_comments=False, include_tables=False) or ""
    if sum(map(str.isalpha, words)) < _FEWEST_LETTERS:
        return None
    return str(_module("py3langid").classify(words)[0])


def _words(value: Any) -> str | None:
    """Words on one line; an address is no name."""
    found = squeeze(value)[:_LONGEST] if isinstance(value, str) else ""
    return found if found and "://" not in found else None


def _day(value: Any) -> str | None:
    try:
        return date.fromisoformat(value).isoformat() if isinstance(value, str) else None
    except ValueError:
        return None


def _day_after(day: str) -> str:
    try:
        return (date.fromisoformat(day[:10]) + timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        return date.max.isoformat()


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise ArchiverError(_CURE) from None
