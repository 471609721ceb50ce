"""Survival curves: against a library, against counting by hand, and against known fates."""

from __future__ import annotations

import json
import math
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from archiver import risk, survival
from archiver.datasette import charts
from archiver.survival import Life
from cli import main
from tests.archives import add, page, sources, tweet

START = datetime(2022, 1, 1, tzinfo=timezone.utc)
LIVES = st.lists(
    st.builds(
        lambda entry, more, gap, is_gone: Life(entry, entry + more, entry + more + gap if is_gone else None),
        st.integers(0, 20).map(float),
        st.integers(1, 20).map(float),
        st.integers(1, 20).map(float),
        st.booleans(),
    ),
    min_size=1,
    max_size=40,
)


@pytest.mark.filterwarnings("ignore:The confidence interval is undefined")
@given(LIVES)
def test_as_a_library_has_it(lives: list[Life]) -> None:
    """Without delayed entry: scipy's estimate and its log-log interval, at each step."""
    stats = pytest.importorskip("scipy.stats")
    lives = [Life(0.0, one.live, one.gone) for one in lives]
    ends = [one.ended(0.5) for one in lives]
    data = stats.CensoredData.right_censored(ends, [one.gone is None for one in lives])
    theirs = stats.ecdf(data).sf
    interval = theirs.confidence_interval(0.95, method="log-log")
    for step in survival.curve(lives).steps:
        assert step.survival == pytest.approx(float(theirs.evaluate(step.day)))
        low, high = (float(end.evaluate(step.day)) for end in (interval.low, interval.high))
        if step.survival > 0:
            assert (step.low, step.high) == (pytest.approx(low), pytest.approx(high))


@given(LIVES)
def test_as_counted_by_hand(lives: list[Life]) -> None:
    """Only those that have entered and not yet ended are at risk."""
    left, spread = 1.0, 0.0
    for step in survival.curve(lives).steps:
        at_risk = [one for one in lives if one.entry < step.day <= one.ended(0.5)]
        gone = [one for one in at_risk if one.gone is not None and one.ended(0.5) == step.day]
        assert (step.at_risk, step.gone) == (len(at_risk), len(gone))
        left *= 1 - len(gone) / len(at_risk)
        assert step.survival == pytest.approx(left)
        if len(at_risk) > len(gone) and left:
            spread += len(gone) / (len(at_risk) * (len(at_risk) - len(gone)))
            assert step.error == pytest.approx(left * math.sqrt(spread))
            assert 0 <= step.low <= step.survival <= step.high <= 1


@given(LIVES)
def test_dating_bounds_the_curve(lives: list[Life]) -> None:
    """Where all count from the beginning, the two datings lie around the middle one."""
    found = survival.curve([Life(0.0, one.live, one.gone) for one in lives if one.gone is not None])
    for day in range(60):
        first, middle, last = (
            step.survival if (step := survival.at(steps, day)) else 1.0
            for steps in (found.earliest, found.steps, found.latest)
        )
        assert first <= middle + 1e-12 and middle <= last + 1e-12


def simulated(count: int, rate: float, every: int, days: int, seed: int) -> list[dict[str, Any]]:
    """Posts that vanish at a constant rate a day; each is quoted some days later if it is still there, and
    asked for every so many days."""
    chance = random.Random(seed)
    found: list[dict[str, Any]] = []
    while len(found) < count:
        fate, quoted = chance.expovariate(rate), chance.expovariate(1 / 20)
        if fate <= quoted or quoted >= days:
            continue
        asked = [day for day in range(chance.randrange(every), days, every) if day > quoted]
        live = [day for day in asked if day < fate]
        gone = [day for day in asked if day >= fate]
        found.append(
            {
                "posted": stamp(0),
                "quoted_on": stamp(quoted),
                "last_live": stamp(live[-1]) if live else None,
                "first_gone": stamp(gone[0]) if gone else None,
                "platform": "one" if chance.random() < 0.5 else "other",
            }
        )
    return found


