"""The worked queries of docs/queries.md: every one of them runs, and answers on the exhibit."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests import exhibit
from tests.modules import ROOT

functions = pytest.importorskip("archiver.datasette.functions", reason="Datasette is not installed")

QUERIES = re.findall(
    r"^## (\d+\. [^\n]+)\n+```sql\n(.+?)```",
    (ROOT / "docs/queries.md").read_text("utf-8"),
    re.MULTILINE | re.DOTALL,
)


@pytest.fixture(scope="module")
def conn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path: Path = tmp_path_factory.mktemp("queries") / "exhibit.db"
    exhibit.make(path)
    with closing(sqlite3.connect(path)) as opened:
        functions.register(opened)
        yield opened


def test_there_are_twenty() -> None:
    assert [int(title.split(".")[0]) for title, _ in QUERIES] == list(range(1, 21))


@pytest.mark.parametrize(("title", "sql"), QUERIES, ids=[title for title, _ in QUERIES])
def test_a_worked_query_answers(conn: sqlite3.Connection, title: str, sql: str) -> None:
    assert conn.execute(sql).fetchall(), title


def test_ids_of_a_day_hold_the_posts_of_that_day(conn: sqlite3.Connection) -> None:
    first, last, number = conn.execute(
        "SELECT json_extract(id_range('2022-06-03'), '$[0]'), json_extract(id_range('2022-06-03'), '$[1]'),"
        " native_id FROM posts WHERE posted_on = '2022-06-03'"
    ).fetchone()
    assert int(first) <= int(number) <= int(last)
    assert conn.execute("SELECT post_time(?), post_time(?)", (first, last)).fetchone() == (
        "2022-06-03T00:00:00.000Z",
        "2022-06-03T23:59:59.999Z",
    )


@pytest.mark.parametrize(
    "value", [None, "", "nonsense", 7, 1.5, b"\x00", "https://[", "\ud800", "9" * 400, "a:b:c"]
)
def test_functions_never_fail(conn: sqlite3.Connection, value: object) -> None:
    for name in ("post_key", "post_time", "id_range", "tidy_url", "site_of"):
        function = getattr(functions, {"tidy_url": "tidy"}.get(name, name))
        assert function(value) is None or isinstance(function(value), str)
