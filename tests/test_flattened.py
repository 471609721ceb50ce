"""Quotes in flattened text: what an attribution is, where the text begins, where it stands."""

from __future__ import annotations

import random
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver import flattened, resources
from archiver.flattened.evidence import weights
from archiver.flattened.view import viewed
from tests.articles import HANDLES, article, dates
from tests.flattener import DECIDED, LAYOUTS, Article, Post
from tests.make_weights import digest, fitted, rows
from tests.varied import FITTED, KEPT

SEED = "A line of prose.\n\n{text} — {name} ({handle}) {date}\n\nMore prose.\n"


@pytest.mark.parametrize(
    ("text", "name", "handle", "date"),
    [
        ("The lamp is out.", "Mara Quillon", "@maraquillon_ex", "June 3, 2022"),
        ("Fog — again. pic.example.com/aBcD", "Osk — Ferries", "@oskferries_ex", "9 de marzo de 2018"),
        ("薪が足りません。", "霧の茶屋", "@kirinochaya_ex", "2022年1月20日"),
        ("العاصفة قادمة", "خليج", "@khalij_ex", "٢ فبراير ٢٠٢٠"),
        ("Who has the key?", "Ottilie (she/they) Grau", "@ottiliegrau_ex", "7 июля 2016 г."),
    ],
)
def test_a_paragraph(text: str, name: str, handle: str, date: str) -> None:
    body = SEED.format(text=text, name=name, handle=f"{handle}", date=date)
    (found,) = flattened.find(body)
    assert (found.text, found.date_written) == (text + " — Osk" * (name[:3] == "Osk"), date)
    assert found.author_name == name.removeprefix("Osk — ")
    assert body[found.start : found.end] == f"{text} — {name} ({handle}) {date}"
    assert found.confidence >= 0.9 and not found.doubts


def test_a_text_that_holds_no_attribution() -> None:
    for body in (
        "Nothing (@maraquillon_ex) happened.",
        "— Photo by Tobias Wren (@lenswren_ex) May 1, 2020",
        "- Fix the fog horn (@oskferries_ex)\n\n3 August 2021",
        "* 2.0 - First release (@oskferries_ex) 3 August 2021: the horn",
        "Find me — Mara (@mara_ex@example.social) January 20, 2022",
    ):
        assert flattened.find(body) == ()


def test_an_attribution_that_lost_its_text() -> None:
    (found,) = flattened.find("— Mara Quillon (@maraquillon_ex) June 3, 2022\n")
    assert found.text is None
    assert found.doubts == ("attribution-only",)


def test_the_way_back_from_a_view() -> None:
    text = "Prose.\n\n> A [link\n> of words](https://example.org/a_(b)) and \\_marks\\_.\r\n>\r\n> <https://example.org/>\n"
    shown = viewed(text)
    assert shown.text == "Prose.\n\nA link\nof words and _marks_.\n\nhttps://example.org/\n"
    assert [line.depth for line in shown.lines] == [0, 0, 1, 1, 1, 1, 0]
    for word in ("Prose", "A ", "link", "of words", "and", "marks", "https://example.org/"):
        at = shown.origin(shown.text.index(word))
        assert text[at : at + len(word)] == word
    at = shown.text.index("of")
    link = shown.target(at, at + 2)
    assert link and link.url == "https://example.org/a_(b)"


def test_a_date_that_is_a_link_gives_the_address() -> None:
    text = "> The lamp\n> is out.\n>\n> \\-- Mara (@mara\\_quillon\\_ex) [June\n> 3, 2022](https://example.org/status/1)\n"
    (found,) = flattened.find(text)
    assert (found.handle, found.url) == ("mara_quillon_ex", "https://example.org/status/1")
    assert (found.text, found.date_written) == ("The lamp is out.", "June 3, 2022")
    assert text[found.start : found.end].endswith("3, 2022")


def posts(made: Article) -> list[Post]:
    return [block for block in made if isinstance(block, Post)]


def bare(text: str | None) -> str:
    """Words without what flatteners change: white space."""
    return "".join((text or "").split())


@given(st.integers(0, 2**32), st.sampled_from(sorted(LAYOUTS)))
def test_every_attribution_is_read(seed: int, layout: str) -> None:
    made = article(random.Random(seed))
    text = LAYOUTS[layout](made)
    found = flattened.find(text)
    for quote, post in zip(found, posts(made), strict=True):
        assert (quote.author_name or "", quote.handle) == (post.name, post.handle)
        # On one line the first word behind a date may be read as part of it.
        printed = quote.date_written[: len(post.date)] if layout == "one_line" else quote.date_written
        assert printed == " ".join(post.date.split())
        assert 0 <= quote.start < quote.end <= len(text)
    assert list(found) == sorted(found, key=lambda quote: quote.start)


