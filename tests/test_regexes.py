"""Regular expressions: compiled once under a name, and linear whatever an article holds."""

from __future__ import annotations

import ast
import importlib
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.modules import Module, called, functions, modules

if sys.version_info >= (3, 11):
    from re import _constants as marks
    from re import _parser as parser
else:
    import sre_constants as marks
    import sre_parse as parser

SIZE = 20_000
SECONDS = 0.5
VERBS = ("compile", "match", "search", "fullmatch", "sub", "split", "findall", "finditer")
# What hostile pages are made of: each repeated up to SIZE characters, with an end that fits nothing.
PUMPS = (
    *"a1 \n\t<>/@(-—.:#&=\"'`\\_%{[|年",
    *("ab ", "a b\n", "a.co/", "a.a", "a-", "a_", "1a", "1 ", "12 a", "(@a", "@a ", "#a", "— a (@b) "),
    *("https://", "https://a ", "//x.com/", "[a](", "](", "{/*", "<a ", "<a href=", "</a", "&lt;a", "&#10;"),
    *("pic.", "/status/1", "1/2/", "1:1 ", "> ", "- ", "``` \n", "= ", "é", "ا", "\u200b", "\u00a0"),
    *("/72x72/a", "ab-", "\\u003c", "%3A", ";charset=", '="a" ', "一", "م ", "a,"),
)


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Every pattern that a module holds under a name, alone or in a tuple, list or dict."""
    for module in modules():
        for name, value in vars(importlib.import_module(module.name)).items():
            held = value.values() if isinstance(value, dict) else value
            for at, one in enumerate(held if isinstance(held, (tuple, list)) else [value]):
                if isinstance(one, re.Pattern) and f"{name} = " in module.source:
                    yield f"{module.name}.{name}" + (f"[{at}]" if one is not value else ""), one


def is_searched(name: str) -> bool:
    """Whether a pattern is asked to find its own place; one that only matches at a place costs less."""
    bare = name.rpartition(".")[2].partition("[")[0]
    uses = re.compile(rf"\b{bare}\.(\w+)")
    verbs = {verb for module in modules() for verb in uses.findall(module.source)}
    return not verbs or not verbs <= {"match", "fullmatch"}


EACH = pytest.mark.parametrize(
    ("name", "pattern"), [pytest.param(name, found, id=name) for name, found in patterns()]
)


def nested(tree: Any, inside: bool = False) -> bool:
    """Whether an endless repeat holds a repeat of changing length, so that one text can be read in many
    ways. Repeats that a separator divides can be read in one way only: ``(?:-[a-z]+)*``."""
    for op, value in tree:
        if op in (marks.MAX_REPEAT, marks.MIN_REPEAT):
            least, most, body = value
            endless = most == marks.MAXREPEAT
            if inside and most > 1 and least != most:
                return True
            if nested(body, inside or (endless and not is_separated(body))):
                return True
        elif op is marks.BRANCH:
            if any(nested(branch, inside) for branch in value[1]):
                return True
        elif isinstance(value, tuple):
            deeper = (inner for inner in value if isinstance(inner, parser.SubPattern))
            if any(nested(inner, inside) for inner in deeper):
                return True
    return False


def is_separated(body: Any) -> bool:
    """Whether a repeated body is one separator and one repeat of other characters."""
    if len(body) != 2 or body[1][0] not in (marks.MAX_REPEAT, marks.MIN_REPEAT):
        return False
    inner = body[1][1][2]
    separators, others = characters(body[0]), characters(inner[0]) if len(inner) == 1 else None
    return bool(separators and others) and not separators & others


def characters(item: Any) -> frozenset[int] | None:
    """The characters that a literal or a plain class stands for; None for anything else."""
    op, value = item
    if op is marks.LITERAL:
        return frozenset((value,))
    if op is not marks.IN or any(kind not in (marks.LITERAL, marks.RANGE) for kind, _ in value):
        return None
    return frozenset(
        point
        for kind, what in value
        for point in ((what,) if kind is marks.LITERAL else range(what[0], what[1] + 1))
    )


@EACH
def test_no_repeat_in_an_endless_repeat(name: str, pattern: re.Pattern[Any]) -> None:
    assert not nested(parser.parse(pattern.pattern, pattern.flags)), f"{name}: {pattern.pattern}"


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timers")
@EACH
def test_hostile_text_takes_no_time(name: str, pattern: re.Pattern[Any]) -> None:
    ask = pattern.search if is_searched(name) else pattern.match
    slow = []
    for pump in PUMPS:
        text: Any = (pump * (SIZE // len(pump))) + "\x01"
        text = text.encode() if isinstance(pattern.pattern, bytes) else text
        if (took := _time(ask, text)) > SECONDS:
            slow.append(f"{pump!r}: {took:.1f} s")
    assert slow == [], pattern.pattern


def _time(ask: Callable[[Any], object], text: Any) -> float:
    """The seconds of one search, given up after a few times what is allowed."""

    def give_up(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, 4 * SECONDS)
    start = time.perf_counter()
    try:
        ask(text)
    except TimeoutError:
        return 4 * SECONDS
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return time.perf_counter() - start


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.path)
def test_patterns_have_names(module: Module) -> None:
    """Compiled at module level, or once in a cached function that builds them from a table."""
    verbs = {
        f"re.{verb}"
        for verb in ("compile", "match", "search", "fullmatch", "sub", "split", "findall", "finditer")
    }
    found = []
    for function in functions(module.tree):
        cached = any("cache" in ast.unparse(mark) for mark in function.decorator_list)
        for node in ast.walk(function):
            if (
                isinstance(node, ast.Call)
                and called(node) in verbs
                and not (cached and called(node) == "re.compile")
            ):
                found.append(f"{module.path}:{node.lineno}: {ast.unparse(node)[:80]}")
    assert found == []
