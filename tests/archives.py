"""Articles and archives of our own making, for the tests of everything that writes and reads archives."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from archiver import rows, run
from archiver.store import Store

READ_AT = "2026-01-31T12:00:00Z"
LATER = "2026-02-28T12:00:00Z"
# What depends on when something was read, and on nothing else.
TIMES = frozenset(("read_at", "captured_at", "first_seen", "last_seen"))
# The log tells what came in when, so it depends on the order; its salts are drawn by chance.
LOG = frozenset(("log", "readings"))
EPOCH_MS = 1288834974657


def tweet(number: int, text: str | None = "Words.", name: str = "Ann Example", handle: str = "ann_ex") -> str:
    """An embed of the kind that most pages have; ``number`` counts seconds since 1 January 2022."""
    native_id = ((1640995200_000 + number * 1000 - EPOCH_MS) << 22) + number
    words = f'<p lang="en">{text}</p>' if text else ""
    return (
        f'<blockquote class="twitter-tweet">{words}&mdash; {name} (@{handle}) '
        f'<a href="https://twitter.com/{handle}/status/{native_id}">January 1, 2022</a></blockquote>'
    )


def page(body: str, url: str | None = None, title: str = "A title") -> str:
    link = f'<link rel="canonical" href="{url}">' if url else ""
    head = f"<!doctype html><html><head><title>{title}</title>{link}</head>"
    return f"{head}<body><p>Before.</p>{body}<p>After.</p>"


def sources(folder: Path, files: Mapping[str, str | bytes]) -> list[str]:
    """Files written into a folder; their paths, in order."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in files.items():
        (folder / name).write_bytes(body if isinstance(body, bytes) else body.encode())
    return [str(folder / name) for name in files]


def add(db: Path, paths: Iterable[str], read_at: str = READ_AT, **options: Any) -> list[run.Result]:
    """What ``archiver add`` does, in this process."""
    jobs = options.pop("jobs", 1)
    return list(run.add(str(db), run.sources(list(paths)), run.Options(read_at=read_at, **options), jobs))


def dump(db: Path, but: Iterable[str] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the log's, sorted, without the columns ``but``."""
    left_out = frozenset(but)
    with closing(sqlite3.connect(db)) as connection:
        names = connection.execute(
            "select name from sqlite_schema where type = 'table' and sql not like '%virtual%'"
            " and not (name glob 'posts_fts_*' or name glob 'posts_trigrams_*')"
        ).fetchall()
        found = {}
        for (name,) in names:
            if name in LOG:
                continue
            columns = [row[1] for row in connection.execute(f"pragma table_info({name})")]
            wanted = ", ".join(column for column in columns if column not in left_out)
            found[name] = sorted(connection.execute(f"select {wanted} from {name}"), key=repr)
        return found


def is_sound(db: Path) -> bool:
    """Whether file, foreign keys and both indexes are in order."""
    with closing(sqlite3.connect(db)) as connection:
        for index in ("posts_fts", "posts_trigrams"):
            connection.execute(f"insert into {index}({index}, rank) values ('integrity-check', 1)")
        whole = connection.execute("pragma integrity_check").fetchall() == [("ok",)]
        return whole and not connection.execute("pragma foreign_key_check").fetchall()


def save(db: Path, *found: rows.Rows) -> list[str | None]:
    with Store(str(db)) as store:
        return [store.save(one) for one in found]


def record(
    url: str | None,
    block: bytes,
    kind: str = "response",
    media_type: str = "application/http; msgtype=response",
    *lines: str,
    length: object = None,
) -> bytes:
    """A WARC record."""
    head = [
        "WARC/1.0",
        f"WARC-Type: {kind}",
        "WARC-Record-ID: <urn:uuid:1>",
        "WARC-Date: 2022-01-21T00:00:00Z",
    ]
    head += [f"WARC-Target-URI: {url}"] if url else []
    head += [*lines, f"Content-Type: {media_type}"]
    head += [f"Content-Length: {len(block) if length is None else length}"]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def http(body: str | bytes, *lines: str, status: str = "200 OK", media_type: str = "text/html") -> bytes:
    """What a server answers."""
    head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", f"Content-Type: {media_type}", *lines))
    return head.encode() + b"\r\n" + (body if isinstance(body, bytes) else body.encode())


def warc(pages: Mapping[str, str | bytes], packed: bool = True) -> bytes:
    """A web archive of pages, one gzip member a record."""
    info = record(None, b"software: tests\r\n", "warcinfo", "application/warc-fields")
    made = [info, *(record(url, http(body)) for url, body in pages.items())]
    return b"".join(map(gzip.compress, made) if packed else made)
