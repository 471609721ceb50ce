"""By what a quote without an id is known to be of a post that has one, and two posts are suspicious: pure
functions over rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from archiver.text import has_address, plain_words

__all__ = ["KNOWN_BY", "joined", "told_apart_by"]

Row = dict[str, Any]

KNOWN_BY = (
    *("id", "platform", "post_key", "media_key", "text_key", "native_id", "author_handle"),
    *("text", "text_state", "posted_on", "posted_earliest", "posted_latest"),
)
"""The columns of a quote by which it is known again."""

_STRONG, _BY_MEDIA, _BY_TEXT, _ALONE = range(4)
_LEAST_CUT = 30
"""How many characters of a cut text must agree before it is taken for the beginning of another."""
_LEAST_SAID = 20
"""How many characters an account does not say twice a day; one of writing without blanks counts for two."""
_WIDE = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_ELLIPSES = ("…", "...")


def joined(quote: Row, others: Sequence[Row]) -> list[Row]:
    """The quotes of the post that takes a quote without an id over: those of a better rung that share
    its media code, or its author, words and day, where they all are of one post. Empty where there is
    none, or more than one.

    ``others``: quotes that share a key with it, or author and day.
    """
    own = _rung(quote)
    for rung in (_STRONG, _BY_MEDIA):
        if own in (_STRONG, _ALONE) or rung >= own:
            break
        better = [row for row in others if _rung(row) == rung and row["platform"] == quote["platform"]]
        coded = [row for row in better if quote["media_key"] and row["media_key"] == quote["media_key"]]
        worded = [row for row in better if _same_words(quote, row) and _same_day(quote, row)]
        both = [row for row in coded if row in worded]
        for found in (coded, both, worded):
            if len({row["post_key"] for row in found}) == 1:
                return found
        if coded or worded:
            break
    return []


def told_apart_by(text: str) -> str | None:
    """The column in which two posts of one account and day must agree to be suspicious: ``text_key`` for
    long words; ``text``, to the letter, for short ones with an address, which platforms make anew for each
    post. None for others, which are said again and again."""
    words = plain_words(text)
    if len(words) + len(_WIDE.findall(words)) >= _LEAST_SAID:
        return "text_key"
    return "text" if has_address(text) else None


def _rung(row: Row) -> int:
    """How a quote's own key is made: by the platform's id, by a media code, by words, or by nothing
    that another quote could share."""
    if row["native_id"]:
        return _STRONG
    if row["media_key"] and row["post_key"] == row["media_key"]:
        return _BY_MEDIA
    return _BY_TEXT if row["text_key"] and row["post_key"] == row["text_key"] else _ALONE


def _same_words(one: Row, other: Row) -> bool:
    """The same author and text but for white space, case, addresses, and an end that was cut off."""
    if (
        not one["text_key"]
        or not other["text_key"]
        or not _same(one["author_handle"], other["author_handle"])
    ):
        return False
    return one["text_key"] == other["text_key"] or _is_cut_of(one, other) or _is_cut_of(other, one)


def _is_cut_of(cut: Row, whole: Row) -> bool:
    words = plain_words(cut["text"])
    if cut["text_state"] != "truncated" and not words.endswith(_ELLIPSES):
        return False
    begins = words.rstrip("….").rstrip()
    return len(begins) >= _LEAST_CUT and plain_words(whole["text"]).startswith(begins)


def _same_day(one: Row, other: Row) -> bool:
    """Whether the days can be one; a quote without any day agrees with all."""
    if one["posted_on"] and other["posted_on"]:
        return bool(one["posted_on"] == other["posted_on"])
    on = one["posted_on"] or other["posted_on"]
    span = other if one["posted_on"] else one
    if not on or not span["posted_earliest"] or not span["posted_latest"]:
        return True
    return bool(span["posted_earliest"][:10] <= on <= span["posted_latest"][:10])


def _same(one: str | None, other: str | None) -> bool:
    return bool(one and other) and str(one).lower() == str(other).lower()
