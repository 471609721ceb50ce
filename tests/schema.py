"""The schema of a living archive, beside what data/columns.json tells of it."""

from __future__ import annotations

import json
import re
import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import cli
from archiver.database import open_writer
from tests.modules import ROOT

COLUMNS = ROOT / "data/columns.json"
# Tables that belong to SQLite, to an index or to the library that keeps the schema's history.
_INNER = re.compile(r"^_?sqlite_|_(?:config|data|docsize|idx|content)$")


def made() -> dict[str, dict[str, str]]:
    """Table or view -> column -> type, of an archive of the sample articles."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.db"
        cli.main(["add", str(path), str(ROOT / "data/samples"), "--silent"], standalone_mode=False)
        with closing(sqlite3.connect(path)) as db:
            return columns_of(db)


def pointers() -> list[tuple[str, str, str, bool]]:
    """Every foreign key of an archive: table, column, the table that it points to, and whether it may be
    empty."""
    with tempfile.TemporaryDirectory() as folder:
        db = open_writer(str(Path(folder) / "empty.db"), "2026-01-31T12:00:00Z")
        with closing(db.conn) as conn:
            return [
                (table, column, parent, table_info[column])
                for table in columns_of(conn)
                for table_info in [
                    {row[1]: not row[3] for row in conn.execute(f"PRAGMA table_info({table})")}
                ]
                for _, _, parent, column, *_ in conn.execute(f"PRAGMA foreign_key_list({table})")
            ]


def columns_of(db: sqlite3.Connection) -> dict[str, dict[str, str]]:
    """Tables first, then views, in the order of their making; inner tables left out."""
    names = db.execute(
        "select name from sqlite_schema where type in ('table', 'view') order by type = 'view', rowid"
    )
    shown = [name for (name,) in names if not _INNER.search(name)]
    return {
        name: {row[1]: row[2] for row in db.execute("select * from pragma_table_info(?)", (name,))}
        for name in shown
    }


def told(text: str | None = None) -> dict[str, dict[str, Any]]:
    """Table or view -> {"meaning": …, "columns": {column: {"meaning": …, "unit": …, "example": …}}}.

    In the file, the columns of a table stand under ``columns`` or in the table itself, a column is an
    object or just its meaning, and all tables stand under ``tables`` or at the top.
    """
    known = json.loads(COLUMNS.read_text("utf-8") if text is None else text)
    entries = known.get("tables", known)
    return {name: _table(entry) for name, entry in entries.items() if isinstance(entry, dict)}


def _table(entry: Mapping[str, Any]) -> dict[str, Any]:
    meaning = next((entry[key] for key in ("meaning", "about") if isinstance(entry.get(key), str)), "")
    columns = entry.get("columns", {k: v for k, v in entry.items() if isinstance(v, dict)})
    return {"meaning": meaning, "columns": {name: _column(what) for name, what in columns.items()}}


def _column(what: Any) -> dict[str, Any]:
    return {"meaning": what} if isinstance(what, str) else dict(what)
