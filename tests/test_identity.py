"""What many quotes say of one post, whatever their order."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from archiver.identity import READING, settle_article, settle_author, settle_post

BLANK: dict[str, Any] = {
    **dict.fromkeys(READING),
    "platform": "somewhere",
    "text_state": "missing",
    "confidence": 1.0,
    "articles": 1,
}


def quote(**said: Any) -> dict[str, Any]:
    state = {"text_state": "full"} if said.get("text") else {}
    return {**BLANK, **state, **said}


def test_what_more_articles_say_is_believed() -> None:
    settled = settle_post(
        [quote(text="Right", articles=3), quote(text="Wrong and longer", articles=1), quote(articles=9)]
    )
    assert (settled["text"], settled["text_state"]) == ("Right", "full")


def test_a_whole_text_goes_before_a_cut_one() -> None:
    settled = settle_post(
        [quote(text="Whole", articles=1), {**quote(text="Who…", articles=5), "text_state": "truncated"}]
    )
    assert (settled["text"], settled["text_state"]) == ("Whole", "full")


def test_a_certain_reading_goes_before_a_doubtful_one() -> None:
    settled = settle_post([quote(text="Sure"), quote(text="Headline. Sure", confidence=0.5, articles=4)])
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
        articles=5,
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
    assert {name for name, value in settled.items() if value is not None} == {"platform", "text_state"}


def test_an_author_and_an_article() -> None:
    posts = [
        {"platform": "p", "author_handle": "Ann", "author_name": "Ann", "articles": 1},
        {"platform": "p", "author_handle": "ann", "author_name": "Ann B.", "articles": 4},
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
        articles=st.integers(1, 3),
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
