"""Platforms of other packages: loaded by an entry point, asked beside ours, refused with a reason."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver import plugins
from archiver.errors import ArchiverError
from archiver.extraction import extract
from archiver.model import Document
from archiver.platforms import PLATFORMS

MODULE = """
from archiver.platform import Address, Platform, quote

def address(written):
    head, sign, number = written.partition("lantern.example/p/")
    return Address("https://lantern.example/p/" + number, number) if sign and number.isdigit() else None

PLATFORM = Platform(
    name="{name}", title="Lantern", forms="frame", clock=False, markers=(b"lantern.example",),
    hosts=("lantern.example",), address=address,
    understand=lambda seen: quote(seen, address(seen.url or "")),
)
"""


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    plugins.platforms.cache_clear()
    yield
    plugins.platforms.cache_clear()
    sys.modules.pop("lantern_ex", None)


def install(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str = "lantern", value: str = "lantern_ex:PLATFORM"
) -> None:
    """A package as pip would leave it: a module, and metadata with an entry point."""
    (folder / "lantern_ex.py").write_text(MODULE.format(name=name), "utf-8")
    info = folder / "lantern_ex-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lantern-ex\nVersion: 1.0\n", "utf-8")
    (info / "entry_points.txt").write_text(f"[{plugins.GROUP}]\nlantern = {value}\n", "utf-8")
    monkeypatch.syspath_prepend(str(folder))


def test_without_plugins_there_are_ours() -> None:
    assert plugins.platforms() == PLATFORMS


def test_a_platform_of_another_package_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch)
    assert [p.name for p in plugins.platforms()] == [*(p.name for p in PLATFORMS), "lantern"]
    document = Document(b'<p>x</p><iframe src="https://lantern.example/p/42"></iframe>')
    (quote,) = extract(document, plugins.platforms()).quotes
    assert (quote.key, quote.sighting.form) == ("lantern:42", "iframe")
    assert extract(document).quotes == ()


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("lantern", "nowhere_ex:PLATFORM", "No module named"),
        ("lantern", "lantern_ex:NOTHING", "NOTHING"),
        ("lantern", "lantern_ex:address", "is no archiver.platform.Platform"),
        (PLATFORMS[0].name, "lantern_ex:PLATFORM", "already"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str
) -> None:
    install(tmp_path, monkeypatch, name, value)
    with pytest.raises(ArchiverError, match=why) as refused:
        plugins.platforms()
    assert "update or uninstall lantern-ex" in str(refused.value)
