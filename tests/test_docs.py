"""The documents say what is there, all of it, and nothing else."""

from __future__ import annotations

import ast
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import archiver
import cli
from tests.docs import GENERATED, described, main
from tests.golden import cases
from tests.modules import ROOT, Module, contracts, core, modules
from tests.schema import COLUMNS, columns_of, made, told

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
COMMANDS = set(cli.main.commands)
EACH = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
CODE = re.compile(r"^[a-z]+(?:-[a-z]+)+$|^undecodable$")
COMMAND = re.compile(r"^(?:\$ )?archiver ([a-z]+)\b")
SHOWN = re.compile(r"^```[^\n]*\n(.*?)^```|^ {4}([^\n]+)|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"`((?:archiver|tests|data|docs|\.ci)/[\w./-]*\w)`")
TARGET = re.compile(r"^\s*make ([a-z]+)", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?://|#)([^)\s]+)\)")


def codes(section: str) -> set[str]:
    """The codes of one section of docs/codes.md."""
    text = (ROOT / "docs/codes.md").read_text("utf-8").split(f"## {section}")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE))


def noted() -> Iterator[str]:
    """The code of every Note that the core makes: the first argument."""
    for module in core():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Note":
                first = node.args[0] if node.args else None
                assert isinstance(first, ast.Constant), (
                    f"{module.path}:{node.lineno}: a code that is no constant"
                )
                yield str(first.value)


def flagged() -> Iterator[str]:
    """Every string that has the shape of a code and stands where flags are made."""
    for module in core():
        named = ("archiver.checks", "archiver.identity", "archiver.recovering")
        of_flags = module.name in named or module.layer == "archiver.flattened"
        of_flags = of_flags or module.name.endswith(".doubts")
        for node in ast.walk(module.tree):
            is_doubt = isinstance(node, ast.keyword) and node.arg == "doubts"
            is_flags = isinstance(node, ast.Assign) and "flags" in ast.unparse(node.targets[0])
            if is_doubt or is_flags or (of_flags and isinstance(node, ast.stmt)):
                inside = (n.value for n in ast.walk(node) if isinstance(n, ast.Constant))
                yield from (value for value in inside if isinstance(value, str) and CODE.match(value))


def commands_in(text: str) -> set[str]:
    """The commands of archiver in what a document shows as code."""
    lines = (line for shown in SHOWN.findall(text) for line in "\n".join(shown).splitlines())
    return {found[1] for line in lines if (found := COMMAND.match(line.strip()))}


def test_generated_parts_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0, capsys.readouterr().out[-3000:]


def test_every_document_with_a_generated_part_is_generated() -> None:
    marked = {path.relative_to(ROOT).as_posix() for path in DOCUMENTS if "[[[cog" in path.read_text("utf-8")}
    assert marked == set(GENERATED)


def test_every_note_is_told_and_the_reverse() -> None:
    assert set(noted()) == codes("Notes of a capture")


def test_every_flag_is_told_and_the_reverse() -> None:
    assert set(flagged()) == codes("Flags of a quote")


def test_the_golden_cases_use_codes_that_are_told() -> None:
    for case in cases():
        expected = case.expected
        assert set(expected["notes"]) <= codes("Notes of a capture"), case.name
        flags = {flag for quote in expected["quotes"] for flag in quote.get("flags", ())}
        assert flags <= codes("Flags of a quote"), case.name


@pytest.mark.skipif(not COLUMNS.exists(), reason="there is no database yet")
def test_every_column_is_told_and_the_reverse() -> None:
    living, about = made(), told()
    assert {table: sorted(living.get(table, ())) for table in about} == {
        table: sorted(entry["columns"]) for table, entry in about.items()
    }
    assert set(living) <= set(about)
    without = [
        (t, c) for t, entry in about.items() for c, what in entry["columns"].items() if not what["meaning"]
    ]
    assert without == []


def test_a_schema_is_described() -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(
            "create table posts (id text primary key, size integer);"
            "create virtual table posts_fts using fts5(id);"
            "create view lost as select id from posts;"
        )
        found = columns_of(db)
    assert found == {
        "posts": {"id": "TEXT", "size": "INTEGER"},
        "posts_fts": {"id": ""},
        "lost": {"id": "TEXT"},
    }
    about = told(
        '{"posts": {"meaning": "Posts.", "columns": {"id": {"meaning": "The key", "example": "a:1"},'
        ' "size": {"meaning": "How long", "unit": "characters"}}}, "lost": {"id": {"meaning": "Its key"}}}'
    )
    text = described(found, about)
    assert "## posts\n\nPosts.\n\n| column | type | meaning | example |" in text
    assert "| `id` | TEXT | The key | `a:1` |\n| `size` | INTEGER | How long (characters) |  |" in text
    assert "## lost\n\n| column | type" in text


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.path)
def test_every_module_says_what_it_is(module: Module) -> None:
    assert ast.get_docstring(module.tree)


@EACH
def test_only_commands_that_are_there_are_told(path: Path) -> None:
    assert commands_in(path.read_text("utf-8")) <= COMMANDS


@EACH
def test_only_files_that_are_there_are_told(path: Path) -> None:
    text = path.read_text("utf-8")
    named = {ROOT / name for name in FILE.findall(text)}
    named |= {path.parent / name.split("#")[0] for name in LINK.findall(text)}
    invented = {ROOT / "archiver/platforms/lantern.py"}  # the worked example, which a test executes
    assert sorted(str(name) for name in named - invented if not name.exists()) == []


@EACH
def test_only_targets_that_are_there_are_told(path: Path) -> None:
    there = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(TARGET.findall(path.read_text("utf-8"))) <= there


def test_the_readme_names_every_command() -> None:
    assert commands_in((ROOT / "README.md").read_text("utf-8")) >= COMMANDS


def test_the_versions_agree() -> None:
    assert contracts()["metadata"]["version"] == archiver.__version__
    assert f"[{archiver.__version__}]" in (text := (ROOT / "CHANGELOG.md").read_text("utf-8")) or (
        "[Unreleased]" in text and archiver.__version__ in text
    )
