"""Ways out of an archive: JSON Lines, CSV that no spreadsheet takes for formulas, a copy to deposit."""

from __future__ import annotations

import csv
import io
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

from archiver import citations, results
from archiver.database import open_reader, plain_errors
from archiver.errors import ArchiverError

__all__ = ["TABLES", "cited", "csv_lines", "deposit", "rows", "write"]

TABLES = (
    *("quoted_posts", "most_quoted", "lost_posts", "conflicting_quotes"),
    *("disappeared_quotes", "quote_changes"),
    *("posts", "quotes", "authors", "articles", "captures", "sources", "sightings", "links", "flags"),
    *("quotations", "notes", "checks", "copies", "recovered", "media", "searches", "aliases"),
)
"""What can be exported: one wide row a quote first, the other views, the tables."""

_SORTED = {"most_quoted": "ORDER BY quote_count DESC, post"}
# What a spreadsheet takes for the beginning of a formula, in wide letters too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def rows(path: str, table: str) -> Iterator[dict[str, Any]]:
    """All rows of a table or view, in an order that is the same each time."""
    if table not in TABLES:
        raise ArchiverError(f"{table}: no such table; there are {', '.join(TABLES)}")
    db = open_reader(path)
    try:
        with plain_errors(path):
            yield from results.each(db.conn, f"SELECT * FROM {table} {_SORTED.get(table, 'ORDER BY 1, 2')}")
    finally:
        db.conn.close()


def csv_lines(found: Iterable[dict[str, Any]], names: Iterable[str] | None = None) -> Iterator[str]:
    """CSV (RFC 4180, a line a row, the names first). Text that a spreadsheet would take for a formula
    gets an apostrophe in front: what is printed exactly is the JSON."""
    head: list[str] | None = list(names) if names else None
    started = False
    for row in found:
        head = head or list(row)
        if not started:
            yield _line(head)
        started = True
        yield _line([_harmless(row.get(name)) for name in head])
    if not started and head:
        yield _line(head)


def cited(form: str, found: Iterable[dict[str, Any]], title: str) -> Iterator[str]:
    """Rows of posts as citations or as a feed. ArchiverError where there is no such form."""
    yield citations.written(form, found, title, "")


def _line(cells: Iterable[Any]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerow(cells)
    return stream.getvalue()


def _harmless(value: Any) -> Any:
    if isinstance(value, str):
        value = value.replace("\0", "\ufffd")
        return f"'{value}" if value.lstrip(" \u00a0").startswith(_FORMULA) else value
    return value


def write(out: str, lines: Iterable[str]) -> None:
    """The lines into a file, whole or not at all. ArchiverError where it cannot be written."""
    part = f"{out}.part"
    try:
        with plain_errors(out):
            with open(part, "w", encoding="utf-8", errors="replace", newline="") as stream:
                stream.writelines(lines)
            os.replace(part, out)
    finally:
        if os.path.exists(part):
            os.unlink(part)


def deposit(path: str, out: str) -> None:
    """A copy of the archive in one file that needs nothing beside it: compact, without a write-ahead
    log, its indexes made anew. ArchiverError where the file is there already."""
    if os.path.lexists(out):
        raise ArchiverError(f"{out}: there is such a file already; name a new one")
    db = open_reader(path)
    part = f"{out}.part"
    try:
        with plain_errors(path):
            db.conn.execute("VACUUM INTO ?", (part,))
        with plain_errors(out), closing(sqlite3.connect(part, isolation_level=None)) as copy:
            copy.execute("PRAGMA journal_mode = DELETE").fetchone()
            for index in ("posts_fts", "posts_trigrams"):
                copy.execute(f"INSERT INTO {index}({index}) VALUES ('rebuild')")
        with plain_errors(out):
            os.replace(part, out)
    finally:
        db.conn.close()
        if os.path.exists(part):
            os.unlink(part)
