"""Forgeries: change one thing of a quote, beside another witness or alone, and see that it is said."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.archives import add, dump, page, sources, tweet

WORDS = "We will never leave this place, whatever they say about the harbour and its light"
TRUE = tweet(3600 * 12, WORDS, "Ann Example", "ann_example")
ID = TRUE.split("/status/")[1].split('"')[0]


def flags(folder: Path, *bodies: str) -> set[str]:
    files = {f"{at}.html": page(body, f"https://site{at}.example/a") for at, body in enumerate(bodies)}
    db = folder / "q.db"
    add(db, sources(folder / "in", files))
    with closing(sqlite3.connect(db)) as connection:
        return {code for (code,) in connection.execute("select code from flags")}


def test_what_is_true_raises_no_flag(tmp_path: Path) -> None:
    assert flags(tmp_path, TRUE, TRUE, TRUE.replace(f"/status/{ID}", f"/statuses/{ID}?s=20")) == set()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, len(ID) - 1), digit=st.sampled_from("0123456789"))
def test_a_digit_of_the_id(tmp_path_factory: pytest.TempPathFactory, at: int, digit: str) -> None:
    assume(ID[at] != digit and not (at == 0 and digit == "0"))
    forged = TRUE.replace(ID, ID[:at] + digit + ID[at + 1 :])
    assert flags(tmp_path_factory.mktemp("id"), TRUE, forged) & {"date-mismatch", "other-id", "impossible-id"}


@pytest.mark.parametrize(
    "day", ["January 2, 2022", "January 11, 2022", "February 1, 2022", "January 1, 2021"]
)
def test_the_day(tmp_path: Path, day: str) -> None:
    assert "date-mismatch" in flags(tmp_path, TRUE.replace("January 1, 2022", day))


@pytest.mark.parametrize("handle", ["ann_exarnple", "ann_examp1e", "Ann_Examples", "аnn_example", "bo_ex"])
def test_a_letter_of_the_handle(tmp_path: Path, handle: str) -> None:
    printed = TRUE.replace("(@ann_example)", f"(@{handle})")
    assert flags(tmp_path / "a", printed) & {"handle-mismatch", "lookalike-handle"}
    everywhere = TRUE.replace("ann_example", handle)
    assert flags(tmp_path / "b", TRUE, everywhere) & {"other-handle", "lookalike-handle"}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, len(WORDS.split()) - 1), word=st.sampled_from(["gladly", "NOT", "10", "nicht"]))
def test_a_word(tmp_path_factory: pytest.TempPathFactory, at: int, word: str) -> None:
    words = WORDS.split()
    words[at] = word
    assert flags(tmp_path_factory.mktemp("word"), TRUE, TRUE.replace(WORDS, " ".join(words))) == {
        "other-text"
    }


def test_a_day_without_an_id_beside_a_witness(tmp_path: Path) -> None:
    media = TRUE.replace(WORDS, f"{WORDS} pic.twitter.com/aBcDeF1234")
    link = media[media.index("<a href") :]
    weak = media.replace(link, "January 11, 2022</blockquote>")
    assert "other-day" in flags(tmp_path, media, weak)
    assert len(dump(tmp_path / "q.db")["posts"]) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (tweet(1, "long " * 60), "text-too-long"),
        (TRUE.replace(ID, "20").replace("January 1, 2022", "May 1, 1999"), "date-mismatch"),
    ],
)
def test_what_cannot_be(tmp_path: Path, body: str, code: str) -> None:
    assert code in flags(tmp_path, body)


def test_a_post_later_than_its_article(tmp_path: Path) -> None:
    head = '<meta property="article:published_time" content="2021-12-01T10:00:00Z">'
    body = page(TRUE, "https://news.example/a").replace("<head>", f"<head>{head}")
    db = tmp_path / "q.db"
    add(db, sources(tmp_path / "in", {"a.html": body}))
    assert "post-after-article" in {row[3] for row in dump(db)["flags"]}
    changed = body.replace("<head>", '<head><meta property="article:modified_time" content="2022-01-01">')
    add(tmp_path / "r.db", sources(tmp_path / "in", {"a.html": changed}))
    assert dump(tmp_path / "r.db")["flags"] == []
