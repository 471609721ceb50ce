"""Values as people read them: days, states, languages, words with their links, differences word by word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from archiver import resources
from archiver.query import terms
from archiver.show import day
from archiver.text import visible

__all__ = [
    "Piece",
    "address",
    "basis",
    "differences",
    "explained",
    "headline",
    "label",
    "marked",
    "moment",
    "pieces",
    "short",
    "snippet",
    "spoken",
    "web",
    "when",
    "who",
]

Row = Mapping[str, Any]

_ADDRESS = re.compile(r"https?://[^\s<>\"“”«»]{3,500}|#\w{1,100}")
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_SCHEME = re.compile(r"^https?://(?:www\.)?")
_LONGEST = 1200
_HITS = 50
_BASES = {
    "id": "exact, by the number of the post",
    "attribute": "exact, by a time in the page’s code",
    "printed": "the day as printed",
    "interpolated": "by the numbers of neighbouring posts",
    "copy": "as a copy or a public endpoint gives it",
}
_STATES = {
    "live": "still online",
    "deleted": "deleted",
    "suspended": "account suspended",
    "private": "account private",
    "unavailable": "no longer available",
    "unknown": "no clear answer",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text: ``kind`` is plain, link, mark, added or left out; ``href`` of a link."""

    text: str
    kind: str = "plain"
    href: str | None = None


def web(url: str | None) -> str | None:
    """The address where it leads to the web and nowhere else, else None.

    >>> web("javascript:alert(1)"), web("//evil.example"), web("https://a.example/b")
    (None, None, 'https://a.example/b')
    """
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
        good = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return url.strip() if good and not any(ord(letter) < 33 for letter in url.strip()) else None


def address(url: str | None, longest: int = 60) -> str:
    """An address for reading: without scheme and www, cut where it is long."""
    return short(_SCHEME.sub("", visible(url or "")).rstrip("/"), longest)


