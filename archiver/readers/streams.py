"""Bytes that are read once, front to back, with a look ahead: files, pipes, and what is packed in them."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from archiver.errors import ArchiverError

__all__ = ["BLOCK", "DamagedError", "Stream", "codec_of", "extra", "inflate", "inflate_all", "unpacked"]

BLOCK = 1 << 20
_MARKS = {b"\x1f\x8b\x08": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz"}
_SKIPPABLE = (b"\x2a\x4d\x18", 1)
_OUTPUT = 1 << 18


class DamagedError(Exception):
    """What is packed cannot be unpacked (further); the text says why."""


class Stream:
    """Bytes that ``read(n)`` gives, ``b""`` at their end, with a look ahead. ``at``: how many
    were taken; ``ahead``: those that were looked at."""

    def __init__(self, read: Callable[[int], bytes], at: int = 0) -> None:
        self._read = read
        self.ahead = b""
        self.at = at

    def peek(self, count: int) -> bytes:
        """The next bytes, fewer only at the end; they stay."""
        if len(self.ahead) < count:
            parts = [self.ahead]
            have = len(self.ahead)
            while have < count and (more := self._read(max(BLOCK, count - have))):
                parts.append(more)
                have += len(more)
            self.ahead = b"".join(parts)
        return self.ahead[:count]

    def read(self, count: int = BLOCK) -> bytes:
        """The next bytes, at most ``count``, ``b""`` at the end."""
        if self.ahead:
            found, self.ahead = self.ahead[:count], self.ahead[count:]
        else:
            found = self._read(count)
        self.at += len(found)
        return found

    def skip(self, count: int) -> int:
        """Takes the next bytes away; how many there were."""
        left = count
        while left > 0 and (found := self.read(min(left, BLOCK))):
            left -= len(found)
        return count - left

    def blocks(self) -> Iterator[bytes]:
        """All that is left, block by block."""
        while block := self.read():
            yield block

    def rest(self, limit: int) -> bytes | None:
        """All that is left; None where that is more than ``limit`` bytes."""
        found = self.peek(limit + 1)
        return None if len(found) > limit else found


def codec_of(head: bytes) -> str | None:
    """How bytes that begin so are packed: gzip, zstd, bzip2, xz, or None."""
    mark, at = _SKIPPABLE
    if head[at : at + 3] == mark and 0x50 <= head[0] <= 0x5F:
        return "zstd"
    return next((name for mark, name in _MARKS.items() if head.startswith(mark)), None)


def unpacked(stream: Stream, codec: str) -> Stream:
    """The bytes inside packed ones, however many members they have. Its ``read`` raises DamagedError;
    ArchiverError where an extra is wanted for that."""
    parts = _inflated(stream, codec)
    return Stream(lambda _: next(filter(None, parts), b""))


def inflate(body: bytes, codec: str, limit: int) -> tuple[bytes, str | None]:
    """A packed body whole, at most a byte more than ``limit``, and what was wrong with it, else None.
    DamagedError where nothing can be had of it."""
    source = iter((body,))
    return inflate_all(Stream(lambda _: next(source, b"")), codec, limit)


def inflate_all(stream: Stream, codec: str, limit: int) -> tuple[bytes, str | None]:
    """The same of a stream."""
    found, have = [], 0
    try:
        for part in _inflated(stream, codec):
            found.append(part[: limit + 1 - have])
            have += len(found[-1])
            if have > limit:
                break
    except DamagedError as error:
        if not have:
            raise
        return b"".join(found), str(error)
    return b"".join(found), None


def extra(module: str, what: str) -> Any:
    """A module out of the extra; ArchiverError that names the cure where it is not installed."""
    import importlib

    try:
        return importlib.import_module(module)
    except ImportError:
        raise ArchiverError(f"{what} needs an extra: pip install 'archiver[warc]'") from None


def _inflated(stream: Stream, codec: str) -> Iterator[bytes]:
    if codec == "zstd":
        yield from _frames(stream)
        return
    left = b""
    members = 0
    while left or (left := stream.read(_OUTPUT)):
        if members and not left.strip(b"\0"):
            left = b""
            continue
        if members and codec_of((left + stream.peek(8))[:8]) != codec:
            raise DamagedError("something else follows what is packed")
        machine = _MACHINES[codec]()
        yield from _member(machine, left, stream)
        left = machine.rest
        members += 1


def _member(machine: _Machine, data: bytes, stream: Stream) -> Iterator[bytes]:
    """One member in parts, each of them small, whatever a bomb would make of it."""
    while data or (data := stream.read(_OUTPUT)):
        yield from machine.feed(data)
        if machine.ended:
            return
        data = b""
    raise DamagedError("it is cut short")


def _frames(stream: Stream) -> Iterator[bytes]:
    zstandard = extra("zstandard", "Zstandard")
    machine = zstandard.ZstdDecompressor(max_window_size=1 << 27)
    try:
        with machine.stream_reader(stream, read_across_frames=True) as reader:
            while part := reader.read(_OUTPUT):
                yield part
    except zstandard.ZstdError as error:
        raise DamagedError(f"it cannot be unpacked: {error}") from None


class _Machine(Protocol):
    """Unpacks one member; ``rest`` is what followed it in the last data."""

    ended: bool
    rest: bytes

    def feed(self, data: bytes) -> Iterator[bytes]: ...


class _Zlib:
    def __init__(self, bits: int) -> None:
        self._machine = zlib.decompressobj(bits)
        self.ended, self.rest = False, b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data and not self.ended:
            try:
                yield self._machine.decompress(data, _OUTPUT)
            except zlib.error as error:
                raise DamagedError(f"it cannot be unpacked: {error}") from None
            data = self._machine.unconsumed_tail
            self.ended = self._machine.eof
        self.rest = self._machine.unused_data


class _Patient:
    """bz2 and lzma, which keep what they have not unpacked yet."""

    def __init__(self, machine: Any) -> None:
        self._machine = machine
        self.ended, self.rest = False, b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        while not self.ended:
            try:
                yield self._machine.decompress(data, _OUTPUT)
            except (OSError, EOFError, ValueError, lzma.LZMAError) as error:
                raise DamagedError(f"it cannot be unpacked: {error}") from None
            data, self.ended = b"", self._machine.eof
            if self._machine.needs_input:
                break
        self.rest = self._machine.unused_data


class _Brotli:
    def __init__(self) -> None:
        self._brotli = extra("brotli", "Brotli")
        self._machine = self._brotli.Decompressor()
        self.ended, self.rest = False, b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        while not self.ended:
            try:
                yield self._machine.process(data, output_buffer_limit=_OUTPUT)
            except self._brotli.error as error:
                raise DamagedError(f"it cannot be unpacked: {error}") from None
            data, self.ended = b"", self._machine.is_finished()
            if self._machine.can_accept_more_data():
                break


_MACHINES: dict[str, Callable[[], _Machine]] = {
    "gzip": lambda: _Zlib(31),
    "deflate": lambda: _Zlib(15),
    "raw deflate": lambda: _Zlib(-15),
    "bzip2": lambda: _Patient(bz2.BZ2Decompressor()),
    "xz": lambda: _Patient(lzma.LZMADecompressor(memlimit=1 << 28)),
    "brotli": _Brotli,
}
