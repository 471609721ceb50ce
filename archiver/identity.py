"""What many quotes say of one post: pure functions over rows.

The answer depends on the quotes alone, never on the order in which they came. What counts is how many
independent witnesses say so: articles of one site are one witness, and so are articles of several sites
in which the same words stand around the quote, for one has copied the other; our own static quotes are none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Any

from archiver.text import plain_words

__all__ = [
    "ARTICLE",
    "COMPARED",
    "READING",
    "REDACTED",
    "agree",
    "author_id",
    "capture_rank",
    "changed_words",
    "differences",
    "settle_article",
    "settle_author",
    "settle_post",
]

Row = dict[str, Any]

READING = (
    *("platform", "native_id", "post_url", "author_name", "author_handle", "text", "text_state", "language"),
    *("written_on", "posted_at", "posted_earliest", "posted_latest", "time_basis", "confidence"),
    *("id_earliest", "id_latest", "posted_on", "text_key", "id", "form", "article", "context_before"),
    "context_after",
)
"""The columns of a quote that its post is settled from; ``site`` of its article beside them."""

COMPARED = ("other-id", "other-text", "translated-text", "other-handle", "other-day", "other-copy")
"""The codes of the flags that come of comparing a quote with its post."""

ARTICLE = ("url", "title", "site", "byline", "published_on", "language")
"""The columns of a capture that its article is settled from."""

_CERTAIN = 0.9
_ELLIPSES = ("…", "...")
_HEALED = "healed"
_LEAST_AROUND = 80
"""How many characters on each side of a quote must be the same for one article to be the other's copy."""
_MARKS = re.compile(r"[\W_]+")
_MOST_WORDS = 1000
_LONGEST_DETAIL = 1000
REDACTED = "redacted"
"""The ``text_state`` of what was said where the words were taken out."""

_STATES = {REDACTED: 3, "full": 2, "truncated": 1, "missing": 0}
_BASES = {"id": 4, "attribute": 3, "interpolated": 2, "printed": 1}


def settle_post(quotes: Sequence[Row]) -> Row:
    """The best-supported reading of a post, field by field: what is printed whole and read with
    certainty goes before the rest, then what more witnesses say, then the longer and later in order.
    ``text_sites``, ``author_sites`` and ``date_sites`` count the witnesses for what is chosen."""
    quotes = _witnessed([row for row in quotes if row["form"] != _HEALED] or quotes)
    handle = _handle(quotes)
    named = [row for row in quotes if _same(row["author_handle"], handle)]
    text = _best(quotes, "text", lambda row: (_STATES.get(row["text_state"], 0), len(row["text"])), late=True)
    worded = [row for row in quotes if text is not None and row["text"] == text]
    native_id = _best(quotes, "native_id")
    time = _time(quotes)
    same_words = {row["text_key"] for row in worded}
    return {
        "platform": quotes[0]["platform"],
        "native_id": native_id,
        "url": _best(quotes, "post_url", lambda row: (row["author_handle"] is not None,)),
        "id_earliest": None if native_id else _best(quotes, "id_earliest"),
        "id_latest": None if native_id else _best(quotes, "id_latest"),
        "author": author_id(quotes[0]["platform"], handle),
        "author_name": _best(named or quotes, "author_name"),
        "author_handle": handle,
        "text": text,
        "text_state": _state(worded or [row for row in quotes if row["text_state"] == REDACTED]),
        "language": _best(worded, "language"),
        **time,
        "text_sites": _count(row for row in quotes if row["text"] and row["text_key"] in same_words),
        "author_sites": _count(named),
        "date_sites": _count(row for row in quotes if _on(row) and _on(row) == time["posted_on"]),
    }


def _witnessed(quotes: Sequence[Row]) -> list[Row]:
    """The quotes, each with the ``witness`` that it is of."""
    label: dict[tuple[str, ...], int] = {}
    leader = list(range(len(quotes)))

    def lead(at: int) -> int:
        while leader[at] != at:
            leader[at] = leader[leader[at]]
            at = leader[at]
        return at

    for at, row in enumerate(quotes):
        around = (row["context_before"] or "", row["context_after"] or "")
        keys: list[tuple[str, ...]] = [("site", row["site"] or row["article"])]
        if min(map(len, around)) >= _LEAST_AROUND:
            keys.append(("around", around[0][-_LEAST_AROUND:], around[1][:_LEAST_AROUND]))
        for key in keys:
            leader[lead(at)] = lead(label.setdefault(key, at))
    return [{**row, "witness": lead(at)} for at, row in enumerate(quotes)]


def _count(rows: Iterable[Row]) -> int:
    return len({row["witness"] for row in rows if row["form"] != _HEALED})


def _on(row: Row) -> str | None:
    """The day as it is printed; by the id where nothing is printed."""
    on: str | None = row["written_on"] or row["posted_on"]
    return on


