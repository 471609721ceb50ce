"""Reading an archive: words in all writings, one post, figures, ways out."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archiver import export, query
from archiver.errors import ArchiverError
from archiver.query import Wanted
from tests.archives import add, is_sound, page, sources, tweet

POSTS = {
    1: ("Sostuve una importante conversación con la señora.", "Nicolás Ejemplo", "nicolas_ex"),
    2: ("灯台の光が消えた夜", "望月", "mochi_ex"),
    3: ("ประภาคารดับแล้วคืนนี้", "สมชาย", "somchai_ex"),
    4: ("등대의 불이 꺼졌다", "하늘", "haneul_ex"),
    5: ("灯塔今晚没有亮", "小明", "ming_ex"),
    6: ('=HYPERLINK("https://evil.example")', "+Eve", "eve_ex"),
    7: ("@ann_ex the lighthouse is 100% dark \\o/", "Bo", "bo_ex"),
    8: ("Lights out, light on.", "Cy \x1b[31m", "cy_ex"),
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("query")
    files = {
        f"{n}.html": page(tweet(n * 86400, *said), f"https://news{n % 2}.example/{n}", f"Title {n}")
        for n, said in POSTS.items()
    }
    files["again.html"] = page(tweet(86400, *POSTS[1]), "https://news0.example/again", "Once more")
    add(folder / "q.db", sources(folder / "in", files))
    return str(folder / "q.db")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("conversacion", {1}),
        ("CONVERSACIÓN senora", {1}),
        ("Nicolás", {1}),
        ("@nicolas_ex", {1}),
        ('"importante conversación"', {1}),
        ('"conversación importante"', set()),
        ("灯台", {2}),
        ("光が消え", {2}),
        ("灯", {2, 5}),
        ("ดับแล้ว", {3}),
        ("คืน", {3}),
        ("등대", {4}),
        ("불이 꺼졌다", {4}),
        ("light*", {7, 8}),
        ("light", {8}),
        ("100% dark", {7}),
        ("\\o/", {7}),
        ('" OR 1', set()),
        ("NOT AND (", set()),
        ("", set(POSTS)),
    ],
)
def test_words_are_found(archive: str, words: str, expected: set[int]) -> None:
    found, total = query.search(archive, words, Wanted())
    assert {row["text"] for row in found} == {POSTS[n][0] for n in expected}
    assert total == len(expected)


def test_a_search_is_narrowed(archive: str) -> None:
    def texts(**wanted: str | int) -> int:
        return query.search(archive, "", Wanted(**wanted))[1]  # type: ignore[arg-type]

    assert texts(author="@NICOLAS_EX") == 1
    assert texts(site="news1.example") == 4
    assert texts(since="2022-01-08") == 2
    assert texts(until="2022-01-03") == 2
    assert texts(platform="nowhere") == 0
    found, total = query.search(archive, "", Wanted(limit=2))
    assert (len(found), total, found[0]["quote_count"]) == (2, 8, 2)
    assert [article["title"] for article in found[0]["articles"]] and len(found[0]["articles"]) == 2


def test_a_post_by_every_name(archive: str) -> None:
    (row, *_), _ = query.search(archive, "conversacion", Wanted())
    for name in (row["id"], row["native_id"], row["url"], row["url"] + "?s=20", row["id"][:-2]):
        found = query.post(archive, name)
        assert found["id"] == row["id"]
    assert [quote["title"] for quote in found["quotes"]] == ["Title 1", "Once more"] or len(
        found["quotes"]
    ) == 2
    assert found["quotes"][0]["context_before"].endswith("Before.")
    with pytest.raises(ArchiverError, match="no such post"):
        query.post(archive, "nothing:1")
    with pytest.raises(ArchiverError, match="several posts"):
        query.post(archive, row["id"][:10])


def test_figures(archive: str) -> None:
    found = query.figures(archive)
    assert (found["posts"], found["quotes"], found["articles"], found["sites"]) == (8, 9, 9, 2)
    assert found["outcomes"] == {"kept": 9}
    assert found["period"] == {"first": "2022-01-02", "last": "2022-01-09"}
    assert next(iter(found["most_quoted"].items())) == ("@nicolas_ex", 2)


def test_formulas_are_harmless_in_csv(archive: str) -> None:
    text = "".join(export.csv_lines(export.rows(archive, "quoted_posts")))
    read = list(csv.DictReader(io.StringIO(text)))
    assert len(read) == 9
    cells = [cell for row in read for cell in row.values()]
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@"))]
    assert {row["text"] for row in read} >= {"'" + POSTS[6][0], "'" + POSTS[7][0], POSTS[2][0]}
    assert "".join(export.csv_lines([], ["a", "b"])) == "a,b\r\n"


def test_json_lines_are_exact(archive: str) -> None:
    assert {row["text"] for row in export.rows(archive, "posts")} == {text for text, *_ in POSTS.values()}
    for table in export.TABLES:
        for row in export.rows(archive, table):
            json.dumps(row)
    with pytest.raises(ArchiverError, match="no such table"):
        list(export.rows(archive, "bodies; drop table posts"))


def test_a_file_is_written_whole_or_not(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("before")

    def broken():
        yield "a\n"
        raise ArchiverError("no more")

    with pytest.raises(ArchiverError):
        export.write(str(out), broken())
    assert out.read_text() == "before" and os.listdir(tmp_path) == ["out.csv"]
    export.write(str(out), ["a\n"])
    assert out.read_text() == "a\n"


def test_a_copy_for_deposit(archive: str, tmp_path: Path) -> None:
    out = tmp_path / "deposit.db"
    export.deposit(archive, str(out))
    assert is_sound(out)
    with closing(sqlite3.connect(out)) as connection:
        assert connection.execute("pragma journal_mode").fetchone() == ("delete",)
    assert query.search(str(out), "conversacion", Wanted())[1] == 1
    assert query.search(str(out), "光が消え", Wanted())[1] == 1
    assert os.listdir(tmp_path) == ["deposit.db"]
    with pytest.raises(ArchiverError, match="already"):
        export.deposit(archive, str(out))


@pytest.mark.skipif(os.name != "posix", reason="rights as Unix has them")
def test_an_archive_is_read_where_nothing_may_be_written(archive: str, tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    export.deposit(archive, str(folder / "q.db"))
    with closing(sqlite3.connect(folder / "q.db")) as connection:
        connection.execute("pragma journal_mode = wal")
    (folder / "q.db").chmod(0o444)
    folder.chmod(0o555)
    try:
        assert query.search(str(folder / "q.db"), "conversacion", Wanted())[1] == 1
    finally:
        folder.chmod(0o755)
