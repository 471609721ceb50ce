"""Every golden case gives what it says; and what holds for any article holds for each of them."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.extraction import extract
from archiver.model import Document
from archiver.rows import record
from tests.golden import Case, cases, narrowed, seen, written
from tests.golden.__main__ import main

EVERY = pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in cases()])
PIECES = pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.name)
        for case in cases()
        if case.article.suffix == ".html" and b"<html" not in case.article.read_bytes()
    ],
)


@EVERY
def test_case(case: Case) -> None:
    expected = case.expected
    assert narrowed(seen(case.read(expected)), expected) == {"notes": [], **expected}


@EVERY
def test_case_is_well_made(case: Case) -> None:
    assert {path.name for path in case.folder.iterdir()} == {case.article.name, "about.txt", "expected.json"}
    assert case.article.suffix in (".html", ".md", ".txt")
    assert case.about.strip() and case.about.count("\n") == 1, "one line"
    expected = case.expected
    assert set(expected) <= {"links", "url", "quotes", "notes"}
    assert (case.folder / "expected.json").read_text("utf-8") == written(expected)


@EVERY
def test_the_same_bytes_give_the_same_answer(case: Case) -> None:
    extraction = case.read(case.expected)
    assert extraction == case.read(case.expected)
    assert pickle.loads(pickle.dumps(extraction)) == extraction
    assert [quote.sighting.position for quote in extraction.quotes] == list(
        range(1, len(extraction.quotes) + 1)
    )


@PIECES
def test_what_surrounds_an_embed_changes_nothing(case: Case) -> None:
    """Markup that has nothing to do with an embed: a page of its own around a piece of HTML."""
    expected = case.expected
    body = b'<meta charset="utf-8"><div><p>Before.</p>' + case.article.read_bytes() + b"</div><p>After.</p>"
    changed = case.read(expected).document
    wrapped = Document(body, changed.kind, changed.source, changed.url)
    found = seen(extract(wrapped, links=expected.get("links", False)))
    assert narrowed(found, expected) == {"notes": [], **expected}


@given(st.data())
def test_no_piece_of_an_article_is_too_broken(data: st.DataObject) -> None:
    """Cut anywhere, doubled, joined to another, with any bytes between: read, and read the same again."""
    bodies = st.sampled_from([case.article.read_bytes() for case in cases()])
    first, second = data.draw(bodies), data.draw(bodies)
    cuts = st.integers(0, max(len(first), len(second)))
    body = first[: data.draw(cuts)] + data.draw(st.binary(max_size=8)) + second[data.draw(cuts) :]
    for kind in ("html", "text"):
        extraction = extract(Document(body, kind), links=True)
        assert extraction == extract(Document(body, kind), links=True)
        assert all(record(extraction, quote)["key"] for quote in extraction.quotes)


def test_there_are_many_cases() -> None:
    assert len(list(cases())) >= 60


def test_a_new_case_is_made_and_blessed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "mine.txt"
    source.write_text("Nothing is quoted here.\n", "utf-8")
    root = tmp_path / "golden"
    assert main(["new", str(source), "none/nothing", "--about", "Plain words: no quote."], root) == 0
    assert main([], root) == 0
    (root / "none/nothing/expected.json").write_text('{"quotes": [{}]}', "utf-8")
    assert main([], root) == 1
    assert main(["--bless"], root) == 0
    assert main(["none/nothing"], root) == 0
    (case,) = cases(root)
    assert case.expected == {"quotes": [], "notes": []}
    assert "1 cases, 1 different" in capsys.readouterr().out


def test_every_key_that_is_named_is_a_key_of_a_record() -> None:
    for case in cases():
        extraction = case.read(case.expected)
        known = {key for quote in extraction.quotes[:1] for key in record(extraction, quote)}
        named = {key for quote in case.expected["quotes"] for key in quote}
        assert not known or named <= known, case.name
