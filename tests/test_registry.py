"""The registry of platforms: every module is in it, says what it must, and is tested."""

from __future__ import annotations

import pytest

from archiver import looking
from archiver.platform import Platform
from archiver.platforms import PLATFORMS
from tests.golden import HERE, cases
from tests.modules import ROOT

EACH = pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)


def test_names_are_unique() -> None:
    names = [platform.name for platform in PLATFORMS]
    assert len(names) == len(set(names))


def test_every_module_is_registered() -> None:
    folder = ROOT / "archiver/platforms"
    there = {
        path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert there - {"__init__"} == {platform.name for platform in PLATFORMS}


@EACH
def test_a_platform_says_what_it_must(platform: Platform) -> None:
    assert platform.name.isidentifier() and platform.name == platform.name.lower()
    assert platform.markers and all(mark and mark == mark.lower() for mark in platform.markers)


@EACH
def test_a_platform_has_golden_cases(platform: Platform) -> None:
    assert list((HERE / platform.name).glob("*/expected.json"))


@EACH
def test_every_article_with_a_post_holds_a_marker(platform: Platform) -> None:
    """Pages without any marker are never looked at: a marker too few loses posts in silence. In plain text
    every platform looks."""
    for case in cases():
        if case.article.suffix != ".txt" and any(
            quote.get("platform") == platform.name for quote in case.expected["quotes"]
        ):
            text = case.article.read_text("utf-8", "replace")
            assert looking.look([platform]).within(text).platforms, case.name


def test_quotes_are_of_registered_platforms() -> None:
    names = {platform.name for platform in PLATFORMS}
    for case in cases():
        assert {quote.get("platform") for quote in case.expected["quotes"]} <= names | {None}, case.name
