"""Rows -> SQLite: one transaction a source, and the same archive in whatever order the sources come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from archiver import identity
from archiver.database import open_writer, plain_errors
from archiver.evidence.log import Log
from archiver.evidence.redaction import Tombstones
from archiver.migrations import STAMP
from archiver.rows import UNDERSTOOD
from archiver.settling import Settling
from archiver.text import FINGERPRINT_VERSION, file_name

__all__ = ["Changes", "Store"]

Row = dict[str, Any]
Rows = Mapping[str, list[Row]]

_DETAILS = (
    *("form", "position", "fragment", "context_before", "context_after", "place", "span_start", "span_end"),
    *("confidence", "capture", "extractor_version", "language", "time_written", "written_on", "text_state"),
    *("native_id", "post_url", "posted_at", "posted_earliest", "posted_latest", "time_basis", "evidence"),
)
"""What a quote may show differently in another capture of its article, and is still the same quote."""

_ABOUT = ("title", "site", "byline", "published_on", "language")
"""What a capture says of its article; read from all of the page it is not replaced by what its head says."""

_PARTS = ("links", "quotations", "flags")
"""The tables that hold more of a quote."""

_UNSEEN = "SELECT * FROM quotes WHERE NOT EXISTS (SELECT 1 FROM sightings WHERE quote = quotes.id)"
_TAKEN_FROM_ANOTHER = """
    UPDATE quotes SET capture = (SELECT min(capture) FROM sightings WHERE quote = quotes.id)
    WHERE NOT EXISTS (SELECT 1 FROM sightings WHERE quote = quotes.id AND capture = quotes.capture)
