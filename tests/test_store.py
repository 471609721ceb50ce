"""The archive: the same rows in any order, twice as once, whole or not at all."""

from __future__ import annotations

import itertools
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.database import open_reader, open_writer
from archiver.errors import ArchiverError
from archiver.migrations import APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION
from tests.archives import LATER, TIMES, add, dump, is_sound, page, sources, tweet
from tests.modules import ROOT

ONE = "https://news.example/one"
FILES = {
    "a.html": page(tweet(1) + tweet(2, "Others.", "Bo", "bo_ex"), ONE),
    "b.html": page(tweet(1, "Words, cut") + tweet(3, None), "https://news.example/two", "Two"),
    "c.html": page(tweet(1), ONE, "A later title") + "<!-- advert -->",
    "d.html": page(tweet(1), ONE, "A later title") + "<!-- advert -->",
    "e.txt": "Intro.\n\nFlat words. pic.twitter.com/aBcDeF1234 — Cy (@CY_ex) January 3, 2022\n\nEnd.",
    "f.txt": "Nothing in it.",
    "g.html": page("Nothing in it.", ONE),
    "h.txt": b"",
    "i.png": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "j.html": page(tweet(1) + tweet(1), "https://other.example/x")
    + "<p>\ud83d".encode("utf-8", "surrogatepass").decode("latin-1"),
}


def rows(db: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(sql).fetchall()


def test_an_article_and_its_posts(tmp_path: Path) -> None:
    db = tmp_path / "q.db"
    add(db, sources(tmp_path / "in", FILES))
    assert is_sound(db)
    assert rows(db, "select title, site from articles where url = 'https://news.example/one'") == [
        ("A title", "news.example")
    ]
    posts = rows(
        db, "select author, text, text_state, posted_on, posted_at, time_basis, quote_count from posts"
    )
    assert ("twitter:ann_ex", "Words.", "full", "2022-01-01", "2022-01-01T00:00:01Z", "id", 3) in posts
    assert ("twitter:ann_ex", None, "missing", "2022-01-01", "2022-01-01T00:00:03Z", "id", 1) in posts
    assert (
        "twitter:cy_ex",
        "Flat words. pic.twitter.com/aBcDeF1234",
        "full",
        "2022-01-03",
        None,
        "printed",
        1,
    ) in posts
    assert rows(db, "select id, handle, name from authors order by 1") == [
        ("twitter:ann_ex", "ann_ex", "Ann Example"),
        ("twitter:bo_ex", "bo_ex", "Bo"),
        ("twitter:cy_ex", "CY_ex", "Cy"),
    ]


def test_every_source_has_a_capture(tmp_path: Path) -> None:
    db, paths = tmp_path / "q.db", sources(tmp_path / "in", FILES)
    missing = str(tmp_path / "in" / "missing.html")
    add(db, [*paths, missing])
    told = {
        Path(str(name)).name: (what, why)
        for name, what, why in rows(
            db, "select source, outcome, reason from sources join captures on captures.id = sources.capture"
        )
    }
    assert set(told) == {*FILES, "missing.html"}
    assert told["a.html"] == told["e.txt"] == ("kept", None)
    assert told["f.txt"] == told["g.html"] == ("empty", None)
    assert told["h.txt"][0] == "empty" and "nothing to read" in str(told["h.txt"][1])
    assert told["missing.html"] == ("failed", "no such file: check the path")
    assert told["i.png"][0] == "failed"


def test_the_evidence_is_kept(tmp_path: Path) -> None:
    db = tmp_path / "q.db"
    add(db, sources(tmp_path / "in", FILES))
    kept = rows(db, "select origin from captures join bodies using (sha256)")
    assert {Path(str(name)).name for (name,) in kept} >= {
        "a.html",
        "b.html",
        "c.html",
        "e.txt",
        "f.txt",
        "j.html",
    }
    assert rows(
        db,
        "select count(*) from captures where sha256 not in (select sha256 from bodies)",
    ) == [(0,)]
    lean = tmp_path / "lean.db"
    add(lean, sources(tmp_path / "in", FILES), bodies=False)
    assert {
        n.rpartition(".")[2] for (n,) in rows(lean, "select origin from captures join bodies using (sha256)")
    } == {"txt"}


def test_two_embeds_of_one_post_are_two_quotes(tmp_path: Path) -> None:
    db = tmp_path / "q.db"
    add(db, sources(tmp_path / "in", {"j.html": FILES["j.html"]}))
    assert rows(db, "select count(*), count(distinct post), count(distinct id) from quotes") == [(2, 1, 2)]
    assert rows(db, "select quote_count from posts") == [(1,)]


def test_a_page_with_other_adverts_gains_no_quotes(tmp_path: Path) -> None:
    db = tmp_path / "q.db"
    add(db, sources(tmp_path / "in", {name: FILES[name] for name in ("c.html", "d.html")}))
    changed = FILES["c.html"] + "<p>Another advert</p>"
    add(db, sources(tmp_path / "in", {"k.html": changed}))
    assert rows(db, "select count(*) from quotes") == [(1,)]
    assert rows(db, "select count(*) from captures") == [(2,)]
    assert rows(db, "select count(*) from sightings") == [(2,)]


def test_running_twice_changes_nothing(tmp_path: Path) -> None:
    db, paths = tmp_path / "q.db", sources(tmp_path / "in", FILES)
    add(db, paths)
    before = dump(db)
    results = add(db, paths)
    assert dump(db) == before
    assert {result.outcome for result in results} == {"unchanged", "failed"}
    assert [result.source for result in results if result.outcome == "failed"] == [
        path for path in paths if path.endswith("i.png")
    ]
    add(db, paths, LATER)
    once = tmp_path / "once.db"
    add(once, paths)
    assert dump(db, ["last_seen"]) == dump(once, ["last_seen"])
    assert rows(db, "select distinct last_seen from posts") == [(LATER,)]
    assert rows(db, "select distinct first_seen from posts") == [("2026-01-31T12:00:00Z",)]


def test_citations_are_added_when_asked_for_later(tmp_path: Path) -> None:
    body = page('<p>As <a href="https://twitter.com/ann_ex/status/1477057004519690241">she said</a>.', ONE)
    db, paths = tmp_path / "q.db", sources(tmp_path / "in", {"a.html": body})
    assert add(db, paths)[0].outcome == "empty"
    assert rows(db, "select article from captures") == [(None,)]
    assert add(db, paths, links=True)[0].outcome == "kept"
    assert rows(db, "select kind, form from quotes") == [("citation", "link")]
    assert rows(db, "select outcome, article is not null from captures") == [("kept", 1)]
    once = tmp_path / "once.db"
    add(once, paths, links=True)
    assert dump(once) == dump(db)


@pytest.mark.parametrize("order", list(itertools.permutations(["a.html", "c.html", "d.html", "g.html"])))
def test_captures_of_one_article_in_any_order(tmp_path: Path, order: tuple[str, ...]) -> None:
    folder = tmp_path / "in"
    paths = dict(zip(FILES, sources(folder, FILES), strict=True))
    add(tmp_path / "sorted.db", [paths[name] for name in sorted(order)])
    add(tmp_path / "mixed.db", [paths[name] for name in order])
    assert dump(tmp_path / "mixed.db") == dump(tmp_path / "sorted.db")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(list(FILES)), cut=st.integers(0, len(FILES)), again=st.booleans())
