"""Pictures and videos in a folder, each under the digest of its bytes; what it is, its bytes say."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from archiver import ids
from archiver.errors import ArchiverError

__all__ = ["File", "keep", "type_of"]

# (offset, bytes) that all stand in a file of the type; the first that fits.
_SIGNS: tuple[tuple[str, str, tuple[tuple[int, bytes], ...]], ...] = (
    ("image/jpeg", "jpg", ((0, b"\xff\xd8\xff"),)),
    ("image/png", "png", ((0, b"\x89PNG\r\n\x1a\n"),)),
    ("image/gif", "gif", ((0, b"GIF8"),)),
    ("image/webp", "webp", ((0, b"RIFF"), (8, b"WEBP"))),
    ("image/avif", "avif", ((4, b"ftypavif"),)),
    ("image/heic", "heic", ((4, b"ftyphei"),)),
    ("video/quicktime", "mov", ((4, b"ftypqt"),)),
    ("video/mp4", "mp4", ((4, b"ftyp"),)),
    ("video/webm", "webm", ((0, b"\x1a\x45\xdf\xa3"),)),
)
_LEAST = 24


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was kept."""

    sha256: str
    media_type: str
    bytes: int
    path: str


def type_of(body: bytes) -> tuple[str, str] | None:
    """Media type and ending by the first bytes; None for what is no picture and no video.

    >>> type_of(b"GIF89a" + bytes(30)), type_of(b"<svg onload='x()'>" + bytes(30))
    (('image/gif', 'gif'), None)
    """
    if len(body) < _LEAST:
        return None
    for media_type, ending, signs in _SIGNS:
        if all(body[at : at + len(sign)] == sign for at, sign in signs):
            return media_type, ending
    return None


def keep(folder: str, body: bytes) -> File | None:
    """Writes a file under its digest, whole or not at all; one that is there stays. None for what is no
    picture and no video. ArchiverError where the folder cannot be written."""
    kind = type_of(body)
    if kind is None:
        return None
    digest = ids.sha256(body)
    place = Path(folder).absolute() / digest[:2] / f"{digest}.{kind[1]}"
    try:
        if not place.is_file() or place.stat().st_size != len(body):
            place.parent.mkdir(parents=True, exist_ok=True)
            _write(place, body)
    except OSError as error:
        raise ArchiverError(f"{place}: cannot be written: {error.strerror or error}") from error
    return File(digest, kind[0], len(body), str(place))


def _write(place: Path, body: bytes) -> None:
    """By another name first, so that nothing half-written ever stands under a digest."""
    handle, name = tempfile.mkstemp(prefix=".", dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, place)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
