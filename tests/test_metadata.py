"""Metadata read in full: of pages that quote only, beside what the head says, kept through all readings."""

from __future__ import annotations

import builtins
import importlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import cli
from archiver import metadata
from archiver.errors import ArchiverError
from archiver.evidence.verify import verify
from archiver.extraction import extract
from archiver.model import Document
from archiver.reparse import reparse
from tests.archives import READ_AT, add, dump, is_sound, page, sources, tweet

PROSE = (
    "<p>The keeper of the old lighthouse has climbed its stairs every evening for thirty years, and nobody"
    " in the village remembers a night on which the lamp was dark. Now the harbour wants to take it down, for"
    " ships find their way by satellites, and the tower needs a new roof that nobody wants to pay for.</p>"
)
BODY = (
    '<article><h1>The last keeper</h1><span class="author">By Mara Quillon</span>'
    '<time datetime="2022-01-20T10:00:00Z" pubdate>20 January 2022</time>' + PROSE + tweet(1) + PROSE
)
FULL = {"title": "The last keeper", "byline": "Mara Quillon", "published_on": "2022-01-20", "language": "en"}


def article(body: str = BODY, head: str = "") -> bytes:
    return f"<!doctype html><html><head>{head}</head><body>{body}</article></body></html>".encode()


def about(body: bytes, day: str = READ_AT) -> dict[str, Any]:
    found = metadata.fuller(extract(Document(body, url="https://news.example/keeper")), day)
    return {name: getattr(found.article, name) for name in FULL}


def captures(db: Path) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(db)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("select * from captures order by id")]


def test_what_stands_in_the_page_is_read() -> None:
    assert about(article()) == FULL


def test_what_the_head_alone_says_stays() -> None:
    head = '<meta property="og:title" content="A title"><meta property="og:locale" content="nl_NL">'
    found = extract(Document(article(tweet(1), head)))
    full = metadata.fuller(found, READ_AT)
    assert (full.article.title, full.article.language) == ("A title", "nl-NL")
    assert full.quotes == found.quotes
    assert (found.metadata, full.metadata) == ("head", "full")


def test_no_article_was_published_after_it_was_read() -> None:
    assert about(article(), "2021-01-01T00:00:00Z")["published_on"] is None


@pytest.mark.parametrize(
    "document",
    [
        Document(article(PROSE)),
        Document(b"Words. pic.twitter.com/aBcDeF1234 \xe2\x80\x94 Cy (@CY_ex) January 3, 2022", kind="text"),
    ],
    ids=["no quote", "plain text"],
)
def test_nothing_else_is_read_in_full(document: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "_read", None)
    found = extract(document)
    assert metadata.fuller(found, READ_AT) is found


def test_a_failure_of_the_reader_costs_the_metadata_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise AttributeError

    found = extract(Document(article()))
    monkeypatch.setattr(metadata, "_read", fail)
    full = metadata.fuller(found, READ_AT)
    assert (full.article, full.quotes) == (found.article, found.quotes)
    assert [note.code for note in full.notes] == ["metadata-unread"]
    monkeypatch.setattr(metadata, "_LARGEST", 10)
    assert [note.code for note in metadata.fuller(found, READ_AT).notes] == ["metadata-unread"]


def test_it_is_kept_in_whatever_order_it_is_read(tmp_path: Path) -> None:
    paths = sources(
        tmp_path / "in", {"a.html": article(), "b.html": article(PROSE), "c.html": page(tweet(2))}
    )
    orders = {"hf": ("head", "full"), "fh": ("full", "head"), "f": ("full",)}
    for name, order in orders.items():
        for way in order:
            add(tmp_path / name, paths, metadata=way)
        rows = {row["origin"].rpartition("/")[2]: row for row in captures(tmp_path / name)}
        assert {key: rows["a.html"][key] for key in FULL} == FULL
        assert [rows[key]["metadata"] for key in sorted(rows)] == ["full", "head", "full"]
        assert is_sound(tmp_path / name)
        assert not list(verify(str(tmp_path / name)))
    dumps = [dump(tmp_path / name, ["stamp"]) for name in orders]
    assert dumps[0] == dumps[1] == dumps[2]


@pytest.mark.parametrize("bodies", [True, False])
def test_it_is_read_in_full_again(tmp_path: Path, bodies: bool) -> None:
    db = tmp_path / "q.db"
    add(db, sources(tmp_path / "in", {"a.html": article()}), metadata="full", bodies=bodies)
    before = dump(db)
    changes = reparse(str(db), apply=True)
    assert (changes.added, changes.removed, changes.kept) == ((), (), 1)
    assert dump(db) == before


def test_the_cure_is_named_where_the_extra_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [path] = sources(tmp_path / "in", {"a.html": article()})
    db = tmp_path / "q.db"
    add(db, [path], metadata="full")
    before = dump(db)
    real = importlib.import_module

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("trafilatura"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(importlib, "import_module", without)
    for command in (["add", str(tmp_path / "other.db")], ["extract"]):
        done = CliRunner().invoke(cli.main, [*command, path, "--metadata", "full"])
        assert done.exit_code == 1
        assert "pip install 'archiver[metadata]'" in done.output
    assert not (tmp_path / "other.db").exists()
    with pytest.raises(ArchiverError, match="pip install"):
        reparse(str(db), apply=True)
    assert dump(db) == before
    assert CliRunner().invoke(cli.main, ["extract", path]).exit_code == 0


def test_extract_prints_it(tmp_path: Path) -> None:
    [path] = sources(tmp_path / "in", {"a.html": article()})
    done = CliRunner().invoke(cli.main, ["extract", path, "--metadata", "full"])
    assert done.exit_code == 0
    [printed] = map(json.loads, done.stdout.splitlines())
    assert {name: printed["article"][name] for name in FULL} == FULL


def test_by_default_nothing_of_it_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def watched(name: str, *rest: Any, **more: Any) -> Any:
        assert not name.startswith(("trafilatura", "py3langid"))
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", watched)
    add(tmp_path / "q.db", sources(tmp_path / "in", {"a.html": article()}))
    assert captures(tmp_path / "q.db")[0]["byline"] is None