def test_the_order_of_sources_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, order: list[str], cut: int, again: bool
) -> None:
    folder = tmp_path_factory.mktemp("order")
    paths = dict(zip(FILES, sources(folder / "in", FILES), strict=True))
    add(folder / "sorted.db", paths.values())
    add(folder / "mixed.db", [paths[name] for name in order[:cut]])
    add(folder / "mixed.db", [paths[name] for name in order[0 if again else cut :]], LATER)
    # Of captures whose time is that of reading, the order says which is the latest, and what it leaves out.
    but = (*TIMES, "missing")
    assert dump(folder / "mixed.db", but) == dump(folder / "sorted.db", but)
    assert is_sound(folder / "mixed.db")


def test_one_process_or_several_give_the_same(tmp_path: Path) -> None:
    files = {f"{n}.html": page(tweet(n) + tweet(7), f"https://news.example/{n}") for n in range(24)}
    paths = sources(tmp_path / "in", files)
    add(tmp_path / "one.db", paths, jobs=1)
    add(tmp_path / "three.db", paths, jobs=3)
    assert dump(tmp_path / "one.db") == dump(tmp_path / "three.db")


def _run(*words: str, **settings: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", "import cli; cli.main()", *words],
        cwd=ROOT,
        env={**os.environ, "ARCHIVER_NOW": "2026-01-31T12:00:00Z", **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def test_killed_and_run_again_nothing_is_lost(tmp_path: Path) -> None:
    files = {f"{n}.html": page(tweet(n) + tweet(7), f"https://news.example/{n % 40}") for n in range(80)}
    sources(tmp_path / "in", files)
    whole, killed = tmp_path / "whole.db", tmp_path / "killed.db"
    assert _run("add", str(whole), str(tmp_path / "in")).wait() == 0
    for wait in (0.25, 0.4, 0.6):
        process = _run("add", str(killed), str(tmp_path / "in"))
        try:
            process.wait(wait)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
    assert _run("add", str(killed), str(tmp_path / "in")).wait() == 0
    assert dump(killed) == dump(whole)
    assert is_sound(killed)


def test_several_writers_at_once(tmp_path: Path) -> None:
    files = {f"{n}.html": page(tweet(n) + tweet(7), f"https://news.example/{n}") for n in range(30)}
    paths = sources(tmp_path / "in", files)
    add(tmp_path / "alone.db", paths)
    crowd = [_run("add", str(tmp_path / "crowd.db"), str(tmp_path / "in"), "--jobs", "1") for _ in range(3)]
    for process in crowd:
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said.decode()
    assert dump(tmp_path / "crowd.db") == dump(tmp_path / "alone.db")


def _good(tmp_path: Path) -> Path:
    db = tmp_path / "good.db"
    add(db, sources(tmp_path / "in", FILES))
    return db


def _altered(tmp_path: Path, *statements: str) -> Path:
    db = _good(tmp_path)
    with closing(sqlite3.connect(db)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return db


@pytest.mark.parametrize("open_it", [lambda path: open_writer(path, "x"), open_reader], ids=["write", "read"])
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.write_bytes(b"no database at all\n" * 50), "not a SQLite database"),
        (lambda path: path.write_bytes(b"SQLite format 3\0"), "not a SQLite database"),
        (lambda path: path.write_bytes(_good(path.parent).read_bytes()[:8000]), "cut short"),
        (lambda path: path.mkdir(), "a folder"),
        (
            lambda path: sqlite3.connect(path).execute("create table x (y)").connection.close(),
            "another program",
        ),
        (lambda path: _altered(path.parent, "pragma user_version = 99").rename(path), "newer archiver"),
        (
            lambda path: _altered(
                path.parent,
                "insert into _sqlite_migrations (migration_set, name) values ('archiver', '0099')",
            ).rename(path),
            "newer archiver",
        ),
        (
            lambda path: _altered(path.parent, "drop view most_quoted").rename(path),
            "most_quoted is missing",
        ),
    ],
)
def test_what_is_no_archive_is_refused_and_left_alone(tmp_path: Path, make, words: str, open_it) -> None:
    path = tmp_path / "bad.db"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(ArchiverError, match=words) as error:
        open_it(str(path))
    assert "\n" not in str(error.value) and str(path) in str(error.value)
    assert before is None or path.read_bytes() == before


