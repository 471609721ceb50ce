"""SQL functions for researchers: keys of addresses, times inside ids, ids of a day. What is no post: NULL."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime, timezone
from functools import lru_cache
from html import escape

from archiver import ids
from archiver.extraction import extract
from archiver.model import Document, Moment, Quote, Sighting
from archiver.platform import day
from archiver.plugins import platforms

__all__ = ["register"]


def register(conn: sqlite3.Connection) -> None:
    """Makes the functions known to a connection."""
    conn.create_function("post_key", 1, post_key, deterministic=True)
    conn.create_function("post_time", 1, post_time, deterministic=True)
    conn.create_function("id_range", 1, id_range, deterministic=True)
    conn.create_function("id_range", 2, id_range, deterministic=True)
    conn.create_function("tidy_url", 1, tidy, deterministic=True)
    conn.create_function("site_of", 1, site_of, deterministic=True)


def post_key(url: object) -> str | None:
    """The key of the post that an address names, in any spelling, also inside a web archive's."""
    found = _of(url) if isinstance(url, str) else None
    return found.key if found else None


def post_time(named: object) -> str | None:
    """When a post was made: UTC, ISO 8601 with milliseconds; the earliest moment where only an interval
    is known. ``named``: an address, a key, or a bare number of the platforms whose numbers hold a time."""
    if named is None:
        return None
    text = str(named).strip()
    found = _of(text) if "/" in text else None
    moment = found.posted if found else _moment(*_parted(text))
    value = moment.value or moment.earliest if moment else None
    return _stamp(value) if value else None


def id_range(on: object, platform: object = None) -> str | None:
    """The first and the last id that a post of a UTC day can have, as JSON: ``["…", "…"]``."""
    try:
        moment = day(date.fromisoformat(str(on)[:10]))
    except ValueError:
        return None
    for known in platforms():
        if platform is None or known.name == platform:
            seen = Sighting(platform=known.name, form="text", date_written=str(on)[:10], text="x")
            found = known.understand(seen).id_range
            if found and moment.earliest:
                return f'["{found[0]}", "{found[1]}"]'
    return None


def tidy(url: object) -> str | None:
    """One spelling for all spellings of an address."""
    return ids.tidy_url(url) if isinstance(url, str) else None


def site_of(url: object) -> str | None:
    """The host without www."""
    return (ids.host(url).removeprefix("www.") or None) if isinstance(url, str) else None


def _parted(text: str) -> tuple[str | None, str]:
    platform, _, rest = text.rpartition(":")
    return (platform or None), rest


@lru_cache(maxsize=10_000)
def _moment(platform: str | None, native_id: str) -> Moment | None:
    for known in platforms():
        if platform is None or known.name == platform:
            seen = Sighting(platform=known.name, form="url", native_id=native_id)
            found = known.understand(seen).posted if native_id.isascii() and native_id.isdigit() else None
            if found and (found.value or found.earliest):
                return found
    return None


@lru_cache(maxsize=10_000)
def _of(url: str) -> Quote | None:
    """The post of an address: read as an article is read that cites it."""
    body = f'<p>x <a href="{escape(url)}">x</a></p>'.encode("utf-8", "replace")
    return next(iter(extract(Document(body=body, kind="html"), platforms(), links=True).quotes), None)


def _stamp(value: datetime) -> str:
    utc = value.astimezone(timezone.utc)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03}Z"
