"""Printed dates: the corpus of examples, what CLDR writes, the hours of a day, texts that are no date."""

from __future__ import annotations

import json
import re
import time as clock
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver import dates
from archiver.datewords import spelling
from archiver.resources import read_json
from tests.conftest import ROOT
from tests.make_dates import LOCALES, fresh, names

CORPUS = ROOT / "tests" / "corpora" / "dates.tsv"
ESCAPE = re.compile(r"\\(?:n|u([0-9a-f]{4}))")
# One digit zero for each script; the rest follow it.
ZEROS = "0٠۰०০੦૦௦౦೦൦๐໐༠၀០０"
DAYS = st.dates(date(2006, 3, 21), date(2100, 12, 31))
# Of these, some months are another month elsewhere: without a hint, nothing can tell.
AMBIGUOUS = frozenset(["br", "hr", "lb", "rw", "xh"])
PUMPS = (
    *(
        "1",
        "1 ",
        "2022",
        "1 de ",
        "de ",
        "d'",
        ".",
        "\n",
        " ",
        "\u200f",
        "January ",
        "年",
        "1.",
        "20:",
        "12 am ",
    ),
    *(
        "a",
        "é",
        "一",
        "p. m. ",
        "tháng ",
        "کانون ",
        "((((",
        "20 de de de enero ",
        "2022-01-20T10:15:30.",
        "٢",
    ),
)
MARKED = ("{}", "\u200f{}\u200f", "\u2066{}\u2069", " {}\n", "{},")


def plain(cell: str) -> str:
    return ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else "\n", cell)


def examples() -> list[Any]:
    lines = CORPUS.read_text("utf-8").split("\n")[1:-1]
    return [
        pytest.param(*map(plain, line.split("\t")), id=f"line-{number}")
        for number, line in enumerate(lines, 2)
    ]


def meant(on: str, at: str, offset: str) -> dates.Reading | None:
    if not on:
        return None
    printed = time.fromisoformat(at) if at else None
    return dates.Reading(date.fromisoformat(on), printed, int(offset) if offset else None)


EACH = pytest.mark.parametrize(("language", "written", "on", "at", "offset", "then", "origin"), examples())


@EACH
def test_each_example_is_read(
    language: str, written: str, on: str, at: str, offset: str, then: str, origin: str
) -> None:
    expected = meant(on, at, offset)
    assert dates.read(written, language or None) == expected
    if not origin.startswith("hint"):
        assert dates.read(written) == expected
        if expected:
            assert dates.read(written, "ja") == expected, "a hint that does not fit changes nothing"


@EACH
def test_each_example_is_found_in_a_text(
    language: str, written: str, on: str, at: str, offset: str, then: str, origin: str
) -> None:
    if origin.startswith("hint"):
        pytest.skip("needs a hint, which a text does not give")
    before, bare = "— Ann (@ann) ", written.strip("\u200e\u200f\u2066\u2069")
    found = dates.at(before + bare + then, len(before))
    if not on or on < "2006":
        assert found is None
        return
    assert found is not None
    assert found.reading == meant(on, at, offset)
    assert (before + bare + then)[found.start : found.end] == bare


@pytest.mark.parametrize("table", ["dates.tsv", "dates_seen.tsv", "dates_cldr_predicted.tsv"])
def test_the_dates_of_real_embeds_are_read(shared: Path, table: str) -> None:
    misread = []
    for line in (shared / "design" / table).read_text("utf-8").splitlines()[1:]:
        language, written, on = line.split("\t")[:3]
        # The third table holds one day in every language, and no column that says so.
        expected = "2022-01-20" if table == "dates_cldr_predicted.tsv" else on
        code = language.partition("(")[0].partition("/")[0]
        for reading in (dates.read(written), dates.read(written, code)):
            if (reading.day.isoformat() if reading else "") != expected:
                misread.append((language, written, reading))
    assert misread == []


locale = cache(fresh)


def written(day: date, language: str, width: str) -> str:
    from babel.dates import format_date

    return format_date(day, width, locale=locale(language))


def in_digits(text: str, zero: str) -> str:
    return text.translate({ord("0") + n: chr(ord(zero) + n) for n in range(10)})


def names_the_month(language: str, width: str) -> bool:
    return re.search("MMM|LLL", locale(language).date_formats[width].pattern) is not None


