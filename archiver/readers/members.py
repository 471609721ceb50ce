"""The members of a packed web archive, each unpacked: gzip (one member a record, as a rule), Zstandard
frames, or plain bytes in blocks. A damaged member is named by its offset, and the next one is looked for.

libdeflate unpacks a member at once, three times as fast as zlib; where it is not installed, where a member
is too large for that, or is damaged, zlib goes on alone.
"""

from __future__ import annotations

import re
import zlib
from bisect import bisect_left
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from archiver.readers.streams import BLOCK, Stream, codec_of, extra
from archiver.scanning import scanner

__all__ = ["Damage", "Piece", "begins_archive", "members"]

_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
_LARGE = 16 << 20
"""A member of more bytes than this comes in several pieces."""

_RATIO = 1040
_LOOK = 4096
_FALSE_MARKS = 6
_HEAD = 18
_STEP, _LEAST_STEP, _MANIFOLD = 1 << 16, 1 << 10, 200
_SKIPPABLE = (b"\x2a\x4d\x18", range(0x50, 0x60))
_MOST_DICTIONARY = 64 << 20
_CUT = "it is cut short: the file ends inside it"


@dataclass(frozen=True, slots=True)
class Piece:
    """Unpacked bytes. ``offset``: of their member in the file (where nothing is packed, of the piece);
    ``begins`` and ``ends``: whether a member begins and ends with it; ``after``: the offset behind."""

    offset: int
    data: bytes | bytearray
    begins: bool
    ends: bool
    after: int


@dataclass(frozen=True, slots=True)
class Damage:
    """What could not be read, where it stands in the file, and why. ``after``: where reading goes on."""

    offset: int
    why: str
    after: int


def begins_archive(data: bytes) -> bool:
    """Whether unpacked bytes begin as a record of a WARC or an ARC does."""
    return data.startswith((b"WARC/", b"filedesc://", b"http://", b"https://"))


def members(
    stream: Stream, head: Stream, stop: int | None = None, seeking: bool = False
) -> Iterator[Piece | Damage]:
    """The members of a web archive that begin before ``stop``. ``stream.at`` is the offset of its first
    byte in the file, which may lie inside a member where ``seeking``; ``head`` gives the file from its
    beginning (the same stream, where that is read)."""
    codec = codec_of(head.peek(8))
    if codec is None:
        return _plain(stream)
    kind: _Codec = _Gzip() if codec == "gzip" else _Zstd(head)
    window = _Window(stream, stop, kind.mark)
    return _packed(window, kind, _next_start(window, kind, stream.at)[0] if seeking else stream.at)


class _Window:
    """The part of a file that is looked at, by offsets in the file. ``mark``: what may be found in it."""

    def __init__(self, stream: Stream, stop: int | None, mark: bytes) -> None:
        self._stream = stream
        self.stop = stop
        self.mark = mark
        self.data = b""
        self.base = self._scanned = stream.at
        self.ended = False
        self._marks: list[int] = []
        self._scan = scanner((re.escape(mark).decode("latin-1"),))

    @property
    def end(self) -> int:
        return self.base + len(self.data)

    def grow(self, keep: int) -> bool:
        """Reads on, and gives up what stands before ``keep``; False at the end of the file."""
        more = self._stream.read(BLOCK)
        self.ended = not more
        cut = min(max(0, keep - self.base), len(self.data))
        self.data = self.data[cut:] + more
        self.base += cut
        return not self.ended

    def need(self, at: int, count: int, keep: int | None = None) -> None:
        """Makes sure, unless the file ends, that so many bytes stand at ``at``."""
        while self.end - at < count and not self.ended:
            self.grow(at if keep is None else keep)

    def find(self, at: int) -> int:
        """Where the mark stands in the window, at ``at`` or behind; -1 where it does not. All of them are
        found at once: to look for one after another with ``bytes.find`` takes seven times as long."""
        if self._scanned < self.end:
            first = max(self.base, self._scanned - len(self.mark) + 1)
            found = self._scan(self.data[first - self.base :])
            behind = bisect_left(self._marks, self.base)
            self._marks = [*self._marks[behind:], *(first + last - len(self.mark) + 1 for last, _ in found)]
            self._scanned = self.end
        nth = bisect_left(self._marks, at)
        return self._marks[nth] if nth < len(self._marks) else -1

    def part(self, at: int, count: int) -> bytes:
        return self.data[at - self.base : at - self.base + count]


class _Codec(Protocol):
    mark: bytes

    def machine(self) -> Any: ...
    def errors(self) -> tuple[type[Exception], ...]: ...
    def at_once(self, window: _Window, at: int) -> tuple[bytearray, int] | None: ...
    def skippable(self, head: bytes) -> int: ...


class _Gzip:
    """``at_once`` takes what stands up to the next mark for a member, and lengthens it where the mark
    was none."""

    mark = _GZIP

    def __init__(self) -> None:
        self._unpack: Any = None
        try:
            import deflate
        except ImportError:
            return
        self._unpack, self._check = deflate.gzip_decompress, deflate.crc32
        self._error: type[Exception] = deflate.DeflateError

    def machine(self) -> Any:
        return zlib.decompressobj(31)

    def errors(self) -> tuple[type[Exception], ...]:
        return (zlib.error,)

    def skippable(self, head: bytes) -> int:
        return 0

    def at_once(self, window: _Window, at: int) -> tuple[bytearray, int] | None:
        if self._unpack is None:
            return None
        end = at + _HEAD - 1
        for _ in range(_FALSE_MARKS):
            end = self._next(window, at, end + 1)
            if end < 0:
                return None
            size = int.from_bytes(window.part(end - 4, 4), "little")
            if 0 < size <= _LARGE and size <= (end - at) * _RATIO:
                view = memoryview(window.data)[at - window.base : end - window.base]
                try:
                    data = self._unpack(view, size)
                except (self._error, ValueError):
                    continue
                # libdeflate does not say where a member ended; the trailer does.
                if len(data) == size and self._check(data) == int.from_bytes(view[-8:-4], "little"):
                    return data, end
            if end >= window.end:
                break
        return None

    @staticmethod
    def _next(window: _Window, at: int, start: int) -> int:
        """Where the next mark stands, or the file ends; -1 where that is too far."""
        while (end := window.find(start)) < 0:
            start = max(start, window.end - 2)
            if window.end - at > _LARGE:
                return -1
            if not window.grow(at):
                return window.end
        return end


