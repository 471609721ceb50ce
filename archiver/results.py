"""What an archive answers to SQL, as dicts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

__all__ = ["Row", "each", "every", "first"]

Row = dict[str, Any]
"""The name of a column -> its value."""


def each(connection: sqlite3.Connection, sql: str, *values: Any) -> Iterator[Row]:
    """The rows of an answer, one after another."""
    cursor = connection.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def every(connection: sqlite3.Connection, sql: str, *values: Any) -> list[Row]:
    """All rows of an answer."""
    return list(each(connection, sql, *values))


def first(connection: sqlite3.Connection, sql: str, *values: Any) -> Row | None:
    """The first row of an answer, None where there is none."""
    return next(each(connection, sql, *values), None)
