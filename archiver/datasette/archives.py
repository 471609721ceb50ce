"""Which of Datasette's databases are archives, and how large they are."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from archiver.migrations import APPLICATION_ID, SCHEMA_VERSION

__all__ = ["Archive", "is_large", "known", "named", "pattern"]

_KEPT = "_archiver_archives"
_LARGE = 100_000
"""Rows of a table from which on sorting and counting all of them takes too long for a page."""


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive as it was when Datasette first saw it. ``numbers``: how many rows its tables have."""

    path: str
    numbers: Mapping[str, int] = field(default_factory=dict)


def named(datasette: Any) -> list[str]:
    """The names of the databases that are archives, in Datasette's order."""
    return list(known(datasette))


def known(datasette: Any) -> dict[str, Archive]:
    """The archives by their names."""
    found: dict[str, Archive | None] = datasette.__dict__.setdefault(_KEPT, {})
    for name, database in list(datasette.databases.items()):
        if name not in found:
            found[name] = _archive(database.path) if database.path else None
    return {name: archive for name in datasette.databases if (archive := found.get(name))}


def is_large(datasette: Any, name: str, table: str) -> bool:
    """Whether a table of an archive is too large to be counted and sorted as a whole."""
    archive = known(datasette).get(name)
    return archive is not None and archive.numbers.get(table, 0) > _LARGE


def _archive(path: Any) -> Archive | None:
    """A file that bears the marks of an archive of the present schema; of another schema, the pages
    would find columns missing."""
    address = f"file:{quote(os.path.abspath(path))}?mode=ro"
    for mode in ("", "&immutable=1"):
        try:
            with closing(sqlite3.connect(address + mode, uri=True)) as conn:
                marks = [conn.execute(f"PRAGMA {name}").fetchone()[0] for name in _MARKS]
                if marks == [APPLICATION_ID, SCHEMA_VERSION]:
                    return Archive(str(path), dict(conn.execute(_NUMBERS)))
                return None
        except sqlite3.Error:
            continue
    return None


_MARKS = ("application_id", "user_version")
_NUMBERS = "SELECT value, number FROM figures WHERE name = 'rows'"


def pattern(names: list[str]) -> str:
    """A regular expression for the names, as they stand in addresses."""
    from datasette.utils import tilde_encode

    return "(?P<database>" + "|".join(re.escape(tilde_encode(name)) for name in names) + ")"
