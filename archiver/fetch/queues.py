"""One polite queue for each host, whatever processes ask: turns are locks of files.

The lock is held while a page is asked for, so that a process that dies gives its turn back; a second file
tells when the next turn may begin.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from archiver.fetch.page import FetchError

if sys.platform != "win32":
    import fcntl

__all__ = ["Queue", "Turn"]

_PATIENCE = 600.0
_POLL = 0.05
_LONGEST_DELAY = 60.0


@dataclass(slots=True)
class Turn:
    """``delay``: seconds from the end of this turn until the next one begins; a host may ask for more."""

    delay: float


class Queue:
    """Turns at hosts: ``per_host`` at once, ``delay`` seconds apart. ``folder`` holds the locks; all
    that share it share the queue."""

    def __init__(self, delay: float, per_host: int, folder: Path | None = None) -> None:
        self._delay = delay
        self._places = per_host
        self._folder = folder

    @contextmanager
    def turn(self, host: str) -> Iterator[Turn]:
        """Waits for a turn at a host and holds it. FetchError where none comes or there is no place for
        the locks."""
        path = self._path(host)
        slot = _slot(path, self._places, host)
        turn = Turn(self._delay)
        try:
            _wait(path, self._delay)
            yield turn
        finally:
            _mark(path, turn.delay)
            os.close(slot)

    def _path(self, host: str) -> str:
        try:
            self._folder = self._folder or _own_folder()
        except OSError as error:
            raise FetchError(f"no place for the queue: {error.strerror or error}; set TMPDIR") from error
        return str(self._folder / sha256(host.encode("utf-8", "replace")).hexdigest()[:20])


def _own_folder() -> Path:
    """A folder that nobody else can write to, one for all runs of this user."""
    user = os.getuid() if hasattr(os, "getuid") else "all"
    folder = Path(tempfile.gettempdir()) / f"archiver-{user}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if hasattr(os, "getuid") and (folder.is_symlink() or folder.stat().st_uid != os.getuid()):
        raise FetchError(f"{folder} belongs to another user; set TMPDIR to a folder of your own")
    return folder


def _slot(path: str, places: int, host: str) -> int:
    """A file that is locked by this process alone: one of the host's places."""
    end = time.monotonic() + _PATIENCE
    while True:
        for place in range(places):
            file = _open(f"{path}.{place}")
            if _lock(file, wait=False):
                return file
            os.close(file)
        if time.monotonic() > end:
            raise FetchError(f"others have been asking {host} for {_PATIENCE:g} s: try again later")
        time.sleep(_POLL)


def _wait(path: str, delay: float) -> None:
    """Until the next turn may begin; those that wait stand in line at the lock."""
    file = _open(path)
    try:
        _lock(file, wait=True)
        ahead = _read(file) - time.time()
        if 0 < ahead <= _LONGEST_DELAY:  # more comes of a clock that was set back
            time.sleep(ahead)
        _write(file, delay)
    finally:
        os.close(file)


def _mark(path: str, delay: float) -> None:
    file = _open(path)
    try:
        _lock(file, wait=True)
        _write(file, min(delay, _LONGEST_DELAY))
    finally:
        os.close(file)


def _read(file: int) -> float:
    try:
        return float(os.pread(file, 40, 0))
    except ValueError:
        return 0.0


def _write(file: int, delay: float) -> None:
    os.ftruncate(file, 0)
    os.pwrite(file, f"{time.time() + delay:.3f}".encode(), 0)


def _open(path: str) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise FetchError(f"no place for the queue: {error.strerror}; set TMPDIR") from error


def _lock(file: int, wait: bool) -> bool:
    if sys.platform == "win32":
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True
