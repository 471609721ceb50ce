"""The end of a request, whatever the other side does."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Watch"]


class Watch:
    """Cuts every connection of one request when its time is over, whatever the other side does: a
    limit for each read alone lets a server send one byte a second for ever."""

    def __init__(self, seconds: float) -> None:
        self.over = False
        self.reason = f"no complete answer within {seconds:g} s"
        self._end = time.monotonic() + seconds
        self._kept: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    @property
    def left(self) -> float:
        """Seconds until the end."""
        return self._end - time.monotonic()

    def __enter__(self) -> Watch:
        self._start()
        return self

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Time that passes inside does not count: that of waiting for our own turn."""
        self._stop()
        start = time.monotonic()
        try:
            yield
        finally:
            self._end += time.monotonic() - start
            self._start()

    def __exit__(self, *_: object) -> None:
        self._stop()
        with self._lock:
            for connection in self._kept:
                connection.close()
            self._kept.clear()

    def keep(self, connection: socket.socket) -> None:
        """Watch this connection too. A duplicate is kept: TLS takes the socket itself away."""
        with self._lock:
            if self.over:
                raise TimeoutError(self.reason)
            self._kept.append(connection.dup())

    def _start(self) -> None:
        self._timer = threading.Timer(max(0.0, self.left), self._cut)
        self._timer.daemon = True
        self._timer.start()

    def _stop(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _cut(self) -> None:
        with self._lock:
            self.over = True
            for connection in self._kept:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # closed by the other side already
