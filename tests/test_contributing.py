"""The worked example of CONTRIBUTING.md does what it says."""

from __future__ import annotations

import ast
import json
import re
import types

import pytest

from archiver.extraction import extract
from archiver.model import Document
from archiver.platforms import PLATFORMS
from archiver.rows import record
from tests.modules import ROOT, functions, length

EXAMPLE = re.compile(r"<!-- example: (\w+) -->\n```\w+\n(.*?)\n```", re.DOTALL)


@pytest.fixture(scope="module")
def example() -> dict[str, str]:
    return dict(EXAMPLE.findall((ROOT / "CONTRIBUTING.md").read_text("utf-8")))


def test_the_example_is_found_as_it_says(example: dict[str, str]) -> None:
    module = types.ModuleType("lantern")
    exec(compile(example["module"], "lantern.py", "exec"), vars(module))
    document = Document(example["article"].encode())
    extraction = extract(document, (*PLATFORMS, module.PLATFORM))
    expected = json.loads(example["expected"])
    found = [record(extraction, quote) for quote in extraction.quotes]
    assert [{key: one[key] for key in want} for one, want in zip(found, expected, strict=False)] == expected
    assert len(found) == len(expected)
    assert extraction.notes == () and all(one["flags"] == [] for one in found)


def test_the_example_keeps_the_rules(example: dict[str, str]) -> None:
    tree = ast.parse(example["module"])
    assert ast.get_docstring(tree)
    assert all(length(function) < 40 for function in functions(tree))
    assert max(map(len, example["module"].splitlines())) <= 110
