"""Quotes that join the post with an id: by media code, by words and day; in any order; never by chance."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver import rows as shapes
from archiver.model import Document, Extraction, Sighting
from archiver.platforms import PLATFORMS
from archiver.query import post
from tests.archives import EPOCH_MS, READ_AT, TIMES, dump, is_sound, save

UNDERSTAND = next(platform.understand for platform in PLATFORMS if platform.name == "twitter")
NOON = {day: int(datetime(2022, 1, day, 12, tzinfo=timezone.utc).timestamp() * 1000) for day in (1, 2)}
LONG = "A long text that says a good deal more than thirty characters do, and goes on"


def number(day: int, nth: int) -> str:
    return str(((NOON[day] - EPOCH_MS) << 22) + nth)


def seen(
    text: str | None = None, day: int | None = 1, nth: int | None = None, handle: str = "ann_ex"
) -> Sighting:
    """A quote as an article shows it; ``nth`` of the ids of its day, None for one without an id."""
    address = f"https://twitter.com/{handle}/status/{number(day or 1, nth)}" if nth is not None else None
    return Sighting(
        platform="twitter",
        form="blockquote",
        position=1,
        text=text,
        handle=handle,
        date_written=f"January {day}, 2022" if day else None,
        url=address,
    )


def saved(*sightings: Sighting) -> list[shapes.Rows]:
    """Each in an article of its own."""
    found = []
    for at, sighting in enumerate(sightings):
        document = Document(f"{at} {sighting!r}".encode(), source=f"{at}.html")
        found.append(shapes.rows(Extraction(document, quotes=(UNDERSTAND(sighting),)), READ_AT))
    return found


def posts(db: Path) -> dict[str, int]:
    """The posts with the number of their quotes."""
    return {row[0]: sum(quote[2] == row[0] for quote in dump(db)["quotes"]) for row in dump(db)["posts"]}


STRONG = f"twitter:{number(1, 0)}"


@pytest.mark.parametrize(
    ("sightings", "expected"),
    [
        ([seen("Same words", nth=0), seen("same  WORDS")], {STRONG: 2}),
        ([seen("Same words https://t.co/abc", nth=0), seen("Same words")], {STRONG: 2}),
        ([seen("Same words", nth=0), seen("Same words", day=None)], {STRONG: 2}),
        (
            [seen("A pic.twitter.com/aBcDeF1234", nth=0), seen("Other pic.twitter.com/aBcDeF1234")],
            {STRONG: 2},
        ),
        ([seen(LONG, nth=0), seen(LONG[:50] + "…")], {STRONG: 2}),
        ([seen("Same words", nth=0), seen("Same words", handle="ANN_EX")], {STRONG: 2}),
    ],
)
def test_a_quote_without_an_id_joins(
    tmp_path: Path, sightings: list[Sighting], expected: dict[str, int]
) -> None:
    for order in itertools.permutations(saved(*sightings)):
        db = tmp_path / f"{hash(str(order))}.db"
        save(db, *order)
        assert posts(db) == expected
        assert is_sound(db)
        alias = next(row[0] for row in dump(db)["aliases"])
        assert post(str(db), alias)["id"] == STRONG


@pytest.mark.parametrize(
    "sightings",
    [
        [seen("Same words", nth=0), seen("Same words", day=2)],
        [seen("Same words", nth=0), seen("Same words", handle="bo_ex")],
        [seen("Same words", nth=0), seen("Other words")],
        [seen("A pic.twitter.com/aBcDeF1234", nth=0), seen("A pic.twitter.com/aBcDeF1234", handle="bo_ex")],
        [seen("Same words", nth=0), seen("Same words", nth=1), seen("Same words")],
        [seen("Hello", nth=0), seen("He…")],
        [seen(None, nth=0), seen("Some words")],
        [seen("Some words", nth=0), seen(None)],
    ],
)
def test_a_quote_that_might_be_anothers_stays_alone(tmp_path: Path, sightings: list[Sighting]) -> None:
    for at, order in enumerate(itertools.permutations(saved(*sightings))):
        db = tmp_path / f"{at}.db"
        save(db, *order)
        assert set(posts(db).values()) == {1}
        assert dump(db)["aliases"] == []


def test_a_post_is_given_back_when_a_second_one_makes_it_doubtful(tmp_path: Path) -> None:
    first, weak, second = saved(seen("Same words", nth=0), seen("Same words"), seen("Same words", nth=1))
    db = tmp_path / "q.db"
    save(db, first, weak)
    assert posts(db) == {STRONG: 2}
    save(db, second)
    assert sorted(posts(db).values()) == [1, 1, 1]
    assert dump(db)["aliases"] == [] and is_sound(db)


def test_words_join_the_media_code_and_both_the_id(tmp_path: Path) -> None:
    by_words, by_media, strong = saved(
        seen("Same words"),
        seen("Same words pic.twitter.com/aBcDeF1234"),
        seen("Altered pic.twitter.com/aBcDeF1234", nth=0),
    )
    db = tmp_path / "q.db"
    save(db, by_words)
    save(db, by_media)
    assert posts(db) == {"twitter:@ann_ex:pic:aBcDeF1234": 2}
    save(db, strong)
    assert posts(db) == {STRONG: 3}
    assert {row[1] for row in dump(db)["aliases"]} == {STRONG} and len(dump(db)["aliases"]) == 2


def test_the_interval_of_ids_holds_the_true_one() -> None:
    for day, nth in itertools.product((1, 2), (0, 3, (1 << 22) - 1)):
        strong = UNDERSTAND(seen("x", day, nth))
        weak = UNDERSTAND(replace(seen("x", day, nth), url=None))
        assert strong.id_range is None and weak.id_range is not None
        assert int(weak.id_range[0]) <= int(strong.native_id or 0) <= int(weak.id_range[1])
    for old in ("20", "1234567890", "29700859247"):
        exact = UNDERSTAND(
            replace(seen("x"), url=f"https://twitter.com/a_ex/status/{old}", date_written=None)
        )
        assert exact.posted.earliest is not None
        day = exact.posted.earliest.date()
        weak = UNDERSTAND(replace(seen("x"), date_written=f"{day:%B} {day.day}, {day.year}"))
        assert weak.id_range is not None and int(weak.id_range[0]) <= int(weak.id_range[1])


sightings = st.builds(
    seen,
    st.sampled_from(
        [
            *(None, "One", "one https://t.co/x", "One pic.twitter.com/aBcDeF1234", LONG, LONG[:40] + "…"),
            *("Two pic.twitter.com/aBcDeF1234", "Two"),
        ]
    ),
    st.sampled_from([None, 1, 2]),
    st.sampled_from([None, None, 0, 1]),
    st.sampled_from(["ann_ex", "Ann_ex", "bo_ex"]),
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(sightings, min_size=2, max_size=6), st.data())
def test_the_order_of_quotes_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, found: list[Sighting], data: Any
) -> None:
    folder = tmp_path_factory.mktemp("order")
    made = saved(*found)
    mixed = data.draw(st.permutations(made))
    save(folder / "a.db", *made)
    save(folder / "b.db", *mixed)
    assert dump(folder / "a.db", TIMES) == dump(folder / "b.db", TIMES)
    assert is_sound(folder / "b.db")


@pytest.mark.parametrize("nth", [1, None], ids=["with an id", "without"])
@pytest.mark.parametrize("differs", ["", " {at}"], ids=["copies", "of one day"])
def test_many_quotes_of_one_account_settle_in_linear_time(
    tmp_path: Path, nth: int | None, differs: str
) -> None:
    def taken(count: int) -> float:
        found = []
        for at in range(count):
            own = nth and nth + (at if differs else 0)
            one = replace(seen(LONG + differs.format(at=at), 1, own), position=at)
            found.append(UNDERSTAND(replace(one, context_before=str(at))))
        document = Document(str(count).encode(), url=f"https://{count}.example/")
        extraction = Extraction(document, quotes=tuple(found))
        made = shapes.rows(extraction, READ_AT)
        start = time.process_time()
        save(tmp_path / f"{count}.db", made)
        return time.process_time() - start

    taken(10)
    assert taken(800) < 20 * max(taken(100), 0.02)
