"""Flattened embeds of every platform that is read from text, end to end: a scored table, and its floors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import pytest

from archiver.extraction import extract
from archiver.model import Document, Quote

PROSE = (
    "The harbour council met on Tuesday and could not agree on the price of the oil.",
    "Der Rat tagte am Dienstag und fand keinen Preis für das Öl.",
)
JOINTS: dict[str, Callable[[list[str]], str]] = {
    "spaced": "\n\n".join,
    "close": "\n".join,
    "indented": lambda lines: "\n\n".join("    " + line for line in lines),
    "quoted": lambda lines: "\n>\n".join("> " + line for line in lines),
    "paragraph": " ".join,
}
WORDS = (
    "Forty boats for one lamp. #keepthelamp",
    "Vierzig Boote für eine Lampe, und niemand zählt mit.",
    "La lámpara sigue apagada. #faro",
    "霧の朝、灯台はまだ消えている。 #灯台",
)


@dataclass(frozen=True)
class Case:
    """The lines of one embed, what they say of a post, and the layouts in which they may stand."""

    platform: str
    lines: tuple[str, ...]
    text: str | None
    handle: str | None
    joints: tuple[str, ...] = tuple(JOINTS)


def _pictures() -> list[Case]:
    signed = (
        ("View this post on Instagram", "A post shared by Mara (@mara_ex) on Sep 3, 2018 at 3:55pm PDT"),
        ("Sieh dir diesen Beitrag auf Instagram an", "Ein Beitrag geteilt von Mara (@mara_ex)"),
        ("Ver esta publicación en Instagram", "Una publicación compartida por Mara (@mara_ex)"),
        ("この投稿をInstagramで見る", "霧の茶屋(@mara_ex)がシェアした投稿"),
    )
    return [
        Case("instagram", (invitation, words, last), words, "mara_ex")
        for words, (invitation, last) in zip(WORDS, signed, strict=True)
    ]


def _clips() -> list[Case]:
    sounds = ("original sound - Mara", "Originalton - Mara", "sonido original - Mara", "オリジナル楽曲 - 霧")
    return [
        Case("tiktok", ("@mara.quillon_ex", words, f"♬ {sound}"), words, "mara.quillon_ex")
        for words, sound in zip(WORDS, sounds, strict=True)
    ]


def _posts() -> list[Case]:
    signed = (
        "Mara Quillon (@mara-ex.bsky.social) January 3, 2025 at 5:04 PM",
        "Mara Quillon (@mara.harbour.example) 5. Januar 2025 um 23:04",
        "Faro (@faro-ex.bsky.social) 5 de enero de 2025, 23:04",
        "霧の茶屋 (@kiri-ex.bsky.social) 2025年1月7日 7:04",
    )
    return [
        Case("bluesky", (words, f"— {name}"), words, name.partition("@")[2].partition(")")[0])
        for words, name in zip(WORDS, signed, strict=True)
    ]


def _pages() -> list[Case]:
    cut = "Dear neighbours, the lamp will be out for six weeks, and we would like to thank all..."
    signed = (
        "Posted by Corbel Point on Monday, February 7, 2022",
        "Gepostet von Leuchtturm am Montag, 7. Februar 2022",
        "Publicado por Faro en Martes, 30 de julio de 2024",
        "Опубликовано Порт Вторник, 17 марта 2020 г.",
    )
    return [Case("facebook", (cut, last), cut, None) for last in signed]


def _forums() -> list[Case]:
    titles = (
        "Who else misses the lamp?",
        "Wer vermisst die Lampe?",
        "¿Quién apagó el faro?",
        "灯台が消えた理由",
    )
    return [Case("reddit", (title, "by u/mara-ex in harbours"), title, "mara-ex") for title in titles]


def _pointers() -> list[Case]:
    own = ("spaced", "close", "quoted", "paragraph")
    threads, mastodon = (
        "https://www.threads.net/@mara_ex/post/C3aupSTgBCS",
        "https://mastodon.social/@mara_ex/109460009779204321",
    )
    return [
        *(
            Case("threads", ("[Post by @mara_ex", f"{view}]({threads})"), None, "mara_ex", own)
            for view in ("View on Threads", "Auf Threads ansehen", "在 Threads 查看")
        ),
        *(
            Case("mastodon", (f"[Post by @{who}", f"View on Mastodon]({mastodon})"), None, "mara_ex", own)
            for who in ("mara_ex@mastodon.social", "mara_ex")
        ),
    ]


CASES = [
    pytest.param(case, joint, id=f"{case.platform}-{number}-{joint}")
    for number, case in enumerate((*_pictures(), *_clips(), *_posts(), *_pages(), *_forums(), *_pointers()))
    for joint in case.joints
]
FLOORS: dict[str, tuple[float, float]] = {
    "instagram": (95, 95),  # Japanese with caption and name on one line: where the name begins is lost
    "tiktok": (100, 100),
    "bluesky": (100, 100),
    "facebook": (100, 100),
    "reddit": (100, 100),
    "threads": (100, 100),
    "mastodon": (100, 100),
}
"""Platform -> the least share found, and with exactly its words, in percent."""


def _read(case: Case, joint: str) -> tuple[Quote, ...]:
    body = f"{PROSE[0]}\n\n{JOINTS[joint](list(case.lines))}\n\n{PROSE[1]}\n"
    return extract(Document(body.encode(), "text")).quotes


def table() -> dict[str, Counter[str]]:
    """Platform -> how many there are, are found, are exact, and are false."""
    rows: dict[str, Counter[str]] = {}
    for case, joint in (param.values for param in CASES):
        row = rows.setdefault(case.platform, Counter())
        quotes = [quote.sighting for quote in _read(case, joint)]
        right = [seen for seen in quotes if (seen.platform, seen.handle) == (case.platform, case.handle)]
        row["cases"] += 1
        row["found"] += bool(right)
        row["exact"] += any(
            "".join((seen.text or "").split()) == "".join((case.text or "").split()) for seen in right
        )
        row["false"] += len(quotes) - bool(right)
    return rows


def test_every_platform_holds_its_floors() -> None:
    rows = table()
    assert sum(row["cases"] for row in rows.values()) >= 100
    assert set(rows) == set(FLOORS)
    for platform, (found, exact) in FLOORS.items():
        row = rows[platform]
        assert 100 * row["found"] / row["cases"] >= found, (platform, dict(row))
        assert 100 * row["exact"] / row["cases"] >= exact, (platform, dict(row))
        assert row["false"] == 0, (platform, dict(row))


@pytest.mark.parametrize(("case", "joint"), CASES)
def test_two_platforms_never_claim_the_same_words(case: Case, joint: str) -> None:
    spans = sorted(quote.sighting.span or (0, 0) for quote in _read(case, joint))
    assert all(first[1] <= second[0] for first, second in pairwise(spans))
