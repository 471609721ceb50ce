"""Write data/flattened/weights.json and confidence.json: a tool for developers.

python -m tests.make_weights

The weights of evidence are fitted to articles that we make ourselves (`tests.varied`), flattened in every
layout, around a prior that was set by hand: a logistic regression, each weight drawn to its prior. What a
chance is worth is counted on articles of other sentences, kept apart.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from archiver import flattened
from archiver.flattened import evidence
from archiver.flattened.anchors import attributions
from archiver.flattened.evidence import Boundary, features
from archiver.flattened.reading import words
from archiver.flattened.starts import boundaries, ranked, steps
from archiver.flattened.view import viewed
from tests.articles import CORPORA
from tests.flattener import LAYOUTS, Post
from tests.varied import FITTED, KEPT, varied

DATA = Path(__file__).parent.parent / "data" / "flattened"
ARTICLES, KEPT_ARTICLES = 240, 400
# How many boundaries the made ones count as, against the prior: they are all alike, and ours.
_WORTH = 100.0
_ROUNDS, _STEP = 300, 0.5
_Z = 1.64
_BINS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)

ABOUT = " ".join(
    """Evidence that the text of a post begins at a boundary (positive) or goes on above it (negative), in
    log odds. First how the boundary is drawn, then what stands above and below it; what begins with
    'fragmented' counts where each link has a line of its own. Each feature: the prior, set by hand in
    steps of a half after counts over public articles that were read in place and are not part of the
    project; how many boundaries of made articles showed it; the weight fitted to them, which is the one
    that counts.""".split()
)

Row = tuple[dict[str, float], bool]


def bare(text: str | None) -> str:
    """Words without white space."""
    return "".join((text or "").split())


def rows(name: str, articles: int) -> Iterator[Row]:
    """Boundaries of made articles, from each attribution up to the true start: features, and whether the
    post begins there."""
    for seed in range(articles):
        made = varied(seed, name)
        posts = [block for block in made if isinstance(block, Post)]
        for layout in sorted(LAYOUTS):
            yield from _of(LAYOUTS[layout](made), posts)


def _of(text: str, posts: Sequence[Post]) -> Iterator[Row]:
    shown = viewed(text)
    found = attributions(shown)
    known = flattened.understood(shown, found)
    if len(found) != len(posts):
        return
    for anchor, post in zip(found, posts, strict=True):
        passed: list[Row] = []
        for place, at in boundaries(shown, anchor, known):
            right = bare(words(shown, place, anchor.start, known)) == bare(post.text)
            if isinstance(at, Boundary):
                passed.append((dict(features(at)), right))
            if right:
                yield from passed
                break


def fitted(found: Sequence[Row], prior: dict[str, float]) -> dict[str, tuple[float, int]]:
    """Weights and how often each feature was seen: the likeliest, where each is normal around its prior,
    by gradients with steps that shrink (Adagrad)."""
    weights = dict(prior)
    seen: dict[str, int] = defaultdict(int)
    for values, _ in found:
        for name in values:
            seen[name] += 1
            weights.setdefault(name, 0.0)
    share = min(1.0, _WORTH / len(found))
    pace = dict.fromkeys(weights, 1e-6)
    for _ in range(_ROUNDS):
        slope = {name: weights[name] - prior.get(name, 0.0) for name in weights}
        for values, right in found:
            odds = sum(weights[name] * value for name, value in values.items())
            miss = share * (1 / (1 + math.exp(-max(-30.0, min(30.0, odds)))) - right)
            for name, value in values.items():
                slope[name] += miss * value
        for name, rise in slope.items():
            pace[name] += rise * rise
            weights[name] -= _STEP * rise / math.sqrt(pace[name])
    return {name: (round(weight, 1), seen[name]) for name, weight in sorted(weights.items())}


def worth(name: str, articles: int) -> list[list[float]]:
    """What a chance is worth: pairs of a chance, and the share of starts of about that chance that were
    right, at the lower end of its interval (90 %, for real articles are harder than ours); never falling."""
    counts = [[0.0, 0, 0] for _ in _BINS]
    for seed in range(articles):
        made = varied(seed, name)
        posts = [block for block in made if isinstance(block, Post)]
        for layout in sorted(LAYOUTS.keys() - {"one_line"}):
            for chance, right in _chances(LAYOUTS[layout](made), posts):
                row = counts[sum(chance >= low for low in _BINS) - 1]
                row[0], row[1], row[2] = row[0] + chance, row[1] + 1, row[2] + right
    points = [[round(total / n, 3), _least(right, n)] for total, n, right in counts if n]
    for before, point in pairwise(points):
        point[1] = max(point[1], before[1])
    return [[0.0, 0.0], *points, [1.0, points[-1][1]]]


def _least(right: float, n: float) -> float:
    """The lower end of a share's interval, after Wilson."""
    share, spread = right / n, _Z * _Z / n
    middle = share + spread / 2
    return round((middle - _Z * math.sqrt(share * (1 - share) / n + spread / 4 / n)) / (1 + spread), 3)


def _chances(text: str, posts: Sequence[Post]) -> Iterator[tuple[float, bool]]:
    shown = viewed(text)
    found = attributions(shown)
    known = flattened.understood(shown, found)
    for anchor, post in zip(found, posts, strict=False):
        options = ranked(steps(shown, anchor, known))
        if options:
            right = bare(words(shown, options[0].place, anchor.start, known)) == bare(post.text)
            yield options[0].probability, right


def main() -> None:
    """Fit, calibrate, write."""
    path = DATA / "weights.json"
    table: dict[str, Any] = json.loads(path.read_text("utf-8"))
    prior = {name: row[0] for name, row in table["weights"].items()}
    found = list(rows(FITTED, ARTICLES))
    random.Random(0).shuffle(found)
    table["about"] = ABOUT
    table["from"] = _source(FITTED, ARTICLES, len(found))
    table["weights"] = {
        name: [prior.get(name, 0.0), seen, weight] for name, (weight, seen) in fitted(found, prior).items()
    }
    path.write_text(shaped(table), "utf-8")
    evidence.weights.cache_clear()
    calibrated = {
        "about": "What a computed chance of a start is worth: pairs of chance and the share of starts of"
        " about that chance that were right (the lower end of its interval); in between, straight lines.",
        "from": _source(KEPT, KEPT_ARTICLES),
        "points": worth(KEPT, KEPT_ARTICLES),
    }
    (DATA / "confidence.json").write_text(json.dumps(calibrated, ensure_ascii=False) + "\n", "utf-8")


def digest(name: str) -> str:
    """20 hex digits of a table of sentences."""
    return hashlib.sha256((CORPORA / name).read_bytes()).hexdigest()[:20]


def _source(name: str, articles: int, boundaries_seen: int = 0) -> dict[str, Any]:
    return {
        "script": "tests/make_weights.py",
        "sentences": name,
        "digest": digest(name),
        "articles": articles,
        "layouts": len(LAYOUTS),
    } | ({"boundaries": boundaries_seen} if boundaries_seen else {})


def shaped(table: dict[str, Any]) -> str:
    """A table as JSON, one weight a line."""
    head = json.dumps({key: table[key] for key in table if key != "weights"}, ensure_ascii=False, indent=2)
    lines = [
        f"    {json.dumps(name, ensure_ascii=False)}: {json.dumps(row)}"
        for name, row in table["weights"].items()
    ]
    return head.removesuffix("\n}") + ',\n  "weights": {\n' + ",\n".join(lines) + "\n  }\n}\n"


if __name__ == "__main__":
    main()
