"""Contradictions and losses across an archive: what disagrees, what disappeared, what may belong together,
what was seen and not understood, what could not be read."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from difflib import SequenceMatcher
from functools import cache
from typing import Any

from archiver import resources, results
from archiver.database import open_reader, plain_errors
from archiver.text import plain_words

__all__ = ["audit", "explain"]

Row = dict[str, Any]

_FEW = 20
_NEAR = 0.6
"""How much of two texts must agree, 0 to 1, for them to be proposed as one post."""


@cache
def explain(code: str) -> str:
    """What a code of a flag or a note means, in plain words; "" for one that is not known."""
    known = resources.read_json("codes.json")
    return str(known["flags"].get(code) or known["notes"].get(code) or "")


def audit(path: str, few: int = _FEW) -> Row:
    """The report: for each kind of trouble its number, its meaning and its first ``few`` cases.

    ``flags`` and ``notes`` by code; ``disappeared`` quotes that the latest capture of their article no
    longer shows; ``changes`` between one capture of an article and the next; ``proposals`` of two posts
    that may be one; ``failed`` captures by reason; ``sites`` and ``forms`` with the numbers found, noted,
    failed and flagged.
    """
    db = open_reader(path)
    with closing(db.conn) as connection, plain_errors(path):
        read = _Reader(connection)
        return {
            "flags": read.by_code(_FLAGS, _FLAGGED, few),
            "disappeared": read.counted("disappeared_quotes", few),
            "changes": read.counted("quote_changes", few),
            "proposals": _proposals(read)[:few],
            "notes": read.by_code(_NOTES, _NOTED, few),
            "failed": read.all(_FAILED),
            "sites": read.all(_SITES),
            "forms": read.all(_FORMS),
        }


class _Reader:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all(self, sql: str, *values: Any) -> list[Row]:
        return results.every(self._connection, sql, *values)

    def by_code(self, counts: str, cases: str, few: int) -> list[Row]:
        return [
            {**row, "meaning": explain(row["code"]), "cases": self.all(cases, row["code"], few)}
            for row in self.all(counts)
        ]

    def counted(self, view: str, few: int) -> Row:
        (total,) = self._connection.execute(f"SELECT count(*) FROM {view}").fetchone()
        return {"count": total, "cases": self.all(f"SELECT * FROM {view} ORDER BY 1 LIMIT ?", few)}


def _proposals(read: _Reader) -> list[Row]:
    """Posts without an id beside posts of the same author and day with words that are nearly the same:
    proposed as one, never joined by themselves."""
    found = []
    for pair in read.all(_PAIRS):
        weak, strong = plain_words(pair["text"] or ""), plain_words(pair["other_text"] or "")
        alike = SequenceMatcher(None, weak, strong, autojunk=False).ratio() if weak and strong else 0.0
        if alike >= _NEAR or (weak and weak in strong) or (strong and strong in weak):
            found.append({**pair, "alike": round(alike, 2)})
    return sorted(found, key=lambda pair: (-pair["alike"], pair["post"], pair["other"]))


_FLAGS = "SELECT code, count(*) AS count FROM flags GROUP BY code ORDER BY 2 DESC, 1"
_FLAGGED = (
    "SELECT flags.quote, quotes.post, flags.detail, quotes.author_handle, quotes.date_written,"
    " articles.title, articles.url AS article_url, captures.origin AS source"
    " FROM flags JOIN quotes ON quotes.id = flags.quote JOIN articles ON articles.id = quotes.article"
    " JOIN captures ON captures.id = quotes.capture WHERE flags.code = ? ORDER BY flags.id LIMIT ?"
)
_NOTES = "SELECT code, count(*) AS count FROM notes GROUP BY code ORDER BY 2 DESC, 1"
_NOTED = (
    "SELECT captures.origin AS source, captures.url AS article_url, notes.place, notes.detail"
    " FROM notes JOIN captures ON captures.id = notes.capture WHERE code = ?"
    " ORDER BY captures.origin, notes.capture, notes.position LIMIT ?"
)
_FAILED = (
    "SELECT reason, outcome, count(*) AS count, min(origin) AS source FROM captures"
    " WHERE reason IS NOT NULL GROUP BY reason, outcome ORDER BY 3 DESC, 1"
)
_PAIRS = (
    "SELECT weak.id AS post, strong.id AS other, weak.author_handle, weak.posted_on, weak.text,"
    " strong.text AS other_text FROM posts AS weak JOIN posts AS strong"
    " ON strong.author = weak.author AND strong.posted_on = weak.posted_on"
    " WHERE weak.native_id IS NULL AND strong.native_id IS NOT NULL ORDER BY weak.id, strong.id"
)
_SITES = """
    SELECT
        captures.site,
        count(DISTINCT captures.article) AS articles,
        count(DISTINCT CASE WHEN captures.outcome = 'failed' THEN captures.id END) AS failed,
        (SELECT count(*) FROM quotes JOIN articles ON articles.id = quotes.article
            WHERE articles.site IS captures.site) AS quotes,
        (SELECT count(DISTINCT flags.quote) FROM flags JOIN quotes ON quotes.id = flags.quote
            JOIN articles ON articles.id = quotes.article WHERE articles.site IS captures.site) AS flagged,
        (SELECT count(*) FROM notes JOIN captures AS noted ON noted.id = notes.capture
            WHERE noted.site IS captures.site) AS noted
    FROM captures GROUP BY captures.site ORDER BY quotes DESC, captures.site
"""
_FORMS = """
    SELECT quotes.form, quotes.platform, count(*) AS quotes,
        sum(text IS NULL) AS without_text,
        sum(native_id IS NULL) AS without_id,
        sum(EXISTS (SELECT 1 FROM flags WHERE flags.quote = quotes.id)) AS flagged
    FROM quotes GROUP BY quotes.form, quotes.platform ORDER BY 3 DESC, 1, 2
"""
