"""``python -m tests.healing``: the figures; exit code 1 where there are faults."""

from __future__ import annotations

import sys

from tests.healing import corpus, golden, measured


def main() -> int:
    faults = 0
    for name, paths in (("golden cases", golden()), ("corpus", corpus())):
        figures = measured(paths)
        faults += len(figures.faults)
        print(f"{name}:", *figures.lines(), sep="\n  ")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
