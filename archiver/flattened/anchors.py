"""The attributions of a text: "— Name (@handle) January 20, 2022", the one sure mark of a flattened post."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from archiver import dates, resources
from archiver.dates import Found
from archiver.flattened.view import Target, View
from archiver.text import plain_marks, squeeze

__all__ = ["HINT", "Anchor", "attributions"]

HINT = re.compile(
    r"[(（]\s{0,2}(?:\[\\?[@＠][\w.\\-]{1,80}\]\(|\\?[@＠]\s?[\w.\\-]{1,80}\s{0,2}[)）][^\d]{0,60}\d)"
)
"""What every text with an attribution holds, as it was given; a handle may be a link of Markdown."""
_HANDLE = re.compile(r"[(（]\s{0,2}[@＠]\s?([\w.-]{1,80})\s{0,2}[)）]")
_DASH = re.compile(r"(?:&mdash;|&#8212;|—|―|–|-{2,3}|(?<!\S)[-‐‑−](?=\s))[^\S\n]*\n?[^\S\n]*")
_WEAK = re.compile(r"[-‐‑−–]\s*\Z")
_EM_DASH = re.compile(r"[^\S\n]*(?:—|―|-{2,3})\s")
_TO_DATE = re.compile(r"[\[\s\xad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]{0,200}")
_NUMERIC = re.compile(r"[\d\s./-]+\Z")
_EMPHASIS = re.compile(r"\A(\*{1,3}|__)(\S.{0,80})\1\Z")
_NOTHING = re.compile("")
_LONGEST_NAME = 62
_DEEPEST = 100
_POST = re.compile(r"https?://[a-z]{1,3}\.[a-z]{2}/\w{5,}|\bpic\.\w{1,20}\.\w{2,5}/\w", re.IGNORECASE)
_LINE_END = re.compile(r"[^\S\n]*(?:\n|\Z)")
_WORDS = re.compile(r"[^\W\d_]+")
_BULLET = re.compile(r"[-*•]\s")


@dataclass(frozen=True, slots=True)
class Anchor:
    """One attribution. ``start`` is the place of its dash, ``end`` of what follows its date, ``handle_end``
    of the bracket after the handle; ``own_line`` tells whether the dash begins a line, ``day`` is what
    the date says, ``dash`` is "" where the author heads a quotation, ``floor`` is where
    the attribution before it ends, dated or not."""

    start: int
    end: int
    handle_end: int
    date_start: int
    name: str | None
    handle: str
    written: str
    day: date
    own_line: bool
    floor: int = 0
    dash: str = "—"
    url: str | None = None


def attributions(shown: View) -> tuple[Anchor, ...]:
    """Every attribution of a text, in order of place."""
    return tuple(_all(shown))


@cache
def _credits() -> re.Pattern[str]:
    """How a credit for a picture begins: "Photo by", "Foto:", a bare "by"."""
    listed: dict[str, dict[str, list[str]]] = resources.read_json("flattened", "words.json")
    pictures, makers, bylines = (
        "|".join(re.escape(word) for words in listed[key].values() for word in words)
        for key in ("pictures", "makers", "bylines")
    )
    return re.compile(rf"(?i:{pictures})\.?(?:\s?[:：/|]|\s(?i:{makers})\b)|(?:{bylines}|(?i:by))\b\s")


def _all(shown: View) -> Iterator[Anchor]:
    floor = 0
    for match in _HANDLE.finditer(shown.text):
        if match.start() < floor:
            continue
        anchor = _anchor(shown, match, floor)
        if anchor:
            floor = anchor.end
            yield anchor
        elif _is_undated(shown.text, match):
            floor = match.end()


def _is_undated(text: str, handle: re.Match[str]) -> bool:
    """Whether an attribution has lost its date: an em dash begins its line, nothing follows on it."""
    line = text.rfind("\n", max(0, handle.start() - _LONGEST_NAME), handle.start()) + 1
    return bool(_EM_DASH.match(text, line, handle.start())) and bool(_LINE_END.match(text, handle.end()))


def _anchor(shown: View, handle: re.Match[str], floor: int) -> Anchor | None:
    text = shown.text
    gap = _TO_DATE.match(text, handle.end())
    at = gap.end() if gap else handle.end()
    if text.count("\n", handle.end(), at) > 3:
        return None
    dash = _dash(text, max(floor, handle.start() - _LONGEST_NAME - 4), handle.start())
    dash = dash or _head(shown, handle.start())
    found = dates.at(text, at) if dash else None
    if dash is None or found is None:
        return None
    link = shown.target(at, found.end)
    end = _date_end(text, found, link)
    anchor = Anchor(
        start=dash.start(),
        end=end,
        handle_end=handle.end(),
        date_start=at,
        name=_EMPHASIS.sub(r"\2", plain_marks(squeeze(text[dash.end() : handle.start()]))) or None,
        handle=handle[1],
        written=squeeze(text[at:end]),
        day=found.reading.day,
        dash=dash[0].strip(),
        own_line=_begins_line(text, dash.start()),
        floor=floor,
        url=link.url if link else None,
    )
    if not dash[0]:
        return anchor if anchor.name and _LINE_END.match(text, end) else None
    return anchor if _is_post(shown, anchor, dash[0], floor) else None


def _head(shown: View, handle_at: int) -> re.Match[str] | None:
    """Where the name begins that heads a quotation, without a dash, on its first line."""
    number = shown.line_at(handle_at)
    line = shown.lines[number]
    if not line.depth or handle_at - line.start > _LONGEST_NAME:
        return None
    if number and shown.lines[number - 1].depth >= line.depth:
        return None
    return _NOTHING.match(shown.text, line.start)


def _date_end(text: str, found: Found, link: Target | None) -> int:
    """Where a printed date ends: with the link over it, or with its line, where that is all of the date."""
    if link and dates.read(squeeze(text[found.start : link.end])):
        return link.end
    last = text.rfind("\n", found.start, found.end)
    if last > 0 and dates.read(text[found.start : last]) == found.reading:
        return last
    return found.end


def _dash(text: str, low: int, handle_at: int) -> re.Match[str] | None:
    """The dash of an attribution: one that begins a line, else the last, a clear one before a hyphen."""
    found = [
        dash
        for dash in _DASH.finditer(text, low, handle_at)
        if text.count("\n", dash.end(), handle_at) <= 1 and "\n\n" not in text[dash.start() : handle_at]
    ]
    if not found:
        return None
    first = [dash for dash in found if _begins_line(text, dash.start())]
    clear = [dash for dash in found if not _WEAK.search(dash[0])]
    if first and (not clear or first[-1] in clear or clear[-1].start() < first[-1].start()):
        return first[-1]
    return (clear or found)[-1]


def _begins_line(text: str, place: int) -> bool:
    """Whether nothing but blanks and marks of emphasis stands before a place on its line."""
    before = text[max(0, place - _DEEPEST) : place]
    return (before[before.rfind("\n") + 1 :] if "\n" in before or place <= _DEEPEST else before).strip(
        "*_ \t\xa0\u3000"
    ) == ""


def _is_post(shown: View, anchor: Anchor, dash: str, floor: int) -> bool:
    """The gate: what looks like an attribution and is none."""
    if anchor.name and (_credits().match(anchor.name) or _is_dated(anchor.name)):
        return False
    if dash.startswith("--") or not _WEAK.search(dash):
        return True
    text = shown.text
    line = shown.lines[shown.line_at(anchor.start)]
    if "\n" in text[anchor.handle_end : anchor.date_start] or _NUMERIC.match(anchor.written):
        return False
    if anchor.own_line and _in_list(shown, anchor):
        return False
    above = text[max(floor, line.start - 400 if anchor.own_line else line.start) : anchor.start]
    ends = _LINE_END.match(text, anchor.end) or _POST.search(above)
    return bool(ends) and text[anchor.end : anchor.end + 1] != ":" and not _is_sentence(anchor.name)


def _is_dated(name: str) -> bool:
    """Whether a name begins with a date and goes on behind it: then the dash belongs to that date."""
    first = dates.at(name, 0)
    return first is not None and first.end < len(name)


def _in_list(shown: View, anchor: Anchor) -> bool:
    """Whether the lines around begin with bullets too."""
    at = shown.line_at(anchor.start)
    return any(
        _BULLET.match(shown.text, line.start)
        for line in (*shown.lines[max(0, at - 1) : at], *shown.lines[at + 1 : at + 2])
        if not line.blank
    )


def _is_sentence(name: str | None) -> bool:
    """Whether a name reads like a clause: more than two of its words begin small."""
    return sum(word[0][0].islower() for word in _WORDS.finditer(name or "")) > 2
