"""Prose that quotes a post which the article also embeds: what is tied, how, and what is not."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver import query, rows, speech
from archiver.evidence.redaction import redact
from archiver.evidence.verify import verify
from archiver.extraction import extract
from archiver.model import Document, Quotation
from archiver.reparse import reparse
from tests.archives import LATER, add, dump, is_sound, page, sources, tweet
from tests.test_redaction import everything

WORDS = "We will rebuild the old harbour light before winter, stone by stone, and nobody will stop us"
NAME, HANDLE = "Mara Quillon", "maraquillon_ex"
EMBED = tweet(3, WORDS, NAME, HANDLE)
SPANISH = (
    "Hoy hablamos con el presidente Ferrán de la cooperación existente en diversas áreas estratégicas y de la"
    " relación que une a nuestros pueblos. pic.twitter.com/aB1cD2eF3g"
)
ENGLISH = (
    "We spoke with president Ferrán about existing cooperation in various areas and a relationship that"
    " unites our peoples"
)


def found(prose: str, embed: str = EMBED) -> list[Quotation]:
    document = Document(page(f"{embed}<p>{prose}</p>").encode())
    return [said for quote in extract(document).quotes for said in quote.quotations]


def kinds(prose: str, embed: str = EMBED) -> list[str]:
    return [said.kind for said in found(prose, embed)]


@pytest.mark.parametrize(
    ("prose", "kind"),
    [
        (f"“{WORDS}”, Quillon wrote on Twitter.", "verbatim"),
        (f"“{WORDS.upper()}!”, Quillon wrote on Twitter.", "verbatim"),
        ("Quillon tweeted that “nobody will stop us”.", "shortened"),
        ("“We will rebuild … before winter … and nobody will stop us,” Quillon tweeted.", "shortened"),
        ("“[N]obody will stop us,” Quillon tweeted.", "shortened"),
        ("“We will rebuild the old [lamp] … before winter,” Quillon tweeted.", "shortened"),
        (
            "“We will rebuild the harbour light before the winter, stone by stone,” Quillon tweeted.",
            "changed",
        ),
        (f"She was clear. “{WORDS}.”", ""),
        (f"Quillon was clear. “{WORDS}.”", "verbatim"),
        ("Quillon tweeted that “the old” harbour matters.", ""),
        ("The mayor said that “nobody will stop us”.", ""),
        ("“We will paint the old town hall before summer, wall by wall,” Quillon tweeted.", ""),
    ],
)
def test_kinds(prose: str, kind: str) -> None:
    assert kinds(prose) == ([kind] if kind else [])


@pytest.mark.parametrize(
    "marks", ["“”", "„“", "„”", "«»", "»«", '""', "‘’", "‚‘", "「」", "『』", "‹›", "''", "＂＂"]
)
def test_marks_of_all_languages(marks: str) -> None:
    before, after = marks
    assert kinds(f"Quillon tweeted: {before}before winter, stone by stone{after} and so on.") == ["shortened"]


@pytest.mark.parametrize(
    ("said", "prose"),
    [
        (
            "Mi vida por la luz del viejo faro, siempre",
            "«la luz del viejo faro», escribió Quillon en Twitter.",
        ),
        (
            "Das alte Licht am Hafen kommt zurück",
            "„Licht am Hafen kommt zurück“, schrieb Quillon auf Twitter.",
        ),
        ("Мы вернём старый свет в нашу гавань", "«старый свет в нашу гавань», написала Mara Quillon."),
        ("سنعيد الضوء القديم إلى الميناء", "كتبت Quillon: «الضوء القديم إلى الميناء»"),
        ("港の古い灯台を冬の前に建て直します", "Quillonは「古い灯台を冬の前に」とツイートした。"),
    ],
)
def test_languages(said: str, prose: str) -> None:
    assert kinds(prose, tweet(3, said, NAME, HANDLE)) == ["shortened"]


def test_a_translation() -> None:
    embed = tweet(3, SPANISH, NAME, HANDLE).replace('lang="en"', 'lang="es"')
    assert kinds(f"“{ENGLISH},” Quillon wrote on Twitter.", embed) == ["translated"]
    assert kinds(f"“{ENGLISH},” Quillon said.", embed) == []
    assert kinds(f"“{ENGLISH},” the mayor wrote on Twitter.", embed) == []
    assert (
        kinds("“The weather was fine at the old town hall of our city,” Quillon wrote on Twitter.", embed)
        == []
    )


def test_what_a_post_quotes_is_not_its_own() -> None:
    others = tweet(3, "Heard today: “we will rebuild the old harbour light before winter”", NAME, HANDLE)
    assert kinds("“We will rebuild the old harbour light before winter,” Quillon tweeted.", others) == []
    reported = tweet(3, "Ferran: we will rebuild the old harbour light before winter", NAME, HANDLE)
    assert kinds("“We will rebuild the old harbour light before winter,” Quillon tweeted.", reported) == []


def test_data_is_no_prose() -> None:
    text = f'---\ntitle: "{WORDS}"\nauthor: Quillon, of Twitter\n---\n\n{EMBED}'
    assert not [said for quote in extract(Document(text.encode())).quotes for said in quote.quotations]
    assert [text[a:b] for a, b in speech.quoted('const name = "one two";')] == []


def test_where_it_stands() -> None:
    (said,) = found("First.</p>\n<p>Then “nobody will stop us”, Quillon tweeted. And on.")
    assert said.text == "nobody will stop us"
    assert said.sentence == "Then “nobody will stop us”, Quillon tweeted."
    assert said.signs == ("author", "platform")
    assert said.place is not None
    assert said.place.startswith("line ")
    assert said.span is None


def test_plain_text() -> None:
    text = (
        f"Intro.\n\n{WORDS} — {NAME} (@{HANDLE}) January 1, 2022\n\n"
        "“Before winter, stone by stone,” Quillon wrote on Twitter.\n"
    )
    (quote,) = extract(Document(text.encode(), kind="text")).quotes
    (said,) = quote.quotations
    assert said.span is not None
    assert text[slice(*said.span)] == "Before winter, stone by stone,"
    assert (said.kind, said.place) == ("shortened", None)


def test_the_embed_itself_is_no_prose() -> None:
    embed = tweet(3, f"“{WORDS}”, wrote {NAME} on Twitter", NAME, HANDLE)
    assert kinds("Nothing.", embed + embed) == []


@given(st.text(alphabet="“”„«»\"'‘’ ab.\n", max_size=200))
def test_what_is_spoken_stands_between_marks(text: str) -> None:
    last = 0
    for one in speech.spoken(text):
        assert last < one.start <= one.end <= len(text)
        assert text[one.start - 1 : one.end].strip() in speech.sentence(text, one)
        assert "\n\n" not in text[one.start : one.end]
        last = one.start


@given(st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=12))
def test_the_same_words_in_another_order_are_not_tied(words: list[str]) -> None:
    said = " ".join(words)
    for one in found(f"“{said}”, Quillon wrote on Twitter."):
        assert one.kind == "changed" or one.text in WORDS


def test_many_quotes_take_linear_time() -> None:
    def taken(count: int) -> float:
        body = "".join(
            f"{tweet(at, f'Sentence {at} of a long thread about the harbour light', NAME, HANDLE)}"
            f"<p>“Sentence {at} of a long thread”, Quillon tweeted.</p>"
            for at in range(count)
        )
        document = Document(page(body).encode())
        start = time.process_time()
        assert sum(len(quote.quotations) for quote in extract(document).quotes) == count
        return time.process_time() - start

    taken(20)
    few, many = (min(taken(count) for _ in range(3)) for count in (100, 800))  # others use the machine too
    assert many < 16 * max(few, 0.02)


FILES = {
    "a.html": page(f"{EMBED}<p>“Nobody will stop us,” Quillon tweeted.</p>", "https://a.example/1"),
    "b.txt": f"Intro.\n\n{WORDS} pic.twitter.com/aBcDeF1234 — {NAME} (@{HANDLE}) January 1, 2022\n\n"
    "“Before winter, stone by stone,” Quillon wrote on Twitter.\n",
}


@pytest.fixture
def db(tmp_path: Path) -> Path:
    add(tmp_path / "q.db", sources(tmp_path / "in", FILES))
    return tmp_path / "q.db"


def stored(db: Path) -> list[Any]:
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute("select kind, text from quotations order by text").fetchall()


def test_they_are_stored_shown_and_read_again(db: Path) -> None:
    assert stored(db) == [
        ("shortened", "Before winter, stone by stone,"),
        ("shortened", "Nobody will stop us,"),
    ]
    assert is_sound(db)
    before = dump(db)
    reparse(str(db), apply=True)
    assert dump(db) == before
    with closing(sqlite3.connect(db)) as connection:
        (post,) = connection.execute("select id from posts where native_id is not null").fetchone()
    shown = query.post(str(db), post)
    assert "Nobody will stop us," in [
        said["text"] for quote in shown["quotes"] for said in quote["quotations"]
    ]


def test_without_bodies_they_stay(tmp_path: Path) -> None:
    add(tmp_path / "q.db", sources(tmp_path / "in", {"a.html": FILES["a.html"]}), bodies=False)
    before = dump(tmp_path / "q.db")
    reparse(str(tmp_path / "q.db"), apply=True)
    assert dump(tmp_path / "q.db") == before
    assert len(stored(tmp_path / "q.db")) == 1


def test_a_change_is_found(db: Path) -> None:
    with closing(sqlite3.connect(db, isolation_level=None)) as connection:
        connection.execute("update quotations set kind = 'verbatim'")
    assert {finding.table for finding in verify(str(db))} == {"quotes"}


def test_redaction_takes_the_translation_too(tmp_path: Path) -> None:
    embed = tweet(3, SPANISH, NAME, HANDLE).replace('lang="en"', 'lang="es"')
    files = {
        "a.html": page(
            f"{embed}<p>“{ENGLISH},” Quillon wrote on Twitter.</p>{tweet(9)}", "https://a.example/"
        )
    }
    db, paths = tmp_path / "q.db", sources(tmp_path / "in", files)
    add(db, paths)
    assert len(stored(db)) == 1
    assert "relationship" in everything(db)
    document = Document(files["a.html"].encode())
    redact(str(db), rows.rows(extract(document), "")["quotes"][0]["post"], "Asked for", LATER)
    assert stored(db) == []
    assert "relationship" not in everything(db)
    assert is_sound(db)
    before = dump(db)
    add(db, paths)
    assert dump(db) == before
