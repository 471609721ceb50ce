"""Embeds that no dash signs, flattened: each platform's own words, in every layout, and look-alikes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from archiver import flattened
from archiver.flattened import Found

PROSE = "The harbour council met on Tuesday and could not agree on the price of the oil."
JOINTS: dict[str, Callable[[list[str]], str]] = {
    "spaced": "\n\n".join,
    "close": "\n".join,
    "indented": lambda lines: "\n\n".join("    " + line.replace("\n", "\n    ") for line in lines),
    "quoted": lambda lines: "\n>\n".join("> " + line.replace("\n", "\n> ") for line in lines),
    "paragraph": " ".join,
}
BEFORE = (
    *("A post shared by", "Ein Beitrag geteilt von", "Une publication partagée par", "Photo by", "Post by"),
    *("Una publicación compartida por", "Un post condiviso da", "Публикация от", "由"),
)
AFTER = ("がシェアした投稿", "님의 공유 게시물")
INVITATIONS = (
    "View this post on Instagram",
    "Ver esta publicación en Instagram",
    "この投稿をInstagramで見る",
)
POSTED = ("Posted by", "Publicado por", "Gepostet von", "Опубликовано")
SOUNDS = ("original sound - Mara Quillon", "sonido original – mara", "оригинальный звук")

Case = tuple[str, list[str], str | None, str | None, str | None, str | None]
"""Platform, the lines of the embed, and the text, name, handle and date that it shows."""


def pictures() -> Iterator[Case]:
    caption = "Forty boats for one lamp. #keepthelamp"
    for phrase in BEFORE[:3] + BEFORE[5:8]:
        signed = f"{phrase} Mara Quillon (@mara.quillon_ex)"
        for invitation in INVITATIONS[:2]:
            yield "pictures", [invitation, signed], None, "Mara Quillon", "mara.quillon_ex", None
            yield "pictures", [invitation, caption, signed], caption, "Mara Quillon", "mara.quillon_ex", None
        dated = f"{signed} on Sep 3, 2018 at 3:55pm PDT"
        yield (
            "pictures",
            [caption, dated],
            caption,
            "Mara Quillon",
            "mara.quillon_ex",
            "Sep 3, 2018 at 3:55pm PDT",
        )
        yield "pictures", [signed], None, "Mara Quillon", "mara.quillon_ex", None
    for phrase in AFTER:
        yield "pictures", [INVITATIONS[2], f"霧の茶屋(@kiri_ex){phrase}"], None, "霧の茶屋", "kiri_ex", None


def clips() -> Iterator[Case]:
    for sound in SOUNDS:
        for caption in ("How we carry the oil #lamp #fyp", "Дым над башней", "霧の朝 #灯台"):
            lines = ["@mara.quillon_ex", caption, f"♬ {sound}"]
            yield "clips", lines, caption, None, "mara.quillon_ex", None
        yield "clips", [f"@osk_ex {sound} #a", f"♬ {sound}"], f"{sound} #a", None, "osk_ex", None


def pointers() -> Iterator[Case]:
    for view in ("View on Threads", "在 Threads 查看"):
        yield "threads", ["Post by @mara_ex", view], None, None, "mara_ex", None
        yield "threads", [view, "Post by @mara_ex"], None, None, "mara_ex", None
    yield "mastodon", ["Post by @mara_ex@example.social", "View on Mastodon"], None, None, "x", None


def forums() -> Iterator[Case]:
    for title in ("Who else misses the lamp?", "灯台が消えた", "Storm [OC]"):
        yield "forums", [title, "by u/mara-ex in lighthouses"], title, None, "mara-ex", None
    yield "forums", ["Comment by u/mara-ex from discussion in lighthouses"], None, None, "mara-ex", None


def pages() -> Iterator[Case]:
    for phrase in POSTED:
        words = "Dear neighbours, the lamp will be out for six weeks, and we would like to thank all..."
        signed = f"{phrase} Corbel Point Lighthouse on Monday, February 7, 2022"
        yield "pages", [words, signed], words, "Corbel Point Lighthouse", None, "Monday, February 7, 2022"


READ: dict[str, Callable[[str], Iterator[Found]]] = {
    "pictures": lambda text: flattened.by_phrase(text, BEFORE, AFTER, INVITATIONS, wordless=True),
    "clips": flattened.by_sound,
    "threads": lambda text: flattened.by_pointer(
        text, ("Post by",), ("View on Threads", "在 Threads 查看"), wordless=True
    ),
    "mastodon": lambda text: flattened.by_pointer(text, ("Post by",), ("View on Mastodon",), wordless=True),
    "forums": flattened.by_forum,
    "pages": lambda text: flattened.by_date(text, POSTED, "posts.example"),
}
CASES = [
    pytest.param(*case, joint, id=f"{case[0]}-{joint}-{number}")
    for joint in JOINTS
    for number, case in enumerate((*pictures(), *clips(), *pointers(), *forums(), *pages()))
]


@pytest.mark.parametrize(("platform", "lines", "text", "name", "handle", "date", "joint"), CASES)
def test_an_embed_between_paragraphs(
    platform: str,
    lines: list[str],
    text: str | None,
    name: str | None,
    handle: str | None,
    date: str | None,
    joint: str,
) -> None:
    body = f"{PROSE}\n\n{JOINTS[joint](lines)}\n\n{PROSE}\n"
    (found,) = READ[platform](body)
    assert found.text == text
    assert (found.author_name, found.date_written) == (name, date)
    assert found.handle == handle or platform == "mastodon"
    assert body[found.start : found.end].strip("> ").startswith(lines[0][:4])
    assert found.end <= len(body) - len(PROSE)


def test_an_embed_without_words_and_address_is_left_out() -> None:
    body = "View this post on Instagram\n\nA post shared by Mara (@mara_ex)\n"
    assert list(flattened.by_phrase(body, BEFORE, AFTER, INVITATIONS)) == []
    linked = body.replace("A post shared", "[A post shared").replace(
        "_ex)", "_ex)](https://posts.example/p/1)"
    )
    (found,) = flattened.by_phrase(linked, BEFORE, AFTER, INVITATIONS)
    assert (found.text, found.url) == (None, "https://posts.example/p/1")


def test_there_are_many_cases() -> None:
    assert len(CASES) >= 250


@pytest.mark.parametrize("platform", sorted(READ))
@pytest.mark.parametrize(
    "text",
    [
        "Photo by Tobias Wren (@lenswren_ex) on May 1, 2020",
        "Posted by Mara on Monday, February 7, 2022\n\nThe lamp is out.",
        "Title of the blog\nPosted by Mara on Monday, February 7, 2022",
        "A playlist: ♬ music - by nobody",
        "He was quoted by u/someone in the discussion about r/lighthouses, which went on.",
        "View on the harbour. Post by the gate.",
        "由 (@a_ex)",
        PROSE,
    ],
)
def test_words_that_only_look_like_it(platform: str, text: str) -> None:
    assert list(READ[platform](text)) == []


@pytest.mark.parametrize("platform", sorted(READ))
@pytest.mark.parametrize(
    "pump",
    [
        *(
            "A post shared by ",
            "A post shared by @a ",
            "Photo by a (@a) ",
            "♬",
            "@a\n♬ ",
            "Post by @a ",
            "\n@a ",
        ),
        *(
            "a by u/a in a\n",
            "Posted by ",
            "Posted by a on Monday, ",
            "Posted by a ... February 7, 2022 ",
            "> ",
        ),
    ],
)
def test_hostile_text_takes_no_time(platform: str, pump: str) -> None:
    start = time.perf_counter()
    for _ in READ[platform](pump * (100_000 // len(pump))):
        pass
    assert time.perf_counter() - start < 2