def stamp(day: float) -> str:
    return f"{START + timedelta(days=day):%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("rate", "every"), [(1 / 400, 7), (1 / 120, 14), (1 / 900, 30)])
def test_known_fates_give_the_closed_form(rate: float, every: int, seed: int) -> None:
    """A constant rate is exp(-rate · age); what vanished before it was quoted must not bend the curve. An
    interval of 95 % misses one in twenty: half of it again is allowed."""
    rows = simulated(1500, rate, every, 800, seed)
    (found,) = survival.curves(rows)
    for day in (60, 120, 240, 480, 700):
        step = survival.at(found.steps, day)
        assert step is not None
        truth = math.exp(-rate * day)
        slack = 0.5 * (step.high - step.low)
        assert step.low - slack <= truth <= step.high + slack, day
    half = survival.median(found.steps)
    if rate * 700 > math.log(2):
        assert half == pytest.approx(math.log(2) / rate, rel=0.15)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"posted": None}, None),
        ({}, None),
        ({"last_live": stamp(9)}, Life(0, 9)),
        ({"last_live": stamp(9), "first_gone": stamp(19)}, Life(0, 9, 19)),
        ({"first_gone": stamp(19)}, Life(0, 0, 19)),
        ({"quoted_on": "2022-01-05", "first_gone": stamp(19)}, Life(4, 4, 19)),
        ({"quoted_on": "2022-01-05", "last_live": stamp(9)}, Life(4, 9)),
        ({"quoted_on": "2021-12-05", "last_live": stamp(9)}, Life(0, 9)),
        ({"quoted_on": "2022-01-05", "last_live": stamp(2)}, None),
        ({"quoted_on": "2022-01-25", "first_gone": stamp(9)}, None),
        ({"quoted_on": "once", "last_live": stamp(9)}, Life(0, 9)),
    ],
)
def test_how_a_row_is_dated(row: dict[str, Any], expected: Life | None) -> None:
    blank = dict.fromkeys(("quoted_on", "last_live", "first_gone"))
    assert survival.life({"posted": stamp(0), **blank, **row}) == expected


def archive(folder: Path, fates: Sequence[Sequence[tuple[str, str]]]) -> Path:
    """An archive with a post for each fate: the checks with their states."""
    db = folder / "a.db"
    body = page("".join(tweet(at) for at in range(1, len(fates) + 1)), "https://a.example/")
    add(db, sources(folder / "in", {"a.html": body}))
    with closing(sqlite3.connect(db)) as connection, connection:
        posts = [row[0] for row in connection.execute("SELECT id FROM posts ORDER BY id")]
        for post, fate in zip(posts, fates, strict=True):
            for when, state in fate:
                connection.execute(
                    "INSERT INTO checks (post, checked_at, method, state) VALUES (?, ?, 'page', ?)",
                    (post, when, state),
                )
                connection.execute(
                    "UPDATE posts SET state = ?, checked_at = ? WHERE id = ?", (state, when, post)
                )
    return db