"""


@dataclass(frozen=True, slots=True)
class Changes:
    """What a rebuilding changes: quotes (id, post, handle, date as written, text) that come, that go,
    and the number of those that stay."""

    added: tuple[tuple[Any, ...], ...]
    removed: tuple[tuple[Any, ...], ...]
    kept: int


class Store:
    """The one writer of an archive. ArchiverError where it cannot be opened or written."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._db = open_writer(path, STAMP)
        self._run = self._db.conn.execute
        self._settle = Settling(self._db.conn)
        self._log = Log(self._db.conn)
        self._tombstones = Tombstones(self._db.conn)
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
        return self.save_all([rows])[0]

    def save_all(self, found: Sequence[Rows]) -> list[str | None]:
        """The same for several sources at once, all of them or none."""
        with self._transaction():
            return [self._save(self._tombstones.without(rows)) for rows in found]

    def known(self, source: str, stamp: str) -> Row | None:
        """The capture of a file that was read before and has not changed since, with its ``quotes``: how
        many it shows. Of a container that was not read to its end ``record_offset`` says where to go on,
        and ``troubles`` what was damaged up to there."""
        with plain_errors(self._path):
            found = self._settle.one(
                "SELECT captures.*, (SELECT count(*) FROM sightings WHERE capture = captures.id) AS quotes"
                " FROM sources JOIN captures ON captures.id = sources.capture"
                " WHERE source = ? AND stamp = ?",
                file_name(source),
                stamp,
            )
            if found:
                notes = "SELECT place, detail FROM notes WHERE capture = ? ORDER BY position"
                found["troubles"] = tuple(map(tuple, self._run(notes, (found["id"],)).fetchall()))
            return found

    def seen_again(self, capture: Row, read_at: str) -> None:
        """Notes that a file which was not read again still shows what it showed."""
        with self._transaction():
            self._log.reading(read_at)
            if capture["records"] is None:
                self._seen_again({**capture, "read_at": read_at})
                return
            for row in self._settle.all(
                "SELECT captures.id FROM sources JOIN captures ON captures.id = sources.capture"
                " WHERE source = ? AND captures.article IS NOT NULL",
                capture["origin"],
            ):
                self._seen_again({**row, "read_at": read_at})

    def visit(self, source: str) -> Row | None:
        """What the last visit of an address was told: capture, url (that answered), etag,
        last_modified and the number of quotes; None where it was told nothing to ask by."""
        return self._settle.one(_VISIT, file_name(source))

    def _save(self, rows: Rows) -> str | None:
        (capture,) = rows.get("seen_again") or rows["captures"]
        self._log.reading(capture["read_at"])
        if "seen_again" in rows:
            self._seen_again(capture)
            return "unchanged"
        self._log.begin()
        known = self._settle.one("SELECT * FROM captures WHERE id = ?", capture["id"])
        if capture.get("records") is not None:
            return self._save_container(rows, capture, known)
        self._name(rows)
        if known and known["extractor_version"] != capture["extractor_version"]:
            self._log.capture(capture["id"], capture["read_at"])
            self._seen_again(capture)  # what another parser saw in it is not mixed with this one's
            return "unchanged"
        self._keep_capture(capture, known)
        self._insert("bodies", rows.get("bodies", ()))
        news = self._keep_quotes(rows, capture)
        self._insert("notes", rows.get("notes", ()))
        self._log.capture(capture["id"], capture["read_at"])
        self._settle.article(capture, bool(rows.get("quotes")))
        if known and not news:
            self._seen_again(capture)
            return "unchanged"
        self._settle.posts(rows.get("quotes", ()), capture["read_at"])
        return None

    def rebuild(self, found: Iterable[Rows], captures: Iterable[str], apply: bool) -> Changes:
        """Puts what the present parser sees in captures in the place of what an older one saw, all or
        nothing; what changes by it. ``found`` is read after the old quotes are gone. Captures, sources
        and bodies stay. Where not ``apply``, all is as before in the end."""
        with self._transaction(keep=apply):
            before = self._quotes()
            captures = list(captures)
            self._log.begin()
            for capture in captures:
                for table in ("sightings", "notes"):
                    self._run(f"DELETE FROM {table} WHERE capture = ?", (capture,))
            touched = self._forget_unseen()
            for rows in map(self._tombstones.without, found):
                (capture_row,) = rows["captures"]
                understood = {name: capture_row[name] for name in UNDERSTOOD}
                self._update("captures", capture_row["id"], understood)
                self._keep_quotes(rows, capture_row)
                self._insert("notes", rows["notes"])
                self._settle.article(capture_row, bool(rows["quotes"]))
                touched += rows["quotes"]
            self._settle.rest(touched)
            self._log.rebuilt(captures, touched)
            after = self._quotes()
        return Changes(
            added=tuple(sorted(after - before)),
            removed=tuple(sorted(before - after)),
            kept=len(before & after),
        )

    def _quotes(self) -> set[tuple[Any, ...]]:
        """Every quote with what is shown of it, to be compared."""
        return set(self._run("SELECT id, post, author_handle, date_written, text FROM quotes"))

    def _forget_unseen(self) -> list[Row]:
        """Takes away the quotes that no capture shows; the others get their details from one that does."""
        unseen = self._settle.all(_UNSEEN)
        for quote in unseen:
            self._forget_parts(quote["id"])
        self._run("DELETE FROM quotes WHERE NOT EXISTS (SELECT 1 FROM sightings WHERE quote = quotes.id)")
        self._run(_TAKEN_FROM_ANOTHER)
        return unseen

    def _save_container(self, rows: Rows, capture: Row, known: Row | None) -> str | None:
        """The last reading of a container says what became of it."""
        same = known is not None and all(
            known[name] == value for name, value in capture.items() if name not in ("read_at", "captured_at")
        )
        if known is None:
            self._insert("captures", [capture])
        elif not same:
            self._update("captures", capture["id"], capture)
        if known is not None and not same:
            self._run("DELETE FROM notes WHERE capture = ?", (capture["id"],))
        self._name(rows)
        self._insert("notes", rows.get("notes", ()))
        self._log.capture(capture["id"], capture["read_at"])
        return "unchanged" if same else None

    def _name(self, rows: Rows) -> None:
        """The files in which it stands; by the last stamp each is known again."""
        for row in rows["sources"]:
            self._run(
                "INSERT INTO sources (capture, source, stamp) VALUES (:capture, :source, :stamp)"
                " ON CONFLICT (capture, source) DO UPDATE SET stamp = coalesce(excluded.stamp, stamp)",
                row,
            )

    @contextmanager
    def _transaction(self, keep: bool = True) -> Iterator[None]:
        with plain_errors(self._path):
            self._run("BEGIN IMMEDIATE")
            self._run("PRAGMA defer_foreign_keys = ON")
            try:
                yield
                self._run("COMMIT" if keep else "ROLLBACK")
            finally:
                if self._db.conn.in_transaction:
                    self._run("ROLLBACK")

    def _keep_capture(self, capture: Row, known: Row | None) -> None:
        """The capture, or what is better in this reading of it: a time that is known, an earlier name."""
        if known is None:
            self._insert("captures", [capture])
        elif identity.capture_rank(capture) < identity.capture_rank(known):
            kept = {"id", "read_at", "outcome", "citations", "metadata"}
            kept |= set(_ABOUT if known["metadata"] == "full" else ())
            better = {
                name: value for name, value in capture.items() if name not in kept and value is not None
            }
            self._update("captures", capture["id"], better)
        if known and capture.get("citations") and not known["citations"]:
            self._update("captures", capture["id"], {"citations": 1})
        if known and capture.get("metadata") == "full" != known["metadata"]:
            self._update("captures", capture["id"], {name: capture[name] for name in ("metadata", *_ABOUT)})
        if known and known["outcome"] == "empty" and capture["outcome"] != "empty":
            better = {name: capture[name] for name in ("outcome", "sha256")}
            self._update("captures", capture["id"], better)

    def _keep_quotes(self, rows: Rows, capture: Row) -> bool:
        """Whether there was one that was not known, or that is known better now."""
        news = False
        parts = {table: _by_quote(rows.get(table, ())) for table in _PARTS}
        for quote in rows.get("quotes", ()):
            old = self._settle.one("SELECT id, capture FROM quotes WHERE id = ?", quote["id"])
            if old is None:
                self._insert("quotes", [quote])
            elif old["capture"] == capture["id"] or not self._is_better(capture, old["capture"]):
                continue
            else:
                self._update("quotes", quote["id"], {name: quote[name] for name in _DETAILS})
                self._forget_parts(quote["id"])
                news = True
            for table in _PARTS:
                if self._insert(table, parts[table].get(quote["id"], ())) and table == "links":
                    self._settle.expand("quote", quote["id"])
        for sighting in rows.get("sightings", ()):
            news = self._insert("sightings", [sighting]) or news
        return news

    def _forget_parts(self, quote: str) -> None:
        for table in _PARTS:
            self._run(f"DELETE FROM {table} WHERE quote = ?", (quote,))

    def _is_better(self, capture: Row, other: str) -> bool:
        """Whether a quote's details are taken from this capture: the first one of all that show it."""
        known = self._settle.one("SELECT * FROM captures WHERE id = ?", other)
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

    def _insert(self, table: str, rows: Iterable[Row]) -> bool:
        """Whether a row was new; a row whose key is known stays as it is."""
        count = 0
        for row in rows:
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            count += self._run(
                f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING",
                tuple(row.values()),
            ).rowcount
        return count > 0

    def _update(self, table: str, key: str, row: Row) -> None:
        pairs = ", ".join(f"{name} = ?" for name in row)
        self._run(f"UPDATE {table} SET {pairs} WHERE id = ?", (*row.values(), key))


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
