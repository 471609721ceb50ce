"""The one door to the web. Every connection passes the address guard, every request has an end.

A page is given whole or not at all: what was cut, refused or too large is a FetchError that says so.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timezone
from email.message import Message
from email.utils import parsedate_to_datetime
from functools import partial
from http.client import HTTPException
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from archiver import __version__
from archiver.errors import ArchiverError

__all__ = ["FetchError", "Fetcher", "Page", "is_public"]

DEADLINE = 60.0
LIMIT = 50_000_000
REDIRECTS = 10
_CONNECT, _READ = 10.0, 20.0
_CHUNK = 64 * 1024
_MOST_CODINGS = 3
# Types an article is served in; content decides the rest. A wrong type of image or sound is believed.
_READABLE = re.compile(
    r"text/|application/(?:xhtml\+xml|xml|octet-stream|x-unknown)$|application/[\w.-]+\+xml$"
)
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_COMPATIBLE = ipaddress.ip_network("::/96")
_SITE_LOCAL = ipaddress.ip_network("fec0::/10")

Resolve = Callable[[str, int], Sequence[tuple[Any, ...]]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class FetchError(ArchiverError):
    """A page that could not be had whole. ``status`` is that of HTTP where one was given, ``url`` where
    the answer came from."""

    def __init__(self, reason: str, *, url: str | None = None, status: int | None = None) -> None:
        super().__init__(reason)
        self.url = url
        self.status = status


@dataclass(frozen=True, slots=True)
class Page:
    """An answer received whole: ``url`` after all redirects, ``body`` without transfer and content
    coding, ``charset`` as the header declares it, ``date`` of the answer as UTC ISO 8601 with ``Z``."""

    url: str
    status: int
    body: bytes
    media_type: str | None = None
    charset: str | None = None
    date: str | None = None


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, in whatever form it hides another.

    >>> is_public("93.184.215.14"), is_public("::ffff:127.0.0.1"), is_public("64:ff9b::7f00:1")
    (True, False, False)
    """
    try:
        value = _plain(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if isinstance(value, ipaddress.IPv6Address) and value in _SITE_LOCAL:
        return False
    return value.is_global and not (value.is_multicast or value.is_reserved or value.is_unspecified)


def _plain(value: Address) -> Address:
    """The IPv4 address that an IPv6 address carries, where it carries one."""
    if isinstance(value, ipaddress.IPv4Address):
        return value
    inner = value.ipv4_mapped or value.sixtofour or (value.teredo or (None, None))[1]
    if inner is None and any(value in net for net in (*_NAT64, _COMPATIBLE)):
        inner = ipaddress.IPv4Address(int(value) & 0xFFFFFFFF)
    return inner or value


class Fetcher:
    """Fetches pages.

    ``contact`` is told to every server (a mail or web address). ``resolve`` and ``allow`` are the
    address guard: ``allow`` is asked for each address that a host resolves to, at the moment of
    connecting, and nothing but this argument opens it.
    """

    def __init__(
        self,
        resolve: Resolve | None = None,
        allow: Callable[[str], bool] = is_public,
        *,
        contact: str | None = None,
        limit: int = LIMIT,
        deadline: float = DEADLINE,
    ) -> None:
        self._resolve = resolve or _resolve
        self._allow = allow
        self._limit = limit
        self._deadline = deadline
        about = f"; contact: {contact}" if contact else ""
        self._headers = {
            "User-Agent": f"archiver/{__version__} (preserves the social posts that articles quote{about})",
            "Accept": "text/html,application/xhtml+xml,text/plain;q=0.9,*/*;q=0.5",
            "Accept-Encoding": "gzip, deflate",
        }

    def get(self, url: str) -> Page:
        """The page at an address, redirects followed. FetchError where it cannot be had whole."""
        with _Watch(self._deadline) as watch, requests.Session() as session:
            session.trust_env = False
            session.headers.update(self._headers)
            adapter = _Adapter(lambda host, port: self._connect(host, port, watch))
            session.mount("http://", adapter)
            session.mount("https://", adapter)
            try:
                return self._follow(session, url, watch)
            except (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException) as error:
                raise FetchError(_reason(error, watch), url=url) from error
            except (OSError, ValueError) as error:
                raise FetchError(_reason(error, watch), url=url) from error

    def _follow(self, session: requests.Session, url: str, watch: _Watch) -> Page:
        for _ in range(REDIRECTS + 1):
            if urlsplit(url).scheme.lower() not in ("http", "https"):
                raise FetchError(f"leads to {url[:200]}, which is no web address: not followed", url=url)
            with session.get(url, allow_redirects=False, stream=True, timeout=(_CONNECT, _READ)) as answer:
                target = session.get_redirect_target(answer)
                if target is None:
                    return self._page(answer, watch)
                url = urljoin(answer.url, target)
        raise FetchError(f"redirected more than {REDIRECTS} times", url=url)

    def _page(self, answer: requests.Response, watch: _Watch) -> Page:
        status, url = answer.status_code, answer.url
        if not 200 <= status < 300:
            words = f" {answer.reason}" if answer.reason else ""
            raise FetchError(f"the server answered {status}{words}", url=url, status=status)
        media_type, charset = _content_type(answer.headers.get("Content-Type"))
        if media_type and not _READABLE.match(media_type):
            raise FetchError(f"no article but {media_type}", url=url, status=status)
        raw = self._raw(answer, watch)
        try:
            body = _decoded(raw, answer.headers.get("Content-Encoding", ""), self._limit)
        except (FetchError, zlib.error) as error:
            raise FetchError(f"damaged on the way: {error}", url=url, status=status) from error
        return Page(url, status, body, media_type, charset, _date(answer.headers.get("Date")))

    def _raw(self, answer: requests.Response, watch: _Watch) -> bytes:
        """The body as sent, whole."""
        parts, size = [], 0
        declared = answer.headers.get("Content-Length", "")
        trouble = partial(FetchError, url=answer.url, status=answer.status_code)
        if declared.isdecimal() and int(declared) > self._limit:
            raise trouble(f"larger than {self._limit // 1_000_000} MB")
        try:
            while part := answer.raw.read(_CHUNK, decode_content=False):
                parts.append(part)
                size += len(part)
                if size > self._limit:
                    raise trouble(f"larger than {self._limit // 1_000_000} MB")
        except (urllib3.exceptions.HTTPError, HTTPException, OSError) as error:
            if watch.over or isinstance(error, (TimeoutError, urllib3.exceptions.ReadTimeoutError)):
                raise trouble(_reason(error, watch)) from error
            raise trouble(f"incomplete: the connection broke after {size} bytes") from error
        chunked = "Transfer-Encoding" in answer.headers
        if watch.over:
            raise trouble(watch.reason)
        if declared.isdecimal() and not chunked and size != int(declared):
            raise trouble(f"incomplete: {size} of {declared} bytes arrived")
        return b"".join(parts)

    def _connect(self, host: str, port: int, watch: _Watch) -> socket.socket:
        """A connection to an address that was checked; the check is of what is connected to."""
        try:
            found = self._resolve(host.strip("[]"), port)
        except (OSError, UnicodeError) as error:
            raise FetchError(f"no such host: {host}") from error
        for entry in found:
            if not self._allow(str(entry[4][0])):
                raise FetchError(f"refused: {host} leads to {entry[4][0]}, which is no public address")
        trouble: OSError | None = None
        for family, kind, protocol, _, address in found:
            connection = socket.socket(family, kind, protocol)
            try:
                connection.settimeout(max(0.1, min(_CONNECT, watch.left)))
                connection.connect(address)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                watch.keep(connection)
                return connection
            except OSError as error:
                connection.close()
                trouble = error
        raise FetchError(f"no connection to {host}: {_words(trouble)}")


class _Watch:
    """Cuts every connection of one request when its time is over, whatever the other side does: a
    limit for each read alone lets a server send one byte a second for ever."""

    def __init__(self, seconds: float) -> None:
        self.over = False
        self.reason = f"no complete answer within {seconds:g} s"
        self._end = time.monotonic() + seconds
        self._kept: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    @property
    def left(self) -> float:
        """Seconds until the end."""
        return self._end - time.monotonic()

    def __enter__(self) -> _Watch:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
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

    def _cut(self) -> None:
        with self._lock:
            self.over = True
            for connection in self._kept:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # closed by the other side already


class _Adapter(HTTPAdapter):
    """Connects through the guard, and only through it."""

    def __init__(self, connect: Callable[[str, int], socket.socket]) -> None:
        self._guarded = connect
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._guarded)


