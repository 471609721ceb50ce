"""What every test may rely on: no network but loopback, the outside corpora where they are, steady chance."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
DEEPEST = 100

_SLOW_MACHINES = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile(
    "ci", derandomize=True, max_examples=60, deadline=None, suppress_health_check=_SLOW_MACHINES
)
settings.register_profile("deep", max_examples=2000, deadline=None, suppress_health_check=_SLOW_MACHINES)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def is_loopback(host: str) -> bool:
    """Whether a host, as a socket is given it, leads to this machine only."""
    if host in ("", "localhost"):
        return True
    try:
        return ip_address(host.split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any socket that reaches for another machine fails the test, whatever the code catches."""
    monkeypatch.setattr(socket.socket, "connect", _guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", _guarded(socket.socket.connect_ex))
    monkeypatch.setattr(socket, "getaddrinfo", _guarded_lookup(socket.getaddrinfo))


def _guarded(real: Callable[..., Any]) -> Callable[..., Any]:
    def reach(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_loopback(str(address[0])):
            pytest.fail(f"a test reached for the network: {address}")
        return real(self, address)

    return reach


def _guarded_lookup(real: Callable[..., Any]) -> Callable[..., Any]:
    def look_up(host: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and not is_loopback(name.rstrip(".")) and _asks_a_server(real, name):
            pytest.fail(f"a test asked the network for a name: {name}")
        return real(host, *rest, **more)

    return look_up


def _asks_a_server(real: Callable[..., Any], name: str) -> bool:
    """Whether looking a name up needs more than this machine: numbers in any spelling do not, nor does a
    name that can be no name."""
    try:
        name.encode("idna")
        real(name, None, flags=socket.AI_NUMERICHOST)
    except UnicodeError:
        return False
    except socket.gaierror:
        return True
    return False


@pytest.fixture(autouse=True)
def _no_deep_folders_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Takes away trees deeper than pytest's own clean-up can follow: left there, they break later runs."""
    path = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    yield
    if path is not None:
        folders = list(_folders(path))
        for depth, folder in reversed(folders):
            if depth > DEEPEST and not any(os.scandir(folder)):
                os.rmdir(folder)


def _folders(root: Path) -> Iterator[tuple[int, str]]:
    """Depth and path of every folder below one, the outer before the inner."""
    waiting = [(0, str(root))]
    while waiting:
        depth, folder = waiting.pop()
        if not os.access(folder, os.R_OK | os.X_OK):
            continue
        inner = [entry.path for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
        found = [(depth + 1, path) for path in inner]
        yield from found
        waiting += found


@pytest.fixture(scope="session")
def shared() -> Path:
    """The corpora and tools that lie beside the project; the test is skipped where they do not."""
    if not SHARED.is_dir():
        pytest.skip("the outside corpora (../shared) are not here")
    return SHARED