@given(
    DAYS, st.sampled_from(LOCALES), st.sampled_from(["long", "full", "medium"]), st.sampled_from(ZEROS),
    st.sampled_from(MARKED),
)  # fmt: skip
def test_a_date_of_any_language_is_read_back(
    day: date, language: str, width: str, zero: str, around: str
) -> None:
    pytest.importorskip("babel", reason="Babel writes the dates")
    if language == "my" or not names_the_month(language, width):
        return  # Burmese months are single letters in short dates.
    text = in_digits(written(day, language, width), zero)
    reading = dates.read(around.format(text), language)
    assert reading is not None, text
    assert reading == dates.Reading(day), text


@given(DAYS, st.sampled_from([code for code in LOCALES if code not in AMBIGUOUS]), st.sampled_from(ZEROS))
def test_a_date_of_any_language_is_found_in_a_text(day: date, language: str, zero: str) -> None:
    pytest.importorskip("babel", reason="Babel writes the dates")
    text = in_digits(written(day, language, "long"), zero)
    found = dates.at(f"({text} Ω", 1)
    assert found is not None, text
    assert found.reading == dates.Reading(day), text
    # Where a language ends a date by a dot and others do not, the dot is left to the text.
    assert 1 + len(text.rstrip(".")) <= found.end <= 1 + len(text), text


def twelve_hours() -> list[str]:
    return [code for code in LOCALES if "a" in locale(code).time_formats["short"].pattern]


@pytest.mark.parametrize("template", ["{day} {time}", "{day}, {time}", "{time} · {day}", "{time} - {day}"])
@pytest.mark.parametrize("hour", range(24))
def test_each_hour_is_read_in_every_twelve_hour_notation(hour: int, template: str) -> None:
    pytest.importorskip("babel", reason="Babel writes the times")
    from babel.dates import format_time

    misread = []
    for language in twelve_hours():
        if language == "sd":
            continue  # Sindhi writes the mark in two parts with a comma between.
        shown = format_time(time(hour, 5), "short", locale=locale(language))
        text = template.format(day=written(date(2022, 3, 20), language, "long"), time=shown)
        reading = dates.read(text, language)
        if reading != dates.Reading(date(2022, 3, 20), time(hour, 5)):
            misread.append((language, text, reading))
    assert misread == []


@pytest.mark.parametrize(
    ("am", "pm"),
    [
        ("AM", "PM"), ("am", "pm"), ("a.m.", "p.m."), ("a. m.", "p. m."), ("a.\u00a0m.", "p.\u00a0m."),
        ("π.μ.", "μ.μ."), ("ص", "م"), ("ÖÖ", "ÖS"), ("SA", "CH"), ("PG", "PTG"), ("पूर्वाह्न", "अपराह्न"),
    ],
)  # fmt: skip
def test_each_hour_is_read_with_the_marks_of_embeds(am: str, pm: str) -> None:
    for hour in range(24):
        shown = f"{hour % 12 or 12}:07 {pm if hour >= 12 else am}"
        expected = dates.Reading(date(2022, 3, 20), time(hour, 7))
        assert dates.read(f"March 20, 2022 at {shown}") == expected, shown
        assert dates.read(f"{shown} · 20 March 2022") == expected, shown


@pytest.mark.parametrize(("am", "pm"), [("上午", "下午"), ("오전", "오후"), ("午前", "午後")])
@pytest.mark.parametrize("midnight", [0, 12])
def test_each_hour_is_read_with_the_mark_before_it(am: str, pm: str, midnight: int) -> None:
    """Japanese counts both 0 and 12 at noon and midnight."""
    for hour in range(24):
        shown = f"{pm if hour >= 12 else am}{hour % 12 or midnight}:07"
        assert dates.read(f"2022年3月20日 {shown}") == dates.Reading(date(2022, 3, 20), time(hour, 7)), shown


@given(st.integers(0, 23))
def test_one_rule_turns_twelve_hours_into_twenty_four(hour: int) -> None:
    mark = "pm" if hour >= 12 else "am"
    assert dates.hour(hour % 12 or 12, mark) == hour
    assert dates.hour(hour % 12, mark) == hour
    assert dates.hour(hour, mark) == hour or hour == 12
    assert dates.hour(12, "noon") == 12
    assert dates.hour(hour + 24, mark) is None
    assert (dates.hour(hour, "am") is None) == (hour > 12)


