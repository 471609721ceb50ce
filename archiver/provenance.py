"""Where each field of a quote is from: printed, read from an attribute, derived from another, or inferred.

What is kept are places in the fragment, never words once more: the words, and those before and behind, are
cut out of the fragment when they are asked for, in the selectors of the W3C's Web Annotation Data Model.
"""

from __future__ import annotations

import html
import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import accumulate
from typing import Any

from archiver import speech

__all__ = ["FIELDS", "annotated", "kept", "traced"]

Row = Mapping[str, Any]
Origin = dict[str, Any]

_SEEN = ("text", "author_name", "author_handle", "date_written", "time_written", "url_written", "language")
_SIGNED = ("author_name", "author_handle")
_UNDERSTOOD = ("native_id", "post_url", "written_on", "posted_at")
FIELDS = (*_SEEN, *_UNDERSTOOD)
"""The columns of a quote of which it is said where they are from."""

_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>?")
_BREAK = re.compile(
    r"</?(?:br|p|div|li|[uod]l|blockquote|h[1-6]|t[rdh]|section|article|header|footer|figure|figcaption)"
    r"(?![\w-])[^<>]*>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#[0-9A-Za-z]{1,8}|[A-Za-z]{2,31});")
_ESCAPE = re.compile(r"\\[nrtbf\"'/\\]")
_NAME = re.compile(r"<([a-zA-Z][\w-]*)")
_SPACE = re.compile(r"\s+")
_AROUND = 32
_LEAST_LETTERS = 10
_LONGEST_BEFORE = 4000
_BY_TIME = {
    "id": ("derived", "native_id"),
    "attribute": ("derived", "time_written"),
    "printed": ("derived", "date_written"),
    "interpolated": ("inferred", "native_id"),
}


def traced(quote: Row) -> dict[str, Origin]:
    """For each field of a quote (a row of quotes) that holds something its ``basis``: printed, attribute,
    derived or inferred.

    ``start`` and ``end``: characters of the fragment; ``at``: the attribute (``a/@href``) or the key of JSON
    that holds it; ``from``: the column that it follows from. ``elsewhere``: it stands in another copy of the
    embed on the page. ``extent``: inferred, where the end of a field in plain text is a judgement.
    """
    fragment = _Fragment(quote["fragment"] or "", quote["span_start"] is not None)
    found = {name: _seen(name, quote, fragment) for name in _SEEN if quote[name]}
    if quote["span_start"] is not None and "start" in found.get("text", {}):
        found["text"]["extent"] = "inferred"
    if quote["native_id"]:
        found["native_id"] = _number(quote, fragment)
    if quote["post_url"]:
        source = "native_id" if quote["native_id"] else "url_written"
        found["post_url"] = {"basis": "derived", "from": source}
    if quote["written_on"]:
        found["written_on"] = {"basis": "derived", "from": "date_written"}
    if quote["posted_earliest"] and quote["time_basis"] in _BY_TIME:
        basis, source = _BY_TIME[quote["time_basis"]]
        found["posted_at"] = {"basis": basis, "from": source}
    return found


def kept(quote: Row) -> str | None:
    """What is `traced` of a quote as a row keeps it: JSON, None where nothing is."""
    found = traced(quote)
    return json.dumps(found, sort_keys=True, separators=(",", ":")) if found else None


def annotated(quote: Row, source: Row) -> dict[str, Any]:
    """The evidence for a quote: ``fields``, each with its basis and the selectors that lead to it, and the
    page. ``quote``: a row of quotes; ``source``: of the page its url, sha256, captured_at, container,
    record_offset and warc_record_id, as far as they are known."""
    found: dict[str, Origin] = json.loads(quote["evidence"]) if quote.get("evidence") else {}
    fields = {
        name: {**_plain(origin), **_selected(quote, origin)}
        for name, origin in ((name, found[name]) for name in FIELDS if name in found)
    }
    page = {name: source[name] for name in _PAGE if source.get(name) is not None}
    return {
        "page": page,
        "place": quote["place"],
        "extractor_version": quote["extractor_version"],
        "fields": fields,
    }


