"""Records of WARC and ARC, cut out of unpacked pieces. One whose length is wrong costs itself: the next
one is looked for by its first words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from archiver.readers.members import Damage, Piece

__all__ = ["Oversize", "Record", "Splitter"]

Data = bytes | bytearray

_HEAD = 64 * 1024
_AFTER = 16
_LENGTH = re.compile(rb"\ncontent-length:[ \t]{0,9}(\d{1,19})[ \t]{0,9}\r?\n", re.IGNORECASE)
_ARC_HEAD = re.compile(
    rb"([a-z][a-z0-9+.-]{1,20}:[^\r\n ]{1,8000}) ([^\r\n]{0,4000}) (\d{1,19})\r?\n", re.IGNORECASE
)
_NEXT = re.compile(rb"\nWARC/[01]\.\d{1,2}\r?\n")
_NEXT_ARC = re.compile(
    rb"\n[a-z]{3,9}://[^\r\n ]{1,4000} [0-9a-f.:]{1,45} \d{8,14} [^\r\n ]{1,100} \d{1,19}\r?\n",
    re.IGNORECASE,
)
_SCHEME = re.compile(rb"[a-z]{2,9}:", re.IGNORECASE)
_BLANKS = re.compile(rb"[\r\n\0]+")
_BLANK = b"\r\n\0"
_ARC = (b"filedesc://", b"http://", b"https://")
_LOOK_BACK = 16
_CUT = "it is cut short: the file ends inside it"


@dataclass(frozen=True, slots=True)
class Record:
    """``offset``: of the record in the file (of its member, where each has its own); ``head``: the lines
    of the archive; ``block``: what they are about, where it lies: who reads a page copies it once."""

    offset: int
    head: bytes
    block: memoryview


@dataclass(frozen=True, slots=True)
class Oversize:
    """A record larger than is read; ``block`` holds its beginning."""

    offset: int
    head: bytes
    block: memoryview
    length: int


class Splitter:
    """The records in pieces, those of at most ``limit`` bytes whole. ``seeking``: where nothing is packed,
    the first piece may begin inside a record, which is another's. ``stop``: where nothing is packed, so is
    what begins there. ``size`` of the file, where it is known and nothing is packed. ``first`` and ``end``:
    the offset of the first record, and where reading goes on."""

    def __init__(
        self, limit: int, seeking: bool = False, stop: int | None = None, size: int | None = None
    ) -> None:
        self.first: int | None = None
        self.end = 0
        self._limit, self._stop, self._size = limit, stop, size
        self._seeking = seeking
        self._arc = self._over = False
        self._parts: list[Data] = []
        self._have = self._need = self._skip = self._base = 0

    def split(self, pieces: Iterable[Piece | Damage]) -> Iterator[Record | Oversize | Damage]:
        """The records, and what was damaged, in order."""
        for piece in pieces:
            if self.first is None and not self._seeking:
                self.first = piece.offset
            if isinstance(piece, Damage):
                self._parts, self._have, self._skip = [], 0, 0
                yield piece
            elif record := self._whole(piece):
                yield record
            else:
                yield from self._feed(piece)
            if self._over:
                return
            self.end = piece.after
        yield from self._drain(True)

    def _whole(self, piece: Piece) -> Record | None:
        """The record that a piece is, one sound record and nothing else, as in most archives; None where a
        closer look is wanted."""
        pending = self._seeking or self._skip or self._parts
        if pending or not (piece.begins and piece.ends) or not piece.data.startswith(b"WARC/"):
            return None
        self._arc = False
        begin, length = self._head(piece.data, 0) or (0, -1)
        end = begin + length
        if not 0 <= length <= self._limit or not end <= len(piece.data) <= end + _AFTER:
            return None
        if piece.data[end:].strip(_BLANK):
            return None
        self._base = piece.offset
        return Record(piece.offset, bytes(piece.data[:begin]), memoryview(piece.data)[begin:end])

    def _feed(self, piece: Piece) -> Iterator[Record | Oversize | Damage]:
        data = piece.data
        if piece.begins:
            yield from self._drain(True)
            self._base, self._skip, self._need = piece.offset, 0, 0
            self._arc = data.startswith(_ARC)
        if self._skip:
            count = min(self._skip, len(data))
            data = data[count:]
            self._skip -= count
            self._base += count
        self._parts.append(data)
        self._have += len(data)
        if piece.ends or self._have >= self._need:
            yield from self._drain(piece.ends)

    def _drain(self, final: bool) -> Iterator[Record | Oversize | Damage]:
        """What is whole in the parts; where they are ``final``, all of it."""
        data = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        at, self._need = 0, 0
        while at < len(data) and not self._over:
            found, after = self._one(data, at, final)
            if found is not None:
                yield found
            if after == at:
                break
            at = after
        if final and self._skip:
            yield Damage(self._base + at, _CUT, self._base + len(data))
            self._skip = 0
        self._parts = [] if final or at >= len(data) else [data[at:]]
        self._have = 0 if final else max(0, len(data) - at)
        self._base += at

    def _one(self, data: Data, at: int, final: bool) -> tuple[Record | Oversize | Damage | None, int]:
        """What begins at ``at``, and where the next thing begins; ``at`` itself where more is wanted."""
        blank = _BLANKS.match(data, at)
        start = blank.end() if blank else at
        if self._seeking:
            return self._search(data, start, final)
        if self._stop is not None and self._base + start >= self._stop:
            self._over, self.end = True, self._base + start
        if self._over or start >= len(data):
            return None, start
        head = self._head(data, start)
        if head and head[1] >= 0:
            return self._body(data, at, start, head, final)
        if head:
            return self._lost(data, start, head[0], "it does not say how long it is", final)
        begun = self._arc or b"WARC/".startswith(data[start : start + 5])
        if begun and not final and len(data) - start < _HEAD:
            self._need = len(data) - at + 1
            return None, at
        return self._lost(data, start, start + 1, "no record begins here", final)

    def _head(self, data: Data, start: int) -> tuple[int, int] | None:
        """Where the head of a record ends, and the length it gives, -1 where it gives none."""
        if self._arc:
            line = _ARC_HEAD.match(data, start)
            return (line.end(), int(line[3])) if line else None
        if not data.startswith(b"WARC/", start):
            return None
        end = data.find(b"\r\n\r\n", start, start + _HEAD) + 4
        if end < 4:
            end = data.find(b"\n\n", start, start + _HEAD) + 2
            if end < 2:
                return None
        length = _LENGTH.search(data, start, end)
        return end, int(length[1]) if length else -1

    def _body(
        self, data: Data, at: int, start: int, head: tuple[int, int], final: bool
    ) -> tuple[Record | Oversize | Damage | None, int]:
        begin, length = head
        end = begin + length
        beyond = self._size is not None and self._base + end > self._size
        if beyond or (final and end > len(data)):
            held = len(data) - begin
            why = (
                f"it says {length} bytes and holds {held}"
                if final
                else f"it says {length} bytes: more than the file"
            )
            return self._lost(data, start, begin, why, final)
        if length > self._limit:
            if not final and len(data) - begin < _HEAD:
                self._need = begin + _HEAD - at
                return None, at
            self._skip = max(0, end - len(data))
            shown = memoryview(data)[begin : min(end, begin + _HEAD)]
            found = Oversize(self._base + start, bytes(data[start:begin]), shown, length)
            return found, min(end, len(data))
        if not final and end + _AFTER > len(data):
            self._need = end + _AFTER - at
            return None, at
        after = data[end : end + _AFTER].lstrip(_BLANK)
        follows = _SCHEME.match(after) if self._arc else b"WARC/".startswith(after[:5])
        if after and not follows:
            return self._lost(data, start, begin, f"its length, {length} bytes, is wrong", final)
        return Record(self._base + start, bytes(data[start:begin]), memoryview(data)[begin:end]), end

    def _lost(self, data: Data, start: int, begin: int, why: str, final: bool) -> tuple[Damage, int]:
        """A record is given up; the next one is looked for from ``begin`` on."""
        _, after = self._search(data, begin, final)
        return Damage(self._base + start, why, self._base + after), after

    def _search(self, data: Data, begin: int, final: bool) -> tuple[None, int]:
        found = (_NEXT_ARC if self._arc else _NEXT).search(data, max(0, begin - 1))
        self._seeking = found is None and not final
        if found:
            self.first = self._base + found.start() + 1 if self.first is None else self.first
            return None, found.start() + 1
        return None, len(data) if final else max(begin, len(data) - _LOOK_BACK)