def _pools(connect: Callable[[str, int], socket.socket]) -> dict[str, Any]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self._dns_host, self.port)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self._dns_host, self.port)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def _resolve(host: str, port: int) -> Sequence[tuple[Any, ...]]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def _decoded(raw: bytes, codings: str, limit: int) -> bytes:
    """The body without its content codings. FetchError where it is cut, zlib.error where broken."""
    names = [name.strip().lower() for name in codings.split(",") if name.strip()]
    if len(names) > _MOST_CODINGS:
        raise FetchError(f"packed {len(names)} times over")
    for name in reversed(names):
        if name in ("gzip", "x-gzip"):
            raw = _inflated(raw, 31, limit)
        elif name == "deflate":
            # Meant to be zlib's format; some servers send the bare stream.
            bare = len(raw) < 2 or (raw[0] & 15) != 8 or int.from_bytes(raw[:2], "big") % 31
            raw = _inflated(raw, -15 if bare else 15, limit)
        elif name != "identity":
            raise FetchError(f"content coding {name[:40]} is not understood")
    return raw


def _inflated(raw: bytes, window: int, limit: int) -> bytes:
    out = b""
    while raw:
        member = zlib.decompressobj(window)
        out += member.decompress(raw, limit + 1 - len(out))
        if len(out) > limit:
            raise FetchError(f"larger than {limit // 1_000_000} MB when unpacked")
        if not member.eof:
            raise FetchError("incomplete: the packed body ends too early")
        raw = member.unused_data if member.unused_data.startswith(b"\x1f\x8b") else b""
    return out


def _content_type(header: str | None) -> tuple[str | None, str | None]:
    if not header:
        return None, None
    message = Message()
    message["Content-Type"] = header
    return message.get_content_type(), message.get_content_charset()


def _date(header: str | None) -> str | None:
    try:
        moment = parsedate_to_datetime(header or "")
        moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
        return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (TypeError, ValueError, OverflowError):
        return None


def _reason(error: Exception, watch: _Watch) -> str:
    """One line for a person, without the names of classes and addresses of objects."""
    if watch.over:
        return watch.reason
    for cause in _chain(error):
        if isinstance(cause, (TimeoutError, urllib3.exceptions.TimeoutError)):
            return f"no answer within {_READ:g} s"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate is not valid: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return f"no secure connection: {cause.reason or cause}"
    if isinstance(error, (requests.exceptions.InvalidURL, ValueError)):
        return "not a valid web address"
    last = list(_chain(error))[-1]
    return f"the connection failed: {_words(last)}"


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        inner = [
            part for part in (*error.args, getattr(error, "reason", None)) if isinstance(part, Exception)
        ]
        error = error.__cause__ or error.__context__ or (inner[0] if inner else None)
    return found


def _words(error: BaseException | None) -> str:
    if isinstance(error, TimeoutError):
        return "no answer"
    text = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return text.split("\n")[0][:200]
