"""The modules of the project as syntax trees: what the tests of its shape look at."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from configparser import ConfigParser
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Module:
    """One source file: its dotted name, its path from the root, its text and its tree."""

    name: str
    path: str
    source: str
    tree: ast.Module

    @property
    def layer(self) -> str:
        """The entry of the import contracts that it belongs to: a module, or the package around it."""
        return ".".join(self.name.split(".")[:2])


@cache
def modules() -> tuple[Module, ...]:
    """cli.py and every module of archiver, in order of name."""
    paths = sorted([ROOT / "cli.py", *(ROOT / "archiver").rglob("*.py")])
    return tuple(_read(path) for path in paths)


def _read(path: Path) -> Module:
    relative = path.relative_to(ROOT)
    parts = relative.with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    source = path.read_text("utf-8")
    return Module(name, relative.as_posix(), source, ast.parse(source, str(relative)))


@cache
def contracts() -> ConfigParser:
    """setup.cfg, where the import contracts stand."""
    found = ConfigParser()
    found.read(ROOT / "setup.cfg", "utf-8")
    return found


def listed(section: str, key: str) -> tuple[str, ...]:
    """The words of a list in setup.cfg, one or several a line; brackets mark what need not be there."""
    return tuple(contracts()[section][key].replace("|", " ").split())


def core() -> tuple[Module, ...]:
    """The modules that know no file, network, clock or database, as the import contract lists them."""
    pure = set(listed("importlinter:contract:pure", "source_modules"))
    return tuple(module for module in modules() if module.layer in pure)


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything that a module imports, wherever in it."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module.path}:{node.lineno}: a relative import"
            yield node.lineno, node.module or ""
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function, however deep it stands."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines from ``def`` to the end, the docstring counted out."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def called(node: ast.Call) -> str:
    """What is called, as it is written: ``open``, ``datetime.now`` …; "" for what has no such name."""
    return ast.unparse(node.func) if isinstance(node.func, (ast.Name, ast.Attribute)) else ""
