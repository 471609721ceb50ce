"""What was recovered of a post beside what its quotes print: it fills what none of them prints, and says
where they disagree with a copy. Pure functions over rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from archiver import identity

__all__ = ["FILLED", "against_copies", "filled"]

Row = dict[str, Any]

FILLED = ("native_id", "url", "author_handle", "author_name", "text", "language", "posted_at")
"""The columns of a post that may be filled from a copy or a public endpoint where nothing is printed."""

_CERTAIN = 0.9
_ELLIPSES = ("…", "...")


def filled(post: Row, found: Iterable[Row]) -> Row:
    """A settled post with what no quote of it prints taken from what was recovered (name, value and the
    ``url`` that it is from, the best first); ``filled_from`` names the sources. What is printed stays."""
    made: Row = {**post, "filled_from": None}
    if post["text_state"] == identity.REDACTED:
        return made
    sources: dict[str, None] = {}
    for row in found:
        name, value = row["name"], row["value"]
        if name not in FILLED or made[name] is not None or (name == "posted_at" and not _may_be(made, value)):
            continue
        if name == "language" and post["text"] is not None:
            continue  # that of a copy's words, not of the printed ones
        made[name] = value
        sources[row["url"]] = None
        if name == "text":
            made["text_state"] = "full"
        if name == "native_id":
            made |= {"id_earliest": None, "id_latest": None}
        if name == "author_handle":
            made["author"] = identity.author_id(made["platform"], value)
        if name == "posted_at":
            basis = "id" if row["subject"] == "id" else "copy"
            made |= {"posted_earliest": value, "posted_latest": value, "time_basis": basis}
            made["posted_on"] = made["posted_on"] or value[:10]
    made["filled_from"] = " ".join(sources) or None
    return made


def against_copies(quote: Row, found: Sequence[Row]) -> list[tuple[str, str]]:
    """Where a quote disagrees with every copy of its post: the code of a flag, and what differs."""
    if not quote["text"] or (quote["confidence"] or 0) < _CERTAIN:
        return []
    other = _contradicting(quote, found)
    return [("other-copy", identity.changed_words(other, quote["text"]))] if other else []


def _may_be(post: Row, at: str) -> bool:
    """Whether a time lies where the post's time is known to lie."""
    first, last = post["posted_earliest"], post["posted_latest"]
    return (not first or first[:19] <= at[:19]) and (not last or at[:19] <= last[:19])


def _contradicting(quote: Row, found: Sequence[Row]) -> str | None:
    """The words that copies of the post show, where none of them shows those of the quote."""
    texts = [row["value"] for row in found if row["name"] == "text"]
    tongues = {row["value"][:2].lower() for row in found if row["name"] == "language"}
    tongue = (quote["language"] or "")[:2].lower()
    if not texts or (tongue and tongues and tongue not in tongues):
        return None
    said = {**quote, "text": _without_addresses(quote["text"])}
    for text in texts:
        state = "truncated" if text.rstrip().endswith(_ELLIPSES) else "full"
        if identity.agree(said, {"text": _without_addresses(text), "text_state": state}):
            return None
    return str(texts[0])


def _without_addresses(text: str) -> str:
    """Copies write addresses out or cut them short: "example.org/a…" for a link."""
    return " ".join(word for word in text.split() if "/" not in word)
