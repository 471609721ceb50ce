"""The counts that an archive keeps of itself: true after whatever is done to its rows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.evidence.verify import verify
from archiver.tallies import RECOUNT
from tests.world import make

DEEDS = (
    "UPDATE posts SET state = 'deleted' WHERE rowid % 3 = {n}",
    "UPDATE posts SET state = NULL WHERE rowid % 4 = {n}",
    "UPDATE posts SET posted_on = NULL WHERE rowid % 5 = {n}",
    "DELETE FROM quotes WHERE rowid % 7 = {n}",
    "DELETE FROM flags WHERE rowid % 2 = {n}",
    "UPDATE articles SET site = 'new.example' WHERE rowid % 3 = {n}",
    "UPDATE articles SET site = NULL WHERE rowid % 9 = {n}",
    "UPDATE quotes SET article = (SELECT min(id) FROM articles) WHERE rowid % 5 = {n}",
    "UPDATE captures SET outcome = 'empty' WHERE rowid % 3 = {n}",
    "INSERT OR IGNORE INTO articles SELECT id || '{n}', url, title, site, byline, published_on, language,"
    " missing, first_seen, last_seen FROM articles",
    "INSERT INTO articles (id, site, first_seen, last_seen) SELECT id, 'x', '', '' FROM articles WHERE 1"
    " ON CONFLICT (id) DO UPDATE SET site = excluded.site WHERE articles.rowid % 6 = {n}",
    "DELETE FROM posts WHERE rowid % 8 = {n}",
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tallies") / "world.db"
    make(str(made), 60)
    return made


@settings(max_examples=40, deadline=None)
@given(deeds=st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 2)), max_size=6))
def test_they_follow_every_change(path: Path, deeds: list[tuple[str, int]]) -> None:
    with closing(sqlite3.connect(path)) as conn:
        for sql, number in deeds:
            conn.execute(sql.format(n=number))
        kept = conn.execute("SELECT name, value, number FROM figures").fetchall()
        assert sorted(kept) == sorted(conn.execute(RECOUNT)) and all(number for *_, number in kept)
        conn.rollback()


def test_a_changed_figure_is_found(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "world.db"
    copy.write_bytes(path.read_bytes())
    with closing(sqlite3.connect(copy)) as conn, conn:
        conn.execute("UPDATE figures SET number = 61 WHERE (name, value) = ('rows', 'posts')")
    assert ("figures", "rows posts", "61, but counted 60") in [tuple(found) for found in verify(str(copy))]
