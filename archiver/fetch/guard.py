"""The address guard: what is connected to is a public address, in whatever form it hides another."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from typing import Any

from archiver.fetch.page import FetchError
from archiver.fetch.reasons import words
from archiver.fetch.watch import Watch

__all__ = ["Guard", "Resolve", "is_public", "look_up"]

CONNECT = 10.0
"""Seconds that a connection may take."""

_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_COMPATIBLE = ipaddress.ip_network("::/96")
_SITE_LOCAL = ipaddress.ip_network("fec0::/10")

Resolve = Callable[[str, int], Sequence[tuple[Any, ...]]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


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


class Guard:
    """Connects to hosts of which every address is allowed."""

    def __init__(self, resolve: Resolve, allow: Callable[[str], bool]) -> None:
        self._resolve = resolve
        self._allow = allow

    def connect(self, host: str, port: int, watch: Watch) -> socket.socket:
        """A connection to an address that was checked; the check is of what is connected to."""
        found = self._addresses(host.strip("[]"), port)
        for entry in found:
            if not self._allow(str(entry[4][0])):
                raise FetchError(f"refused: {host} leads to {entry[4][0]}, which is no public address")
        trouble: OSError | None = None
        for family, kind, protocol, _, address in found:
            connection = socket.socket(family, kind, protocol)
            try:
                connection.settimeout(max(0.1, min(CONNECT, watch.left)))
                connection.connect(address)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                watch.keep(connection)
                return connection
            except OSError as error:
                connection.close()
                trouble = error
        raise FetchError(f"no connection to {host}: {words(trouble)}", again=True)

    def _addresses(self, host: str, port: int) -> Sequence[tuple[Any, ...]]:
        try:
            return self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            passing = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
            reason = f"no answer to the question for the host {host}" if passing else f"no such host: {host}"
            raise FetchError(reason, again=passing, gone=not passing) from error


def look_up(host: str, port: int) -> Sequence[tuple[Any, ...]]:
    """The addresses of a host, as the system finds them."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
