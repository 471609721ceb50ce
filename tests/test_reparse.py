"""Reading the evidence again: nothing changes with the same parser; with another, it is said what would."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.model import Quote, Sighting
from archiver.platforms import PLATFORMS
from archiver.reparse import reparse
from tests.archives import TIMES, add, dump, is_sound, page, sources, tweet

ONE = "https://news.example/one"
FILES = {
    "a.html": page(tweet(1) + tweet(2, "Others.", "Bo", "bo_ex"), ONE),
    "b.html": page(tweet(1), ONE, "A later title"),
    "c.html": page('<p>As <a href="https://twitter.com/ann_ex/status/1477057004519690241">she said</a>.'),
    "e.txt": "Intro.\n\nWords. pic.twitter.com/aBcDeF1234 — Cy (@CY_ex) January 3, 2022\n\nEnd.",
    "k.html": page(
        tweet(7, "We will rebuild the old harbour light") + "<p>“The old harbour light”, Example tweeted.",
        "https://k.example/",
    ),
    "f.txt": "Nothing in it.",
    "g.html": page("Nothing in it.", ONE),
    "h.txt": b"",
    "i.html": page(
        '<blockquote class="twitter-tweet"><p>Words of nobody</p></blockquote>', "https://x.example/"
    ),
    "j.html": page(tweet(1, "灯台"), ONE)
    .replace("<head>", '<head><meta charset="shift_jis">')
    .encode("shift_jis"),
}
DERIVED = "aliases flags quotations links sightings notes quotes posts authors".split()


@pytest.fixture(params=[True, False], ids=["bodies", "fragments"])
def archive(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    db = tmp_path / "q.db"
    paths = sources(tmp_path / "in", FILES)
    add(db, [*paths[:2], *paths[3:], str(tmp_path / "none.html")], bodies=request.param)
    add(db, paths[2:3], links=True, bodies=request.param)
    return db


def test_the_same_parser_changes_nothing(archive: Path) -> None:
    before = dump(archive)
    for apply in (False, True):
        changes = reparse(str(archive), apply)
        assert (changes.added, changes.removed, changes.kept) == ((), (), 6)
        assert dump(archive) == before
        assert is_sound(archive)


def test_all_that_is_derived_comes_back(tmp_path: Path) -> None:
    db = tmp_path / "q.db"
    add(db, sources(tmp_path / "in", FILES), links=True)
    before = dump(db, TIMES)
    with closing(sqlite3.connect(db, isolation_level=None)) as connection:
        for table in DERIVED:
            connection.execute(f"delete from {table}")
        connection.execute("update captures set article = null")
        connection.execute("delete from articles")
    changes = reparse(str(db), apply=True)
    assert len(changes.added) == 6 and not changes.removed
    assert dump(db, TIMES) == before
    assert is_sound(db)


def test_another_parser_is_told_and_applied(archive: Path) -> None:
    def shouting(seen: Sighting) -> Quote:
        loud = replace(seen, text=seen.text.upper()) if seen.text else seen
        return PLATFORMS[0].understand(loud)

    loud = (replace(PLATFORMS[0], understand=shouting), *PLATFORMS[1:])
    before = dump(archive)
    changes = reparse(str(archive), False, loud)
    assert {row[4] for row in changes.added} >= {"WORDS.", "OTHERS."}
    assert {row[4] for row in changes.removed} >= {"Words.", "Others."}
    assert dump(archive) == before
    reparse(str(archive), True, loud)
    assert {row[7] for row in dump(archive)["posts"]} & {"WORDS.", "OTHERS."}
    assert is_sound(archive)


def test_a_parser_that_sees_no_more_leaves_no_article(tmp_path: Path) -> None:
    db = tmp_path / "q.db"
    add(db, sources(tmp_path / "in", FILES))
    changes = reparse(str(db), True, ())
    assert len(changes.removed) == 5 and not changes.added
    found = dump(db)
    assert all(found[table] == [] for table in {*DERIVED, "articles"} - {"notes"})
    assert is_sound(db)
