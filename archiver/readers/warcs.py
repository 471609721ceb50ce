"""Web archives: WARC, ARC and WET as Documents, one for each record that is an article."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from archiver.model import Document
from archiver.readers.files import larger
from archiver.readers.kinds import LISTS, Kind, recognise
from archiver.readers.members import Damage, members
from archiver.readers.records import Oversize, Record, Splitter
from archiver.readers.replies import Reply, body_of, reply
from archiver.readers.source import Container, Source, Tally
from archiver.readers.streams import Stream, codec_of

__all__ = ["read_archive", "stamp"]

_VALUE = rb"[ \t]{0,9}:[ \t]{0,9}([^\r\n]{0,8000})"
_FIRST = re.compile(rb"\n(warc-type|warc-target-uri|content-type|warc-truncated)" + _VALUE, re.IGNORECASE)
_LATER = re.compile(rb"\n(warc-date|warc-record-id|warc-payload-digest)" + _VALUE, re.IGNORECASE)
_ARC_HEAD = re.compile(rb"(\S{1,8000}) [^ \r\n]{0,100} (\d{8,14}) ([^ \r\n]{0,200})")
_CHARSET = re.compile(r"charset=[\"']?([a-z0-9_.:-]{1,40})")
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$")
_PAGES = frozenset(("response", "resource", "conversion"))
_HTML = frozenset(("text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"))
_TEXT = frozenset(("text/plain", "text/markdown", "text/x-markdown"))
_UNSAID = frozenset((None, "", "unk", "no-type", "application/octet-stream", "text/xml", "application/xml"))
_NO_PAGES = ("dns:", "whois:", "warcinfo:", "metadata:", "urn:", "screenshot:")
_SOMETHING = re.compile(rb"[^ \t\r\n\0]")
_GOOD = frozenset((200, 203))
_HEAD_ROOM = 1 << 20


@dataclass(frozen=True, slots=True)
class _About:
    """What the archive says of a record, as far as that decides whether it is an article."""

    kind: str
    url: str | None = None
    media_type: str = ""
    truncated: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    """What it says of an article."""

    date: str
    id: str | None = None
    digest: str | None = None


def read_archive(
    source: Source,
    streams: tuple[Stream, Stream],
    tally: Tally,
    limit: int,
    size: int | None = None,
    container: str | None = None,
) -> Iterator[Document | Container]:
    """The articles in a web archive, in order, and what became of the rest. ``streams``: the archive from
    where it is to be read, and from its beginning (the same, where that is read). ``size``: of the file,
    where nothing in it is packed and it is known; ``container``: what it is called, where it stands in
    another file."""
    stop = source.span[1] if source.span else None
    seeking = source.span is not None and not source.exact
    is_plain = codec_of(streams[1].peek(8)) is None
    splitter = Splitter(limit + _HEAD_ROOM, seeking and is_plain, stop if is_plain else None, size)
    for found in splitter.split(members(*streams, stop, seeking)):
        if isinstance(found, Damage):
            tally.trouble(f"offset {found.offset}", found.why)
            continue
        tally.records += 1
        about = _about(found.head)
        if isinstance(found, Oversize):
            _too_large(found, about, tally, limit)
            continue
        document = _document(found, about, source, tally, limit)
        if document is not None:
            yield replace(document, container=container) if container else document
    yield tally.sum(splitter.first, splitter.end)


def stamp(text: str | None) -> str | None:
    """A time as archives write it as UTC ISO 8601 with ``Z``; None where it is no time.

    >>> stamp("2022-01-21T01:00:00.123456+01:00"), stamp("20220121000000"), stamp("yesterday")
    ('2022-01-21T00:00:00Z', '2022-01-21T00:00:00Z', None)
    """
    digits = (text or "").strip()
    if digits.isdecimal() and len(digits) == 14:
        parts = (digits[:4], digits[4:6], digits[6:8])
        digits = f"{'-'.join(parts)}T{digits[8:10]}:{digits[10:12]}:{digits[12:]}Z"
    found = _DATE.match(digits)
    if not found:
        return None
    zone = (found[4] or "Z").replace("Z", "+00:00")
    zone = zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
    try:
        moment = datetime.fromisoformat(f"{found[1]}T{found[2]}{zone}")
    except ValueError:
        return None
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _about(head: bytes) -> _About:
    if not head.startswith(b"WARC/"):
        line = _ARC_HEAD.match(head)
        if not line or line[1].startswith(b"filedesc:"):
            return _About("warcinfo")
        return _About("response", _text(line[1]), _text(line[3]))
    fields = _fields(_FIRST, head)
    return _About(
        kind=fields.get(b"warc-type", "").lower(),
        url="".join(fields.get(b"warc-target-uri", "").strip("<>").split()) or None,
        media_type=fields.get(b"content-type", "").lower(),
        truncated=fields.get(b"warc-truncated", ""),
    )


def _known(head: bytes) -> _Known:
    line = None if head.startswith(b"WARC/") else _ARC_HEAD.match(head)
    if line:
        return _Known(line[2].decode("ascii"))
    fields = _fields(_LATER, head)
    return _Known(
        date=fields.get(b"warc-date", ""),
        id=fields.get(b"warc-record-id", "").strip("<>") or None,
        digest=fields.get(b"warc-payload-digest") or None,
    )


def _fields(names: re.Pattern[bytes], head: bytes) -> dict[bytes, str]:
    return {name.lower(): _text(value) for name, value in names.findall(head)}


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8").strip()
    except UnicodeDecodeError:
        return value.decode("latin-1").strip()


def _answer(about: _About, block: memoryview) -> Reply:
    """The head of the answer in a record; that of a page without one where the record holds the page."""
    if about.kind == "response":
        found = reply(block)
        if found.status is not None:
            return found
    kind, _, rest = about.media_type.partition(";")
    kind = "" if kind.strip() == "application/http" else kind.strip()
    charset = _CHARSET.search(rest)
    return Reply(None, kind or None, charset[1] if charset else None, False, "", 0)


def _left_out(about: _About, head: Reply) -> str | None:
    """Why a record is no article; None where it is one."""
    if about.kind not in _PAGES:
        return about.kind[:30] or "no type"
    if about.url and about.url.startswith(_NO_PAGES):
        return about.url.partition(":")[0]
    if head.status is not None and head.status not in _GOOD:
        return f"status {head.status}"
    if head.media_type in _HTML or head.media_type in _TEXT or head.media_type in _UNSAID:
        is_robots = about.url is not None and about.url.partition("?")[0].endswith("/robots.txt")
        return "robots.txt" if is_robots else None
    return f"type {(head.media_type or '').partition('/')[0][:20]}"


def _too_large(found: Oversize, about: _About, tally: Tally, limit: int) -> None:
    why = _left_out(about, _answer(about, found.block))
    if why:
        tally.leave(why)
    else:
        tally.trouble(f"offset {found.offset}", larger(limit))


def _document(found: Record, about: _About, source: Source, tally: Tally, limit: int) -> Document | None:
    """The article in a record; None where it holds none, or nothing that speaks for a post."""
    head = _answer(about, found.block)
    why = _left_out(about, head)
    if why:
        tally.leave(why)
        return None
    place = f"offset {found.offset}"
    body = body_of(found.block, head, limit)
    if body.unread or body.too_large:
        tally.trouble(place, body.unread or larger(limit))
        return None
    if not _SOMETHING.search(body.data):
        tally.leave("empty")
        return None
    if body.fault or about.truncated:
        tally.trouble(place, body.fault or f"the archive says that it was cut: {about.truncated}")
    if not tally.is_worth(body.data):
        return None
    kind = _kind(body.data, head)
    if kind.refusal:
        tally.refuse(kind.refusal.partition(":")[0])
        return None
    known = _known(found.head)
    if known.digest and not _is_intact(known.digest, found.block[head.begin :], body.data):
        tally.trouble(place, "the digest in the archive is not that of the page")
    return Document(
        body.data,
        kind=source.kind or kind.name,
        source=about.url or f"{source.name} at {found.offset}",
        url=about.url,
        charset=head.charset,
        captured_at=stamp(known.date),
        origin=source.name,
        media_type=head.media_type,
        http_status=head.status,
        container=source.name,
        record_offset=found.offset,
        warc_record_id=known.id,
    )


def _kind(data: bytes, head: Reply) -> Kind:
    """The content decides whether a body is read at all; what is read is HTML where the server says so."""
    kind = recognise(data, "page.txt" if head.media_type == "text/plain" else "page.html", head.charset)
    is_page = kind.name and kind.name not in LISTS
    return Kind("html") if is_page and head.media_type in _HTML else kind


def _is_intact(digest: str, block: memoryview, data: bytes) -> bool:
    """Whether a payload is what the archive says it is, with or without its chunks and packing; a digest
    of a kind that is not known proves nothing."""
    name, _, value = digest.partition(":")
    name = name.strip().lower().replace("-", "")
    if name not in ("sha1", "sha256", "md5", "sha512"):
        return True
    value = value.strip()
    for payload in (block, data):
        made = hashlib.new(name, payload, usedforsecurity=False)
        if value.lower() == made.hexdigest() or _of_base32(value) == made.digest():
            return True
    return False


def _of_base32(value: str) -> bytes:
    try:
        return base64.b32decode(value.upper() + "=" * (-len(value) % 8))
    except binascii.Error:
        return b""
