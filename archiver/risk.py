"""Save these first: which quoted posts would be the greatest loss, and are likely to be one.

The score of a post is the product of three numbers, each of which is told:

- the chance that it vanishes: the share of gone posts among those of its account that were asked for, drawn
  to the share of its platform as if four more posts of the account had been asked for (and that of the
  platform to one in ten, as if ten more had);
- how much it is quoted: log2(1 + articles);
- how little of it is kept: 1 where nobody has its words, 0.7 where articles have them and no copy is known,
  0.2 where a copy is.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["Counts", "ranked"]

Row = Mapping[str, Any]
Counts = Mapping[str, tuple[int, int]]
"""Of a platform or an account: how many posts were asked for, and how many of them are gone."""

_BEFORE, _AS_IF, _OWN_AS_IF = 0.1, 10, 4
_NO_WORDS, _NO_COPY, _COPIED = 1.0, 0.7, 0.2


def ranked(posts: Iterable[Row], platforms: Counts, authors: Counts, limit: int) -> list[dict[str, Any]]:
    """The posts with the highest scores, each with its ``score``, the ``chance`` and the ``reasons``.

    ``posts``: rows of posts that are not known to be gone, with ``copies``, their number.
    """
    scored = ((_score(row, platforms, authors), row) for row in posts)
    best = heapq.nlargest(limit, scored, key=lambda pair: (pair[0][0], pair[1]["quote_count"], pair[1]["id"]))
    return [
        {
            "post": row["id"],
            "score": round(score, 4),
            "chance": round(chance, 4),
            "reasons": _reasons(row, platforms, authors),
            **{name: row[name] for name in _SHOWN},
        }
        for (score, chance), row in best
    ]


_SHOWN = (
    *("platform", "author_name", "author_handle", "text", "posted_on", "url", "state", "checked_at"),
    *("quote_count", "copies"),
)


def _score(row: Row, platforms: Counts, authors: Counts) -> tuple[float, float]:
    asked, gone = platforms.get(row["platform"], (0, 0))
    usual = (gone + _AS_IF * _BEFORE) / (asked + _AS_IF)
    own, own_gone = authors.get(row["author"] or "", (0, 0))
    chance = (own_gone + _OWN_AS_IF * usual) / (own + _OWN_AS_IF)
    need = _COPIED if row["copies"] else _NO_COPY if row["text"] else _NO_WORDS
    return chance * math.log2(1 + row["quote_count"]) * need, chance


def _reasons(row: Row, platforms: Counts, authors: Counts) -> list[str]:
    count = row["quote_count"]
    found = [f"quoted by {count} article{'s' * (count != 1)}"]
    if not row["text"]:
        found.append("nobody has its words")
    elif row["text_sites"] == 1:
        found.append("one site only has its words")
    if not row["copies"]:
        found.append("no copy is known")
    own, own_gone = authors.get(row["author"] or "", (0, 0))
    if own_gone:
        found.append(f"{own_gone} of {own} posts of the account are gone")
    asked, gone = platforms.get(row["platform"], (0, 0))
    if gone:
        found.append(f"{gone} of {asked} posts of the platform are gone")
    if row["checked_at"] is None:
        found.append("never asked for")
    return found
