"""The generated parts of the documents. ``python -m tests.docs --check`` says what is out of date, with
``--write`` they are brought up to date, ``--counts`` prints what is tested.

A generated part stands between cog's marks; its code calls one of the functions below, each of which
returns Markdown.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click
from cogapp import Cog

from archiver.heal import Rules, heal
from archiver.model import Document
from archiver.platforms import PLATFORMS
from tests.modules import ROOT, Module, contracts, modules
from tests.schema import COLUMNS, made, pointers, told

SCHEMA = ROOT / "docs/schema.md"
GENERATED = (
    "README.md",
    "ARCHITECTURE.md",
    "docs/cli.md",
    "docs/codes.md",
    "docs/healing.md",
    "docs/testing.md",
    *(("docs/schema.md",) if COLUMNS.exists() else ()),
)
_SCHEMA_FRAME = """# The database

SQLite, readable without the program. Ids are text, made from content; times are UTC, ISO 8601 with `Z`;
foreign keys are named after the table that they point to. Generated from a living archive and
`data/columns.json`.

<!-- [[[cog
from tests.docs import schema
cog.out(schema())
]]] -->
<!-- [[[end]]] -->
"""
_CODES = (
    ("Flags of a quote", "flags"),
    ("Notes of a capture", "notes"),
    ("Embeds that healing leaves", "left"),
)
_PARAGRAPH = re.compile(r"\n\s*\n")
_LONG_TAG = re.compile(r"(?<=>)(<(?:p|blockquote|figcaption|bdi|time|a|span)\b|</figure>|&mdash;)")
_SENTENCE = re.compile(r"(?<=[.?!])\s")
_CODE_MARK = re.compile(r"``(?=\S)(.+?)(?<=\S)``")


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0 up to date (or written), 1 not."""
    reader = argparse.ArgumentParser(
        prog="python -m tests.docs", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what = reader.add_mutually_exclusive_group(required=True)
    what.add_argument("--check", action="store_true")
    what.add_argument("--write", action="store_true")
    what.add_argument("--counts", action="store_true")
    given = reader.parse_args(arguments)
    if given.counts:
        print("\n".join(f"{count:6,} {name}" for name, count in _counted().items()))
        return 0
    os.chdir(ROOT)
    if given.write and COLUMNS.exists() and not SCHEMA.exists():
        SCHEMA.write_text(_SCHEMA_FRAME, "utf-8")
    words = ["--check", "--diff"] if given.check else ["-r"]
    failed = Cog().main(["cog", "--verbosity=1", "-U", *words, *GENERATED])
    if failed and given.check:
        print("out of date: run python -m tests.docs --write", file=sys.stderr)
    return int(bool(failed))


def commands() -> str:
    """The reference of the command line: every command with its arguments, options and variables."""
    top = _top()
    parts = [_prose(top.help)]
    for name in top.list_commands(click.Context(top)):
        command = top.commands[name]
        arguments = (_argument(p) for p in command.params if isinstance(p, click.Argument))
        usage = " ".join([f"archiver {name}", "[OPTIONS]", *arguments])
        rows = [_option(p) for p in command.params if isinstance(p, click.Option) and not p.hidden]
        parts += [f"## archiver {name}", f"    {usage}", _prose(command.help)]
        parts += [_table(("option", "variable", "what it does"), rows)] if rows else []
    return _joined(parts)


def layers() -> str:
    """Every module, from the top layer to the bottom one, with the first sentence of its docstring."""
    rows = [("1", "`cli.py`", _about(_named("cli")))]
    there = {module.layer for module in modules()}
    for number, line in enumerate((line for line in _layer_lines() if line & there), 2):
        for module in modules():
            if module.layer in line and module.name != "archiver":
                path = module.path.removeprefix("archiver/")
                rows.append((str(number), f"`{path}`", _about(module)))
    rows.append(("", "`__init__.py`", _about(_named("archiver"))))
    return _joined([_table(("layer", "module", "what it is"), rows)])


def codes() -> str:
    """Every code with its meaning, flags first."""
    known = json.loads((ROOT / "data/codes.json").read_text("utf-8"))
    parts = []
    for title, name in _CODES:
        rows = [(f"`{code}`", meaning) for code, meaning in sorted(known[name].items())]
        parts += [f"## {title}", _table(("code", "meaning"), rows)]
    return _joined(parts)


def platforms() -> str:
    """The table of platforms, from the registry."""
    rows = [(p.title, p.forms, "yes" if p.clock else "") for p in PLATFORMS]
    return _joined([_table(("platform", "forms", "the id tells the time"), rows)])


def demo() -> str:
    """What ``make demo`` prints of its two commands."""
    with tempfile.TemporaryDirectory() as folder:
        db = str(Path(folder) / "demo.db")
        parts = []
        for words in (["add", "demo.db", "data/samples"], ["search", "demo.db", "light"]):
            given = [db if word == "demo.db" else word for word in words]
            done = subprocess.run(
                [sys.executable, "-c", "import cli; cli.main()", *given],
                cwd=ROOT,
                env={**os.environ, "COLUMNS": "80"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=True,
            )
            parts.append(f"$ archiver {' '.join(words)}\n{done.stdout.strip()}")
    return _joined(["```\n" + "\n\n".join(parts) + "\n```"])


def tests() -> str:
    """Counts of tests by module, with what each is about."""
    rows = [(f"`{path.name}`", about, str(count)) for path, about, count in _test_modules()]
    counted = _counted()
    total = ", ".join(f"{count:,} {name}" for name, count in counted.items())
    return _joined([f"Counted now: {total}.", _table(("module", "what it holds", "tests"), rows)])


def golden() -> str:
    """Counts of golden cases by group."""
    groups = Counter(
        f"{folder.parent.name}/{folder.name.split('-')[0]}"
        if folder.parent.name == "twitter"
        else folder.parent.name
        for folder in _cases()
    )
    rows = [(f"`{name}`", str(count)) for name, count in sorted(groups.items())]
    return _joined([_table(("cases", "count"), rows)])


def healed() -> str:
    """An embed of a sample, and the static quote that it becomes, a tag a line where that is long."""
    path = ROOT / "data/samples/lighthouse.html"
    old = path.read_bytes()
    new = heal(Document(old), Rules(style=False))
    (start, end), *_ = new.spans
    figure = re.search(r"<figure.*?</figure>", new.body.decode("utf-8"))
    assert figure
    shown = (old[start:end].decode("utf-8"), figure[0])
    return _joined(["```html\n" + "\n\n".join(_LONG_TAG.sub(r"\n\1", one) for one in shown) + "\n```"])


def floors() -> str:
    """The floors of quality, as they stand."""
    known = json.loads((ROOT / "tests/quality/floors.json").read_text("utf-8"))
    rows = [
        (corpus, f"`{group}`", ", ".join(f"{figure} {floor:g}" for figure, floor in named.items()))
        for corpus, entry in known["corpora"].items()
        for group, named in entry["floors"].items()
    ]
    return _joined([_table(("corpus", "group", "floors"), rows)])


def schema() -> str:
    """The tables and views as they are made, each column with its type, meaning, unit and an example."""
    return described(made(), told())


def diagram() -> str:
    """Which table points to which, as Mermaid's entity-relationship diagram."""
    lines = (
        f"    {parent} {'|o' if is_free else '||'}--o{{ {table} : {column}"
        for table, column, parent, is_free in sorted(pointers(), key=lambda one: (one[2], one[0], one[1]))
    )
    return "\n".join(("```mermaid", "erDiagram", *lines, "```")) + "\n"


def described(made: dict[str, dict[str, str]], told: dict[str, dict[str, Any]]) -> str:
    """Every table and column that is made and told of."""
    parts = []
    for name, columns in made.items():
        if name in told:
            about = told[name]["columns"]
            rows = [
                (f"`{column}`", kind, *_meaning(about.get(column, {}))) for column, kind in columns.items()
            ]
            head = ("column", "type", "meaning", "example")
            parts += [f"## {name}", told[name]["meaning"], _table(head, rows)]
    return _joined(parts)


def _meaning(column: dict[str, Any]) -> tuple[str, str]:
    unit, example = column.get("unit"), column.get("example")
    meaning = column.get("meaning", "") + (f" ({unit})" if unit else "")
    return meaning, "" if example is None else f"`{example}`"


def _top() -> click.Group:
    from cli import main as top

    assert isinstance(top, click.Group)
    return top


def _argument(argument: click.Argument) -> str:
    return argument.metavar or (argument.name or "").upper()


def _option(option: click.Option) -> tuple[str, str, str]:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    value = "" if option.is_flag else f" {_value(option)}"
    variables = [option.envvar] if isinstance(option.envvar, str) else list(option.envvar or ())
    default = f" Default: {option.default}." if option.show_default else ""
    return names + value, ", ".join(f"`{name}`" for name in variables), (option.help or "") + default


def _value(option: click.Option) -> str:
    if isinstance(option.type, click.Choice):
        return " or ".join(f"`{choice}`" for choice in option.type.choices)
    return option.metavar or option.type.name.upper()


def _prose(text: str | None) -> str:
    """A docstring as click writes it: paragraphs behind a \\b are kept as they stand, as code."""
    parts = []
    for block in _PARAGRAPH.split(_dedented(text or "")):
        if block.startswith("\b\n"):
            parts.append("\n".join(f"    {line.strip()}" for line in block.splitlines()[1:]))
        else:
            parts.append(" ".join(block.split()))
    return "\n\n".join(parts)


def _dedented(text: str) -> str:
    lines = text.strip().splitlines()
    return "\n".join(line.strip() if line.strip() != "\b" else "\b" for line in lines)


def _layer_lines() -> Iterator[set[str]]:
    for line in contracts()["importlinter:contract:layers"]["layers"].splitlines():
        yield {part.strip(" ()") for part in line.split("|") if part.strip()}


def _named(name: str) -> Module:
    return next(module for module in modules() if module.name == name)


def _about(module: Module) -> str:
    """The first sentence of a module's docstring."""
    text = " ".join((ast.get_docstring(module.tree) or "").split("\n\n")[0].split())
    return _CODE_MARK.sub(r"`\1`", _SENTENCE.split(text)[0])


def _cases() -> list[Path]:
    return sorted(path.parent for path in (ROOT / "tests/golden").glob("*/*/about.txt"))


@cache
def _test_modules() -> tuple[tuple[Path, str, int], ...]:
    found = []
    for path in sorted((ROOT / "tests").glob("test_*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        names = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")]
        about = _SENTENCE.split(" ".join((ast.get_docstring(tree) or "").split()))[0]
        found.append((path, about, len(names)))
    return tuple(found)


def _counted() -> dict[str, int]:
    properties = sum(
        path.read_text("utf-8").count("\n@given(") + path.read_text("utf-8").count("\n    @given(")
        for path, _, _ in _test_modules()
    )
    examples = [path for path in (ROOT / "tests/corpora").glob("*") if path.suffix in (".tsv", ".txt")]
    lines = sum(
        sum(1 for line in path.read_text("utf-8").splitlines() if line.strip() and line[0] != "#")
        for path in examples
    )
    return {
        "test functions": sum(count for _, _, count in _test_modules()),
        "of them properties": properties,
        "golden cases": len(_cases()),
        "example lines": lines,
        "modules": len(modules()),
        "import contracts": sum(name.startswith("importlinter:contract:") for name in contracts()),
    }


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _joined(parts: list[str]) -> str:
    return "\n" + "\n\n".join(part for part in parts if part) + "\n\n"


if __name__ == "__main__":
    sys.exit(main())
