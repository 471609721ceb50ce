"""What an entry of the log vouches for: the canonical JSON of a row, its digest, the leaf made of it.

Nothing stands in a leaf that may change without the evidence changing: not which post a quote is of, nor of
which capture its details were taken, nor times of reading. Columns without a value are left out, so that a
later schema with more columns leaves old leaves as they are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from archiver import identity
from archiver.evidence import merkle

__all__ = [
    "body",
    "canonical",
    "capture",
    "digest",
    "emptied",
    "leaf",
    "learnt",
    "quote",
    "redaction",
    "sha256",
    "source",
]

Row = Mapping[str, Any]

_SUM_DIGITS = 16
_SETTLED = {"captures": ("article", "read_at"), "quotes": ("post", "article", "capture")}
"""What a take-over, another reading or a redaction elsewhere may change."""


def canonical(value: Any) -> bytes:
    """A value as JSON in its one spelling (RFC 8785, for keys in ASCII and numbers of usual size)."""
    text = json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def digest(kind: str, content: Row) -> str:
    """The sha256 of what an entry of a kind vouches for."""
    return hashlib.sha256(canonical({"kind": kind, "content": content})).hexdigest()


def sha256(data: Any) -> str:
    """The digest of stored bytes; of anything else (which only damage makes) that of its JSON."""
    return hashlib.sha256(data if isinstance(data, bytes) else canonical(data)).hexdigest()


def leaf(salt: str, read_at: str, content: str) -> bytes:
    """The digest that stands in the tree: of the digest of the content, the time, and the salt without
    which nobody can try whether the content was this or that."""
    return merkle.leaf(canonical([salt, read_at, content]))


def emptied(read_at: str, leaf: str) -> str:
    """What stays in ``run_id`` of an entry whose salt was taken out: the leaf, and a sum over it and the
    time, which nothing else vouches for any more."""
    return f".{leaf}.{hashlib.sha256(canonical([read_at, leaf])).hexdigest()[:_SUM_DIGITS]}"


def capture(row: Row, notes: Iterable[Row], sightings: Iterable[Row]) -> Row:
    """A capture with its notes and the quotes that it shows. A time of reading is none of the page's."""
    kept = _told(row, _SETTLED["captures"])
    if row["captured_by"] == "reading":
        kept.pop("captured_at", None)
    told = [_told(note, ("capture",)) for note in notes]
    shown = [_told(sighting, ("capture",)) for sighting in sightings]
    return {**kept, "notes": told, "sightings": shown}


def quote(row: Row, links: Iterable[Row], flags: Iterable[Row], quotations: Iterable[Row]) -> Row:
    """A quote with its links, its own flags (without those that come of comparing it with others) and what
    prose quotes of it."""
    said = [_told(one, ("quote",)) for one in quotations]
    own = [_told(flag, ("quote", "post")) for flag in flags if flag["code"] not in identity.COMPARED]
    return {
        **_told(row, _SETTLED["quotes"]),
        "links": [_told(link, ("quote", "expanded_url")) for link in links],
        "flags": own,
        **({"quotations": said} if said else {}),
    }


def body(row: Row) -> Row:
    """A body by the digest of what it is and of how it lies there."""
    return {
        "sha256": row["sha256"],
        "encoding": row["encoding"],
        "stored": sha256(row["body"]),
    }


def source(row: Row) -> Row:
    """One more place where a body was read."""
    return _told(row, ())


def learnt(row: Row) -> Row:
    """What was learnt of a post later: an answer, a copy, a value, a file, a search."""
    return _told(row, ("post",))


def redaction(row: Row, keys: Iterable[Row]) -> Row:
    """That the words of a post were taken out, why, and by what it is kept out."""
    return {**_told(row, ("created_at",)), "keys": [_told(key, ()) for key in keys]}


def _told(row: Row, but: Iterable[str]) -> dict[str, Any]:
    left_out = frozenset(but)
    return {name: value for name, value in row.items() if value is not None and name not in left_out}


def _plain(value: Any) -> Any:
    """A value as JSON has it: whole numbers without a point, bytes (which only damage makes) as hex."""
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return {"bytes": value.hex()} if isinstance(value, bytes) else value