def differences(quote: Row, post: Row, twins: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Where a quote disagrees with the post that it is of: codes of flags, each with what differs. An
    end that was cut off is none, nor is a doubtful reading of plain text. ``twins``: other ids under
    which the same words of the author and day are quoted."""
    found = []
    if twins:
        found.append(("other-id", f"the same words also with the id {', '.join(twins[:3])}"))
    said, settled = quote["text"], post["text"]
    if said and settled and (quote["confidence"] or 0) >= _CERTAIN and not agree(quote, post):
        code = "translated-text" if _translated(quote, post) else "other-text"
        found.append((code, changed_words(settled, said)))
    if quote["author_handle"] and not _same(quote["author_handle"], post["author_handle"]):
        found.append(("other-handle", f"@{quote['author_handle']} instead of @{post['author_handle']}"))
    on, settled_on = quote["written_on"], post["posted_on"]
    # A quote with an id has been compared with the time inside it, by the clock of its platform.
    compared = quote["native_id"] and post["posted_at"]
    if on and settled_on and on != settled_on and not compared:
        found.append(("other-day", f"{on} instead of {settled_on}"))
    return found


def changed_words(settled: str, said: str) -> str:
    """Where two texts differ, word by word.

    >>> changed_words("we will never leave", "we will gladly leave today")
    '“gladly” instead of “never”; “today” added'
    """
    before, after = settled.split()[:_MOST_WORDS], said.split()[:_MOST_WORDS]
    parts = []
    for what, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        old, new = " ".join(before[a:b]), " ".join(after[c:d])
        if what == "replace":
            parts.append(f"“{new}” instead of “{old}”")
        elif what != "equal":
            parts.append(f"“{new}” added" if new else f"“{old}” left out")
    return "; ".join(parts)[:_LONGEST_DETAIL]


def agree(quote: Row, post: Row) -> bool:
    """Whether two texts say the same, but for white space, case, marks, addresses and a cut end."""
    one, other = plain_words(quote["text"]), plain_words(post["text"])
    letters, others = _MARKS.sub("", one), _MARKS.sub("", other)
    if letters == others:
        return True
    return (one.endswith(_ELLIPSES) and others.startswith(letters)) or (
        other.endswith(_ELLIPSES) and letters.startswith(others)
    )


def _translated(quote: Row, post: Row) -> bool:
    marks = ((row["language"] or "")[:2].lower() for row in (quote, post))
    return len(set(filter(None, marks))) == 2


def author_id(platform: str, handle: str | None) -> str | None:
    """The key of an account, None where no handle is known."""
    return f"{platform}:{handle.lower()}" if handle else None


def settle_author(posts: Sequence[Row]) -> Row:
    """Name and handle of an account, as most of its quoted posts show them; ``quote_count`` weighs."""
    names: Counter[str] = Counter()
    for row in posts:
        names[row["author_name"] or ""] += row["quote_count"]
    names.pop("", None)
    return {
        "platform": posts[0]["platform"],
        "handle": _spelling([row["author_handle"] for row in posts]),
        "name": max(names, key=lambda name: (names[name], name), default=None),
    }


def settle_article(captures: Iterable[Row]) -> Row:
    """What an article says of itself, by its latest capture that says it."""
    ordered = sorted(captures, key=capture_rank, reverse=True)
    ordered.sort(key=lambda row: row["captured_by"] == "reading")
    return {name: next((row[name] for row in ordered if row[name]), None) for name in ARTICLE}


def capture_rank(capture: Row) -> tuple[bool, str, str, str]:
    """Captures in order: those whose time is known by time, then the others by origin."""
    known = capture["captured_by"] != "reading"
    return (not known, capture["captured_at"] if known else "", capture["origin"], capture["id"])


def _best(rows: Sequence[Row], name: str, merits: Any = None, late: bool = False) -> Any:
    """The value of a column that is best attested; None where none is. ``merits`` of a row count after
    certainty; ``late`` lets the number of witnesses decide after the first of them only."""
    support: dict[Any, set[int]] = {}
    merit: dict[Any, tuple[Any, ...]] = {}
    for row in rows:
        value = row[name]
        if value is None:
            continue
        support.setdefault(value, set()).add(row["witness"])
        own = ((row["confidence"] or 0) >= _CERTAIN, *(merits(row) if merits else ()))
        merit[value] = max(own, merit.get(value, own))
    if not support:
        return None
    cut = 2 if late else 1
    return max(
        support, key=lambda value: (merit[value][:cut], len(support[value]), merit[value][cut:], value)
    )


def _same(one: str | None, other: str | None) -> bool:
    return bool(one and other) and str(one).lower() == str(other).lower()


def _handle(rows: Sequence[Row]) -> Any:
    """The best attested handle, in its best spelling."""
    lower = [{**row, "lower": row["author_handle"] and row["author_handle"].lower()} for row in rows]
    chosen = _best(lower, "lower")
    return _spelling([row["author_handle"] for row in lower if chosen and row["lower"] == chosen])


def _spelling(handles: Iterable[str]) -> str | None:
    """The spelling with most capitals: addresses and habit lose them."""
    ranked = sorted(handles, key=lambda handle: (sum(map(str.isupper, handle)), handle))
    return ranked[-1] if ranked else None


def _state(worded: Sequence[Row]) -> str:
    states = [row["text_state"] for row in worded]
    return max(states, key=lambda state: (_STATES.get(state, 0), state), default="missing")


def _time(quotes: Sequence[Row]) -> Row:
    """When the post was made: the finest word on it, of these the best attested."""
    finest = max((_BASES.get(row["time_basis"] or "", 0) for row in quotes), default=0)
    rows = [row for row in quotes if _BASES.get(row["time_basis"] or "", 0) == finest]
    names = ("posted_at", "posted_earliest", "posted_latest", "time_basis")
    readings = [{**row, "reading": tuple(row[name] for name in names)} for row in rows]
    readings = [row for row in readings if row["reading"][3] is not None]
    if not readings:
        return {**dict.fromkeys(names), "posted_on": None}
    at, first, last, basis = _best(
        [{**row, "reading": tuple(part or "" for part in row["reading"])} for row in readings], "reading"
    )
    on = at[:10] if at else _day(quotes, first[:10], last[:10])
    return {
        **dict(zip(names, (at or None, first or None, last or None, basis), strict=True)),
        "posted_on": on,
    }


def _day(quotes: Sequence[Row], first: str, last: str) -> str | None:
    """The printed day where it can be the day of the post; else the only one that is possible."""
    printed = _best([row for row in quotes if first <= (row["written_on"] or "") <= last], "written_on")
    return printed or (first if first == last and first else None)
