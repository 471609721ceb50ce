"""Proofs that need no archive: that a quote, and the capture that shows it, stood in a log whose root was
published."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from archiver.database import open_reader, plain_errors
from archiver.errors import ArchiverError
from archiver.evidence import leaves, merkle
from archiver.evidence.findings import Finding
from archiver.evidence.log import Contents, leaf_of
from archiver.evidence.verify import Anchor

__all__ = ["anchor", "check", "is_proof", "prove", "read"]

Row = Mapping[str, Any]

FORMAT = "archiver-proof-1"
_HOW = (
    "content is canonical JSON (RFC 8785). digest = SHA-256 of the JSON of {content, kind}."
    " leaf = SHA-256 of a zero byte and the JSON of the list [salt, read_at, digest]."
    " path leads from the leaf, whose place in the log is index (from 0) of size, to the root as in"
    " RFC 9162, section 2.1.3.2. Compare the root with the one that was published."
)
_LARGEST = 64 * 1024 * 1024


def anchor(path: str) -> Anchor:
    """The root over all entries of an archive's log. ArchiverError where it cannot be read."""
    db = open_reader(path)
    with closing(db.conn), plain_errors(path):
        found = _leaves(db.conn)
        return Anchor(len(found), merkle.root(found).hex())


def prove(path: str, name: str) -> dict[str, Any]:
    """The proof of a quote, as JSON has it. ``name``: the quote's id or its beginning, or the key of a
    post that has one quote. ArchiverError where there is no such quote, or it is not as it was logged."""
    db = open_reader(path)
    with closing(db.conn), plain_errors(path):
        db.conn.execute("BEGIN")
        contents = Contents(db.conn)
        quote = _quote(contents, name)
        capture = next(contents.all("SELECT * FROM captures WHERE id = ?", quote["capture"]))
        tree = _leaves(db.conn)
        return {
            "format": FORMAT,
            "how": _HOW,
            "size": len(tree),
            "root": merkle.root(tree).hex(),
            "entries": [
                _entry(db.conn, tree, "quote", quote["id"], contents.quote(quote)),
                _entry(db.conn, tree, "capture", capture["id"], contents.capture(capture)),
            ],
        }


def is_proof(path: str) -> bool:
    """Whether a file is a proof, and no archive: JSON begins with a brace."""
    with plain_errors(path), open(path, "rb") as stream:
        return stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def read(path: str) -> dict[str, Any]:
    """A proof from its file. ArchiverError where it is none."""
    with plain_errors(path), open(path, "rb") as stream:
        text = stream.read(_LARGEST)
    try:
        proof = json.loads(text)
    except (ValueError, RecursionError):
        raise ArchiverError(f"{path}: no JSON; give a proof as archiver prove writes it") from None
    if not isinstance(proof, dict) or proof.get("format") != FORMAT:
        raise ArchiverError(f"{path}: no proof of this format; give one as archiver prove writes it")
    return proof


def check(proof: Row, anchor: Anchor | None = None) -> Iterator[Finding]:
    """What is wrong with a proof; nothing where it holds. ``anchor``: what was published."""
    entries = proof.get("entries")
    if not isinstance(entries, list) or not entries:
        yield Finding("proof", None, "has no entries")
        return
    if anchor and (proof.get("size"), proof.get("root")) != tuple(anchor):
        yield Finding("proof", None, "size and root are not those of the anchor")
    try:
        for entry in entries:
            if _root(entry, proof["size"]) != proof["root"]:
                yield Finding("proof", str(entry["kind"]), "does not lead to the root: it was changed")
        yield from _together([entry["content"] for entry in entries])
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        yield Finding("proof", None, f"is damaged: {type(error).__name__} {error}")


def _root(entry: Row, size: int) -> str | None:
    digest = leaves.digest(entry["kind"], entry["content"])
    leaf = leaves.leaf(entry["salt"], entry["read_at"], digest)
    steps = [bytes.fromhex(step) for step in entry["path"]]
    found = merkle.climb(leaf, entry["index"], size, steps)
    return found.hex() if found else None


def _together(contents: list[Row]) -> Iterator[Finding]:
    """The capture must show the quote."""
    quotes = {row["id"] for row in contents if "sightings" not in row}
    shown = {row["quote"] for content in contents for row in content.get("sightings", ())}
    if len(contents) > 1 and not quotes <= shown:
        yield Finding("proof", None, "its capture does not show its quote")


def _leaves(connection: sqlite3.Connection) -> list[bytes]:
    """The leaves of the log in order."""
    rows = connection.execute("SELECT run_id FROM log ORDER BY id")
    found = [leaf_of(run_id) for (run_id,) in rows]
    if not all(found):
        raise ArchiverError("the log is damaged, so nothing can be proven: archiver verify")
    return found


def _quote(contents: Contents, name: str) -> dict[str, Any]:
    for sql in _NAMED:
        found = list(contents.all(sql, name.strip()))
        if len(found) == 1:
            return found[0]
        if found:
            several = ", ".join(row["id"] for row in found[:4])
            raise ArchiverError(
                f"{name}: several quotes; name one of them: {several}{' …' * (len(found) > 4)}"
            )
    raise ArchiverError(f"{name}: no such quote; find it with archiver show --json, or in the table quotes")


def _entry(
    connection: sqlite3.Connection, tree: list[bytes], kind: str, about: str, content: Row
) -> dict[str, Any]:
    row = connection.execute(_LAST_ENTRY, (about, kind)).fetchone()
    if row is None or row[1] != leaves.digest(kind, content):
        raise ArchiverError(f"{about}: not as it was logged, so nothing can be proven: archiver verify")
    number, _, read_at, run_id = row
    return {
        "index": number - 1,
        "kind": kind,
        "content": content,
        "salt": run_id.partition(".")[0],
        "read_at": read_at,
        "path": [step.hex() for step in merkle.path(number - 1, tree)],
    }


_NAMED = (
    "SELECT * FROM quotes WHERE id = ?",
    "SELECT * FROM quotes WHERE post = ? ORDER BY id LIMIT 5",
    "SELECT * FROM quotes WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id LIMIT 5",
)
_LAST_ENTRY = (
    "SELECT id, digest, read_at, run_id FROM log WHERE about = ? AND kind = ? ORDER BY id DESC LIMIT 1"
)
