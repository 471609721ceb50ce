"""A session of requests that connects through the guard, and only through it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from http.client import HTTPResponse
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from archiver.fetch.warc import Tape

__all__ = ["session"]


def session(
    connect: Callable[[str, int], socket.socket], headers: dict[str, str], tape: Tape
) -> requests.Session:
    """A session that sends ``headers``, connects by ``connect`` and plays what is said to ``tape``. It
    knows no proxies and passwords of the environment."""
    made = requests.Session()
    made.trust_env = False
    made.headers.update(headers)
    adapter = _Adapter(connect, tape)
    made.mount("http://", adapter)
    made.mount("https://", adapter)
    return made


class _Adapter(HTTPAdapter):
    """Connects through the guard, and only through it."""

    def __init__(self, connect: Callable[[str, int], socket.socket], tape: Tape) -> None:
        self._guarded = connect
        self._tape = tape
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._guarded, self._tape)


def _pools(connect: Callable[[str, int], socket.socket], tape: Tape) -> dict[str, Any]:
    class Heard(HTTPResponse):
        def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
            super().__init__(sock, *args, **kwargs)
            if tape.is_on:
                self.fp: Any = tape.ear(self.fp, sock)

    class Plain(HTTPConnection):
        response_class = Heard

        def _new_conn(self) -> socket.socket:
            return connect(self._dns_host, self.port)

        def send(self, data: Any) -> None:
            tape.said(data)
            super().send(data)

    class Secure(HTTPSConnection):
        response_class = Heard

        def _new_conn(self) -> socket.socket:
            return connect(self._dns_host, self.port)

        def send(self, data: Any) -> None:
            tape.said(data)
            super().send(data)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
