"""The floors are held, and the gate that holds them can fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import tests.quality.__main__ as gate
from tests.quality import Figures, digest, failures, floors, percent
from tests.quality.outside import CORPORA, is_there


@pytest.mark.parametrize("corpus", list(gate.OWN))
def test_floors_of_our_own_cases(corpus: str) -> None:
    mark, found = gate.figures(corpus)
    entry = floors()["corpora"][corpus]
    assert failures(found, entry["floors"]) == []
    assert entry["digest"] == mark, "cases have changed: run python -m tests.quality --write"


@pytest.mark.parametrize("corpus", list(CORPORA))
def test_floors_of_the_outside_corpora(corpus: str) -> None:
    if not is_there(corpus):
        pytest.skip(f"the corpus {corpus} (../shared) is not here")
    mark, found = gate.figures(corpus)
    entry = floors()["corpora"][corpus]
    assert failures(found, entry["floors"]) == []
    assert entry["digest"] == mark, "the corpus has changed: run python -m tests.quality --write"


def test_a_figure_under_its_floor_fails() -> None:
    wanted = {"blockquote": {"recall": 99.0}, "negatives": {"false": 0}}
    assert failures({"blockquote": {"recall": 99.0}, "negatives": {"false": 0}}, wanted) == []
    assert failures({"blockquote": {"recall": 98.99}, "negatives": {"false": 1}}, wanted) == [
        "blockquote: recall is 98.99, its floor 99",
        "negatives: false is 1, its floor 0",
    ]
    assert failures({}, {"text": {"exact": 90}}) == ["text: exact is not measured any more (floor 90)"]


def test_percent_is_never_rounded_up() -> None:
    assert percent(9999, 10000) == 99.99
    assert percent(99_999, 100_000) == 99.99
    assert percent(0, 0) == 100


def test_the_digest_sees_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("2")
    first = digest(tmp_path.iterdir(), tmp_path)
    assert first == digest(sorted(tmp_path.iterdir(), reverse=True), tmp_path)
    (tmp_path / "b").rename(tmp_path / "c")
    assert digest(tmp_path.iterdir(), tmp_path) != first


def test_floors_rise_by_themselves_and_fall_for_a_reason_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "floors.json"
    entry = {"digest": "old", "floors": {"form": {"recall": 90.0, "false": 3}}}
    file.write_text(json.dumps({"corpora": {"golden": entry}, "lowered": []}))
    reached: Figures = {"form": {"recall": 95.37, "false": 1}}
    monkeypatch.setattr(gate, "FLOORS", file)
    monkeypatch.setattr(gate, "floors", lambda: json.loads(file.read_text()))
    monkeypatch.setattr(gate, "own_digest", lambda: "new")
    monkeypatch.setitem(gate.OWN, "golden", lambda: reached)
    assert gate.main(["golden"]) == 1, "another corpus"
    assert gate.main(["golden", "--write"]) == 0
    now = json.loads(file.read_text())
    assert now["corpora"]["golden"] == {"digest": "new", "floors": {"form": {"recall": 95.3, "false": 1}}}
    reached["form"] = {"recall": 80.0, "false": 1}
    assert gate.main(["golden"]) == 1
    assert gate.main(["golden", "--write"]) == 1, "writing lowers nothing"
    assert gate.main(["golden", "--lower", "the scorer was wrong"]) == 0
    lowered = {"floor": "golden form recall", "from": 95.3, "to": 80.0, "reason": "the scorer was wrong"}
    assert json.loads(file.read_text())["lowered"] == [lowered]