_PAGE = ("url", "sha256", "captured_at", "container", "record_offset", "warc_record_id")


def _seen(name: str, quote: Row, fragment: _Fragment) -> Origin:
    """Of what the article shows: where it stands in the fragment, else from what it follows, else that
    another copy of the embed on the page has it."""
    value = str(quote[name])
    if name == "language":
        return (
            fragment.language(value) or fragment.attribute(value) or {"basis": "attribute", "elsewhere": True}
        )
    origin = fragment.printed(value, last=name in _SIGNED)
    if (
        origin is None
        and name == "author_handle"
        and value.lower() in str(quote["url_written"] or "").lower()
    ):
        origin = {"basis": "derived", "from": "url_written"}
    origin = origin or fragment.attribute(value)
    if origin is None and name == "url_written":
        number = fragment.attribute(value.rstrip("/").rpartition("/")[2])
        origin = {**number, "basis": "derived"} if number else None
    return origin or {"basis": "attribute", "elsewhere": True}


class _Fragment:
    """The markup, JSON or plain text of a quote, and where words stand in it."""

    def __init__(self, fragment: str, is_plain: bool) -> None:
        self._source = fragment
        self._is_data = not is_plain and fragment.lstrip()[:1] in ("{", "[")
        self._tags = [] if is_plain else [tag.span() for tag in _TAG.finditer(fragment)]
        blank = fragment if is_plain else _blanked(fragment, _ENTITY)
        self._blank = _blanked(blank, _ESCAPE) if self._is_data else blank

    def printed(self, value: str, last: bool) -> Origin | None:
        """Where a value stands among what is shown; ``last``: the last such place, else the first."""
        place = None if self._is_data else self._shown.find(value, last)
        return {"basis": "printed", "start": place[0], "end": place[1]} if place else None

    def attribute(self, value: str) -> Origin | None:
        """Where a value stands in an attribute, or in JSON."""
        place = (self._shown.find(value, False) if self._is_data else None) or self._hidden.find(value, False)
        if place is None:
            return None
        return {"basis": "attribute", "at": self._name(place[0]), "start": place[0], "end": place[1]}

    def language(self, value: str) -> Origin | None:
        """Where the mark of a language stands that is the words', not the reader's."""
        at = self._source.find(f' lang="{value}"')
        if at < 0:
            return None
        start = at + len(' lang="')
        return {"basis": "attribute", "at": self._name(start), "start": start, "end": start + len(value)}

    @cached_property
    def _shown(self) -> _Words:
        return _Words(_without(self._blank, self._tags))

    @cached_property
    def _hidden(self) -> _Words:
        return _Words(_only(self._blank, self._tags))

    def _name(self, at: int) -> str | None:
        """The attribute or the key that holds what stands at a place."""
        number = bisect_left(self._tags, (at, 0)) - 1
        if number >= 0 and self._tags[number][1] > at:
            start = self._tags[number][0]
            tag, name = _NAME.match(self._source, start), _named(self._source[start:at], "=")
            return f"{tag[1]}/@{name}" if tag and name else None
        return _named(self._source[max(0, at - _LONGEST_BEFORE) : at], ":") if self._is_data else None


def _named(before: str, sign: str) -> str | None:
    """The name of the value that a text breaks off in: what stands before the sign and the mark that open
    it; None where none does."""
    head = before[: max(before.rfind('"'), before.rfind("'"))].rstrip()
    if not head.endswith(sign):
        return None
    words = head[: -len(sign)].replace(",", " ").replace("{", " ").split()
    return words[-1].strip("\"'") if words else None


