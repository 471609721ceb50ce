"""Quotes in flattened text: what an attribution is, where the text begins, where it stands."""

from __future__ import annotations

import pytest

from archiver import flattened
from archiver.flattened.view import viewed

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
    assert shown.url(at, at + 2) == "https://example.org/a_(b)"


def test_a_date_that_is_a_link_gives_the_address() -> None:
    text = "> The lamp\n> is out.\n>\n> \\-- Mara (@mara\\_quillon\\_ex) [June\n> 3, 2022](https://example.org/status/1)\n"
    (found,) = flattened.find(text)
    assert (found.handle, found.url) == ("mara_quillon_ex", "https://example.org/status/1")
    assert (found.text, found.date_written) == ("The lamp\nis out.", "June 3, 2022")
    assert text[found.start : found.end].endswith("3, 2022")
