"""The shape of a file: one page, one page that is packed, or a container that holds many; by its first bytes,
then by its name. And how a large web archive is shared out."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace

from archiver.errors import ArchiverError
from archiver.readers.kinds import is_json_lines, is_mail
from archiver.readers.members import begins_archive
from archiver.readers.source import Source
from archiver.readers.streams import DamagedError, Stream, codec_of, inflate

__all__ = [
    "ARCHIVE",
    "LINES",
    "MAIL",
    "NO_ARCHIVE",
    "PACKED",
    "PAGE",
    "PART",
    "TAR",
    "ZIP",
    "is_archive_name",
    "parts",
    "shape",
]

PAGE, PACKED, ARCHIVE, NO_ARCHIVE = "page", "packed page", "web archive", "no web archive"
ZIP, TAR, MAIL, LINES = "zip", "tar", "mail", "JSON Lines"

PART = 8 << 20
"""How many bytes of a web archive are read in one go, by one process."""

_SAMPLE = 64 * 1024
_LINE_SAMPLE = 4 << 20
_ARCHIVE_NAME = re.compile(r"\.w?arc(?:\.(?:gz|zst|open))?$", re.IGNORECASE)
_WET_NAME = re.compile(r"\.(?:wet|wat)(?:\.(?:gz|zst))?$", re.IGNORECASE)


def shape(stream: Stream, name: str) -> str:
    """What a stream holds; nothing is taken from it. ArchiverError where an extra is wanted to tell."""
    head = stream.peek(_SAMPLE)
    codec = codec_of(head)
    inner = _inside(head, codec, _SAMPLE) if codec else head
    is_named = is_archive_name(name)
    if begins_archive(inner) and (inner.startswith((b"WARC/", b"filedesc:")) or is_named):
        return ARCHIVE
    if is_named and head:
        return NO_ARCHIVE if inner or not codec else ARCHIVE
    if inner.startswith(b"PK\x03\x04") and not codec:
        return ZIP
    if inner[257:262] == b"ustar":
        return TAR
    return _of_text(stream, codec, inner, name)


def _of_text(stream: Stream, codec: str | None, inner: bytes, name: str) -> str:
    text = inner.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):  # a page in a line is longer than what tells the other shapes
        head = stream.peek(_LINE_SAMPLE)
        text = (_inside(head, codec, _LINE_SAMPLE) if codec else head).lstrip(b"\xef\xbb\xbf \t\r\n")
    if is_json_lines(text, name.removesuffix(".gz").removesuffix(".zst")):
        return LINES
    if is_mail(text, name):
        return MAIL
    return PACKED if codec else PAGE


def is_archive_name(name: str) -> bool:
    """Whether a file is named as a web archive."""
    return bool(_ARCHIVE_NAME.search(name) or _WET_NAME.search(name))


def parts(source: Source, begin: int = 0) -> Iterator[Source]:
    """The parts of a large web archive from an offset on; any other source as it is."""
    try:
        size = os.stat(source.name).st_size
    except (OSError, ValueError):
        size = 0
    if size <= PART or source.is_address or source.body is not None or not _is_archive(source):
        yield replace(source, span=(begin, None), exact=True) if begin else source
        return
    for start in range(begin - begin % PART, size, PART):
        stop = start + PART if start + PART < size else None
        first = max(start, begin)
        yield replace(source, span=(first, stop), exact=first == begin)


def _is_archive(source: Source) -> bool:
    if source.kind is not None:
        return False
    try:
        with open(source.name, "rb") as file:
            head = file.read(_SAMPLE)
    except OSError:
        return False
    # An ARC that is not packed has no marks by which a record is found from its middle.
    rest = iter((head,))
    try:
        found = shape(Stream(lambda _: next(rest, b"")), source.name)
    except ArchiverError:
        return False
    return found == ARCHIVE and not head.startswith(b"filedesc:")


def _inside(head: bytes, codec: str, count: int) -> bytes:
    try:
        found, _ = inflate(head, codec, count)
    except DamagedError:
        return b""
    return found
