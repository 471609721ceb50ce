"""Feeds and sitemaps: the articles that they hold, and the addresses of those that they only name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

from archiver import xmltree
from archiver.charsets import decode
from archiver.model import Document
from archiver.readers.files import failure
from archiver.readers.source import Failure, Source

__all__ = ["Wanted", "held", "read_list"]

_DEEPEST = 4
"""How many lists may lead to one another: an index, its sitemaps, and something between them."""

_ENTRIES = ("item", "entry", "url", "sitemap")
_CONTENTS = ("content:encoded", "content", "description", "summary")
_DATES = frozenset(
    "pubDate published updated modified issued lastmod dc:date dc:modified news:publication_date"
    " date_published date_modified".split()
)
_DAY = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?(?!\d)")
_WEB = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_TAGS = re.compile(r"<[^<>]{0,2000}>")
# A text that holds one of these is the article, or the part of it that matters; otherwise length tells.
_EMBEDS = re.compile(r"<(?:blockquote|iframe)\b", re.IGNORECASE)
_CUT = re.compile(r"(?:…|\.\.\.|&hellip;|&#8230;|\[…\]|\[\.\.\.\])\]?\s{0,99}(?:</[a-z]{1,9}>\s{0,99}){0,9}$")
_FULL = 500
_LONGEST_DATE = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which articles of a list: ``since`` an ISO day (those without a date too), and those whose
    address ``match`` finds."""

    since: str | None = None
    match: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    """``is_list``: the address of another sitemap; ``day`` as far as it is told: YYYY, YYYY-MM or
    YYYY-MM-DD; ``content`` the article itself."""

    url: str | None
    is_list: bool = False
    day: str | None = None
    content: str | None = None
    is_text: bool = False


def read_list(found: Document, source: Source, wanted: Wanted) -> Iterator[Document | Failure]:
    """What stands in a feed or sitemap: first what it is, with the addresses that are to be read, then
    each article that it holds."""
    entries, damaged = _entries(found)
    if not entries and damaged:
        yield _said(found, source, "damaged: nothing in it can be read")
        return
    chosen = [entry for entry in entries if _is_wanted(entry, wanted)]
    whole = [entry for entry in chosen if entry.content is not None]
    named = [entry for entry in chosen if entry.content is None and entry.url]
    more = tuple(_source(entry, source) for entry in named)
    if more and source.depth >= _DEEPEST:
        yield _said(found, source, f"the {_DEEPEST + 1}th list in a row: not followed")
        return
    aside = len(more) if source.found else 0
    counted = replace(
        _said(found, source, _summary(found.kind, entries, chosen, len(whole), aside, damaged)),
        outcome="partial" if damaged else "empty",
        records=len(whole) + len(more) - aside,
        more=() if aside else more,
    )
    yield counted
    for at, entry in enumerate(whole, 1):
        yield _article(entry, found, entry.url or f"{source.name}#{at}")


def held(found: Document) -> Iterator[Document]:
    """The articles that a list holds, and nothing of those that it only names."""
    for at, entry in enumerate(_entries(found)[0], 1):
        if entry.content is not None:
            yield _article(entry, found, entry.url or f"{found.source}#{at}", found.origin)


def _entries(found: Document) -> tuple[list[_Entry], bool]:
    """All that a list names or holds, and whether it is damaged."""
    text = decode(found.body, found.charset).text
    is_json = text.lstrip("\ufeff \t\r\n").startswith("{")
    entries, damaged = _json_entries(text) if is_json else _xml_entries(text)
    return [replace(entry, url=_address(entry.url, found.url)) for entry in entries], damaged


def _summary(
    kind: str, entries: list[_Entry], chosen: list[_Entry], held: int, aside: int, damaged: bool
) -> str:
    names = "sitemaps" if entries and all(entry.is_list for entry in entries) else "articles"
    parts = [f"a {kind} of {len(entries)} {names}"]
    parts += [f"{len(entries) - len(chosen)} not wanted"] if len(chosen) < len(entries) else []
    parts += [f"{held} read from it"] if held else []
    parts += [f"{aside} left unread, since it was met in a folder: name the file to fetch them"] * bool(aside)
    parts += ["damaged: what could be read of it was"] if damaged else []
    return ", ".join(parts)


def _said(found: Document, source: Source, reason: str) -> Failure:
    return failure(replace(found, source=source.name), reason)