class _Zstd:
    mark = _ZSTD

    def __init__(self, head: Stream) -> None:
        self._zstandard = extra("zstandard", "a web archive packed with Zstandard")
        self._dictionary = _dictionary(head, self._zstandard)

    def machine(self) -> Any:
        given = {"dict_data": self._dictionary} if self._dictionary else {}
        return self._zstandard.ZstdDecompressor(max_window_size=1 << 27, **given).decompressobj()

    def errors(self) -> tuple[type[Exception], ...]:
        return (self._zstandard.ZstdError,)

    def at_once(self, window: _Window, at: int) -> None:
        return None

    def skippable(self, head: bytes) -> int:
        """The length of a frame that holds no data, the dictionary say."""
        is_one = head[1:4] == _SKIPPABLE[0] and head[0] in _SKIPPABLE[1]
        return 8 + int.from_bytes(head[4:8], "little") if is_one else 0


def _dictionary(head: Stream, zstandard: Any) -> Any:
    """The dictionary in the skippable frame with which the file begins, None where there is none."""
    mark = head.peek(8)
    if mark[1:4] != _SKIPPABLE[0] or mark[0] not in _SKIPPABLE[1]:
        return None
    size = int.from_bytes(mark[4:8], "little")
    if size > _MOST_DICTIONARY:
        return None
    found = head.peek(8 + size)[8:]
    if found.startswith(_ZSTD):
        found = zstandard.ZstdDecompressor().decompress(found, max_output_size=_MOST_DICTIONARY)
    return zstandard.ZstdCompressionDict(found) if mark[0] == 0x5D else None


def _plain(stream: Stream) -> Iterator[Piece]:
    begins = True
    while block := stream.read(BLOCK):
        yield Piece(stream.at - len(block), block, begins, False, stream.at)
        begins = False


def _packed(window: _Window, codec: _Codec, at: int) -> Iterator[Piece | Damage]:
    while True:
        window.need(at, _HEAD)
        if at >= window.end or (window.stop is not None and at >= window.stop):
            return
        skipped = codec.skippable(window.part(at, _HEAD))
        if skipped:
            window.need(at, skipped)
            at += skipped
            continue
        if window.part(at, len(codec.mark)) != codec.mark:
            after, empty = _next_start(window, codec, at)
            if not empty:
                yield Damage(at, f"{after - at} bytes that are no record", after)
            at = after
            continue
        found = codec.at_once(window, at)
        if found:
            yield Piece(at, found[0], True, True, found[1])
            at = found[1]
        else:
            at = yield from _slowly(window, codec, at)


def _slowly(window: _Window, codec: _Codec, at: int) -> Generator[Piece | Damage, None, int]:
    """One member, step by step, in several pieces where it is large; returns the offset behind it."""
    machine, parts, have, begins, here, step = codec.machine(), list[bytes](), 0, True, at, _LEAST_STEP
    while True:
        window.need(here, 1, keep=at if here - at < _LARGE else here)
        chunk = window.part(here, step)
        if not chunk:
            yield Damage(at, _CUT, window.end)
            return window.end
        try:
            part = machine.decompress(chunk)
        except codec.errors() as error:
            after, _ = _next_start(window, codec, max(at + 1, window.base))
            yield Damage(at, f"it cannot be unpacked: {error}", after)
            return after
        here += len(chunk)
        step = min(_STEP, 2 * step) if len(part) < _MANIFOLD * len(chunk) else _LEAST_STEP
        parts.append(part)
        have += len(part)
        if machine.eof:
            here -= len(machine.unused_data)
            yield Piece(at, b"".join(parts), begins, True, here)
            return here
        if have > _LARGE:
            yield Piece(at, b"".join(parts), begins, False, here)
            parts, have, begins = [], 0, False


def _next_start(window: _Window, codec: _Codec, at: int) -> tuple[int, bool]:
    """The offset of the next member that begins a record, else the end of the file; and whether nothing
    but zeros stands before it. Behind ``stop`` none is looked for."""
    empty = True
    last = window.stop
    while last is None or at < last:
        found = window.find(at)
        if found < 0:
            end = max(at, window.end - len(codec.mark) + 1)
            empty = empty and not window.part(at, end - at).strip(b"\0")
            if not window.grow(end):
                return window.end, empty and not window.part(end, window.end - end).strip(b"\0")
            at = end
            continue
        empty = empty and not window.part(at, found - at).strip(b"\0")
        window.need(found, _LOOK)
        if _opens(window, codec, found):
            return found, empty
        at, empty = found + 1, False
    return at, empty


def _opens(window: _Window, codec: _Codec, at: int) -> bool:
    machine = codec.machine()
    try:
        return begins_archive(machine.decompress(window.part(at, _LOOK)))
    except codec.errors():
        return False
