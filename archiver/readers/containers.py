"""Files that may hold many articles, whatever their shape: one after another, and at the end what became
of all of them."""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import BinaryIO

from archiver.errors import ArchiverError
from archiver.model import Document
from archiver.readers import shapes
from archiver.readers.entries import read_tar, read_zip
from archiver.readers.feeds import held
from archiver.readers.files import document, larger, trouble
from archiver.readers.kinds import LISTS
from archiver.readers.lines import read_lines
from archiver.readers.mails import read_mail
from archiver.readers.saved import said_of_itself
from archiver.readers.source import Container, Failure, Source, Tally
from archiver.readers.streams import DamagedError, Stream, codec_of, inflate_all, unpacked
from archiver.readers.warcs import read_archive

__all__ = ["Sieve", "piped", "read_file"]

Sieve = Callable[[bytes], bool]
Found = Document | Failure | Container

_NO_ARCHIVE = (
    "named as a web archive, but damaged at its beginning, or none: if it is a page, say so with --as html"
)


def read_file(source: Source, limit: int, sieve: Sieve | None = None) -> Iterator[Found]:
    """What a file, a pipe or standard input holds. A container ends with a Container, also where the disk or
    the network that it is on fails in its midst."""
    tally = Tally(source.name, sieve)
    try:
        if source.piped:
            yield from _read(source, _after(source.body or b"", sys.stdin.buffer), limit, tally, None)
        elif source.body is not None:
            yield from _read(source, _after(source.body, io.BytesIO()), limit, tally, None)
        else:
            with open(source.name, "rb") as file:
                known = os.fstat(file.fileno())
                size = known.st_size if stat.S_ISREG(known.st_mode) else None
                for found in _read(source, Stream(file.read), limit, tally, size):
                    is_cut = isinstance(found, Container) and _is_shorter(source, size, file.fileno())
                    yield _shortened(tally) if is_cut else found
    except (OSError, ValueError) as error:
        why = trouble(source.name, error)
        if source.span or tally.records:
            yield replace(tally.sum(), broken_off=why)
        else:
            yield Failure(source.name, why, origin=source.name)


def _is_shorter(source: Source, size: int | None, file: int) -> bool:
    """Whether a file of which a part was read is shorter now than when that began."""
    return source.span is not None and size is not None and os.fstat(file).st_size < size


def _shortened(tally: Tally) -> Container:
    return replace(tally.sum(), broken_off="it became shorter while it was read")


def piped(stream: BinaryIO, limit: int) -> tuple[bytes, bool]:
    """What stands on standard input, at most a byte more than ``limit``; of a container the beginning
    only, and True: its reader takes the rest."""
    head = Stream(stream.read)
    try:
        is_page = shapes.shape(head, "-") in (shapes.PAGE, shapes.PACKED)
    except ArchiverError:
        is_page = True
    return (head.peek(limit + 1), False) if is_page else (head.ahead, True)


def _after(head: bytes, stream: BinaryIO) -> Stream:
    first = [head]
    return Stream(lambda count: first.pop() if first else stream.read(count))


def _read(source: Source, stream: Stream, limit: int, tally: Tally, size: int | None) -> Iterator[Found]:
    """``size``: of the file, None where it is no file that can be opened twice."""
    if source.span and size is not None and size < (source.span[1] or source.span[0]):
        yield _shortened(tally)
        return
    try:
        kind = _forced(stream) if source.kind else shapes.shape(stream, source.name)
        if kind == shapes.NO_ARCHIVE:
            yield Failure(source.name, _NO_ARCHIVE, origin=source.name)
        elif kind in (shapes.PAGE, shapes.PACKED):
            yield _page(source, stream, limit, kind == shapes.PACKED)
        elif kind == shapes.ARCHIVE:
            yield from _with_held(_archive(source, stream, limit, tally, size), tally)
        elif kind == shapes.ZIP:
            yield from _with_held(_zip(source, stream, limit, tally, size), tally)
        elif kind == shapes.MAIL:
            yield read_mail(source, _plain(stream), limit)
        elif kind == shapes.TAR:
            yield from _with_held(read_tar(source, _plain(stream), tally, limit), tally)
        else:
            yield from read_lines(source, _plain(stream), tally, limit)
    except DamagedError as error:
        yield Failure(source.name, f"damaged: {error}", origin=source.name)
    except ArchiverError as error:
        yield Failure(source.name, str(error), origin=source.name)


def _forced(stream: Stream) -> str:
    return shapes.PACKED if codec_of(stream.peek(8)) else shapes.PAGE


def _with_held(all_of: Iterator[Found], tally: Tally) -> Iterator[Found]:
    """The same, in the place of a feed the articles that it holds. Those that it only names stand in the
    container too, or were left out of it."""
    for found in all_of:
        if not isinstance(found, Document) or found.kind not in LISTS:
            yield found
            continue
        tally.refuse(found.kind)
        yield from (article for article in held(found) if tally.is_worth(article.body))


def _plain(stream: Stream) -> Stream:
    """What is in a stream, unpacked where it is packed."""
    codec = codec_of(stream.peek(8))
    return unpacked(stream, codec) if codec else stream


def _zip(source: Source, stream: Stream, limit: int, tally: Tally, size: int | None) -> Iterator[Found]:
    """A ZIP file has its list at its end, so it is read from a file, or from as much of a pipe as an article
    may be large."""
    if size is not None:
        with open(source.name, "rb") as file:
            yield from read_zip(source, file, tally, limit)
        return
    body = stream.rest(limit)
    if body is None:
        why = "a ZIP file is read from a pipe up to the largest article only: save it, and give the file"
        yield Failure(source.name, why, origin=source.name)
        return
    yield from read_zip(source, io.BytesIO(body), tally, limit)


def _page(source: Source, stream: Stream, limit: int, packed: bool) -> Document | Failure:
    fault = None
    if packed:
        codec = codec_of(stream.peek(8)) or ""
        body: bytes | None
        body, fault = inflate_all(stream, codec, limit)
        body = None if len(body) > limit else body
    else:
        body = stream.rest(limit)
    path = None if source.name == "-" else source.name
    if body is None or fault:
        why = f"damaged: {fault}" if fault else larger(limit)
        return Failure(source.name, why, origin=path)
    url, date = said_of_itself(body)
    return document(source, body, Document(b"", url=source.url or url, captured_at=date, origin=path))


def _archive(source: Source, stream: Stream, limit: int, tally: Tally, size: int | None) -> Iterator[Found]:
    is_plain = codec_of(stream.peek(8)) is None
    known = size if is_plain else None
    if source.span is None or size is None or not source.span[0]:
        yield from read_archive(source, (stream, stream), tally, limit, known)
        return
    # A record that is not packed is known by the end of the line before it.
    begin = source.span[0] - (is_plain and not source.exact)
    with open(source.name, "rb") as file:
        file.seek(begin)
        yield from read_archive(source, (Stream(file.read, begin), stream), tally, limit, known)
