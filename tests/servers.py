"""A server on loopback that says what a test wants, and remembers what it was asked."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from archiver.fetch import Fetcher
from archiver.manners import Manners

Answer = Callable[["Request"], bytes]


@dataclass(frozen=True)
class Request:
    """What was asked: path, headers, when (monotonic), and for the how-manieth time the same path."""

    path: str
    headers: Mapping[str, str]
    at: float
    count: int


@dataclass
class Host:
    """``base``: its address; ``routes``: path -> answer; ``asked``: every request but robots.txt."""

    base: str = ""
    routes: dict[str, Answer | bytes] = field(default_factory=dict)
    log: list[Request] = field(default_factory=list)
    busy: int = 0
    busiest: int = 0

    @property
    def asked(self) -> list[Request]:
        return [request for request in self.log if request.path != "/robots.txt"]

    def answer(self, path: str, headers: Mapping[str, str]) -> bytes:
        count = 1 + sum(request.path == path for request in self.log)
        request = Request(path, headers, time.monotonic(), count)
        self.log.append(request)
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            found = self.routes.get(path, reply("404 Not Found"))
            return found if isinstance(found, bytes) else found(request)
        finally:
            self.busy -= 1


def reply(status: str = "200 OK", body: bytes | str = b"", **headers: str | None) -> bytes:
    """An answer; underscores in the names of headers are hyphens, None takes one away."""
    packed = body.encode() if isinstance(body, str) else body
    told = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(packed))}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}\r\n" for name, value in told.items() if value is not None]
    return f"HTTP/1.1 {status}\r\nConnection: close\r\n{''.join(lines)}\r\n".encode() + packed


class _Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Clients hang up on purpose."""


@contextmanager
def serving(routes: Mapping[str, Answer | bytes] | None = None) -> Iterator[Host]:
    """A host that runs until the end of the block."""
    host = Host(routes=dict(routes or {}))

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.wfile.write(host.answer(self.path, dict(self.headers)))

        def log_message(self, *_: object) -> None:
            pass

    with _Quiet(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host.base = f"http://127.0.0.1:{server.server_address[1]}"
        yield host
        server.shutdown()


def door(deadline: float = 20, limit: int = 5_000_000, **manners: object) -> Fetcher:
    """A fetcher that reaches loopback, and only that; no delay and no robots unless asked for."""
    told = Manners(**{"delay": 0, "robots": False, **manners})  # type: ignore[arg-type]
    return Fetcher(
        allow=lambda address: address.startswith("127."), limit=limit, deadline=deadline, manners=told
    )
