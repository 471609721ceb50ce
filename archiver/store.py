"""Rows -> SQLite: one transaction a source, and the same archive in whatever order the sources come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from archiver import identity
from archiver.database import open_writer, plain_errors
from archiver.text import FINGERPRINT_VERSION

__all__ = ["Store"]

Row = dict[str, Any]
Rows = Mapping[str, list[Row]]

_STAMP = "2026-11-24T00:00:00Z"
"""Stands for the time of all migrations, which are no part of what an archive holds: the day of the
first schema."""

_DETAILS = (
    *("form", "position", "fragment", "context_before", "context_after", "place", "span_start", "span_end"),
    *("confidence", "capture", "extractor_version", "language", "time_written", "written_on", "text_state"),
    *("native_id", "post_url", "posted_at", "posted_earliest", "posted_latest", "time_basis"),
)
"""What a quote may show differently in another capture of its article, and is still the same quote."""


class Store:
    """The one writer of an archive. ArchiverError where it cannot be opened or written."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._db = open_writer(path, _STAMP)
        self._run = self._db.conn.execute
        with self._transaction():
            self._insert("settings", [{"name": "fingerprint_version", "value": str(FINGERPRINT_VERSION)}])

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.conn.close()

    def save(self, rows: Rows) -> str | None:
        """Writes what was found in one source, whole or not at all; what is there already stays. The
        outcome ``unchanged`` where all of it was known, else None."""
        with self._transaction():
            return self._save(rows)

    def visit(self, source: str) -> Row | None:
        """What the last visit of an address was told: capture, url (that answered), etag,
        last_modified and the number of quotes; None where it was told nothing to ask by."""
        return self._one(_VISIT, source)

    def _save(self, rows: Rows) -> str | None:
        if "seen_again" in rows:
            self._seen_again(rows["seen_again"][0])
            return "unchanged"
        (capture,) = rows["captures"]
        known = self._one("SELECT * FROM captures WHERE id = ?", capture["id"])
        self._insert("sources", rows["sources"])
        if known and known["extractor_version"] != capture["extractor_version"]:
            self._seen_again(capture)  # what another parser saw in it is not mixed with this one's
            return "unchanged"
        self._keep_capture(capture, known)
        self._insert("bodies", rows.get("bodies", ()))
        fresh = self._keep_quotes(rows, capture)
        self._insert("notes", rows.get("notes", ()))
        self._settle_article(capture, bool(rows.get("quotes")))
        if known and not fresh:
            self._seen_again(capture)
            return "unchanged"
        self._settle_posts({row["post"] for row in rows.get("quotes", ())}, capture["read_at"])
        return None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with plain_errors(self._path):
            self._run("BEGIN IMMEDIATE")
            self._run("PRAGMA defer_foreign_keys = ON")
            try:
                yield
                self._run("COMMIT")
            finally:
                if self._db.conn.in_transaction:
                    self._run("ROLLBACK")

    def _keep_capture(self, capture: Row, known: Row | None) -> None:
        """The capture, or what is better in this reading of it: a time that is known, an earlier name."""
        if known is None:
            self._insert("captures", [capture])
        elif identity.capture_rank(capture) < identity.capture_rank(known):
            kept = ("id", "read_at", "outcome")
            better = {
                name: value for name, value in capture.items() if name not in kept and value is not None
            }
            self._update("captures", capture["id"], better)
        if known and known["outcome"] == "empty" and capture["outcome"] != "empty":
            better = {name: capture[name] for name in ("outcome", "sha256")}
            self._update("captures", capture["id"], better)

    def _keep_quotes(self, rows: Rows, capture: Row) -> bool:
        """Whether there was one that was not known."""
        fresh = False
        links = _by_quote(rows.get("links", ()))
        flags = _by_quote(rows.get("flags", ()))
        for quote in rows.get("quotes", ()):
            old = self._one("SELECT id, capture FROM quotes WHERE id = ?", quote["id"])
            if old is None:
                self._insert("quotes", [quote])
            elif old["capture"] == capture["id"] or not self._is_better(capture, old["capture"]):
                continue
            else:
                self._update("quotes", quote["id"], {name: quote[name] for name in _DETAILS})
                for table in ("links", "flags"):
                    self._run(f"DELETE FROM {table} WHERE quote = ?", (quote["id"],))
            self._insert("links", links.get(quote["id"], ()))
            self._insert("flags", flags.get(quote["id"], ()))
        for sighting in rows.get("sightings", ()):
            fresh = self._insert("sightings", [sighting]) or fresh
        return fresh

    def _is_better(self, capture: Row, other: str) -> bool:
        """Whether a quote's details are taken from this capture: the first one of all that show it."""
        known = self._one("SELECT * FROM captures WHERE id = ?", other)
        return known is None or identity.capture_rank(capture) < identity.capture_rank(known)

    def _seen_again(self, capture: Row) -> None:
        self._run(
            "UPDATE articles SET last_seen = max(last_seen, ?)"
            " WHERE id = (SELECT article FROM captures WHERE id = ?)",
            (capture["read_at"], capture["id"]),
        )
        self._run(
            "UPDATE posts SET last_seen = max(last_seen, ?) WHERE id IN (SELECT post FROM quotes"
            " JOIN sightings ON sightings.quote = quotes.id WHERE sightings.capture = ?)",
            (capture["read_at"], capture["id"]),
        )

    def _settle_article(self, capture: Row, quotes: bool) -> None:
        """An article is there as soon as one of its captures quotes a post; then all of them are its."""
        article = capture.get("article_key")
        if article is None:
            return
        if not quotes and self._one("SELECT id FROM articles WHERE id = ?", article) is None:
            return
        captures = self._all("SELECT * FROM captures WHERE article_key = ?", article)
        stamps = [row["read_at"] for row in captures]
        row = {"id": article, **identity.settle_article(captures)}
        self._upsert("articles", {**row, "first_seen": min(stamps), "last_seen": capture["read_at"]})
        self._run(
            "UPDATE captures SET article = article_key WHERE article_key = ? AND article IS NULL", (article,)
        )

    def _settle_posts(self, posts: Iterable[str], read_at: str) -> None:
        authors: set[str] = set()
        for post in sorted(posts):
            row = identity.settle_post(self._all(_READINGS, post))
            before = self._one("SELECT author FROM posts WHERE id = ?", post)
            count = self._one("SELECT count(DISTINCT article) AS n FROM quotes WHERE post = ?", post)
            quoted = {"quote_count": count["n"] if count else 0, "first_seen": read_at, "last_seen": read_at}
            self._upsert("posts", {"id": post, **row, **quoted})
            authors |= {name for name in (row["author"], before and before["author"]) if name}
        for author in sorted(authors):
            self._settle_author(author)

    def _settle_author(self, author: str) -> None:
        posts = self._all(_ACCOUNTS, author)
        if posts:
            self._upsert("authors", {"id": author, **identity.settle_author(posts)})
        else:
            self._run("DELETE FROM authors WHERE id = ?", (author,))

    def _one(self, sql: str, *values: Any) -> Row | None:
        return next(iter(self._all(sql, *values)), None)

    def _all(self, sql: str, *values: Any) -> list[Row]:
        cursor = self._run(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def _insert(self, table: str, rows: Iterable[Row]) -> bool:
        """Whether a row was new; a row whose key is known stays as it is."""
        count = 0
        for row in rows:
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            count += self._run(
                f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})",
                tuple(row.values()),
            ).rowcount
        return count > 0

    def _update(self, table: str, key: str, row: Row) -> None:
        pairs = ", ".join(f"{name} = ?" for name in row)
        self._run(f"UPDATE {table} SET {pairs} WHERE id = ?", (*row.values(), key))

    def _upsert(self, table: str, row: Row) -> None:
        """A settled row; the times of reading widen."""
        widen = {"first_seen": "min(first_seen, excluded.first_seen)"}
        widen["last_seen"] = "max(last_seen, excluded.last_seen)"
        pairs = ", ".join(f"{name} = {widen.get(name, f'excluded.{name}')}" for name in row if name != "id")
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        self._run(
            f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET {pairs}",
            tuple(row.values()),
        )


def _by_quote(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["quote"], []).append(row)
    return found


_VISIT = (
    "SELECT captures.id AS capture, address AS url, etag, last_modified,"
    " (SELECT count(*) FROM sightings WHERE sightings.capture = captures.id) AS quotes FROM captures"
    " JOIN sources ON sources.capture = captures.id WHERE sources.source = ? AND address IS NOT NULL"
    " AND (etag IS NOT NULL OR last_modified IS NOT NULL) ORDER BY captured_at DESC, captures.id LIMIT 1"
)
_COLUMNS = ", ".join(identity.READING)
# Like quotes of one post as one row with the number of articles that show them.
_READINGS = (
    f"SELECT {_COLUMNS}, count(DISTINCT article) AS articles FROM quotes WHERE post = ? GROUP BY {_COLUMNS}"
)
_ACCOUNTS = (
    "SELECT platform, author_name, author_handle, sum(quote_count) AS articles FROM posts"
    " WHERE author = ? GROUP BY platform, author_name, author_handle"
)
