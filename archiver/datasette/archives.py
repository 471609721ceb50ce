"""Which of Datasette's databases are archives."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import Any
from urllib.parse import quote

from archiver.datasette.figures import Figures
from archiver.migrations import APPLICATION_ID

__all__ = ["figures", "is_archive", "named", "pattern"]

_KEPT = "_archiver_figures"
_HEADER, _MARK = 100, slice(68, 72)


def named(datasette: Any) -> list[str]:
    """The names of the databases that are archives, in Datasette's order."""
    found: dict[str, Figures | None] = getattr(datasette, _KEPT, {})
    for name, database in list(datasette.databases.items()):
        if name not in found:
            found[name] = Figures(str(database.path)) if is_archive(database.path) else None
    setattr(datasette, _KEPT, found)
    return [name for name in datasette.databases if found.get(name)]


def figures(datasette: Any, name: str) -> dict[str, Any]:
    """The figures of an archive."""
    named(datasette)
    kept: Figures = getattr(datasette, _KEPT)[name]
    return kept.now()


def is_archive(path: Any) -> bool:
    """Whether a file is an archive, by the mark in its head; where that is still in the write-ahead log,
    by asking SQLite."""
    if not path:
        return False
    try:
        with open(path, "rb") as stream:
            head = stream.read(_HEADER)
        if head[_MARK] == APPLICATION_ID.to_bytes(4, "big"):
            return True
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as conn:
            return bool(conn.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID)
    except (OSError, sqlite3.Error):
        return False


def pattern(names: list[str]) -> str:
    """A regular expression for the names, as they stand in addresses."""
    from datasette.utils import tilde_encode

    return "(?P<database>" + "|".join(re.escape(tilde_encode(name)) for name in names) + ")"
