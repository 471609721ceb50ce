"""Rows of an archive as dicts, over one connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from archiver import results

__all__ = ["Row", "counts", "limited", "marks", "one", "rows"]

Row = dict[str, Any]

_STEPS = 2000


def rows(conn: sqlite3.Connection, sql: str, *values: Any) -> list[Row]:
    """All rows of a query."""
    return results.every(conn, sql, *values)


def one(conn: sqlite3.Connection, sql: str, *values: Any) -> Row | None:
    """The first row of a query, None where there is none."""
    return results.first(conn, sql, *values)


def counts(conn: sqlite3.Connection, sql: str, *values: Any) -> list[tuple[Any, int]]:
    """Name and number, as the query gives them."""
    return [(name, number) for name, number, *_ in conn.execute(sql, values)]


def marks(values: Iterable[Any]) -> str:
    """As many question marks as values.

    >>> marks("abc")
    '?, ?, ?'
    """
    return ", ".join("?" for _ in values)


@contextmanager
def limited(conn: sqlite3.Connection, milliseconds: float) -> Iterator[None]:
    """What takes longer is interrupted: sqlite3.OperationalError."""
    end = monotonic() + milliseconds / 1000
    conn.set_progress_handler(lambda: int(monotonic() > end), _STEPS)
    try:
        yield
    finally:
        conn.set_progress_handler(None, _STEPS)
