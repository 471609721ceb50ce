"""Records of WARC files that we have written, emptied in their place: every other record keeps its offset."""

from __future__ import annotations

import gzip
import os
import re
import struct
import sys
import zlib
from typing import IO

if sys.platform != "win32":
    import fcntl

__all__ = ["empty"]

_GZIP = b"\x1f\x8b"
_OURS = b"\r\nsoftware: archiver/"
_HEAD = re.compile(rb"WARC/1\.[01]\r\n(.*?)\r\n\r\n", re.DOTALL)
_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d+)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_CHUNK = 256 * 1024
_LONGEST_HEAD = 64 * 1024
_LONGEST_STORED = 65535
_GZIP_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
_END = b"\r\n\r\n"
_SAID = b"redacted\r\n"


def empty(path: str, offset: int, name: str) -> bool:
    """Puts an empty record in the place of the one called ``name`` at ``offset`` of a WARC that archiver
    has written. False where the file is not there, is another's, or the record is not that one."""
    try:
        with open(path, "rb+", buffering=0) as file:
            if sys.platform != "win32":
                fcntl.flock(file, fcntl.LOCK_EX)
            packed = file.read(2) == _GZIP
            file.seek(0)
            if _OURS not in _begin(file, packed):
                return False
            file.seek(offset)
            begin = _begin(file, packed)
            head = _HEAD.match(begin)
            if head is None or name.encode() not in head[1]:
                return False
            file.seek(offset)
            size = _packed_size(file) if packed else _plain_size(head)
            record = _record(name, size, packed) if size else None
            if record is None:
                return False
            file.seek(offset)
            _write(file, record)
            os.fsync(file.fileno())
            return True
    except OSError:
        return False


def _begin(file: IO[bytes], packed: bool) -> bytes:
    """How the record at this place begins."""
    data = file.read(_LONGEST_HEAD)
    try:
        return zlib.decompressobj(31).decompress(data, _LONGEST_HEAD) if packed else data
    except zlib.error:
        return b""


def _plain_size(head: re.Match[bytes]) -> int | None:
    length = _LENGTH.search(head[1])
    return head.end() + int(length[1]) + len(_END) if length else None


def _packed_size(file: IO[bytes]) -> int | None:
    """How many bytes the gzip member at this place has; None where it is cut short."""
    reader, size = zlib.decompressobj(31), 0
    while data := file.read(_CHUNK):
        size += len(data)
        rest = data
        while rest and not reader.eof:
            reader.decompress(rest, _CHUNK)
            rest = reader.unconsumed_tail
        if reader.eof:
            return size - len(reader.unused_data)
    return None


def _record(name: str, size: int, packed: bool) -> bytes | None:
    """A record that says that it is empty, in exactly as many bytes; None where they are too few."""
    room = _room(size) if packed else size
    text = b""
    for _ in range(3):  # the length is part of the length
        block = room - len(text) - len(_END)
        fields = f"WARC-Type: metadata\r\nWARC-Record-ID: {name}\r\nContent-Type: text/plain\r\n"
        text = f"WARC/1.1\r\n{fields}Content-Length: {block:012}\r\n\r\n".encode()
        block = room - len(text) - len(_END)
    if block < len(_SAID):
        return None
    record = text + _SAID + b" " * (block - len(_SAID)) + _END
    return _member(record) if packed else record


def _room(size: int) -> int:
    """How much a gzip member of that many bytes holds when nothing is packed."""
    room = size - len(_GZIP_HEAD) - 8
    blocks = -(-room // (_LONGEST_STORED + 5))
    return room - 5 * blocks


def _member(data: bytes) -> bytes:
    """The data as a gzip member of stored blocks."""
    parts = [data[at : at + _LONGEST_STORED] for at in range(0, len(data), _LONGEST_STORED)]
    stored = b"".join(
        struct.pack("<BHH", at == len(parts) - 1, len(part), len(part) ^ 0xFFFF) + part
        for at, part in enumerate(parts)
    )
    member = _GZIP_HEAD + stored + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)
    return member if gzip.decompress(member) == data else b""


def _write(file: IO[bytes], data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]
