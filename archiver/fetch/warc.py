"""Every exchange as it went over the line, in WARC 1.1 (ISO 28500): request and answer, byte for byte."""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import socket
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, Any

from archiver import __version__
from archiver.errors import ArchiverError
from archiver.fetch.page import FetchError, Record

if sys.platform != "win32":
    import fcntl

__all__ = ["Tape", "prepare"]

_IN_MEMORY = 1_000_000
_CHUNK = 256 * 1024
_GZIP = b"\x1f\x8b"


def prepare(path: str) -> None:
    """Makes the file where there is none; ArchiverError where it is something else, or cannot be
    written. Records are added to what is there."""
    try:
        with open(path, "ab+") as file:
            file.seek(0)
            head = file.read(5)
            if head[:2] != (_GZIP if _is_packed(path) else b"WA") and head:
                raise ArchiverError(
                    f"{path}: no WARC{' in gzip' * _is_packed(path)}: name another file with --warc"
                )
            if not head:
                _append(path, [_info(path)])
    except OSError as error:
        raise ArchiverError(f"{path}: cannot write the WARC: {error.strerror}") from None


class Tape:
    """Records exchanges into a WARC, one at a time; with no ``path``, none."""

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._said = bytearray()
        self._heard: IO[bytes] | None = None
        self._address: str | None = None
        self.truncated: str | None = None
        self.record: Record | None = None

    @property
    def is_on(self) -> bool:
        """Whether an exchange is being recorded."""
        return self._heard is not None

    @contextmanager
    def running(self, url: str) -> Iterator[None]:
        """Records what is said and heard inside as an exchange about ``url``; ``record`` tells
        afterwards where it stands, None where nothing was heard. ``truncated`` is to be set to the
        WARC's word for why an answer was not heard to its end."""
        self.record = self._address = None
        self.truncated = "disconnect"
        if self._path is None:
            yield
            return
        self._said.clear()
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as heard:
            self._heard = heard
            try:
                yield
            finally:
                self._heard = None
                self.record = self._keep(self._path, url, heard)

    def said(self, data: bytes) -> None:
        """What is sent."""
        if self.is_on:
            self._said += data

    def ear(self, stream: Any, connection: socket.socket) -> _Ear:
        """A stream that plays to the tape what is read of it."""
        self._address = str(connection.getpeername()[0])
        return _Ear(stream, self)

    def hear(self, data: bytes) -> None:
        """What is received."""
        if self._heard is not None:
            self._heard.write(data)

    def _keep(self, path: str, url: str, heard: IO[bytes]) -> Record | None:
        size = heard.tell()
        if not size:
            return None
        heard.seek(0)
        date = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        about = {"WARC-Target-URI": url, "WARC-Date": date, "WARC-IP-Address": self._address}
        answer, question = _name(), _name()
        fields = {**about, "WARC-Truncated": self.truncated}
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as out:
            _write(out, path, _head("response", answer, fields, size, _digest(heard)), heard)
            also = {**about, "WARC-Concurrent-To": answer}
            said = bytes(self._said)
            head = _head("request", question, also, len(said), _sha1(hashlib.sha1(said)))  # noqa: S324
            _write(out, path, head, said)
            out.seek(0)
            try:
                return Record(path, _append(path, iter(lambda: out.read(_CHUNK), b"")), answer)
            except OSError as error:
                raise FetchError(f"cannot write the WARC {path}: {error.strerror}") from error


class _Ear:
    """A buffered stream of which everything that is read is heard."""

    def __init__(self, stream: Any, tape: Tape) -> None:
        self._stream = stream
        self._tape = tape

    def read(self, size: int | None = -1) -> bytes:
        return self._heard(self._stream.read(size))

    def read1(self, size: int = -1) -> bytes:
        return self._heard(self._stream.read1(size))

    def readline(self, size: int = -1) -> bytes:
        return self._heard(self._stream.readline(size))

    def readinto(self, buffer: Any) -> int:
        count = int(self._stream.readinto(buffer))
        self._heard(bytes(memoryview(buffer)[:count]))
        return count

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _heard(self, data: bytes) -> bytes:
        self._tape.hear(data)
        return data


def _name() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"


def _info(path: str) -> bytes:
    block = (
        f"software: archiver/{__version__}\r\nformat: WARC File Format 1.1\r\n"
        "conformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n"
    ).encode()
    fields: dict[str, str | None] = {}
    fields["WARC-Date"] = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    fields["WARC-Filename"] = Path(path).name
    digest = _sha1(hashlib.sha1(block))  # noqa: S324
    record = _head("warcinfo", _name(), fields, len(block), digest, "application/warc-fields") + block
    record += b"\r\n\r\n"
    return gzip.compress(record) if _is_packed(path) else record


def _head(
    kind: str, name: str, fields: dict[str, str | None], size: int, digest: str, content: str | None = None
) -> bytes:
    lines = {"WARC-Type": kind, "WARC-Record-ID": name, **fields, "WARC-Block-Digest": digest}
    lines["Content-Type"] = content or f"application/http; msgtype={kind}"
    lines["Content-Length"] = str(size)
    text = "".join(f"{key}: {value}\r\n" for key, value in lines.items() if value)
    return f"WARC/1.1\r\n{text}\r\n".encode()


def _digest(stream: IO[bytes]) -> str:
    digest = hashlib.sha1()  # noqa: S324 - the digest that readers of WARCs know
    while piece := stream.read(_CHUNK):
        digest.update(piece)
    stream.seek(0)
    return _sha1(digest)


def _sha1(digest: Any) -> str:
    return f"sha1:{base64.b32encode(digest.digest()).decode()}"


def _write(out: IO[bytes], path: str, head: bytes, block: IO[bytes] | bytes) -> None:
    """One record, a gzip member of its own where the file is packed."""
    packed = gzip.GzipFile(fileobj=out, mode="wb", mtime=0) if _is_packed(path) else None
    sink: Any = packed or out
    sink.write(head)
    if isinstance(block, bytes):
        sink.write(block)
    else:
        while piece := block.read(_CHUNK):
            sink.write(piece)
    sink.write(b"\r\n\r\n")
    if packed:
        packed.close()


def _is_packed(path: str) -> bool:
    return path.lower().endswith(".gz")


def _append(path: str, pieces: Any) -> int:
    """Adds to the end of the file, one process at a time; where what is added begins. All of it is
    there, or nothing."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX)
        start = at = os.lseek(file, 0, os.SEEK_END)
        try:
            for piece in pieces:
                view = memoryview(piece)
                while view:
                    written = os.write(file, view)
                    view, at = view[written:], at + written
        except OSError:
            os.ftruncate(file, start)
            raise
        return start
    finally:
        os.close(file)