def short(text: str | None, longest: int = 120) -> str:
    """The beginning of a text on one line."""
    line = " ".join(visible(text or "").split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def when(post: Row) -> str:
    """When a post was made, as exactly as it is known."""
    return day(post)


def basis(post: Row) -> str:
    """How that is known."""
    return _BASES.get(post["time_basis"] or "", "")


def moment(stamp: str | None, clock: bool = True) -> str:
    """A time of the database for reading.

    >>> moment("2026-01-31T12:00:00Z"), moment("2022-06-03"), moment("spring")
    ('31 January 2026, 12:00 UTC', '3 June 2022', 'spring')
    """
    if not stamp:
        return ""
    try:
        value = datetime.fromisoformat(stamp.replace("Z", "+00:00"))
    except ValueError:
        return visible(stamp)
    hour = f", {value:%H:%M} UTC" if clock and "T" in stamp else ""
    return f"{value.day} {value:%B %Y}{hour}"


def who(post: Row) -> str:
    """Name and handle of a post's author.

    >>> who({"author_name": "Ann", "author_handle": "ann_ex"})
    'Ann (@ann_ex)'
    """
    name, handle = short(post["author_name"], 80), short(post["author_handle"], 60)
    if name and handle:
        return f"{name} (@{handle})"
    return name or (f"@{handle}" if handle else "Unknown author")


def headline(post: Row) -> str:
    """Author and day: what a post is called where its words do not stand."""
    return f"{who(post)}, {when(post)}"


def label(kind: str, value: str | None) -> str:
    """What a code of the database is called: ``kind`` is platform, state, form, language, outcome, basis."""
    if kind == "state":
        return _STATES.get(value or "", value or "not checked yet")
    if kind == "basis":
        return _BASES.get(value or "", value or "")
    return str(_labels().get(kind, {}).get(value or "", value or ""))


@cache
def _labels() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = resources.read_json("datasette", "labels.json")
    return found


def spoken(code: str) -> str:
    """A code as words.

    >>> spoken("other-text")
    'Other text'
    """
    return code.replace("-", " ").capitalize()


def explained(code: str) -> str:
    """What a flag or a note means, in plain words; "" where that is not told. The one door to it."""
    return _codes().get(code, "")


@cache
def _codes() -> dict[str, str]:
    return dict(_told(resources.read_json("codes.json")))


def _told(told: Any) -> Iterable[tuple[str, str]]:
    """Codes and meanings, in groups or not, each a sentence or an object with its ``meaning``."""
    for name, what in told.items() if isinstance(told, dict) else ():
        if isinstance(what, str):
            yield name, what
        elif isinstance(what, dict) and isinstance(what.get("meaning"), str):
            yield name, what["meaning"]
        else:
            yield from _told(what)


def pieces(text: str | None, links: Sequence[Row] = (), search: str | None = None) -> list[Piece]:
    """A post's words with what they link to: what the page linked, addresses, and hashtags where
    ``search`` is the address of the search page up to its question."""
    shown = visible(text or "")
    known = {link["text"]: web(link["expanded_url"]) or web(link["url"]) for link in links if link["text"]}
    found = []
    at = 0
    for start, end in _spans(shown, [name for name, href in known.items() if href]):
        found.append(Piece(shown[at:start]))
        word = shown[start:end]
        found.append(Piece(word, "link", _leads(word, known, search)))
        at = end
    found.append(Piece(shown[at:]))
    return [piece for piece in found if piece.text]


def _leads(word: str, known: Mapping[str, str | None], search: str | None) -> str | None:
    if word.startswith("#") and search is not None:
        return search + "%23" + word[1:]
    return known.get(word) or web(word)


def _spans(text: str, names: Iterable[str]) -> list[tuple[int, int]]:
    """Where links stand, in order, none inside another."""
    found = [match.span() for match in _ADDRESS.finditer(text)]
    for name in names:
        at = text.find(name) if len(name) > 2 else -1
        if at >= 0:
            found.append((at, at + len(name)))
    chosen: list[tuple[int, int]] = []
    for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
        if not chosen or start >= chosen[-1][1]:
            chosen.append((start, end))
    return chosen


def differences(settled: str | None, printed: str | None) -> list[Piece]:
    """The printed words beside the settled ones, word by word: ``added`` stands in print only,
    ``left out`` in the settled text only."""
    old, new = _TOKEN.findall(visible(settled or "")), _TOKEN.findall(visible(printed or ""))
    if len(old) > _LONGEST or len(new) > _LONGEST:
        return [Piece(visible(printed or ""))]
    found = []
    for what, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what in ("delete", "replace"):
            found.append(Piece("".join(old[a:b]), "left out"))
        if what in ("insert", "replace"):
            found.append(Piece("".join(new[c:d]), "added"))
        if what == "equal":
            found.append(Piece("".join(new[c:d])))
    return found


def marked(text: str | None, words: str) -> list[Piece]:
    """A text with the words of a search marked: case and accents are no matter."""
    shown = visible(text or "")
    spans = _hits(shown, words)
    found, at = [], 0
    for start, end in spans:
        if start >= at:
            found += [Piece(shown[at:start]), Piece(shown[start:end], "mark")]
            at = end
    found.append(Piece(shown[at:]))
    return [piece for piece in found if piece.text]


def snippet(text: str | None, words: str, longest: int = 320) -> list[Piece]:
    """The part of a long text that holds the first word found, marked."""
    shown = visible(text or "")
    if len(shown) <= longest:
        return marked(shown, words)
    first = next(iter(_hits(shown, words)), (0, 0))[0]
    start = max(0, min(first - longest // 3, len(shown) - longest))
    start = shown.find(" ", start) + 1 if start else 0
    part = shown[start : start + longest]
    return [Piece("…")] * bool(start) + marked(part, words) + [Piece("…")] * (start + longest < len(shown))


def _hits(text: str, words: str) -> list[tuple[int, int]]:
    folded, where = _folded(text)
    found: list[tuple[int, int]] = []
    for index, term in terms(words):
        bare = term.strip('*"') if index else term
        needle = _folded(bare.replace('""', '"'))[0]
        at = folded.find(needle) if needle else -1
        while at >= 0 and len(found) < _HITS:
            if index != "posts_fts" or at == 0 or not folded[at - 1].isalnum():
                found.append((where[at], where[at + len(needle)]))
            at = folded.find(needle, at + 1)
    return sorted(found)


def _folded(text: str) -> tuple[str, list[int]]:
    """The text in small letters without accents, and where each of its letters stood."""
    letters: list[str] = []
    where: list[int] = []
    for at, letter in enumerate(text):
        for part in unicodedata.normalize("NFKD", letter).casefold():
            if not unicodedata.combining(part):
                letters.append(part)
                where.append(at)
    return "".join(letters), [*where, len(text)]
