"""The questions that researchers come with; their SQL stands in data/datasette/questions.json."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from archiver import resources
from archiver.datasette.rows import limited

__all__ = ["Parameter", "Question", "ask", "canned", "named", "questions"]

_MILLISECONDS = 5000


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a question wants to know. Without a ``needed`` one, it is not asked. ``figure``: by what name the
    archive counts the values that there are to choose from."""

    name: str
    label: str
    hint: str
    needed: bool
    long: bool
    figure: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question: its SQL has a named parameter for each of ``parameters``, all of them text."""

    name: str
    title: str
    about: str
    sql: str
    parameters: tuple[Parameter, ...]


@cache
def questions() -> tuple[Question, ...]:
    """All of them, in the order of the page."""
    return tuple(_read(told) for told in resources.read_json("datasette", "questions.json")["questions"])


def named(name: str) -> Question | None:
    """The question of a name."""
    return next((question for question in questions() if question.name == name), None)


def _read(told: Mapping[str, Any]) -> Question:
    parameters = (
        Parameter(
            name,
            what["label"],
            what["hint"],
            what.get("needed", False),
            what.get("long", False),
            what.get("figure", ""),
        )
        for name, what in told["parameters"].items()
    )
    return Question(told["name"], told["title"], told["about"], "\n".join(told["sql"]), tuple(parameters))


def ask(
    conn: sqlite3.Connection, question: Question, given: Mapping[str, str]
) -> tuple[list[str], list[Any]] | None:
    """Columns and rows of the answer; None where a needed parameter is missing."""
    values = {one.name: given.get(one.name, "").strip() for one in question.parameters}
    if any(one.needed and not values[one.name] for one in question.parameters):
        return None
    with limited(conn, _MILLISECONDS):
        cursor = conn.execute(question.sql, values)
        return [column[0] for column in cursor.description], cursor.fetchall()


def canned() -> dict[str, dict[str, Any]]:
    """The questions as Datasette's own queries: there they come as CSV and JSON too."""
    return {
        one.name: {
            "sql": one.sql,
            "title": one.title,
            "description": one.about,
            "hide_sql": True,
            "params": [parameter.name for parameter in one.parameters],
        }
        for one in questions()
    }
