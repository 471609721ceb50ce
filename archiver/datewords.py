"""The words of printed dates: how spellings are compared, what each may mean, and the grammar of shapes.

A printed date is cut into tokens, each written as one letter of a *shape*: "1" is a number of one or two
digits, "4" one of four, "0" one of another length; a mark stands for itself; a word has a letter of its own
for every combination of meanings that the tables hold. Rules are regexes over shapes in which <M> stands
for all letters that may be a month.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any, TypeAlias

from archiver.resources import read_json

__all__ = [
    "END",
    "KINDS",
    "MARKS",
    "NEXT_PIECE",
    "SOLAR",
    "TOKEN",
    "Term",
    "Words",
    "solar_day",
    "spelling",
    "words",
]

SOLAR = 100
"""Added to the number of a month of the Iranian calendar."""
# 1 Farvardin 1400; the calendar gains its leap days in a cycle of 33 years, eight in each.
_NOWRUZ, _NOWRUZ_YEAR = date(2021, 3, 21), 1400

_BLANK = (
    "\\t\\r\\x0b\\x0c\\x1c-\\x20\\x85\xad\xa0\u061c\u1680\u2000-\u200b\u200e\u200f\u2028-\u202f"
    "\u205f-\u206f\u3000\ufeff"
)
_SKIPPED = _BLANK + "'’ʼ‘"
# Chinese, Japanese and Korean write no blanks between words: each of their letters is a piece.
_LETTER = "\u3040-\u30fa\u30fc-\u30ff\u3400-\u9fff\uac00-\ud7af"
# Not \W: the vowel signs of Indic scripts are no \w.
_NO_LETTER = (
    "\\s\\d!-/:-@\\[-`{-~\xa0-\xa9\xab-\xaf\xb1\xb4\xb6-\xb9\xbb-\xbfʼ\u060c\u061b\u061c\u066a-\u066d\u06d4"
    "\u0964\u0965\u1363\u2000-\u200b\u200e-\u206f\u2212\u22c5\u3000-\u303f\u30fb\ufeff\uff00-\uff0f\uff1a-\uff20"
)
_PIECE_PATTERN = f"[{_LETTER}]|[^{_NO_LETTER}{_LETTER}]{{1,40}}"
_PIECE = re.compile(_PIECE_PATTERN)
TOKEN = re.compile(
    rf"[{_SKIPPED}]{{0,12}}(?:\n[{_SKIPPED}]{{0,12}})?(?:(\d{{1,10}})|({_PIECE_PATTERN})|([^\s\w]))"
)
"""One token after blanks, apostrophes and at most one line break: a number, a piece of a word or a mark."""
NEXT_PIECE = re.compile(rf"[.\-()/{_SKIPPED}]{{0,4}}({_PIECE_PATTERN})")
"""What joins the pieces of one spelling ("p. m.", "tháng hai", "a la(s)"), and the next piece."""

_DROPPED = re.compile("[\xad\u0300-\u036f\u0640\u064b-\u0655\u0670\u200b-\u200f]")
_ALIKE = str.maketrans("ıيىك", "iییک")
MARKS = {
    **dict.fromkeys(",،、，፣", ","),
    **dict.fromkeys(".．", "."),
    **dict.fromkeys(":：", ":"),
    **dict.fromkeys("-–—‑−", "-"),
    **dict.fromkeys("·•・⋅|", "·"),
    **dict.fromkeys("(（", "("),
    **dict.fromkeys(")）", ")"),
    "/": "/",
    "+": "+",
}
END = "$"
"""The letter after the last token of a text that ends there."""
KINDS = {
    "M": "months", "W": "weekdays", "P": "marks", "L": "links", "E": "leads", "Y": "after_year",
    "D": "after_day", "O": "ordinals", "K": "month_words", "U": "after_month", "A": "at", "B": "after_time",
    "H": "hours", "N": "minutes", "C": "seconds", "T": "iso_t", "Z": "zones", "F": "closings",
}  # fmt: skip
"""What a word may be: the letters of the rules, and the sections of the tables."""

_RULES = {
    # Each form ends in an empty group that names it, after the groups of its three parts.
    "core": r"""
        (?:[<W>][.)]?,?)? (?:[<E><L>]{1,2})?
        (?: (1)[<O><D>]?[<L><O>.,\-]{0,4}([<M>])[<L><Y>.,\-]{0,4}(4)  (?P<dmy>)
          | ([<M>])[<L>.,\-]{0,2}(1)[<O><D>]?[<L>.,\-]{0,3}(4)        (?P<mdy>)
          | (4)[<Y><L>.,()\-]{0,6}([<M>])[<L>.,\-]{0,2}(1)(?!:)       (?P<ymd>)
          | (4)(?:[<Y><L>.,\-]{1,4}|(?=1-))(1)[<O><L>.,\-]{0,3}([<M>])           (?P<ydm>)
          | (4)(?:[<Y>][,.]?|,)?(1)\-?[<U>][,.]?(1)                  (?P<y_m_d>)
          | (1)\-?[<U>][,.]?(1)[<D>]?,?(4)                            (?P<m_d_y>)
          | (1)[<L>,]?[<K>](1)[<L>.,]{0,3}(4)                         (?P<d_m_y>)
          | [<K>](1)[<L>,]{0,2}(1),?(4)                               (?P<word_m_d_y>)
          | (4)-(1)-(1) (?P<iso>) | (4)/(1)/(1) (?P<slashed>) | (4)\.(1)\.(1) (?P<pointed>)
          | (1)\.(1)\.(4) (?P<points>) | (1)-(1)-(4) (?P<dashes>) | (1)/(1)/(4) (?P<slashes>) )""",
    "year_end": r"\.?,?(\()?(?:([<F>])|([<O>]))\)?\.?",
    "day_end": r"(\()?(?:([<D>])|([<O>]))\)?\.?|\.",
    "dot_before_time": r"\.(?=,?(?:[<A>]\.?)?1:1)",
    "weekday_end": r",?(\()?([<W>])(?(1)\))",
    "before_time": r"[,·(\-]{0,2}(?:[<A><L>]\.?\)?){0,3}[<T>]?",
    "time": r"""
        (?:(?P<mark_1>[<P>])\.?)?
        (?: (?P<hour_1>1)(?: :(?P<minute_1>1)(?: :(?P<second_1>1)(?:[.,][014])?)?
                          | [<H>]\.?(?:(?P<minute_2>1)[<N>]?(?:(?P<second_2>1)[<C>])?)? )
          | (?:(?<=[<A><P>])|(?<=[<A>]\.)|\A|(?=1\.1(?:\$|[<H><P>])))
            (?P<hour_2>1)\.(?P<minute_3>1)(?:\.(?P<second_3>1))?
          | (?P<hour_3>1)(?=\.?[<P>])
          | (?<=[<P>])(?P<hour_4>1)(?![:.\-/14]) )
        (?:\.?(?P<mark_2>[<P>])\.?)? (?:[<H><B>]\.?)?
        (?: \(?(?P<zone>[<Z>])(?P<offset_1>[+\-](?:4|1:1|1))?\)?
          | (?P<offset_2>\+(?:4|1:1)|-(?:4|1:1)(?![<Y><L><M>.,(/\-])) )?""",
    "after_time": r"[,·\-]{0,2}(?:[<A><L>]\.?)?",
    "first_time": r"(?:[<A>]\.?)?(?=1|[<P>])",
    "stamp": r"(?:[<W>]\.?,?)?([<M>])(1)(?=1:1)",
}
_PLACEHOLDER = re.compile("<([A-Z])>")
# The languages of a spelling that several share and none doubts.
_MANY = frozenset("*")


Months: TypeAlias = tuple[tuple[int, frozenset[str]], ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A spelling: its letter in shapes and what it means in each role. ``months``: number (plus `SOLAR`)
    and the languages that mean it; ``weekday`` 0 is Monday; ``mark`` am, pm, noon or night; ``zone``
    minutes from UTC, None where several zones share the name."""

    letter: str
    months: Months = ()
    weekday: int | None = None
    mark: str | None = None
    zone: int | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """The tables, ready to use. ``beginnings`` are spellings that longer ones begin with; ``year_dot``
    the languages that close a year by a dot, ``month_first`` those that write 1/31."""

    terms: dict[str, Term]
    beginnings: frozenset[str]
    rules: dict[str, re.Pattern[str]]
    year_dot: frozenset[str]
    month_first: frozenset[str]
    same_language: dict[str, str]

    def base(self, language: str) -> str:
        """The language of a tag, by the code that the tables use: ``iw-IL`` is ``he``."""
        base = language.lower().replace("_", "-").partition("-")[0]
        return self.same_language.get(base, base)


@lru_cache(maxsize=4096)
def spelling(printed: str) -> str:
    """Words as the tables spell them: pieces between single blanks, without case, accents, dots,
    hamza or apostrophes.

    >>> spelling("P. M."), spelling("d’Août"), spelling("오후")
    ('p m', 'd aout', '오 후')
    """
    if not printed.isascii():
        folded = unicodedata.normalize("NFKD", printed.casefold())
        printed = unicodedata.normalize("NFC", _DROPPED.sub("", folded)).translate(_ALIKE)
    return " ".join(_PIECE.findall(printed.lower()))


@cache
def words() -> Words:
    """The tables under data/dates/, joined, with the rules written in the letters that they need."""
    names, extra = read_json("dates", "names.json"), read_json("dates", "extra.json")
    table = _meanings(names, extra)
    letters: dict[str, str] = {}
    terms = {}
    # Thousands of spellings, a hundred meanings: each meaning is made once.
    for key, meant in table.items():
        kinds = "".join(sorted(meant)) if len(meant) > 1 else next(iter(meant))
        letter = letters.get(kinds) or letters.setdefault(kinds, chr(0xE000 + len(letters)))
        terms[key] = _term(letter, meant.get("M", ()), meant.get("W"), meant.get("P"), meant.get("Z"))
    classes = {kind: "".join(letters[kinds] for kinds in letters if kind in kinds) for kind in KINDS}
    rules = {
        name: re.compile(_PLACEHOLDER.sub(lambda found: classes[found[1]], rule), re.VERBOSE)
        for name, rule in _RULES.items()
    }
    long = [key.split(" ") for key in terms if " " in key]
    beginnings = frozenset(" ".join(pieces[:n]) for pieces in long for n in range(1, len(pieces)))
    year_dot, month_first = frozenset(names["year_dot"]), frozenset(extra["month_first"])
    return Words(terms, beginnings, rules, year_dot, month_first, extra["same_language"])


_term = cache(Term)


def solar_day(year: int, month: int, number: int) -> date | None:
    """A day of the Iranian calendar (years 1300 to 1500), None where there is no such day."""
    if not 1300 <= year <= 1500:
        return None
    length = 31 if month <= 6 else 30 if month <= 11 or (8 * year + 29) % 33 < 8 else 29
    if not 1 <= number <= length:
        return None
    leaps = (8 * year + 21) // 33 - (8 * _NOWRUZ_YEAR + 21) // 33
    passed = 31 * (month - 1) - max(0, month - 7)
    return _NOWRUZ + timedelta(365 * (year - _NOWRUZ_YEAR) + leaps + passed + number - 1)


def _meanings(names: dict[str, Any], extra: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Spelling -> letter of a kind -> what it means there, as a `Term` holds it."""
    table: dict[str, dict[str, Any]] = defaultdict(dict)
    for key, months in _month_names(names, extra).items():
        table[key]["M"] = months
    for key, number in names["weekdays"].items():
        table[key]["W"] = number
    for _, number, key in _numbered(extra["weekdays"], 0):
        table[key]["W"] = number
    for key, mark in names["marks"].items():
        table[key]["P"] = mark
    for mark, several in extra["marks"].items():
        for printed in several:
            table[spelling(printed)]["P"] = mark
    for letter in "LEYDOKUABHNCTF":
        for printed in (*names.get(KINDS[letter], ()), *extra.get(KINDS[letter], ())):
            table[spelling(printed)][letter] = True
    for printed, minutes in extra["zones"].items():
        table[spelling(printed)]["Z"] = minutes
    table.pop("", None)
    return table


def _month_names(names: dict[str, Any], extra: dict[str, Any]) -> dict[str, Months]:
    """Spelling -> months: what CLDR says, joined with what is kept by hand."""
    clear = {number: ((number, _MANY),) for number in range(1, 13)}
    table: dict[str, Months] = {
        key: clear[said] if isinstance(said, int) else _spoken(said) for key, said in names["months"].items()
    }
    for section, first in (("months", 1), ("solar_months", SOLAR + 1)):
        for language, number, key in _numbered(extra[section], first):
            spoken = dict(table.get(key, ()))
            spoken[number] = spoken.get(number, frozenset()) | {language}
            table[key] = tuple(spoken.items())
    return table


def _spoken(said: dict[str, str]) -> Months:
    return tuple((int(number), frozenset(languages.split())) for number, languages in said.items())


def _numbered(section: dict[str, list[str]], first: int) -> Iterator[tuple[str, int, str]]:
    """Language, number and spelling of a list in which "|" parts the spellings of one number."""
    for language, spellings in section.items():
        for number, several in enumerate(spellings, first):
            yield from ((language, number, spelling(printed)) for printed in several.split("|"))