class _Words:
    """The words of a text, to look for those of a value."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = speech.said(text, addresses=True)
        self._joined = _joined(self._words)

    @cached_property
    def _places(self) -> list[tuple[int, int]]:
        return speech.places(self._text)

    def find(self, value: str, last: bool) -> tuple[int, int] | None:
        wanted = speech.said(value, addresses=True)
        if not wanted:
            at = self._text.rfind(value) if last else self._text.find(value)
            return (at, at + len(value)) if at >= 0 else None
        look: Callable[[str], int] = self._joined.rfind if last else self._joined.find
        at = look(_joined(wanted))
        if at < 0:
            return self._run("".join(wanted))
        first = self._joined.count("\0", 0, at)
        return self._with_marks(value, self._places[first][0], self._places[first + len(wanted) - 1][1])

    def _with_marks(self, value: str, start: int, end: int) -> tuple[int, int]:
        """A place with the marks before the first and behind the last word, as far as they stand there."""
        placed = speech.places(value)
        for mark in reversed(value[: placed[0][0]]):
            if self._text[start - 1 : start] != mark:
                break
            start -= 1
        for mark in value[placed[-1][1] :]:
            if self._text[end : end + 1] != mark:
                break
            end += 1
        return start, end

    def _run(self, letters: str) -> tuple[int, int] | None:
        """Where letters stand whatever parts them: a tag between two words that are one in the value."""
        at = "".join(self._words).find(letters) if len(letters) >= _LEAST_LETTERS else -1
        if at < 0:
            return None
        ends = list(accumulate(map(len, self._words)))
        first, last = bisect_right(ends, at), bisect_left(ends, at + len(letters))
        return self._places[first][0], self._places[last][1]


def _joined(words: Iterable[str]) -> str:
    return "\0".join(("", *words, ""))


def _blanked(text: str, what: re.Pattern[str] | None) -> str:
    return what.sub(lambda found: " " * len(found[0]), text) if what else text


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with blanks for what stands at some places."""
    parts: list[str] = []
    at = 0
    for start, end in spans:
        parts += (text[at:start], " " * (end - start))
        at = end
    return "".join([*parts, text[at:]])


def _only(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with blanks for all but what stands at some places."""
    parts: list[str] = []
    at = 0
    for start, end in spans:
        parts += (" " * (start - at), text[start:end])
        at = end
    return "".join(parts)


def _number(quote: Row, fragment: _Fragment) -> Origin:
    """Of the post's own id."""
    if str(quote["native_id"]) in str(quote["url_written"] or ""):
        return {"basis": "derived", "from": "url_written"}
    return fragment.attribute(str(quote["native_id"])) or {"basis": "derived", "from": "url_written"}


def _plain(origin: Origin) -> Origin:
    return {name: value for name, value in origin.items() if name not in ("start", "end")}


def _selected(quote: Row, origin: Origin) -> dict[str, Any]:
    """The selectors of what stands at a place of the fragment."""
    if "start" not in origin:
        return {}
    fragment, start, end = quote["fragment"], origin["start"], origin["end"]
    if origin["basis"] == "attribute":
        return {"selector": [{"type": "TextQuoteSelector", "exact": html.unescape(fragment[start:end])}]}
    before = f"{quote['context_before'] or ''} {_said(fragment[:start])}"
    after = f"{_said(fragment[end:])} {quote['context_after'] or ''}"
    selectors: list[dict[str, Any]] = [
        {
            "type": "TextQuoteSelector",
            "exact": _said(fragment[start:end]).strip(),
            "prefix": _SPACE.sub(" ", before).lstrip()[-_AROUND:],
            "suffix": _SPACE.sub(" ", after).rstrip()[:_AROUND],
        }
    ]
    if quote["span_start"] is not None:
        first = quote["span_start"]
        selectors.append({"type": "TextPositionSelector", "start": first + start, "end": first + end})
    return {"selector": selectors}


def _said(markup: str) -> str:
    """Markup as a reader sees it, on one line."""
    return _SPACE.sub(" ", html.unescape(_TAG.sub("", _BREAK.sub(" ", markup))))