@given(st.integers(0, 2**32), st.sampled_from(DECIDED))
def test_where_the_layout_decides_the_text_is_exact(seed: int, layout: str) -> None:
    made = article(random.Random(seed))
    for quote, post in zip(flattened.find(LAYOUTS[layout](made)), posts(made), strict=True):
        assert bare(quote.text) == bare(post.text), layout


WORDS = st.text(st.sampled_from("abc DEF \n—-(@#)éß漢字かなعب😀.,!?'\"/…"), min_size=1, max_size=120)


@given(WORDS, st.sampled_from(HANDLES), st.sampled_from([date for date, _ in dates()]))
def test_flatten_what_was_written_and_read_it_back(text: str, handle: str, date: str) -> None:
    """Any post at all, in the form the project began with."""
    words = " ".join(text.split())
    if not words or words.startswith((">", "—", "--")):
        return
    body = LAYOUTS["paragraphs"](("Prose before.", Post(words, "Mara", handle, date), "Prose after."))
    (found,) = flattened.find(body)
    assert (found.text, found.handle, found.date_written) == (words, handle, " ".join(date.split()))


@given(st.text(st.sampled_from("—-–(@a) 1JanuaryJune 3,2022\n>[](\\_*•年月日"), max_size=300))
def test_no_text_is_too_broken(text: str) -> None:
    assert flattened.find(text) == flattened.find(text)


def test_the_sure_ones_are_exact() -> None:
    """Confidence is a promise: of the quotes at 0.9 and above, 99 in 100 are exact; three in four are."""
    counts: Counter[str] = Counter()
    for seed in range(150):
        made = article(random.Random(seed))
        for layout in sorted(LAYOUTS.keys() - {"one_line"}):
            for quote, post in zip(flattened.find(LAYOUTS[layout](made)), posts(made), strict=True):
                exact = bare(quote.text) == bare(post.text)
                counts.update({"all": 1, "exact": exact})
                counts.update({"sure": 1, "sure exact": exact} if quote.confidence >= 0.9 else {})
    assert counts["all"] > 3000
    assert counts["exact"] >= 0.97 * counts["all"]
    assert counts["sure"] >= 0.75 * counts["all"]
    assert counts["sure exact"] >= 0.99 * counts["sure"]


def test_one_line_is_never_sure() -> None:
    for seed in range(20):
        made = article(random.Random(seed))
        assert all(quote.confidence < 0.9 for quote in flattened.find(LAYOUTS["one_line"](made)[:-1] * 2))


def quoted(text: str) -> list[str | None]:
    """The texts of the quotes found."""
    return [found.text for found in flattened.find(text)]


SIGNED = "— Mara Quillon (@mara_ex) June 3, 2022\n"


@pytest.mark.parametrize(
    "lead",
    [
        "The council met. “We are out of oil and nobody cares at all,” she wrote, and went home.",
        "The port is closed, as the [harbour master of Corbel](https://example.org/port) had feared.",
        "The keeper wrote on Twitter:",
        "Advertisement",
    ],
)
def test_what_leads_to_a_post_is_not_of_it(lead: str) -> None:
    """Prose that quotes the post, a link over words, a sentence that announces, a button."""
    post = "We are out of oil and nobody cares at all. Come and see [#lamp](https://posts.example/tag)."
    assert quoted(f"{lead}\n\n{post}\n\n{SIGNED}") == [
        "We are out of oil and nobody cares at all. Come and see #lamp."
    ]


def test_the_same_post_twice_tells_where_it_begins() -> None:
    post = "The lamp is out\nThe bell is not\nNobody has the key"
    first, second = quoted(
        f"The council will meet again\n{post}\n{SIGNED}Prose between the two, of no length.\n"
        f"Another thing was said elsewhere\n{post}\n{SIGNED}"
    )
    assert first == second == post


def test_posts_of_one_document_begin_alike() -> None:
    posts = ("#lampnight\nthe oil is here", "#lampnight\nthe bell rang twice", "#lampnight\nfog again")
    text = "".join(f"Something the council said\n{post}\n{SIGNED}" for post in posts)
    assert [bare(found) for found in quoted(text)] == [bare(post) for post in posts]


