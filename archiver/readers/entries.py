"""Pages in a ZIP or tar file, read where they stand: nothing is unpacked to disk, names and links inside are
never followed, and what unpacks to too much is left."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import BinaryIO

from archiver.model import Document
from archiver.readers.files import larger
from archiver.readers.kinds import recognise
from archiver.readers.mails import read_mail
from archiver.readers.saved import said_of_itself
from archiver.readers.shapes import ARCHIVE, MAIL, PACKED, PAGE, is_archive_name, shape
from archiver.readers.source import Container, Failure, Source, Tally
from archiver.readers.streams import DamagedError, Stream, codec_of, inflate_all
from archiver.readers.warcs import read_archive
from archiver.sums import PACKED_INSIDE

__all__ = ["read_tar", "read_zip"]

_BLOCK = 512
_MOST_NAME = 1 << 16
_MOST_TIMES, _MOST_PLAIN = 200, 4 << 30
_TOO_MUCH = f"unpacks to more than {_MOST_TIMES} times its size: the rest was not read"
_PAX = re.compile(rb"\d{1,9} (path|size)=([^\n]{0,65536})\n")
_WACZ = "datapackage.json"
_OFFICE = ("[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF")
_DOCUMENT = "a ZIP file that is an office document, a book or a program: save it as HTML or plain text"
_ZIP_ERRORS = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, DamagedError, OSError, EOFError),
    *(RuntimeError, NotImplementedError, ValueError),
)
_HEAD = 4096


def read_zip(
    source: Source, file: BinaryIO, tally: Tally, limit: int
) -> Iterator[Document | Failure | Container]:
    """The pages in a ZIP file; of a WACZ the web archives in it, and of what else it holds the names."""
    try:
        packed = zipfile.ZipFile(file)
    except _ZIP_ERRORS as error:
        yield Failure(source.name, f"a damaged ZIP file: {error}", origin=source.name)
        return
    with closing(packed):
        infos = [info for info in packed.infolist() if not info.is_dir()]
        if any(info.filename in _OFFICE for info in infos[:9]):
            yield Failure(source.name, _DOCUMENT, origin=source.name)
            return
        budget = _MOST_PLAIN + _MOST_TIMES * sum(info.compress_size for info in infos)
        is_wacz = any(info.filename == _WACZ for info in infos)
        for info in infos:
            if is_wacz and not is_archive_name(info.filename):
                tally.records += 1
                tally.leave("index")
                continue
            taken = 0
            try:
                with packed.open(info) as entry:
                    stream = Stream(entry.read)
                    yield from _entry(source, info.filename, stream, tally, limit)
                    taken = stream.at + len(stream.ahead)
            except _ZIP_ERRORS as error:
                tally.trouble(info.filename, f"cannot be read: {error}")
            budget -= taken
            if budget < 0:
                tally.trouble("the rest", _TOO_MUCH)
                break
    yield tally.sum()


def read_tar(source: Source, stream: Stream, tally: Tally, limit: int) -> Iterator[Document | Container]:
    """The pages in a tar file, packed or not."""
    name = ""
    try:
        while header := _filled(stream, _BLOCK):
            if not header.strip(b"\0"):
                continue
            size, kind = _size(header), header[156:157]
            if kind in b"Lx":
                long = _filled(stream, size) if size <= _MOST_NAME else b""
                _skip(stream, size + -size % _BLOCK - len(long))
                name = _long_name(long, kind) or name
                continue
            end = stream.at + size + -size % _BLOCK
            if kind in b"0\0" or kind == b"7":
                called = name or header[:100].rstrip(b"\0").decode("utf-8", "replace")
                yield from _entry(source, called, Stream(_bounded(stream, size)), tally, limit)
            name = ""
            _skip(stream, end - stream.at)
    except DamagedError as error:
        tally.trouble(f"byte {stream.at}", str(error))
    yield tally.sum()


def _entry(source: Source, name: str, stream: Stream, tally: Tally, limit: int) -> Iterator[Document]:
    """The page or mail in an entry, or the pages of a web archive in it. Other containers are left alone:
    nothing is opened inside what is inside."""
    kind = shape(stream, name)
    if kind == ARCHIVE:
        inner = f"{source.name}/{name}"
        for found in read_archive(source, (stream, stream), tally, limit, container=inner):
            if isinstance(found, Document):
                yield found
        return
    tally.records += 1
    if kind == MAIL and not codec_of(stream.peek(8)):
        yield from _mail(source, name, stream, tally, limit)
        return
    if kind not in (PAGE, PACKED):
        tally.leave(PACKED_INSIDE)
        return
    refusal = recognise(stream.peek(_HEAD), name).refusal if kind == PAGE else None
    if refusal:
        tally.leave(refusal.partition(":")[0])
        return
    body, fault = _body(stream, kind, limit)
    if len(body) > limit or fault:
        tally.trouble(name, fault or larger(limit))
    elif not body.strip(b" \t\r\n\0"):
        tally.leave("empty")
    elif tally.is_worth(body):
        yield from _document(source, name, body, tally)


def _body(stream: Stream, kind: str, limit: int) -> tuple[bytes, str | None]:
    if kind == PACKED:
        return inflate_all(stream, codec_of(stream.peek(8)) or "gzip", limit)
    return stream.peek(limit + 1), None


def _document(source: Source, name: str, body: bytes, tally: Tally) -> Iterator[Document]:
    kind = recognise(body, name)
    if kind.refusal:
        tally.refuse(kind.refusal.partition(":")[0])
        return
    url, date = said_of_itself(body)
    yield Document(
        body,
        kind=source.kind or kind.name,
        source=url or f"{source.name}/{name}",
        url=url,
        captured_at=date,
        origin=source.name,
        container=source.name,
    )


def _mail(source: Source, name: str, stream: Stream, tally: Tally, limit: int) -> Iterator[Document]:
    found = read_mail(Source(f"{source.name}/{name}", kind=source.kind), stream, limit)
    if isinstance(found, Document):
        if tally.is_worth(found.body):
            where = found.url or found.source
            yield replace(found, source=where, origin=source.name, container=source.name)
    elif found.outcome == "empty":
        tally.leave("empty")
    else:
        tally.trouble(name, found.reason)


def _size(header: bytes) -> int:
    """The size in a tar header: octal digits, or binary where that is too little."""
    field = header[124:136]
    if field[0] & 0x80:
        return int.from_bytes(field[1:], "big")
    try:
        return int(field.strip(b" \0") or b"0", 8)
    except ValueError:
        raise DamagedError("a tar header that says no size") from None


def _long_name(data: bytes, kind: bytes) -> str | None:
    if kind == b"L":
        return data.rstrip(b"\0").decode("utf-8", "replace")
    found = dict(_PAX.findall(data))
    return found[b"path"].decode("utf-8", "replace") if b"path" in found else None


def _filled(stream: Stream, count: int) -> bytes:
    """Exactly so many bytes, none at the end. DamagedError where it ends in between."""
    found = stream.peek(count)
    if found and len(found) < count:
        raise DamagedError("it is cut short")
    stream.skip(len(found))
    return found


def _skip(stream: Stream, count: int) -> None:
    if stream.skip(count) < count:
        raise DamagedError("it is cut short")


def _bounded(stream: Stream, count: int) -> Callable[[int], bytes]:
    """The next bytes of a stream as a stream of their own."""
    left = [count]

    def read(wanted: int) -> bytes:
        found = stream.read(min(wanted, left[0])) if left[0] > 0 else b""
        left[0] -= len(found)
        return found

    return read
