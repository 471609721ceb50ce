"""python -m tests.golden: list the cases, make a new one, look at differences, accept them."""

from __future__ import annotations

import argparse
import difflib
import shutil
import sys
from pathlib import Path
from typing import Any

from tests.golden import HERE, KEYS, Case, cases, narrowed, seen, written


def main(arguments: list[str] | None = None, root: Path = HERE) -> int:
    """Exit code: 0 as expected (or accepted), 1 different, 2 wrong usage."""
    reader = argparse.ArgumentParser(prog="python -m tests.golden", description=__doc__)
    reader.add_argument("names", nargs="*", metavar="CASE", help="platform/case; all of them by default")
    reader.add_argument("--bless", action="store_true", help="write what is found as what is expected")
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == ["new"]:
        return _new(words[1:], root)
    given = reader.parse_args(words)
    chosen = [case for case in cases(root) if not given.names or case.name in given.names]
    if unknown := set(given.names) - {case.name for case in chosen}:
        reader.error(f"no such case: {', '.join(sorted(unknown))}")
    changed = [case for case in chosen if _differs(case, given.bless)]
    what = "rewritten" if given.bless else "different"
    print(f"{len(chosen)} cases, {len(changed)} {what}")
    return int(bool(changed) and not given.bless)


def _differs(case: Case, bless: bool) -> bool:
    expected = case.expected
    before, after = written(expected), written(narrowed(seen(case.read(expected)), expected))
    if before == after:
        return False
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), f"{case.name} expected", f"{case.name} found", lineterm=""
    )
    print("\n".join(lines))
    if bless:
        (case.folder / "expected.json").write_text(after, "utf-8")
    return True


def _new(words: list[str], root: Path) -> int:
    reader = argparse.ArgumentParser(
        prog="python -m tests.golden new",
        description="Make a case of an article of our own; what is found is written as what is expected.",
    )
    reader.add_argument("source", type=Path, metavar="SOURCE", help="the article: .html, .md or .txt")
    reader.add_argument("name", metavar="PLATFORM/CASE")
    reader.add_argument("--about", required=True, help="what shape it has and why it is here, in one line")
    reader.add_argument("--url", help="where the article is said to stand")
    reader.add_argument("--links", action="store_true", help="citations too")
    given = reader.parse_args(words)
    folder = root / given.name
    if given.name.count("/") != 1 or folder.exists():
        reader.error(f"name a new case as platform/case: {given.name}")
    folder.mkdir(parents=True)
    shutil.copyfile(given.source, folder / f"article{given.source.suffix}")
    (folder / "about.txt").write_text(given.about.strip() + "\n", "utf-8")
    how: dict[str, Any] = ({"links": True} if given.links else {}) | ({"url": given.url} if given.url else {})
    expected = written(narrowed(seen(Case(folder).read(how)), how, KEYS))
    (folder / "expected.json").write_text(expected, "utf-8")
    print(expected, end="")
    print(
        f"Read it with care: what stands in {given.name}/expected.json is what archiver sees, right or not."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
