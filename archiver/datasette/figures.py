"""The figures of the home page: counted once, kept in memory, counted again when the file has changed."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from threading import Lock, Thread
from time import monotonic
from typing import Any
from urllib.parse import quote

from archiver import survival
from archiver.datasette.rows import GONE, Row, counts, marks, rows
from archiver.survival import Curve

__all__ = ["Figures", "count"]

_TOP = 10
_ENOUGH, _CURVES = 20, 5
_PATIENCE = 30.0
"""How many seconds an archive that changes all the time is left alone after it was counted."""


class Figures:
    """The figures of one file. `now` gives what is known at once; where the file has changed since, it
    is counted again behind the scenes."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._lock = Lock()
        self._state = _State()

    def now(self) -> Row:
        """The figures; waits only where nothing was counted yet."""
        state = self._state
        if not state.figures:
            return self._count()
        old = monotonic() - state.counted_at > _PATIENCE
        if old and state.mark != _mark(self.path) and not self._lock.locked():
            Thread(target=self._count, daemon=True).start()
        return state.figures

    def _count(self) -> Row:
        with self._lock:
            mark = _mark(self.path)
            if mark != self._state.mark:
                with closing(_opened(self.path)) as conn:
                    self._state = _State(mark, monotonic(), count(conn))
            return self._state.figures


@dataclass(frozen=True, slots=True)
class _State:
    mark: tuple[Any, ...] = ()
    counted_at: float = 0.0
    figures: Row = field(default_factory=dict)


def _mark(path: str) -> tuple[Any, ...]:
    """What changes whenever the archive does: time and size of the file and of its log."""
    found: list[Any] = []
    for name in (path, f"{path}-wal"):
        try:
            status = os.stat(name)
        except OSError:
            found.append(None)
        else:
            found.append((status.st_mtime_ns, status.st_size))
    return tuple(found)


def _opened(path: str) -> sqlite3.Connection:
    address = f"file:{quote(os.path.abspath(path))}?mode=ro"
    try:
        conn = sqlite3.connect(address, uri=True, check_same_thread=False)
        conn.execute("SELECT count(*) FROM sqlite_schema")
    except sqlite3.OperationalError:
        conn = sqlite3.connect(f"{address}&immutable=1", uri=True, check_same_thread=False)
    return conn


def count(conn: sqlite3.Connection) -> Row:
    """All figures of an archive. Each query reads one index from end to end, none looks rows up."""
    found: Row = {name: conn.execute(sql).fetchone()[0] for name, sql in _NUMBERS.items()}
    found["states"] = dict(counts(conn, _STATES))
    found["gone"] = sum(found["states"].get(state, 0) for state in GONE)
    found["checked"] = sum(found["states"].values())
    found["platforms"] = counts(conn, _PLATFORMS)
    found["months"] = rows(conn, _MONTHS, *GONE)
    found["authors"] = rows(conn, _AUTHORS, _TOP)
    found["sites"] = rows(conn, _SITES, _TOP)
    found["site_count"] = conn.execute("SELECT count(DISTINCT site) FROM articles").fetchone()[0]
    found["flags"] = counts(conn, "SELECT code, count(*) FROM flags GROUP BY code ORDER BY 2 DESC, 1")
    found["notes"] = conn.execute("SELECT count(*) FROM notes").fetchone()[0]
    found["outcomes"] = dict(counts(conn, "SELECT outcome, count(*) FROM captures GROUP BY outcome"))
    found["survival"] = _survival(conn) if found["checked"] else []
    return found


def _survival(conn: sqlite3.Connection) -> list[Curve]:
    """The curve of all posts, then those of the platforms of which enough posts were asked for."""
    lives = rows(conn, "SELECT * FROM lifetimes")
    by = [curve for curve in survival.curves(lives, "platform") if curve.posts >= _ENOUGH]
    return [*survival.curves(lives), *(by[:_CURVES] if len(by) > 1 else ())]


_NUMBERS = {
    "posts": "SELECT count(*) FROM posts",
    "quotes": "SELECT count(*) FROM quotes",
    "articles": "SELECT count(*) FROM articles",
    "author_count": "SELECT count(*) FROM authors",
    "undated": "SELECT count(*) FROM posts WHERE posted_on IS NULL",
}
_STATES = "SELECT state, count(*) FROM posts WHERE state IS NOT NULL GROUP BY state ORDER BY 2 DESC, 1"
_PLATFORMS = "SELECT platform, count(*) FROM posts GROUP BY platform ORDER BY 2 DESC, 1"
_MONTHS = (
    "SELECT substr(posted_on, 1, 7) AS month, count(*) AS posts,"
    f" sum(coalesce(state IN ({marks(GONE)}), 0)) AS gone"
    " FROM posts WHERE posted_on IS NOT NULL GROUP BY 1 ORDER BY 1"
)
_AUTHORS = (
    "SELECT top.author AS id, top.posts, top.quotes, authors.handle, authors.name, authors.platform FROM"
    " (SELECT author, count(*) AS posts, sum(quote_count) AS quotes FROM posts"
    " WHERE author IS NOT NULL GROUP BY author ORDER BY 3 DESC, 1 LIMIT ?) AS top"
    " JOIN authors ON authors.id = top.author ORDER BY top.quotes DESC, top.author"
)
_SITES = (
    "SELECT articles.site, sum(numbers.quotes) AS quotes, count(*) AS articles FROM"
    " (SELECT article, count(*) AS quotes FROM quotes GROUP BY article) AS numbers"
    " JOIN articles ON articles.id = numbers.article WHERE articles.site IS NOT NULL"
    " GROUP BY articles.site ORDER BY 2 DESC, 1 LIMIT ?"
)
