"""What was learnt of posts later, taken out with their words: copies, values, files, searches. Answers to
checks hold no words and stay."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Forgotten", "forget", "remove", "words"]

_TABLES = ("copies", "recovered", "media", "searches")


@dataclass(slots=True)
class Forgotten:
    """The ids of the rows that went, the records of our own WARC files (file, offset, id) that held what
    they were found in, and the files that no other post has."""

    rows: list[str] = field(default_factory=list)
    records: list[tuple[str, int, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def forget(connection: sqlite3.Connection, posts: Iterable[str]) -> Forgotten:
    """Takes the rows out, inside the transaction that is open."""
    found = Forgotten()
    for post in posts:
        for record in connection.execute(_RECORDS, (post,)).fetchall():
            found.records.append(tuple(record))
        files = connection.execute("SELECT sha256, path FROM media WHERE post = ?", (post,)).fetchall()
        shorts = connection.execute(_SHORTS, (post,)).fetchall()
        for table in _TABLES:
            rows = connection.execute(f"SELECT id FROM {table} WHERE post = ?", (post,)).fetchall()
            found.rows += [row for (row,) in rows]
            connection.execute(f"DELETE FROM {table} WHERE post = ?", (post,))
        for short in shorts:
            connection.execute(_EXPANDED, short)
        for digest, path in files:
            if connection.execute("SELECT 1 FROM media WHERE sha256 = ?", (digest,)).fetchone() is None:
                found.files.append(path)
    return found


def words(connection: sqlite3.Connection, post: str) -> list[dict[str, Any]]:
    """The words of a post that were recovered, in the shape of quotes."""
    names = ("platform", "author_handle", "text", "text_state", "media_key")
    return [dict(zip(names, row, strict=True)) for row in connection.execute(_WORDS, (post,))]


def remove(files: Iterable[str]) -> list[str]:
    """Removes files; those that cannot be removed, or are not where they were written."""
    left = []
    for path in dict.fromkeys(files):
        try:
            os.remove(path)
        except OSError:
            left.append(path)
    return left


_RECORDS = (
    "SELECT container, record_offset, warc_record_id FROM copies WHERE post = ?"
    " AND container IS NOT NULL AND record_offset IS NOT NULL AND warc_record_id IS NOT NULL"
)
_WORDS = (
    "SELECT posts.platform, posts.author_handle, recovered.value, 'full', NULL FROM recovered"
    " JOIN posts ON posts.id = recovered.post WHERE recovered.post = ? AND recovered.name = 'text'"
    " ORDER BY recovered.id"
)
_SHORTS = "SELECT DISTINCT subject FROM recovered WHERE post = ? AND name = 'link'"
_EXPANDED = (
    "UPDATE links SET expanded_url = (SELECT value FROM recovered WHERE subject = links.url"
    " AND name = 'link' ORDER BY id LIMIT 1) WHERE url = ?"
)
