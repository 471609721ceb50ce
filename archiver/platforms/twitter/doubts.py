"""What in a tweet cannot be, whatever else is known of it: letters, lengths, days that there never were."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from itertools import dropwhile

from archiver.platforms.twitter.links import MEDIA_CODE, SHORT

__all__ = ["counted_length", "doubts"]

_BEGAN = date(2006, 3, 21)
# The first days on which some accounts could write more, which is what a contradiction has to allow for.
_LONGER, _LONG = date(2017, 9, 26), date(2023, 2, 8)
_SHORT_LIMIT, _LIMIT = 140, 280
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_CUT = "…"
# Characters that count two (Chinese, Japanese, Korean, emoji).
_HEAVY = re.compile("[^\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
_JOINING = ("Mn", "Me", "Cf", "Sk")


def doubts(text: str | None, handle: str | None, on: date | None) -> tuple[str, ...]:
    """The codes of flags: ``lookalike-handle``, ``text-too-long`` for the day, ``impossible-day`` before
    there were tweets. ``on``: the UTC day of the post, None where it is not known."""
    found = []
    if handle and not handle.isascii():
        found.append("lookalike-handle")
    if on and on < _BEGAN:
        found.append("impossible-day")
    if text and on and _is_too_long(text, on):
        found.append("text-too-long")
    return tuple(found)


def _is_too_long(text: str, on: date) -> bool:
    """By the rule of its day: 140 letters of any writing; then 280, of which some count two; then more
    for those who pay."""
    if 2 * len(text) <= (_SHORT_LIMIT if on < _LONGER else _LIMIT):
        return False
    if on < _LONGER:
        return counted_length(text, weigh=False) > _SHORT_LIMIT
    return on < _LONG and counted_length(text) > _LIMIT


def counted_length(text: str, weigh: bool = True) -> int:
    """How long a text is by the platform's own count, at the least: without addresses, pictures, the
    names that a reply begins with, and marks that join to the letter before. ``weigh``: Chinese, Japanese,
    Korean letters and emoji count two.

    >>> counted_length("@a_ex @b_ex Hello https://t.co/abc"), counted_length("速報")
    (5, 4)
    """
    words = SHORT.sub("", MEDIA_CODE.sub("", _ADDRESS.sub("", text))).split()
    said = dropwhile(lambda word: word.lstrip(".").startswith("@"), words)
    plain = unicodedata.normalize("NFC", " ".join(said)).rstrip(_CUT)
    if plain.isascii():
        return len(plain)
    own = "".join(letter for letter in plain if unicodedata.category(letter) not in _JOINING)
    return len(own) + (len(_HEAVY.findall(own)) if weigh else 0)
