"""The guard of the tests themselves."""

from __future__ import annotations

import socket

import pytest

from tests.conftest import is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_loopback_is_open(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["192.0.2.7", "10.0.0.1", "0.0.0.0", "2001:db8::1", "news.example"])
def test_the_rest_of_the_world_is_not(host: str) -> None:
    assert not is_loopback(host)


def test_reaching_for_the_network_fails_the_test() -> None:
    with socket.socket() as door, pytest.raises(pytest.fail.Exception, match="reached for the network"):
        door.connect(("192.0.2.7", 80))


def test_asking_for_a_name_fails_the_test() -> None:
    with pytest.raises(pytest.fail.Exception, match="asked the network"):
        socket.create_connection(("news.example", 80), timeout=1)


def test_a_server_on_loopback_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as door:
        door.connect(server.getsockname())
