"""The shape of the code, as far as syntax trees can tell: sizes, excepts, who imports what, who says what."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path, PurePath

import pytest

from tests.modules import ROOT, Module, called, contracts, core, functions, imports, length, listed, modules

LONGEST_FUNCTION = 39
LONGEST_MODULE = 399
PLATFORM_NAMES = re.compile(
    r"twitter|tweet|instagram|instgrm|facebook|tiktok|bluesky|bsky|mastodon|reddit|telegram|youtube|tumblr|linkedin"
    r"|pinterest|truthsocial|pixelfed|peertube|\bthreads\.(?:net|com)|\bvk\.com|\bx\.com|\bt\.(?:co|me)\b",
    re.IGNORECASE,
)
NETWORK = frozenset(("requests", "urllib3", "http", "socket", "ssl", "urllib.request", "ftplib", "asyncio"))
DATABASE = frozenset(("sqlite3", "sqlite_utils"))
# Files, processes, chance and the clock: not for the core. Logging belongs to the shell.
WORLD = frozenset(
    "click os io pathlib shutil tempfile glob subprocess multiprocessing threading time random secrets uuid"
    " logging signal ctypes".split()
)
ASKS = re.compile(
    r"^(?:open|print|input|exec|eval|__import__|hash|breakpoint|datetime\.(?:now|utcnow|today)|date\.today)$"
)
SQL = re.compile(
    r"\s*(?:SELECT\s+\S|INSERT\s+(?:OR\s+\w+\s+)?INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s"
    r"|CREATE\s+(?:TABLE|VIEW|INDEX|TRIGGER|VIRTUAL)\s)",
    re.IGNORECASE,
)
SQL_MODULES = frozenset(
    f"archiver.{name}"
    for name in (
        "migrations results tallies views indexes database settling store later identity query export audit"
        " evidence merge reparse datasette".split()
    )
)


def of(name: str, names: Iterable[str]) -> bool:
    """Whether a dotted name is one of the names or stands below one."""
    return any(name == other or name.startswith(other + ".") for other in names)


def said(module: Module, found: Iterable[tuple[int, str]]) -> list[str]:
    return [f"{module.path}:{line}: {what}" for line, what in found]


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.path)
def test_functions_are_short(module: Module) -> None:
    long = ((f.lineno, f.name) for f in functions(module.tree) if length(f) > LONGEST_FUNCTION)
    assert said(module, long) == []


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.path)
def test_modules_are_short(module: Module) -> None:
    assert len(module.source.splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.path)
def test_nothing_is_caught_broadly(module: Module) -> None:
    broad = {"Exception", "BaseException"}

    def is_broad(node: ast.expr | None) -> bool:
        kinds = node.elts if isinstance(node, ast.Tuple) else [node]
        return any(kind is None or (isinstance(kind, ast.Name) and kind.id in broad) for kind in kinds)

    handlers = (n for n in ast.walk(module.tree) if isinstance(n, ast.ExceptHandler) and is_broad(n.type))
    silenced = (
        node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and called(node).split(".")[-1] == "suppress"
        and any(map(is_broad, node.args))
    )
    assert said(module, ((node.lineno, "caught broadly") for node in (*handlers, *silenced))) == []


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.path)
def test_no_platform_is_named_outside_platforms(module: Module) -> None:
    if module.layer == "archiver.platforms":
        return
    lines = enumerate(module.source.splitlines(), 1)
    assert said(module, ((at, line.strip()) for at, line in lines if PLATFORM_NAMES.search(line))) == []


@pytest.mark.parametrize("module", core(), ids=lambda module: module.path)
def test_the_core_knows_no_world(module: Module) -> None:
    door = module.name == "archiver.resources"
    forbidden = NETWORK | DATABASE | WORLD
    found = [(line, name) for line, name in imports(module) if of(name, forbidden)]
    calls = (node for node in ast.walk(module.tree) if isinstance(node, ast.Call))
    found += [(node.lineno, called(node)) for node in calls if not door and ASKS.match(called(node))]
    assert said(module, found) == []


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.path)
def test_doors_are_used_by_their_keepers_only(module: Module) -> None:
    keepers = {"lxml": {"archiver.html", "archiver.xmltree"}, "importlib.resources": {"archiver.resources"}}
    keepers |= {door: {"archiver.fetch"} for door in NETWORK}
    keepers |= {door: set(SQL_MODULES) for door in sorted(DATABASE)}
    shows = {
        "cli",
        "archiver.show",
        "archiver.reports",
        "archiver.troubles",
        "archiver.progress",
        "archiver.commands",
        "archiver.options",
    }
    keepers |= {"click": shows}
    found = [
        (line, name)
        for line, name in imports(module)
        for door, allowed in keepers.items()
        if of(name, {door}) and not of(module.name, allowed)
    ]
    assert said(module, found) == []


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.path)
def test_nothing_imports_the_command_line(module: Module) -> None:
    assert said(module, ((line, name) for line, name in imports(module) if of(name, {"cli"}))) == []


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.path)
def test_sql_is_written_in_its_modules_only(module: Module) -> None:
    """Columns are named where SQL is written, in rows.py and in data/; of that, a tree shows the SQL."""
    if of(module.name, SQL_MODULES):
        return
    strings = (n for n in ast.walk(module.tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))
    found = ((node.lineno, node.value[:60]) for node in strings if SQL.match(str(node.value)))
    assert said(module, found) == []


def test_no_value_holds_a_node_of_a_tree() -> None:
    """Values hold strings: model.py sees neither trees nor anything of ours, and all of it is frozen."""
    model = next(module for module in modules() if module.name == "archiver.model")
    allowed = {"__future__", "dataclasses", "datetime", "enum", "typing"}
    found = [(line, name) for line, name in imports(model) if not of(name, allowed)]
    for node in model.tree.body:
        if isinstance(node, ast.ClassDef):
            marks = [ast.unparse(decorator) for decorator in node.decorator_list]
            if marks != ["dataclass(frozen=True, slots=True)"]:
                found.append((node.lineno, f"{node.name} is not a frozen dataclass with slots"))
    assert said(model, found) == []


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.path)
def test_no_option_opens_the_address_guard(module: Module) -> None:
    """The guard is opened by an argument of the constructor, which only tests give."""
    found = [
        (node.lineno, ast.unparse(node))
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and called(node).split(".")[-1] == "Fetcher"
        and {word.arg for word in node.keywords} & {"allow", "resolve", None}
    ]
    assert said(module, found) == []


def test_every_module_stands_in_a_layer() -> None:
    layers = listed("importlinter:contract:layers", "layers")
    there = {module.layer for module in modules()} - {"archiver", "cli"}
    assert sorted(there - {layer.strip("()") for layer in layers}) == [], "not in setup.cfg's contracts"
    assert sorted(set(layers) - there - {layer for layer in layers if layer[0] == "("}) == []


def test_every_package_is_packaged() -> None:
    folders = {path.parent.relative_to(ROOT) for path in (ROOT / "archiver").rglob("__init__.py")}
    named = {".".join(folder.parts) for folder in folders} | {"archiver.data"}
    assert set(contracts()["options"]["packages"].split()) == named


def test_every_table_is_packaged() -> None:
    patterns = contracts()["options.package_data"]["archiver.data"].split()
    tables = [
        path for path in (ROOT / "data").rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")
    ]
    lost = [str(path.relative_to(ROOT)) for path in tables if not any(_meets(path, p) for p in patterns)]
    assert lost == []


def _meets(path: Path, pattern: str) -> bool:
    """As setuptools reads it: a star does not cross a slash."""
    inside = path.relative_to(ROOT / "data")
    return len(inside.parts) == len(PurePath(pattern).parts) and inside.match(pattern)


def test_architecture_names_every_module() -> None:
    told = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    there = {module.path.removeprefix("archiver/") for module in modules()}
    missing = [path for path in there if f"`{path}`" not in told]
    assert sorted(missing) == [], "not in ARCHITECTURE.md"
    named = set(re.findall(r"`((?:\w+/)*\w+\.py)`", told))
    gone = {name for name in named - there if not (ROOT / name).exists()}
    assert sorted(gone) == [], "in ARCHITECTURE.md, but not there"
