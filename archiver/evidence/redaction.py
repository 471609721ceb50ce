"""Taking the words of a post out of an archive, out of its file and its log, and keeping them out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from archiver import identity, rows
from archiver.database import open_writer, plain_errors
from archiver.errors import ArchiverError
from archiver.evidence import learnt, leaves, tombstones, warcs
from archiver.evidence.log import REDACTED, Contents, Log
from archiver.evidence.words import MARK, Words
from archiver.migrations import STAMP
from archiver.settling import Settling

__all__ = ["Redacted", "Tombstones", "redact"]

Row = dict[str, Any]
Rows = dict[str, list[Row]]

_INDEXES = ("posts_fts", "posts_trigrams")
_PARTS = ("links", "quotations", "flags")


@dataclass(frozen=True, slots=True)
class Redacted:
    """What was taken out: the ``posts`` as they are called now, how many quotes and captures were
    touched, the ``records`` of our own WARC files that were emptied, and the ``sources`` outside of the
    archive, other WARC files among them, which hold the words as before."""

    posts: tuple[str, ...]
    quotes: int
    captures: int
    records: tuple[str, ...]
    sources: tuple[str, ...]


class Tombstones:
    """The posts that were redacted, in the transaction that is open on ``connection``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def without(self, found: Any) -> Any:
        """The rows of a capture as they may be written: without the words of redacted posts."""
        if not found.get("quotes") or not self._one("SELECT post FROM redactions LIMIT 1"):
            return found
        posts = {quote["id"]: self.post_of(quote) for quote in found["quotes"]}
        if not any(posts.values()):
            return found
        made = tombstones.without(found, lambda quote: posts[quote["id"]])
        for old, new in zip(found["quotes"], made["quotes"], strict=True):
            if posts[old["id"]] and new["post"] != posts[old["id"]]:
                self._another(new["post"], str(posts[old["id"]]))
        return made

    def post_of(self, quote: Row) -> str | None:
        """The redacted post that a quote is of: by its keys, else by its words."""
        for key in (quote["post_key"], quote["media_key"]):
            if key and (post := self._one("SELECT post FROM redacted_keys WHERE id = ?", key)):
                return post
        whose = tombstones.account(quote["platform"], quote["author_handle"])
        post = self._one("SELECT post FROM redacted_keys WHERE account = ? ORDER BY post LIMIT 1", whose)
        if post is None or not quote["text"]:
            return None
        if MARK in quote["text"]:
            return post
        for sign in tombstones.signs(quote["text"], quote["text_state"]):
            name = f"words:{tombstones.token(whose, sign)}"
            if post := self._one("SELECT post FROM redacted_keys WHERE id = ?", name):
                return post
        return None

    def keep_out(self, post: str, new: str, quotes: Iterable[Row], reason: str, at: str) -> None:
        """Keeps by what a post will be known, and that it is to stay out under the key ``new``."""
        run = self._connection.execute
        run("INSERT INTO redactions VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (new, reason, at))
        known: dict[str, str | None] = {new: None}
        said: set[tuple[str, str]] = set()
        for quote in quotes:
            whose = tombstones.account(quote["platform"], quote["author_handle"])
            if quote["media_key"]:
                known[quote["media_key"]] = None
            if quote["text"]:
                signs = tombstones.signs(quote["text"], quote["text_state"], known=True)
                said |= {(whose, sign) for sign in signs}
        known |= {f"words:{tombstones.token(whose, sign)}": whose for whose, sign in sorted(said)}
        for name, account in known.items():
            run("INSERT INTO redacted_keys VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (name, new, account))
        Log(self._connection).redaction(new, at)

    def _another(self, post: str, like: str) -> None:
        """A post that has come with the words of a redacted one is redacted as well."""
        run = self._connection.execute
        same = "SELECT ?, reason, created_at FROM redactions WHERE post = ? ON CONFLICT DO NOTHING"
        run(f"INSERT INTO redactions {same}", (post, like))
        run("INSERT INTO redacted_keys VALUES (?, ?, NULL) ON CONFLICT DO NOTHING", (post, post))
        (at,) = run("SELECT created_at FROM redactions WHERE post = ?", (post,)).fetchone()
        Log(self._connection).redaction(post, at)

    def _one(self, sql: str, *values: Any) -> str | None:
        row = self._connection.execute(sql, values).fetchone()
        return row[0] if row else None


def redact(path: str, post: str, reason: str, at: str) -> Redacted:
    """Takes the words of a post out of the archive at ``path``. ``post``: its key; ``at``: UTC ISO 8601
    with ``Z``. Given again for the same post, it cleans the file again. ArchiverError where the archive
    cannot be written, or another program holds on to what was there before."""
    db = open_writer(path, STAMP)
    with closing(db.conn), plain_errors(path):
        db.conn.execute("PRAGMA secure_delete = ON").fetchall()
        with _transaction(db.conn):
            redaction = _Redaction(db.conn, reason, at)
            done = redaction.of(post)
            _rebuild_search(db.conn)
        db.conn.execute("VACUUM")
        with _transaction(db.conn):
            _rebuild_search(db.conn)
        busy = db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise ArchiverError(
            f"{path}: redacted, but another program reads the archive, and the words are in {path}-wal"
            " still: end it and give the same command again"
        )
    left = learnt.remove(redaction.files)
    return _emptied(replace(done, sources=(*done.sources, *left)), redaction.records)


def _emptied(done: Redacted, records: Iterable[tuple[str, int, str]]) -> Redacted:
    """Empties the records of our own WARC files; others are named as they are."""
    told: dict[bool, list[str]] = {True: [], False: list(done.sources)}
    for path, offset, name in records:
        told[warcs.empty(path, offset, name)].append(f"{path} at {offset}")
    return replace(done, records=tuple(told[True]), sources=tuple(told[False]))


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("PRAGMA defer_foreign_keys = ON")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _rebuild_search(connection: sqlite3.Connection) -> None:
    for index in _INDEXES:
        connection.execute(f"INSERT INTO {index}({index}) VALUES ('rebuild')")


class _Again(Settling):
    """Settles what redaction leaves, posts that are gone under their old key too."""

    def gone(self, posts: Iterable[str], keys: set[str], read_at: str) -> None:
        authors: set[str] = set()
        for post in posts:
            authors |= self._settle_post(post, read_at)
        self._settle_aliases({*posts, *keys})
        for author in authors:
            self._settle_author(author)


class _Redaction:
    """One redaction, inside a transaction."""

    def __init__(self, connection: sqlite3.Connection, reason: str, at: str) -> None:
        self._connection = connection
        self._run = connection.execute
        self._settle = _Again(connection)
        self._contents = Contents(connection)
        self._log = Log(connection)
        self._reason, self._at = reason, at
        self._old: set[str] = set()
        self._made: dict[str, str] = {}
        self._keys: set[str] = set()
        self._sources: set[str] = set()
        self.records: list[tuple[str, int, str]] = []
        self.files: list[str] = []

    def of(self, post: str) -> Redacted:
        quotes = self._settle.all("SELECT * FROM quotes WHERE post = ?", post)
        texts = [row["text"] for row in (*quotes, *learnt.words(self._connection, post)) if row["text"]]
        family = self._family(post, texts)
        new = {key: self._keep_out(key) for key in family}
        captures = self._captures(family, texts)
        touched: list[Row] = []
        for capture in captures:
            touched += self._capture(capture, new, texts)
        self._tidy(touched)
        self._resettle(set(family), touched)
        self._relog()
        of_posts = [quote for quote in touched if quote["post"] in set(new.values())]
        sources = tuple(sorted(self._sources))
        return Redacted(tuple(new.values()), len(of_posts), len(captures), (), sources)

    def _family(self, post: str, texts: list[str]) -> list[str]:
        """The post, and the others that hold a longer run of its words."""
        words = Words((), texts)
        found = {post: None}
        if words:
            for row in self._contents.all(_SAID):
                if row["post"] not in found and words.may_stand_in(row["text"]) and words.spans(row["text"]):
                    found[row["post"]] = None
        return list(found)

    def _keep_out(self, post: str) -> str:
        quotes = self._settle.all("SELECT * FROM quotes WHERE post = ? ORDER BY id", post)
        row = self._settle.one("SELECT * FROM posts WHERE id = ?", post) or {}
        new = post
        for quote in quotes:
            if quote["post_key"] == post:
                new = tombstones.tombstone_key(post, quote["platform"], quote["author_handle"], quote["text"])
                break
        said = [*quotes, *learnt.words(self._connection, post)]
        Tombstones(self._connection).keep_out(post, new, said, self._reason, self._at)
        if new != post:
            names = ", ".join(name for name in row if name != "id")
            self._run(
                f"INSERT INTO posts (id, {names}) SELECT ?, {names} FROM posts WHERE id = ?", (new, post)
            )
            self._run("UPDATE checks SET post = ? WHERE post = ?", (new, post))
        gone = learnt.forget(self._connection, (post, new))
        self._old |= set(gone.rows)
        self.records += gone.records
        self.files += gone.files
        return new

    def _captures(self, family: list[str], texts: list[str]) -> list[str]:
        """The captures that quote one of the posts, and those that hold a longer run of the words."""
        found: dict[str, None] = {}
        for post in family:
            found |= dict.fromkeys(row["capture"] for row in self._settle.all(_QUOTING, post))
        words = Words((), texts)
        for row in self._contents.all("SELECT * FROM captures ORDER BY id") if words else ():
            if row["id"] not in found and self._holds(row, words):
                found[row["id"]] = None
        ranked = [self._settle.all("SELECT * FROM captures WHERE id = ?", name)[0] for name in found]
        return [row["id"] for row in sorted(ranked, key=identity.capture_rank)]

    def _holds(self, capture: Row, words: Words) -> bool:
        texts = [value for value in capture.values() if isinstance(value, str)]
        texts += [row["detail"] or "" for row in self._settle.all(_NOTES, capture["id"])]
        for quote in self._settle.all(_SHOWN, capture["id"]):
            texts += [quote[name] or "" for name in ("context_before", "context_after", "fragment")]
            texts += [row["sentence"] for row in self._settle.all(_SENTENCES, quote["id"])]
        for row in self._contents.all("SELECT * FROM bodies WHERE sha256 = ?", capture["sha256"]):
            texts.append(rows.body_of(row).decode("utf-8", "replace"))
        return any(words.may_stand_in(text) and words.spans(text) for text in texts)

    def _rows_of(self, capture: str) -> Rows:
        """A capture as it would be written."""
        found = {
            table: self._settle.all(f"SELECT * FROM {table} WHERE {name} = ? ORDER BY 1, 2", capture)
            for table, name in (("captures", "id"), ("sources", "capture"), ("notes", "capture"))
        }
        found["sightings"] = self._settle.all(_SIGHTINGS, capture)
        found["quotes"] = self._settle.all(_SHOWN, capture)
        found["bodies"] = self._settle.all(
            "SELECT * FROM bodies WHERE sha256 = ?", found["captures"][0]["sha256"]
        )
        for table in _PARTS:
            sql = f"SELECT * FROM {table} WHERE quote = ? ORDER BY 1, 2"
            found[table] = [row for quote in found["quotes"] for row in self._settle.all(sql, quote["id"])]
        return found

    def _capture(self, capture: str, new: dict[str, str], texts: list[str]) -> list[Row]:
        """Puts a capture without the words in the place of the one with them; its quotes."""
        old = self._rows_of(capture)
        made = tombstones.without(old, lambda quote: new.get(quote["post"]), texts)
        (before,), (after,) = old["captures"], made["captures"]
        self._old |= {capture, *(quote["id"] for quote in old["quotes"])}
        if before["sha256"] and before["sha256"] != after["sha256"]:
            self._old.add(before["sha256"])
        self._made[after["id"]] = before["read_at"]
        self._sources |= {row["source"] for row in old["sources"]}
        if before["container"] and before["warc_record_id"] and before["record_offset"] is not None:
            self.records.append((before["container"], before["record_offset"], before["warc_record_id"]))
        self._keys |= {quote["post_key"] for quote in old["quotes"]}
        for table in ("sightings", "notes", "sources"):
            self._run(f"DELETE FROM {table} WHERE capture = ?", (capture,))
        self._put("captures", {**after, "article": None}, before["id"])
        for was, quote in zip(old["quotes"], made["quotes"], strict=True):
            for table in _PARTS:
                self._run(f"DELETE FROM {table} WHERE quote IN (?, ?)", (was["id"], quote["id"]))
            self._put("quotes", quote, was["id"])
        for table in ("bodies", "sources", "notes", *_PARTS, "sightings"):
            for row in made[table]:
                self._put(table, row)
        if before["id"] != after["id"]:
            self._run("UPDATE quotes SET capture = ? WHERE capture = ?", (after["id"], capture))
            self._run("DELETE FROM captures WHERE id = ?", (capture,))
        return made["quotes"]

    def _put(self, table: str, row: Row, old: str | None = None) -> None:
        """A row; in the place of the ``old`` one where that has the same id, else beside what is there."""
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        pairs = ", ".join(f"{name} = excluded.{name}" for name in row if name != "id")
        then = f"(id) DO UPDATE SET {pairs}" if old is not None and old == row["id"] else "DO NOTHING"
        self._run(f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT {then}", tuple(row.values()))

    def _tidy(self, touched: list[Row]) -> None:
        """What nothing leads to any more; of which capture the details of a quote are."""
        for name in sorted(self._old):
            if self._settle.one("SELECT quote FROM sightings WHERE quote = ?", name) is None:
                for table, column in (*((part, "quote") for part in _PARTS), ("quotes", "id")):
                    self._run(f"DELETE FROM {table} WHERE {column} = ?", (name,))
            if self._settle.one("SELECT id FROM captures WHERE sha256 = ?", name) is None:
                self._run("DELETE FROM bodies WHERE sha256 = ?", (name,))
        for quote in touched:
            shown = self._settle.all(_SHOWN_IN, quote["id"])
            if best := min(shown, key=identity.capture_rank, default=None):
                self._run("UPDATE quotes SET capture = ? WHERE id = ?", (best["id"], quote["id"]))

    def _resettle(self, posts: set[str], touched: list[Row]) -> None:
        """Articles, posts, authors and aliases, as they follow from what is left."""
        (read_at,) = self._run("SELECT coalesce(max(read_at), '') FROM readings").fetchone()
        for capture in self._made:
            row = self._settle.one("SELECT * FROM captures WHERE id = ?", capture) or {}
            self._settle.article(row, self._settle.one(_SHOWN, capture) is not None)
        there = [self._settle.one("SELECT * FROM quotes WHERE id = ?", quote["id"]) for quote in touched]
        self._settle.posts([row for row in there if row], read_at)
        self._settle.gone(sorted(posts), self._keys, read_at)
        self._run("DELETE FROM articles WHERE id NOT IN (SELECT article FROM quotes)")

    def _relog(self) -> None:
        """Takes content, digest and salt out of the entries about what is no longer there, and logs what
        there is now."""
        now = {
            (kind, about): leaves.digest(kind, content)
            for capture in self._made
            for kind, about, content in self._contents.of_capture(capture)
        }
        for about in sorted(self._old):
            for entry in self._settle.all(_ENTRIES, about):
                if entry["digest"] != now.get((entry["kind"], entry["about"])):
                    self._blank(entry)
        for capture, read_at in self._made.items():
            self._log.again(capture, read_at)

    def _blank(self, entry: Row) -> None:
        left = leaves.emptied(entry["read_at"], entry["run_id"].split(".")[1])
        self._run(
            "UPDATE log SET kind = ?, about = NULL, digest = NULL, run_id = ? WHERE id = ?",
            (REDACTED, left, entry["id"]),
        )


_QUOTING = (
    "SELECT sightings.capture FROM sightings JOIN quotes ON quotes.id = sightings.quote WHERE quotes.post = ?"
)
_ENTRIES = "SELECT * FROM log WHERE about = ?1 OR (about >= ?1 || ' ' AND about < ?1 || '!')"
_SENTENCES = "SELECT sentence FROM quotations WHERE quote = ?"
_SAID = (
    "SELECT post, text FROM quotes WHERE text IS NOT NULL"
    " UNION ALL SELECT post, value FROM recovered WHERE name = 'text'"
)
_NOTES = "SELECT detail FROM notes WHERE capture = ?"
_SIGHTINGS = "SELECT * FROM sightings WHERE capture = ? ORDER BY position, quote"
_SHOWN = (
    "SELECT quotes.* FROM sightings JOIN quotes ON quotes.id = sightings.quote"
    " WHERE sightings.capture = ? ORDER BY sightings.position, quotes.id"
)
_SHOWN_IN = (
    "SELECT captures.* FROM sightings JOIN captures ON captures.id = sightings.capture"
    " WHERE sightings.quote = ?"
)
