"""python -m tests.quality: measure, and fail where a figure is under its floor.

--write brings digests up to date, adds floors for the groups that floors.json names, and raises floors to
what is reached now. A floor is lowered by --lower REASON only; the reason stays in floors.json and belongs
into CHANGELOG.md too.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable
from typing import Any

from tests.quality import CEILINGS, FLOORS, Figures, failures, floors, is_under
from tests.quality.outside import CORPORA, is_there, measured, outside_digest
from tests.quality.own import flattened, golden, own_digest

OWN: dict[str, Callable[[], Figures]] = {"golden": golden, "flattened": flattened}
# Floors stand at tenths of a percent, so that one odd page more is no alarm.
_STEP = 10


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0 all floors held (or written), 1 not."""
    reader = argparse.ArgumentParser(
        prog="python -m tests.quality",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    reader.add_argument("corpora", nargs="*", metavar="CORPUS", help=", ".join([*OWN, *CORPORA]))
    reader.add_argument("--write", action="store_true", help="bring floors.json up to date")
    reader.add_argument("--lower", metavar="REASON", help="lower the floors that fail, for this reason")
    reader.add_argument("--show", type=int, default=0, metavar="N", help="show N mistakes of a scorer")
    given = reader.parse_args(arguments)
    if unknown := set(given.corpora) - {*OWN, *CORPORA}:
        reader.error(f"no such corpus: {', '.join(sorted(unknown))}")
    known, bad = floors(), []
    for corpus in given.corpora or (*OWN, *CORPORA):
        if corpus in CORPORA and not is_there(corpus):
            print(f"{corpus}: not here, not measured")
            continue
        bad += _held(corpus, known, given)
    if given.write or given.lower:
        FLOORS.write_text(json.dumps(known, ensure_ascii=False, indent=2) + "\n", "utf-8")
    print("\n".join(bad) or "every floor is held")
    return int(bool(bad))


def figures(corpus: str, show: int = 0) -> tuple[str, Figures]:
    """The digest of a corpus and what is reached on it."""
    if corpus in OWN:
        return own_digest(), OWN[corpus]()
    found, printed = measured(corpus, show)
    if show:
        print(printed)
    return outside_digest(corpus), found


def _held(corpus: str, known: dict[str, Any], given: argparse.Namespace) -> list[str]:
    mark, found = figures(corpus, given.show)
    entry = known["corpora"][corpus]
    for group, named in found.items():
        if given.show or group in entry["floors"]:
            print(f"{corpus} {group}: " + ", ".join(f"{name} {value:g}" for name, value in named.items()))
    if given.lower:
        _lower(corpus, entry, found, known, given.lower)
    if given.write:
        _raise(entry, found)
        entry["digest"] = mark
    bad = failures(found, entry["floors"])
    if entry["digest"] != mark:
        bad.append("the corpus is another than the floors were measured on: run with --write")
    return [f"{corpus}: {line}" for line in bad]


def _raise(entry: dict[str, Any], found: Figures) -> None:
    """Floors up to what is reached, in tenths of a percent; never down."""
    for group, named in entry["floors"].items():
        for figure, floor in named.items():
            value = found.get(group, {}).get(figure)
            if value is None or is_under(figure, value, floor):
                continue
            named[figure] = value if figure in CEILINGS else max(floor, math.floor(value * _STEP) / _STEP)


def _lower(corpus: str, entry: dict[str, Any], found: Figures, known: dict[str, Any], reason: str) -> None:
    for group, named in entry["floors"].items():
        for figure, floor in named.items():
            value = found.get(group, {}).get(figure)
            if value is not None and is_under(figure, value, floor):
                named[figure] = value if figure in CEILINGS else math.floor(value * _STEP) / _STEP
                known["lowered"].append(
                    {
                        "floor": f"{corpus} {group} {figure}",
                        "from": floor,
                        "to": named[figure],
                        "reason": reason,
                    }
                )


if __name__ == "__main__":
    sys.exit(main())