@given(st.datetimes(datetime(2006, 3, 21), datetime(2100, 12, 31)), st.integers(-14 * 60, 14 * 60))
def test_a_machine_time_is_read_back(moment: datetime, minutes: int) -> None:
    moment = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    whole = moment.replace(microsecond=0)
    expected = dates.Reading(moment.date(), whole.time(), minutes)
    assert dates.read(moment.isoformat()) == expected
    assert dates.read(moment.isoformat(" ", "seconds")) == expected
    assert dates.read(whole.strftime("%a %b %d %H:%M:%S %z %Y")) == expected
    assert dates.read(whole.strftime("%a, %d %b %Y %H:%M:%S %z")) == expected


@given(st.dates(date(1925, 3, 21), date(2100, 1, 1)))
def test_the_iranian_calendar_has_no_gaps(day: date) -> None:
    """Each of its days is read as one day, and the day after it as the next."""
    year = day.year - 621
    starts = [dates.read(f"1 فروردین {year + n}") for n in (0, 1)]
    if None in starts:
        return
    days = [
        dates.read(f"{number} {month.split('|')[0]} {year}")
        for month in read_json("dates", "extra.json")["solar_months"]["fa"]
        for number in range(1, 32)
    ]
    read = [reading.day for reading in days if reading]
    assert read[0] == starts[0].day  # type: ignore[union-attr]
    assert read == [read[0] + timedelta(n) for n in range(len(read))]
    assert read[-1] + timedelta(1) == starts[1].day  # type: ignore[union-attr]


PIECES = st.sampled_from(
    "1 20 31 2022 2565 1400 00 10:15 12:30 0 January Jan 20th de del la d’ г. року 年 月 日 년 월 일 tháng "
    "Thursday Thu (木) AM p. m. 午後 at à kl. um UTC GMT+2 +05:30 -0800 . , : - / · ( ) ' ـ m. sausio d. "
    "ko urtarrilaren (e)ko (a) ค.ศ. مارس دی م Z T in Putin".split()
)
GLUE = st.sampled_from(["", " ", " ", "\u00a0", "\n", ", ", "."])


@given(st.lists(st.tuples(PIECES, GLUE), max_size=14).map(lambda parts: "".join(map("".join, parts))))
def test_what_is_found_is_what_is_read(text: str) -> None:
    """At any place, ``at`` never raises, ends where its words do, and agrees with ``read``."""
    for start in range(len(text)):
        found = dates.at(text, start)
        if found is not None:
            assert found.start == start < found.end <= len(text)
            assert not text[start].isspace()
            assert not text[found.end - 1].isspace()
            assert 2006 <= found.reading.day.year <= 2100
            assert dates.read(text[start : found.end]) is not None


@given(st.text(max_size=60))
def test_any_text_is_harmless(text: str) -> None:
    dates.read(text)
    dates.read(text, text)
    for start in range(len(text) + 1):
        dates.at(text, start)


@pytest.mark.parametrize("pump", PUMPS)
def test_a_megabyte_takes_no_longer_than_a_line(pump: str) -> None:
    text = pump * (1_000_000 // len(pump))
    start = clock.perf_counter()
    dates.read(text)
    for place in range(0, len(text), 1000):
        dates.at(text, place)
    assert clock.perf_counter() - start < 2


def test_no_spelling_stands_for_two_months_unseen() -> None:
    """Where a spelling means several months, each says in which languages; and every month is one."""
    table = read_json("dates", "names.json")
    for key, said in table["months"].items():
        assert spelling(key) == key
        assert said in range(1, 13) if isinstance(said, int) else all(said.values()), key
    for months in (read_json("dates", "extra.json")[kind] for kind in ("months", "solar_months")):
        assert {language: len(spelt) for language, spelt in months.items()} == dict.fromkeys(months, 12)


def test_the_names_are_what_cldr_says() -> None:
    babel = pytest.importorskip("babel", reason="Babel carries CLDR")
    table = read_json("dates", "names.json")
    if f"Babel {babel.__version__} " not in table["about"]:
        pytest.skip("written with another Babel")
    assert json.loads(json.dumps(names())) == table
