"""Addresses and clocks of all platforms, by examples: tests/corpora/addresses.tsv and known pairs."""

from __future__ import annotations

import importlib
from collections import defaultdict
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver import ids
from archiver.model import Moment, Sighting
from archiver.platform import Address, Platform
from archiver.platforms import PLATFORMS
from tests.modules import ROOT

ROWS = [
    tuple(line.split("\t"))
    for line in (ROOT / "tests/corpora/addresses.tsv").read_text("utf-8").splitlines()
    if line and line[0] != "#"
]
ADDRESSES = pytest.mark.parametrize(
    ("written", "key", "canonical"), ROWS, ids=[row[0] or "empty" for row in ROWS]
)
POSTS = [row for row in ROWS if row[1] != "-"]

# Ids and the moment at which their posts were made, measured on public posts and by their embed codes.
CLOCKS = {
    "instagram": [
        ("BnSBALPBGaF", "2018-09-03T22:55:42", 1),
        ("_-fx45Au4w", "2016-01-01T00:35:27", 60),
        ("BDWCcW6MfQF", "2016-03-24T17:35:04", 60),
        ("ByxilPNJK3M", "2019-06-16T14:30:00", 120),
    ],
    "tiktok": [("6718335390845095173", "2019-07-27T19:00:00", 86400)],
    "linkedin": [("urn:li:share:7151241570371948544", "2024-01-11T16:00:54", 1)],
    "truthsocial": [("116431297579272777", "2026-04-19T12:10:00", 60)],
    "bluesky": [("3lgbo24fa5s2u", "2025-01-21T20:13:00", 60), ("3lbruqxjnjn2n", "2024-11-25T15:49:30", 60)],
}


def found(written: str) -> tuple[Platform, Address] | None:
    """The platform whose post an address names, and what it says."""
    for candidate in ids.unwrapped(written):
        for platform in PLATFORMS:
            answer = platform.address(candidate)
            if answer and any(piece in candidate.lower() for piece in platform.hosts):
                return platform, answer
    return None


@ADDRESSES
def test_address(written: str, key: str, canonical: str) -> None:
    answer = found(written)
    if key == "-":
        assert answer is None
        return
    assert answer is not None
    platform, address = answer
    assert address.url == canonical
    said = f"{platform.name}:{address.key or address.native_id or 'url'}"
    assert said == key
    quote = platform.understand(Sighting(platform.name, "link", handle=address.handle, url=written))
    assert quote.url == canonical
    assert quote.key == key if not key.endswith(":url") else quote.key.startswith(f"{key}:")


@pytest.mark.parametrize("canonical", sorted({row[2] for row in POSTS}))
def test_canonical_addresses_are_their_own(canonical: str) -> None:
    once = found(canonical)
    assert once is not None and once[1].url == canonical


@pytest.mark.parametrize(("written", "key"), [row[:2] for row in POSTS], ids=[row[0] for row in POSTS])
def test_tidying_an_address_keeps_its_post(written: str, key: str) -> None:
    if "#!" in written or "&amp;" in written:
        return  # What a fragment or a damaged query says is not kept by tidying.
    before, after = found(written), found(ids.tidy_url(written))
    assert before and after and (before[0].name, before[1]) == (after[0].name, after[1])


def test_spellings_of_one_address_share_one_key() -> None:
    keys = defaultdict(set)
    for written, _, canonical in POSTS:
        answer = found(written)
        if answer:
            keys[canonical].add((answer[0].name, answer[1]))
    assert {canonical for canonical, said in keys.items() if len({a.key for _, a in said}) > 1} == set()


def test_every_platform_has_examples() -> None:
    assert {platform.name for platform in PLATFORMS} == {row[1].partition(":")[0] for row in POSTS}


def test_an_address_is_read_by_one_platform_only() -> None:
    for written, _, _ in POSTS:
        readers = {
            platform.name
            for platform in PLATFORMS
            for candidate in ids.unwrapped(written)
            if platform.address(candidate)
        }
        assert len(readers) == 1, (written, readers)


@pytest.mark.parametrize(("written", "key"), [row[:2] for row in POSTS], ids=[row[0] for row in POSTS])
def test_hosts_and_markers_stand_in_every_address(written: str, key: str) -> None:
    platform = next(p for p in PLATFORMS if p.name == key.partition(":")[0])
    low = " ".join(ids.unwrapped(written)).lower()
    assert any(piece in low for piece in platform.hosts)
    assert any(mark in low.encode() for mark in platform.markers)


@pytest.mark.parametrize(
    ("name", "native_id", "when", "seconds"),
    [(name, *pair) for name, pairs in CLOCKS.items() for pair in pairs],
)
def test_clock(name: str, native_id: str, when: str, seconds: int) -> None:
    module = importlib.import_module(f"archiver.platforms.{name}")
    posted = module.time_of(native_id)
    assert posted.basis == "id"
    expected = datetime.fromisoformat(when).replace(tzinfo=timezone.utc)
    assert abs(posted.value - expected) <= timedelta(seconds=seconds)


@pytest.mark.parametrize("name", ["instagram", "threads"])
@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", min_size=9, max_size=11))
def test_any_code_has_a_time_of_this_age_or_none(name: str, code: str) -> None:
    posted = importlib.import_module(f"archiver.platforms.{name}").time_of(code)
    assert posted == Moment() or 2010 < posted.value.year < 2100


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
@given(st.integers(0, len(POSTS) - 1), st.text(max_size=40), st.integers(0, 200))
def test_no_address_makes_a_platform_fall(platform: Platform, at: int, more: str, cut: int) -> None:
    written = POSTS[at][0]
    for hostile in (written + more, written[:cut] + more + written[cut:], more):
        answer = platform.address(hostile)
        quote = platform.understand(Sighting(platform.name, "link", url=hostile))
        again = platform.address(answer.url) if answer else None
        assert quote.key and (answer is None or (again and again.url == answer.url))
        assert answer is None or (again and (again.native_id, again.key) == (answer.native_id, answer.key))


@pytest.mark.parametrize("letter", ["İ", "ſ", "\u212a", "٠"])
def test_letters_that_no_id_has(letter: str) -> None:
    """Letters and digits of other scripts inside the ids of addresses: no post, and no failure."""
    for path in ("instagram.com/p/ABCDEFG{}HJK/", "threads.net/t/ABCDEFG{}IJKL", "flic.kr/p/2abc{}",
                 "bsky.app/profile/a.example/post/3kabcdefg{}ijk", "h.example/w/abcdefghij{}mnopqrstuvw",
                 "t.me/a/1{}", "vk.com/wall-1_{}2", "twitter.com/a/status/1{}"):  # fmt: skip
        url = f"https://{path.format(letter)}"
        for platform in PLATFORMS:
            found = platform.address(url)
            if found:
                platform.understand(Sighting(platform.name, "url", url=url))
