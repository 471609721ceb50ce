"""What a terminal gets to see."""

import json

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.show import card, columns_of, day, json_text, one_line, wrap

POST = {
    "author_name": "Mara Quillon",
    "author_handle": "maraquillon_ex",
    "platform": "somewhere",
    "text": "No light tonight.\n\nKeep west.",
    "text_state": "full",
    "written_on": "2022-06-03",
    "url": "https://x.example/1",
    "key": "somewhere:1",
    "flags": [],
}


def _plain(text):
    return click.unstyle(text)


def test_a_card():
    assert _plain(card(POST, 60, ["page.html"])) == "\n".join(
        [
            "Mara Quillon @maraquillon_ex · somewhere · 3 June 2022",
            "  No light tonight.",
            "",
            "  Keep west.",
            "  quoted in page.html",
            "  https://x.example/1",
            "  somewhere:1",
        ]
    )


def test_a_card_of_what_is_hardly_known():
    text = _plain(card({"platform": "somewhere", "text": None}))
    assert text.startswith("unknown author · somewhere · date unknown\n  (the article carries no text")
    assert _plain(card(POST | {"author_name": None})).startswith("@maraquillon_ex · ")
    assert "(cut short)" in _plain(card(POST | {"text_state": "truncated"}))
    assert "doubts: date-id" in _plain(card(POST | {"flags": ["date-id"]}))


def test_nothing_an_article_says_reaches_the_terminal_raw():
    evil = "a\x1b[31m\x9b\u202e\u2066b\x07\ud800"
    text = _plain(card(dict.fromkeys(POST, evil) | {"flags": [evil], "written_on": None}, 60, [evil]))
    assert not set(text) & set("\x1b\x9b\u202e\u2066\x07\ud800")
    assert "\\x1b" in text


@pytest.mark.parametrize(
    ("post", "words"),
    [
        ({"posted_at": "2022-06-03T08:41:17.512Z"}, "3 June 2022, 08:41 UTC"),
        (
            {"posted_earliest": "2009-01-01T00:00:00Z", "posted_latest": "2009-01-02T09:00:00Z"},
            "between 1 January 2009 and 2 January 2009",
        ),
        (
            {"posted_earliest": "2009-01-01T00:00:00Z", "posted_latest": "2009-01-01T23:59:59Z"},
            "1 January 2009",
        ),
        ({"posted_at": "nonsense", "date_written": "soon"}, "soon"),
    ],
)
def test_times_as_exact_as_they_are_known(post, words):
    assert day(post) == words


def test_wide_and_long_words():
    assert columns_of("速報です") == 8
    assert columns_of("e\u0301👍\ufe0f") == 3
    assert wrap("速報です 速報です", 8) == ["速報です", "速報です"]
    assert wrap("速報です速報です", 7) == ["速報で", "す速報", "です"]
    assert wrap("aa bb\n\ncc", 4) == ["aa", "bb", "", "cc"]
    assert wrap("https://example.org/very/long", 10) == ["https://ex", "ample.org/", "very/long"]
    assert wrap("", 10) == [""]


@settings(max_examples=60)
@given(st.text(alphabet=st.sampled_from("ab \n速報é👍\u0301ab"), max_size=60), st.integers(2, 12))
def test_no_line_is_too_wide_and_no_word_is_lost(text, width):
    lines = wrap(text, width)
    assert all(columns_of(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@settings(max_examples=60)
@given(st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3))
def test_json_is_safe_to_print_and_says_the_same(value):
    text = json_text(value)
    text.encode("utf-8")
    assert json.loads(text) == value


def test_json_of_broken_and_invisible_characters():
    assert json_text("a\ud83d\u202eé速") == '"a\ufffd\\u202eé速"'


def test_one_line():
    assert one_line("a\n b\x1b", 10) == "a b\\x1b"
    assert one_line("a" * 20, 10) == "a" * 9 + "…"
    assert one_line(None) == ""