@pytest.mark.parametrize("dash", ["— ", ""])
def test_an_author_who_heads_a_quotation(dash: str) -> None:
    """Scrambled texts: what follows in the same quotation is the post, and we are not sure of it."""
    text = f"Prose.\n\n> {dash}**Mara Quillon** (@mara_ex) June 3, 2022\n>\n> The lamp is out.\n\nMore.\n"
    (found,) = flattened.find(text)
    assert (found.text, found.author_name) == ("The lamp is out.", "Mara Quillon")
    assert found.doubts == ("ambiguous-start",) and found.confidence < 0.9
    assert text[found.start : found.end].endswith("The lamp is out.")


def test_a_name_in_a_quotation_is_no_quote() -> None:
    for text in (
        "Prose.\n\n> Mara Quillon (@mara_ex) June 3, 2022\n\nMore prose.\n> One line.\n",
        "> Told by\n> Mara Quillon (@mara_ex) June 3, 2022\n> in the tower.\n",
        "He spoke on — January 20, 2022. By Jane Doe (@janedoe_ex) January 20, 2022\n",
    ):
        assert flattened.find(text) == ()


def test_an_exclamation_before_a_link_is_no_picture() -> None:
    text = f"Prose.\n\nThe lamp is out![#lamp](https://posts.example/tag)\n\n{SIGNED}"
    assert quoted(text) == ["The lamp is out!#lamp"]


def test_the_weights_are_those_of_the_script() -> None:
    """weights.json names the sentences it was fitted on, and every feature that made articles show."""
    for name, table in (("weights", FITTED), ("confidence", KEPT)):
        assert resources.read_json("flattened", f"{name}.json")["from"]["digest"] == digest(table)
    shown = {name for values, _ in rows(KEPT, 6) for name in values}
    assert shown <= weights().keys()


def test_fitting_draws_weights_from_their_prior_to_what_was_seen() -> None:
    seen = [({"above: x": 1.0}, True)] * 300 + [({"above: x": 1.0, "below: y": 1.0}, False)] * 100
    found = fitted(seen, {"above: x": 0.0, "below: y": 0.0, "below: unseen": -2.0})
    assert found["above: x"][0] > 1 and found["below: y"][0] < -1
    assert found["below: unseen"] == (-2.0, 0)


PUMPS = (
    *(
        "— ",
        "-",
        "(@",
        "(@a) ",
        "— A (@a) ",
        "— A (@a) January 20, 2022 ",
        "— A (@a)\n\nJanuary 20, 2022 x\n",
    ),
    *("— (@a) 1 ", "— " * 20 + "(@a) January 20, 2022 ", "> ", "[a](", "\\", "(@a\\_", "年", "#a\n", "(@a)["),
    *("- a (@a) January 20, 2022\n", "> — A (@a) January 20, 2022\n", "References\n 1. ", "  - a\n"),
)


@pytest.mark.parametrize("pump", PUMPS)
def test_hostile_text_takes_linear_time(pump: str) -> None:
    """Twice the text takes about twice the time; the least of two runs counts, on a busy machine."""

    def took(size: int) -> float:
        text = pump * (size // len(pump)) + "— A (@a) January 20, 2022\n"
        return min(_seconds(text), _seconds(text))

    assert took(80_000) < 3.5 * took(40_000) + 0.1


def _seconds(text: str) -> float:
    flattened.find.cache_clear()
    viewed.cache_clear()
    start = time.process_time()
    flattened.find(text)
    return time.process_time() - start


def test_an_attribution_without_a_date_ends_the_post_before_it() -> None:
    text = "Prose.\n\nFirst post.\n\n— Osk (@osk_ex)\n\nSecond post.\n\n— Mara (@mara_ex) June 3, 2022\n"
    (found,) = flattened.find(text)
    assert (found.handle, found.text) == ("mara_ex", "Second post.")


def test_a_quotation_inside_a_post_is_the_authors_own() -> None:
    text = (
        "Prose.\n\n> The lamp:  \n>\n> > Nobody drowns here.  \n>\n> That was all.\n>\n"
        "> -- Mara (@mara_ex) [June 3, 2022](https://example.org/1)\n\n[More](https://example.org)\n"
    )
    (found,) = flattened.find(text)
    assert bare(found.text) == "Thelamp:Nobodydrownshere.Thatwasall."
