"""What many quotes say of one post, whatever their order."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.identity import READING, differences, settle_article, settle_author, settle_post

BLANK: dict[str, Any] = {
    **dict.fromkeys(READING),
    "platform": "somewhere",
    "text_state": "missing",
    "confidence": 1.0,
    "form": "blockquote",
    "site": None,
}


NUMBERS = itertools.count()


def quote(**said: Any) -> dict[str, Any]:
    state = {"text_state": "full"} if said.get("text") else {}
    words = {"text_key": said["text"].lower()} if said.get("text") else {}
    number = next(NUMBERS)
    return {**BLANK, "id": str(number), "article": f"article {number}", **state, **words, **said}


def times(many: int, **said: Any) -> list[dict[str, Any]]:
    """The same, said in several articles of sites of their own."""
    return [quote(**said) for _ in range(many)]


def test_what_more_articles_say_is_believed() -> None:
    settled = settle_post([*times(3, text="Right"), quote(text="Wrong and longer"), *times(9)])
    assert settled["text_sites"] == 3
    assert (settled["text"], settled["text_state"]) == ("Right", "full")


def test_a_whole_text_goes_before_a_cut_one() -> None:
    settled = settle_post([quote(text="Whole"), *times(5, text="Who…", text_state="truncated")])
    assert (settled["text"], settled["text_state"]) == ("Whole", "full")


def test_a_certain_reading_goes_before_a_doubtful_one() -> None:
    settled = settle_post([quote(text="Sure"), *times(4, text="Headline. Sure", confidence=0.5)])
    assert settled["text"] == "Sure"


def test_a_handle_keeps_its_capitals() -> None:
    settled = settle_post([quote(author_handle="annexample"), quote(author_handle="AnnExample")])
    assert (settled["author_handle"], settled["author"]) == ("AnnExample", "somewhere:annexample")


def test_the_finest_time_is_kept() -> None:
    printed = quote(
        written_on="2022-01-01",
        posted_earliest="2022-01-01T00:00:00Z",
        posted_latest="2022-01-01T23:59:59.999Z",
        time_basis="printed",
    )
    at = "2022-01-01T10:00:00Z"
    exact = quote(posted_at=at, posted_earliest=at, posted_latest=at, time_basis="id")
    assert settle_post([printed])["posted_on"] == "2022-01-01"
    assert settle_post([printed])["posted_at"] is None
    settled = settle_post([printed, exact])
    assert (settled["posted_at"], settled["time_basis"], settled["posted_on"]) == (at, "id", "2022-01-01")


def test_an_interval_of_two_days_is_narrowed_by_print_only() -> None:
    wide = {"posted_earliest": "2009-08-26T20:00:00Z", "posted_latest": "2009-08-27T20:00:00Z"}
    assert settle_post([quote(**wide, time_basis="interpolated")])["posted_on"] is None
    both = [quote(**wide, time_basis="interpolated"), quote(written_on="2009-08-27")]
    assert settle_post(both)["posted_on"] == "2009-08-27"


def test_nothing_known_is_nothing_said() -> None:
    settled = settle_post([quote()])
    assert settled["text_state"] == "missing"
    assert {name for name, value in settled.items() if value} == {"platform", "text_state"}


def test_an_author_and_an_article() -> None:
    posts = [
        {"platform": "p", "author_handle": "Ann", "author_name": "Ann", "quote_count": 1},
        {"platform": "p", "author_handle": "ann", "author_name": "Ann B.", "quote_count": 4},
    ]
    assert settle_author(posts) == {"platform": "p", "handle": "Ann", "name": "Ann B."}
    captures = [
        {
            "id": "1",
            "origin": "a",
            "captured_by": "reading",
            "captured_at": "2026",
            "title": "Read",
            "url": "u",
        },
        {"id": "2", "origin": "b", "captured_by": "http", "captured_at": "2020", "title": "Old", "url": "u"},
        {"id": "3", "origin": "c", "captured_by": "http", "captured_at": "2021", "title": None, "url": "u"},
    ]
    for one in captures:
        one |= {"site": None, "byline": None, "published_on": None, "language": None}
    assert settle_article(captures)["title"] == "Old"


words = st.sampled_from([None, "a", "A", "ab", "B"])
quotes = st.lists(
    st.builds(
        quote,
        text=words,
        author_name=words,
        author_handle=words,
        native_id=words,
        post_url=words,
        language=words,
        written_on=st.sampled_from([None, "2022-01-01", "2022-01-02"]),
        site=st.sampled_from([None, "a.example", "b.example"]),
        form=st.sampled_from(["blockquote", "healed"]),
        confidence=st.sampled_from([0.3, 0.95, 1.0]),
    ),
    min_size=1,
    max_size=6,
)


@given(quotes, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(found: list[dict[str, Any]], chance: random.Random) -> None:
    mixed = list(found)
    chance.shuffle(mixed)
    assert settle_post(mixed) == settle_post(found)


def test_articles_of_one_site_are_one_witness() -> None:
    same = [quote(text="Often", site="a.example") for _ in range(5)]
    settled = settle_post([*same, *times(2, text="Right")])
    assert (settled["text"], settled["text_sites"]) == ("Right", 2)


def test_a_copied_article_is_no_witness_of_its_own() -> None:
    around = {"context_before": "b" * 100, "context_after": "a" * 100}
    copied = [quote(text="Often", site=f"{n}.example", **around) for n in range(5)]
    settled = settle_post([*copied, *times(2, text="Right")])
    assert (settled["text"], settled["text_sites"]) == ("Right", 2)


def test_our_own_static_quotes_are_no_witness() -> None:
    healed = times(5, text="Often", form="healed")
    assert settle_post([*healed, quote(text="Right")])["text"] == "Right"
    assert settle_post(healed)["text"] == "Often"


POST = {
    "text": "We will never leave this place, whatever they say https://x.example/1",
    "language": "en",
    "author_handle": "AnnExample",
    "posted_on": "2022-01-01",
    "posted_at": None,
}


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ({"text": "We will never leave this place, whatever they say"}, []),
        ({"text": "we  will never leave this PLACE, whatever they say"}, []),
        ({"text": "We will never leave this place, wha…"}, []),
        ({"text": "We will gladly leave this place, whatever they say"}, ["other-text"]),
        ({"text": "We will gladly leave this place", "confidence": 0.5}, []),
        ({"text": "Nunca nos iremos", "language": "es"}, ["translated-text"]),
        ({"author_handle": "annexample"}, []),
        ({"author_handle": "AnnExarnple"}, ["other-handle"]),
        ({"written_on": "2022-01-01"}, []),
        ({"written_on": "2022-01-11"}, ["other-day"]),
        ({}, []),
    ],
)
def test_what_disagrees_is_said(said: dict[str, Any], codes: list[str]) -> None:
    assert [code for code, _ in differences(quote(**said), POST)] == codes


def test_changed_words() -> None:
    (found,) = differences(quote(text="We will gladly leave this place, whatever they say"), POST)
    assert found[1].startswith("“gladly” instead of “never”")
