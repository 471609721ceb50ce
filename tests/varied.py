"""Articles with more in them than `tests.articles` makes: prose in links and quotations, posts of several
lines, with tags, lists, small letters, the same post twice. What the weights of evidence are learned from.

``SHARES`` holds how often each thing happens: estimates by those who read many flattened articles.
"""

from __future__ import annotations

import csv
import random
import re
from collections import defaultdict
from functools import cache

from tests.articles import CORPORA, HANDLES, NAMES, dates
from tests.flattener import Article, Block, Items, Post

FITTED, KEPT = "training.tsv", "flattened.tsv"
"""The sentences that weights are learned from, and those that are kept apart to calibrate by."""
SHARES = {
    "a post of several lines": 0.25,
    "a post in another language": 0.2,
    "a post in small letters": 0.08,
    "a list in a post": 0.15,
    "a paragraph in a post": 0.5,
    "a tag begins": 0.1,
    "a mention begins": 0.1,
    "a tag inside": 0.12,
    "a tag ends": 0.3,
    "a tag on a line of its own": 0.25,
    "an emoji ends a line": 0.15,
    "a link ends": 0.3,
    "a picture ends": 0.4,
    "no words": 0.02,
    "a blank ends a line": 0.1,
    "prose with a link": 0.4,
    "prose quotes the post": 0.1,
    "the same post twice": 0.04,
    "one tag for all posts": 0.1,
}
BEFORE = {"prose": 40, "short": 12, "says": 12, "intro": 14, "heading": 8, "button": 4, "items": 5, "": 5}
TAGS = ("#corbel", "#lighthouse", "#梨の駅", "#pears", "#bahn", "#маяк")
EMOJI = ("🍐", "🌉", "🚂🚂", "👇", "😀", "💡")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s*")
_LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789"

Sentences = dict[str, dict[str, list[str]]]


@cache
def sentences(name: str) -> Sentences:
    """Language -> kind -> texts of one table."""
    found: Sentences = defaultdict(lambda: defaultdict(list))
    with (CORPORA / name).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            found[row["language"]][row["kind"]].append(row["text"].replace("\\n", "\n"))
    return found


def varied(seed: int, name: str) -> Article:
    """An article with up to five posts, of the sentences of one table."""
    chance = random.Random(seed)
    known = sentences(name)
    language = chance.choice(sorted(code for code in known if len(known[code]["prose"]) > 1))
    tag = chance.choice(TAGS) if _happens(chance, "one tag for all posts") else ""
    begins = chance.random() < 0.5
    blocks: list[Block] = [_prose(chance, known[language])]
    for _ in range(chance.choice((1, 1, 2, 3, 5))):
        post = _post(chance, known, language, tag, begins)
        blocks += _before(chance, known[language], post)
        blocks.append(post)
        if chance.random() < 0.85:
            blocks.append(_prose(chance, known[language]))
        if _happens(chance, "the same post twice"):
            blocks += [*_before(chance, known[language], post), post, _prose(chance, known[language])]
    return tuple(blocks)


def _happens(chance: random.Random, what: str) -> bool:
    return chance.random() < SHARES[what]


def _before(chance: random.Random, known: dict[str, list[str]], post: Post) -> list[Block]:
    """What leads to a post."""
    if _happens(chance, "prose quotes the post") and len(post.text) > 30:
        said = _SENTENCE.split(post.text.split("\n")[0])[0]
        return [f"{chance.choice(known['prose'])} “{said}”"]
    what = chance.choices(list(BEFORE), list(BEFORE.values()))[0]
    if what == "items":
        return [Items(tuple(chance.sample(("1 200 l", "3 × 40 m", "7 kg", "36", "11 km"), 3)))]
    if what == "prose":
        return [_prose(chance, known)]
    if not what or not known[what]:
        return []
    first: list[Block] = [_prose(chance, known)] if chance.random() < 0.6 else []
    return [*first, chance.choice(known[what])]


def _prose(chance: random.Random, known: dict[str, list[str]]) -> str:
    """A paragraph: one sentence or two, now and then with a link over some of its words."""
    text = " ".join(chance.sample(known["prose"], chance.choice((1, 1, min(2, len(known["prose"]))))))
    words = text.split(" ")
    if len(words) < 6 or not _happens(chance, "prose with a link"):
        return text
    at = chance.randrange(1, len(words) - 3)
    to = at + chance.randint(1, 3)
    return " ".join((*words[:at], f"⟦{' '.join(words[at:to])}⟧", *words[to:]))


def _post(chance: random.Random, known: Sentences, language: str, tag: str, begins: bool) -> Post:
    if _happens(chance, "a post in another language"):
        language = chance.choice(sorted(known))
    many = _happens(chance, "a post of several lines")
    text = _lines(chance, known[language]) if many else chance.choice(known[language]["post"])
    if _happens(chance, "a post in small letters"):
        text = text.lower()
    if _happens(chance, "no words"):
        text = chance.choice((*EMOJI, "@corbelstation_ex"))
    text = _tagged(chance, text, tag, begins)
    text = _ended(chance, text)
    return Post(text, chance.choice(NAMES), chance.choice(HANDLES), chance.choice(dates())[0])


def _lines(chance: random.Random, known: dict[str, list[str]]) -> str:
    """Two to five lines, paragraphs apart or not; now and then a list."""
    pool = [*known["line"], *(line for post in known["post"] for line in _SENTENCE.split(post) if line)]
    lines = [chance.choice(pool) for _ in range(chance.choice((2, 2, 3, 4, 5)))]
    if _happens(chance, "a list in a post") and len(lines) > 2:
        bullet = chance.choice(("- {}", "• {}", "{n}. {}", "({n}) {}", "✅ {}"))
        lines[1:] = [bullet.format(line, n=n) for n, line in enumerate(lines[1:], 1)]
        lines[0] = lines[0].rstrip(".!?") + chance.choice((":", ""))
    for n, line in enumerate(lines):
        emoji = " " + chance.choice(EMOJI) if _happens(chance, "an emoji ends a line") else ""
        blank = " " if n + 1 < len(lines) and _happens(chance, "a blank ends a line") else ""
        lines[n] = line + emoji + blank
    return ("\n\n" if _happens(chance, "a paragraph in a post") else "\n").join(lines)


def _tagged(chance: random.Random, text: str, tag: str, begins: bool) -> str:
    if tag:
        return f"{tag} {text}" if begins else f"{text} {tag}"
    if _happens(chance, "a tag begins"):
        return f"{chance.choice(TAGS)} {text}"
    if _happens(chance, "a mention begins"):
        return f"{chance.choice(('', '.', 'RT '))}@corbelstation_ex {text}"
    words = text.split(" ")
    if len(words) > 4 and _happens(chance, "a tag inside"):
        words.insert(chance.randrange(1, len(words) - 1), chance.choice(TAGS))
        return " ".join(words)
    if _happens(chance, "a tag ends"):
        return text + chance.choice((" ", "\n\n") if chance.random() < 0.5 else (" ",)) + chance.choice(TAGS)
    return text


def _ended(chance: random.Random, text: str) -> str:
    code = "".join(chance.choice(_LETTERS) for _ in range(10))
    if _happens(chance, "a link ends"):
        text += chance.choice((" ", " ", "\n\n")) + f"https://t.co/{code}"
    if _happens(chance, "a picture ends"):
        text += f" pic.example.com/{code[::-1]}"
    return text