def ask(db: Path, *words: str) -> Any:
    done = CliRunner().invoke(main, ["stats", str(db), *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


FATES = (
    [(stamp(10), "live"), (stamp(20), "deleted")],
    [(stamp(10), "live"), (stamp(20), "suspended"), (stamp(30), "live")],
    [(stamp(10), "unknown"), (stamp(20), "live"), (stamp(40), "unknown")],
    [(stamp(10), "unknown")],
    [(stamp(30), "private"), (stamp(35), "deleted")],
)


def test_an_archive_tells_its_curve(tmp_path: Path) -> None:
    """A post that came back was never gone; what is not known is no check; the first miss counts."""
    db = archive(tmp_path, FATES)
    found = json.loads(ask(db, "--survival", "--json"))
    assert (found["posts"], found["gone"]) == (4, 2)
    assert [step["at_risk"] for step in found["curve"]] == [4, 3]
    assert [round(step["day"]) for step in found["curve"]] == [15, 15]
    (row,) = [json.loads(line) for line in ask(db, "--survival", "--by", "platform", "--json").splitlines()]
    assert (row["by"], row["group"]) == ("platform", "twitter")
    for by in survival.BY:
        assert "4 posts, 2 gone" in ask(db, "--survival", "--by", by)
    assert ask(db, "--survival", "--csv").count("\n") == 3


def test_an_archive_without_checks_says_so(tmp_path: Path) -> None:
    db = archive(tmp_path, [[]])
    assert "Nobody has asked yet" in ask(db, "--survival")


def test_what_to_save_first(tmp_path: Path) -> None:
    db = archive(tmp_path, FATES)
    rows = [json.loads(line) for line in ask(db, "--at-risk", "--json").splitlines()]
    assert len(rows) == 3 and all(row["state"] in ("live", "unknown") for row in rows)
    assert "no copy is known" in rows[0]["reasons"] and rows[0]["chance"] > 0.3
    assert "2 of 3 posts of the account are gone" in rows[0]["reasons"]
    assert "save" in CliRunner().invoke(main, ["stats", "-h"]).stdout
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute(
            "INSERT INTO copies (post, archive, url, found_at) VALUES (?, 'wayback', 'https://w.example', ?)",
            (rows[0]["post"], stamp(1)),
        )
    after = [json.loads(line)["post"] for line in ask(db, "--at-risk", "--json").splitlines()]
    assert after[-1] == rows[0]["post"], "what is copied comes last"
    assert ask(db, "--at-risk", "--csv", "--limit", "1").count("\n") == 2
    assert "quoted by 1 article" in ask(db, "--at-risk")


def test_the_order_of_risk() -> None:
    """More quoted, less kept, and of accounts that lose more, comes first."""
    usual = {"platform": "p", "author": "p:a", "author_name": None, "author_handle": "a", "posted_on": None}
    usual |= {"url": None, "state": None, "checked_at": None, "text_sites": 1, "copies": 0, "quote_count": 1}
    rows = [
        {**usual, "id": "usual", "text": "x"},
        {**usual, "id": "quoted", "text": "x", "quote_count": 9},
        {**usual, "id": "unkept", "text": None},
        {**usual, "id": "copied", "text": "x", "copies": 1},
        {**usual, "id": "deleter", "text": "x", "author": "p:d"},
    ]
    found = risk.ranked(rows, {"p": (100, 10)}, {"p:d": (10, 9), "p:a": (10, 1)}, 9)
    assert [row["post"] for row in found][-2:] == ["usual", "copied"]
    assert found[0]["post"] == "deleter"
    assert "nobody has its words" in next(row for row in found if row["post"] == "unkept")["reasons"]
    assert risk.ranked(rows, {}, {}, 1)[0]["post"] == "quoted"


def test_the_plot_is_made_of_the_curve() -> None:
    found = charts.survival(survival.curves(simulated(200, 1 / 100, 7, 400, 1)))
    (line,) = found["lines"]
    assert line["path"].startswith("M0 0L") and line["band"].endswith("Z")
    ys = [float(pair.split()[1]) for pair in line["path"][1:].split("L")]
    assert ys == sorted(ys) and ys[-1] <= found["height"]
    assert charts.survival([]) == {"lines": []}


def test_of_very_many_posts_some_are_taken_evenly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from archiver.datasette import figures

    db = archive(tmp_path, FATES * 10)
    with closing(sqlite3.connect(db)) as connection:
        known = figures.figures(connection)
        whole = figures.lasting(connection, known["posts"], known["checked"])
        monkeypatch.setattr(figures, "_MOST_LIVES", 20)
        monkeypatch.setattr(figures, "_CHUNK", 3)
        some = figures.lasting(connection, known["posts"], known["checked"])
    assert (whole[0].posts, whole[0].gone) == (40, 20)
    assert 10 <= some[0].posts <= 25 and some[0].group == ""