def _article(entry: _Entry, found: Document, name: str, origin: str | None = None) -> Document:
    """An article that the list holds whole. No server answered for its address: nothing to ask by."""
    return replace(
        found,
        body=(entry.content or "").encode("utf-8", "replace"),
        kind="text" if entry.is_text else "html",
        source=name,
        url=entry.url,
        charset="utf-8",
        origin=origin or found.source,
        media_type=None,
        http_status=None,
        etag=None,
        last_modified=None,
    )


def _source(entry: _Entry, source: Source) -> Source:
    day = entry.day if entry.day and len(entry.day) == len("2022-01-20") else None
    try:
        moment = datetime.fromisoformat(day).replace(tzinfo=timezone.utc) if day else None
    except ValueError:
        moment = None
    near = format_datetime(moment, usegmt=True) if moment else None
    return Source(entry.url or "", depth=source.depth + 1, near=near)


def _address(url: str | None, base: str | None) -> str | None:
    """A web address, made whole; None for everything else: a list names no files."""
    if not url or not url.strip():
        return None
    try:
        whole = urljoin(base or "", url.strip())
    except ValueError:
        return None
    return whole if _WEB.match(whole) else None


def _is_wanted(entry: _Entry, wanted: Wanted) -> bool:
    if wanted.since and entry.day and entry.day < wanted.since[: len(entry.day)]:
        return False
    is_open = wanted.match is None or entry.is_list or not entry.url
    return is_open or bool(wanted.match and wanted.match.search(entry.url or ""))


def _xml_entries(text: str) -> tuple[list[_Entry], bool]:
    found, damaged = xmltree.records(text, _ENTRIES)
    entries = []
    for record in found:
        if record.name in ("url", "sitemap") and not record.text("loc"):
            continue  # the address of a feed's picture
        days = [_day(field.text) for field in record.fields if field.name in _DATES]
        content = _content(record)
        entries.append(
            _Entry(
                _link(record),
                record.name == "sitemap",
                max(filter(None, days), default=None),
                content,
            )
        )
    return entries, damaged


def _link(record: xmltree.Record) -> str | None:
    """The address of the article itself, not of its comments or its sound."""
    plain = record.text("loc", "link")
    links = [field.attributes for field in record.fields if field.name == "link"]
    pointed = [link["href"] for link in links if "href" in link and link.get("rel") in (None, "alternate")]
    guid = next((field for field in record.fields if field.name == "guid"), None)
    is_address = guid and guid.attributes.get("isPermaLink", "true") == "true" and _WEB.match(guid.text)
    permanent = guid.text if guid and is_address else None
    return plain or next(iter(pointed), None) or permanent


def _content(record: xmltree.Record) -> str | None:
    """The article, where the entry holds it whole."""
    for name in _CONTENTS:
        for field in record.fields:
            if field.name == name and not field.attributes.get("src"):
                content = _whole(field.markup or field.text, name in _CONTENTS[:2])
                if content:
                    return content
    return None


def _whole(content: str, is_content: bool) -> str | None:
    """A text that is no mere beginning: it embeds something, or it is said to be the content, is long
    and does not end in dots."""
    if _EMBEDS.search(content):
        return content
    if not is_content or _CUT.search(content[-2000:]):
        return None
    return content if len(_TAGS.sub("", content).strip()) >= _FULL else None


def _json_entries(text: str) -> tuple[list[_Entry], bool]:
    """Those of a JSON Feed."""
    try:
        value = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return [], True
    items = value.get("items") if isinstance(value, dict) else None
    return [_json_entry(item) for item in items or () if isinstance(item, dict)], not isinstance(items, list)


def _json_entry(item: dict[str, Any]) -> _Entry:
    told = {name: value for name, value in item.items() if isinstance(value, str)}
    days = [_day(value) for name, value in told.items() if name in _DATES]
    html, text = told.get("content_html"), told.get("content_text")
    content = (html and _whole(html, True)) or (text and _whole(text, True)) or None
    return _Entry(
        told.get("url") or told.get("external_url"),
        day=max(filter(None, days), default=None),
        content=content,
        is_text=content is not None and content == text,
    )


def _day(text: str) -> str | None:
    """The day of a date as feeds write it, as far as it is told."""
    text = text.strip()[:_LONGEST_DATE]
    found = _DAY.match(text)
    if found:
        return found[0]
    try:
        return f"{parsedate_to_datetime(text):%Y-%m-%d}"
    except (TypeError, ValueError, OverflowError):
        return None
