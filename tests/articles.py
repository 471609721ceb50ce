"""Articles made of the sentences in corpora/flattened.tsv: in any language, with posts in any other."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from functools import cache
from pathlib import Path

from tests.flattener import Article, Block, Items, Post

CORPORA = Path(__file__).resolve().parent / "corpora"
NAMES = (
    *("Mara Quillon", "Osk Ferries", "Ottilie (she/they) Grau", "霧の茶屋", "Rill Survey 🌊", "Радио Мыс"),
    *("خليج", "Bell Ringers", "J.R. Fernsby-Wren", "Tobias 🕯️ Wren", ""),
)
HANDLES = ("maraquillon_ex", "osk_ferries_ex", "OttilieGrau_ex", "kirinochaya_ex", "rillsurvey_ex", "a1_ex")


@cache
def sentences() -> dict[str, dict[str, list[str]]]:
    """Language -> kind (prose, intro, heading, post) -> texts."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    with (CORPORA / "flattened.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            found[row["language"]][row["kind"]].append(row["text"].replace("\\n", "\n"))
    return found


@cache
def dates() -> list[tuple[str, str]]:
    """Dates as embeds print them, with the day: those that a post can bear."""
    with (CORPORA / "dates.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["from"].startswith("embed")]
    return [(row["written"], row["on"]) for row in rows if row["on"] and "\\n" not in row["written"]]


def article(chance: random.Random) -> Article:
    """An article with one to three posts; two in three are in its own language."""
    known = sentences()
    language = chance.choice(sorted(known))
    blocks: list[Block] = [chance.choice(known[language]["prose"])]
    for _ in range(chance.randint(1, 3)):
        blocks += _before(chance, known[language])
        blocks.append(post(chance, language if chance.random() < 2 / 3 else chance.choice(sorted(known))))
        if chance.random() < 0.8:
            blocks.append(chance.choice(known[language]["prose"]))
    return tuple(blocks)


def post(chance: random.Random, language: str) -> Post:
    """A post in a language."""
    text = chance.choice(sentences()[language]["post"])
    return Post(text, chance.choice(NAMES), chance.choice(HANDLES), chance.choice(dates())[0])


def _before(chance: random.Random, known: dict[str, list[str]]) -> list[Block]:
    """What leads to a post: prose, a heading, a list, a sentence that announces it, or nothing."""
    what = chance.random()
    if what < 0.3 and known["intro"]:
        return [chance.choice(known["intro"])]
    if what < 0.4 and known["heading"]:
        return [chance.choice(known["heading"])]
    if what < 0.5:
        return [chance.choice(known["prose"]), Items(("1 200 l", "3 × 40 m", "7 kg"))]
    return [chance.choice(known["prose"])] if what < 0.9 else []