def test_a_reader_wants_an_archive(tmp_path: Path) -> None:
    with pytest.raises(ArchiverError, match="no such archive"):
        open_reader(str(tmp_path / "none.db"))
    (tmp_path / "empty.db").touch()
    with pytest.raises(ArchiverError, match="no such archive"):
        open_reader(str(tmp_path / "empty.db"))
    with pytest.raises(ArchiverError, match="no such folder"):
        open_writer(str(tmp_path / "none" / "q.db"), "x")


def test_a_locked_archive_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    db = _good(tmp_path)
    monkeypatch.setattr("archiver.database._PATIENCE", 0.2)
    with closing(sqlite3.connect(db, isolation_level=None)) as other:
        other.execute("begin exclusive")
        with pytest.raises(ArchiverError, match="another program"):
            add(db, sources(tmp_path / "in", FILES))


def test_a_disk_that_fails_is_named_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = _good(tmp_path)
    before = dump(db)
    more = {f"{n}.html": page(tweet(100 + n), f"https://more.example/{n}") for n in range(200)}
    from archiver.store import Store

    with Store(str(db)) as store:
        store._run("PRAGMA max_page_count = 1")
        monkeypatch.setattr("archiver.store.open_writer", lambda *_: store._db)
        with pytest.raises(ArchiverError, match="the disk is full"):
            add(db, sources(tmp_path / "more", more))
    assert is_sound(db)
    kept = dump(db)
    assert all(set(before[name]) <= set(kept[name]) for name in ("quotes", "posts", "bodies"))


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    db = _good(tmp_path)
    assert rows(db, "pragma application_id") == [(APPLICATION_ID,)]
    assert rows(db, "pragma user_version") == [(SCHEMA_VERSION,)]
    assert rows(db, "pragma journal_mode") == [("wal",)]
    assert rows(db, "select value from settings where name = 'fingerprint_version'") == [("1",)]
    with closing(sqlite3.connect(":memory:")) as memory:
        from sqlite_utils import Database

        assert len(MIGRATIONS.pending(Database(memory))) == SCHEMA_VERSION


def test_every_table_has_a_key_and_readable_columns(tmp_path: Path) -> None:
    db = _good(tmp_path)
    with closing(sqlite3.connect(db)) as connection:
        keywords = {"order", "group", "index", "from", "to", "check", "table", "values", "references"}
        for name in dump(db):
            columns = connection.execute(f"pragma table_info({name})").fetchall()
            assert any(column[5] for column in columns), f"{name} has no primary key"
            assert not {column[1] for column in columns} & keywords
            for key in connection.execute(f"pragma foreign_key_list({name})"):
                table, column = key[2], key[3]
                assert table.rstrip("s") == column, f"{name}.{column} points to {table}"
