"""Printed dates in any language -> day, time, offset. Names and spellings are tables under data/dates/.

The text is cut into numbers, words and marks; each becomes one letter of a short "shape", and the grammar
is a few regexes over shapes, so that hostile text costs no more than its first unknown word.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from functools import cache, lru_cache
from typing import Any

from archiver.resources import read_json

__all__ = ["Found", "Reading", "at", "read", "spelling"]

_BLANK = "\\t\\r\\x0b\\x0c\\x1c-\\x20\\x85\xad\xa0\u061c\u1680\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
_SKIPPED = _BLANK + "'’ʼ‘"
# Chinese, Japanese and Korean write no blanks between words: each of their letters is a piece.
_LETTER = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_NO_LETTER = (
    "\\s\\d!-/:-@\\[-`{-~\xa0-\xa9\xab-\xaf\xb1\xb4\xb6-\xb9\xbb-\xbfʼ\u060c\u061b\u061c\u066a-\u066d"
    "\u06d4\u0964\u0965\u2000-\u200b\u200e-\u206f\u2212\u22c5\u3000-\u303f\u30fb\ufeff\uff00-\uff0f\uff1a-\uff20"
)
_PIECE_PATTERN = f"[{_LETTER}]|[^{_NO_LETTER}{_LETTER}]{{1,40}}"
_PIECE = re.compile(_PIECE_PATTERN)
_TOKEN = re.compile(
    rf"[{_SKIPPED}]{{0,12}}(?:\n[{_SKIPPED}]{{0,12}})?(?:(\d{{1,10}})|({_PIECE_PATTERN})|([^\s\w]))"
)
_NEXT_PIECE = re.compile(rf"[.\-){_SKIPPED}]{{0,4}}({_PIECE_PATTERN})")
_ENDS = f"[\\s{_BLANK}]+"
_OUTER = re.compile(f"^{_ENDS}|{_ENDS}$")
_DROPPED = re.compile("[\xad\u0300-\u036f\u0640\u064b-\u0655\u0670\u200b-\u200f]")
_LETTERS_ALIKE = str.maketrans("ıيىك", "iییک")
_MARKS = {
    **dict.fromkeys(",،、，", ","),
    **dict.fromkeys(".．", "."),
    **dict.fromkeys(":：", ":"),
    **dict.fromkeys("-–—‑−", "-"),
    **dict.fromkeys("·•・⋅|", "·"),
    **dict.fromkeys("(（", "("),
    **dict.fromkeys(")）", ")"),
    "/": "/",
    "+": "+",
}
_MOST_TOKENS = 32
_BUDDHIST = 543
_FIRST_YEAR, _FIRST_POST, _LAST_YEAR = 1990, 2006, 2100

# What a word may be, one letter each: the letters of the grammar below.
_KINDS = {
    "M": "months", "W": "weekdays", "P": "marks", "L": "links", "E": "leads", "Y": "after_year",
    "D": "after_day", "O": "ordinals", "K": "month_words", "U": "after_month", "A": "at", "H": "hours",
    "N": "minutes", "C": "seconds", "T": "iso_t", "Z": "zones",
}  # fmt: skip
# 1: a number of one or two digits, 4: of four, 0: of another length. Marks stand for themselves.
_CORE = r"""
(?:[<W>]\.?,?)? (?:[<E><L>]{1,2})?
(?: (1)[<O>]?[<L><O>.,\-]{0,4}([<M>])[<L><Y>.,\-]{0,4}(4)       (?P<dmy>)
  | ([<M>])[<L>.,\-]{0,2}(1)[<O><D>]?[<L>.,\-]{0,3}(4)          (?P<mdy>)
  | (4)[<Y><L>.,()\-]{0,6}([<M>])[<L>.,\-]{0,2}(1)              (?P<ymd>)
  | (4)[<Y><L>.,\-]{0,4}(1)[<O><L>.,\-]{0,3}([<M>])             (?P<ydm>)
  | (4)[<Y>][,.]?(1)[<U>][,.]?(1)                               (?P<y_m_d>)
  | (1)[<U>][,.]?(1)[<D>]?,?(4)                                 (?P<m_d_y>)
  | (1)[<L>,]?[<K>](1)[<L>.,]{0,3}(4)                           (?P<d_m_y>)
  | (4)-(1)-(1) (?P<iso>) | (4)/(1)/(1) (?P<slashed>) | (4)\.(1)\.(1) (?P<pointed>)
  | (1)\.(1)\.(4) (?P<points>) | (1)-(1)-(4) (?P<dashes>) | (1)/(1)/(4) (?P<slashes>) )
"""
_YEAR_END = r"[,(]?[<Y>]\)?\.?"
_DAY_END = r"\(?[<O><D>]\)?\.?|\."
_WEEKDAY_END = r",?(\()?([<W>])(?(1)\))"
_BEFORE_TIME = r"[,·(\-]{0,2}(?:[<A><L>]\.?){0,3}[<T>]?"
_TIME = r"""
(?:(?P<mark_1>[<P>])\.?)?
(?: (?P<hour_1>1)(?: :(?P<minute_1>1)(?: :(?P<second_1>1)(?:[.,][014])?)?
                  | [<H>]\.?(?:(?P<minute_2>1)[<N>]?(?:(?P<second_2>1)[<C>])?)? )
  | (?:(?<=[<A>])|(?<=[<A>]\.))(?P<hour_2>1)\.(?P<minute_3>1)
  | (?P<hour_3>1)(?=\.?[<P>])
  | (?<=[<P>])(?P<hour_4>1)(?![:.\-/14]) )
(?:\.?(?P<mark_2>[<P>])\.?)? (?:[<H>]\.?)?
(?: \(?(?P<zone>[<Z>])(?P<offset_1>[+\-](?:4|1:1|1))?\)?
  | (?P<offset_2>\+(?:4|1:1)|-(?:4|1:1)(?![<Y><L><M>.,/\-])) )?
"""
_AFTER_TIME = r"[,·\-]{0,2}(?:[<A><L>]\.?)?"
_STAMP = r"(?:[<W>]\.?,?)?([<M>])(1)(?=1:1)"
# Where day, month and year stand among the three groups of each form.
_ROLES = {
    "dmy": (0, 1, 2), "mdy": (1, 0, 2), "ymd": (2, 1, 0), "ydm": (1, 2, 0), "y_m_d": (2, 1, 0),
    "m_d_y": (1, 0, 2), "d_m_y": (0, 1, 2), "iso": (2, 1, 0), "slashed": (2, 1, 0), "pointed": (2, 1, 0),
    "points": (0, 1, 2), "dashes": (0, 1, 2), "slashes": (0, 1, 2),
}  # fmt: skip
_YEAR_LAST = frozenset(["dmy", "mdy", "m_d_y", "d_m_y", "points", "dashes", "slashes"])
_RULES = {
    "core": _CORE,
    "year_end": _YEAR_END,
    "day_end": _DAY_END,
    "weekday_end": _WEEKDAY_END,
    "before_time": _BEFORE_TIME,
    "time": _TIME,
    "after_time": _AFTER_TIME,
    "stamp": _STAMP,
}
_PLACEHOLDER = re.compile("<([A-Z])>")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a printed date means. ``time`` is the printed time of day, ``offset`` its zone in minutes
    from UTC; None where none is printed (or where its name stands for several zones)."""

    day: date
    time: time | None = None
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A printed date in a text: ``start`` and ``end`` count characters of the text as given."""

    start: int
    end: int
    reading: Reading


@dataclass(frozen=True, slots=True)
class _Term:
    """A spelling: its letter in shapes and what it means in each role. ``months``: number and the
    languages that mean it."""

    letter: str
    months: tuple[tuple[int, frozenset[str]], ...] = ()
    weekday: int | None = None
    mark: str | None = None
    zone: int | None = None


@dataclass(frozen=True, slots=True)
class _Grammar:
    terms: dict[str, _Term]
    beginnings: frozenset[str]
    rules: dict[str, re.Pattern[str]]
    year_dot: frozenset[str]
    month_first: frozenset[str]
    same_language: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Scan:
    """A text cut up to its first unknown word: one letter of the shape a token."""

    text: str
    shape: str
    starts: list[int]
    ends: list[int]
    values: list[int | _Term | None]

    def number(self, index: int) -> int:
        value = self.values[index]
        return value if isinstance(value, int) else 0

    def term(self, index: int) -> _Term:
        value = self.values[index]
        return value if isinstance(value, _Term) else _NO_TERM

    def word(self, index: int) -> str:
        return self.text[self.starts[index] : self.ends[index]]


_NO_TERM = _Term("?")


def read(text: str, language: str | None = None) -> Reading | None:
    """The date that the whole of ``text`` is, None where it is none. ``language`` (a tag such as
    ``pt-BR``) only decides between readings that are all possible.

    >>> read("7 июля 2016 г.")
    Reading(day=datetime.date(2016, 7, 7), time=None, offset=None)
    >>> read("May 7, 2024 at 11:12 PM").time
    datetime.time(23, 12)
    """
    text = _OUTER.sub("", text)
    found = _found(text, 0, language, _FIRST_YEAR)
    if found is None or (found.end != len(text) and text[found.end :] not in (".", ",")):
        return None
    return found.reading


def at(text: str, start: int) -> Found | None:
    """The printed date that begins exactly at ``start``, as long as it goes; None where none does.

    >>> at("On January 20, 2022 it rained", 3)
    Found(start=3, end=19, reading=Reading(day=datetime.date(2022, 1, 20), time=None, offset=None))
    """
    return _found(text, start, None, _FIRST_POST)


@lru_cache(maxsize=4096)
def spelling(words: str) -> str:
    """Words as the tables spell them: pieces between single blanks, without case, accents, dots,
    hamza or apostrophes.

    >>> spelling("P. M."), spelling("d’Août"), spelling("오후")
    ('p m', 'd aout', '오 후')
    """
    if not words.isascii():
        folded = unicodedata.normalize("NFKD", words.casefold())
        words = unicodedata.normalize("NFC", _DROPPED.sub("", folded)).translate(_LETTERS_ALIKE)
    return " ".join(_PIECE.findall(words.lower()))


def hour(printed: int, mark: str) -> int | None:
    """The hour 0-23 that a 12-hour clock shows as ``printed``: the one rule for every language.

    ``mark``: am, pm, noon (around midday) or night (from evening past midnight). 12 am is midnight,
    12 pm noon; a mark beside an hour that needs none (15:30 PM) is redundant where it agrees.
    """
    if printed > 12 or (printed == 12 and mark == "noon"):
        return printed if printed < 24 and (mark != "am") else None
    low = printed % 12
    late = {"am": False, "pm": True, "noon": low < 9, "night": low >= 6}
    return low + 12 if late[mark] else low


def _found(text: str, start: int, language: str | None, first_year: int) -> Found | None:
    grammar = _grammar()
    scan = _scan(grammar, text, start)
    if scan is None:
        return None
    core = _core(grammar, scan, 0, language, first_year)
    clock: tuple[int, time, int | None] | None = None
    if core is None:
        core, clock = _time_first(grammar, scan, language, first_year)
        if core is None:
            return None
    end, day = core
    end = _weekday(grammar, scan, end, day)
    if clock is None:
        before = grammar.rules["before_time"].match(scan.shape, end)
        clock = _clock(grammar, scan, before.end()) if before else None
        end = clock[0] if clock else end
        if clock:
            end = _weekday(grammar, scan, end, day)
    reading = Reading(day, clock[1], clock[2]) if clock else Reading(day)
    return Found(start, scan.ends[end - 1], reading)


def _scan(grammar: _Grammar, text: str, start: int) -> _Scan | None:
    """Tokens from ``start`` to the first word that no table knows; None where not even one stands."""
    shape: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    values: list[int | _Term | None] = []
    here = start
    while len(shape) < _MOST_TOKENS:
        token = _TOKEN.match(text, here)
        if token is None or (not shape and token.start(token.lastindex or 0) != start):
            break
        kind = token.lastindex
        here = token.end()
        value: int | _Term | None = None
        if kind == 1:
            digits = token[1]
            value = int(digits)
            letter = "1" if len(digits) <= 2 else "4" if len(digits) == 4 else "0"
        elif kind == 2:
            value, here = _longest(grammar, text, token[2], here)
            if value is None:
                break
            letter = value.letter
        else:
            letter = _MARKS.get(token[3], "")
            if not letter:
                break
        shape.append(letter)
        starts.append(token.start(kind or 0))
        ends.append(here)
        values.append(value)
    return _Scan(text, "".join(shape), starts, ends, values) if shape else None


def _longest(grammar: _Grammar, text: str, piece: str, end: int) -> tuple[_Term | None, int]:
    """The longest spelling of the tables that begins with ``piece``, and where it ends."""
    key = spelling(piece)
    found, found_end = grammar.terms.get(key), end
    while key in grammar.beginnings:
        following = _NEXT_PIECE.match(text, end)
        if following is None:
            break
        key = f"{key} {spelling(following[1])}"
        end = following.end()
        if key in grammar.terms:
            found, found_end = grammar.terms[key], end
    return found, found_end


def _core(
    grammar: _Grammar, scan: _Scan, start: int, language: str | None, first_year: int
) -> tuple[int, date] | None:
    """The day that the tokens from ``start`` spell, with the index after its last token."""
    stamp = grammar.rules["stamp"].match(scan.shape, start)
    if stamp:
        return _stamp(grammar, scan, stamp, language, first_year)
    core = grammar.rules["core"].match(scan.shape, start)
    if core is None or core.lastgroup is None:
        return None
    last = core.lastindex or 0
    places = (core.start(last - 3), core.start(last - 2), core.start(last - 1))
    day_at, month_at, year_at = (places[role] for role in _ROLES[core.lastgroup])
    day, month = scan.number(day_at), scan.number(month_at)
    if not month:
        month = _month(grammar, scan, month_at, (day_at, year_at), language)
    elif core.lastgroup in ("points", "dashes", "slashes"):
        day, month = _numeric(grammar, core.lastgroup, day, month, language)
    found = _day(scan.number(year_at), month, day, first_year)
    return (_core_end(grammar, scan, core, month_at, language), found) if found else None


def _core_end(
    grammar: _Grammar, scan: _Scan, core: re.Match[str], month_at: int, language: str | None
) -> int:
    """Where a date ends that may be closed by a word or a dot ("г.", "日", the dot after an ordinal)."""
    end = core.end()
    if core.lastgroup in _YEAR_LAST:
        closing = grammar.rules["year_end"].match(scan.shape, end)
        if closing and not any(scan.word(index)[:1].isupper() for index in range(end, closing.end())):
            return closing.end()
        dotted = scan.shape[end : end + 1] == "." and "." in scan.shape[:month_at]
        return end + 1 if dotted and _closes_by_dot(grammar, scan.term(month_at), language) else end
    if core.lastgroup == "ydm":
        return end
    closing = grammar.rules["day_end"].match(scan.shape, end)
    if closing is None:
        return end
    if scan.shape[end] == "." and not ("." in core[0] or core.lastgroup == "pointed"):
        return end
    return closing.end()


def _closes_by_dot(grammar: _Grammar, term: _Term, language: str | None) -> bool:
    """Whether a year after this month carries a dot in every language that could be meant."""
    languages = frozenset().union(*(spoken for _, spoken in term.months))
    if language:
        return _base(grammar, language) in grammar.year_dot
    return bool(languages) and languages <= grammar.year_dot


def _stamp(
    grammar: _Grammar, scan: _Scan, stamp: re.Match[str], language: str | None, first_year: int
) -> tuple[int, date] | None:
    """ "Thu Feb 08 12:00:45 +0000 2018": the year comes after the time."""
    clock = grammar.rules["time"].match(scan.shape, stamp.end())
    end = clock.end() if clock else -1
    if scan.shape[end : end + 1] != "4":
        return None
    month = _month(grammar, scan, stamp.start(1), (stamp.start(2), end), language)
    found = _day(scan.number(end), month, scan.number(stamp.start(2)), first_year)
    return (end + 1, found) if found else None


def _month(grammar: _Grammar, scan: _Scan, index: int, around: tuple[int, int], language: str | None) -> int:
    """The month that a name means. Where languages differ: the language asked for, then the dots
    after day and year, then the meaning that most languages share."""
    months = scan.term(index).months
    if len(months) == 1:
        return months[0][0]
    base = _base(grammar, language)
    for number, languages in months:
        if base in languages:
            return number
    day_at, year_at = around
    dots = (scan.shape[day_at + 1 : day_at + 2] == ".") + (scan.shape[year_at + 1 : year_at + 2] == ".")
    return max(months, key=lambda month: _fit(grammar, month[1], dots))[0]


def _fit(grammar: _Grammar, languages: frozenset[str], dots: int) -> tuple[bool, int]:
    closing = bool(languages & grammar.year_dot)
    return (closing == (dots == 2)), len(languages)


def _numeric(grammar: _Grammar, form: str, first: int, second: int, language: str | None) -> tuple[int, int]:
    """Day and month of an all-numeric date, (0, 0) where either order is possible and nothing decides.

    Nobody writes the month first before a dot."""
    if first > 12 or form == "points" or first == second:
        return first, second
    if second > 12:
        return second, first
    if language is None:
        return 0, 0
    tag = language.lower().replace("_", "-")
    month_first = tag in grammar.month_first
    return (second, first) if month_first else (first, second)


def _day(year: int, month: int, day: int, first_year: int) -> date | None:
    if first_year + _BUDDHIST <= year <= _LAST_YEAR + _BUDDHIST:
        year -= _BUDDHIST
    if not first_year <= year <= _LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _time_first(
    grammar: _Grammar, scan: _Scan, language: str | None, first_year: int
) -> tuple[tuple[int, date] | None, tuple[int, time, int | None] | None]:
    """ "9:15 AM · Jan 20, 2022": the date after a time, and that time."""
    clock = _clock(grammar, scan, 0)
    after = grammar.rules["after_time"].match(scan.shape, clock[0]) if clock else None
    if after is None:
        return None, None
    return _core(grammar, scan, after.end(), language, first_year), clock


def _weekday(grammar: _Grammar, scan: _Scan, end: int, day: date) -> int:
    """The end of the date with the weekday that may close it: only the right one belongs to it."""
    found = grammar.rules["weekday_end"].match(scan.shape, end)
    if found is None or scan.term(found.start(2)).weekday != day.weekday():
        return end
    short = len(scan.word(found.start(2))) == 1 and not found[1]
    return end if short else found.end()


def _clock(grammar: _Grammar, scan: _Scan, start: int) -> tuple[int, time, int | None] | None:
    """The time of day at ``start``: the index after it, the time, the offset."""
    found = grammar.rules["time"].match(scan.shape, start)
    if found is None:
        return None
    places = {name.partition("_")[0]: found.start(name) for name, part in found.groupdict().items() if part}
    hours, minutes, seconds = (
        scan.number(places[name]) if name in places else 0 for name in ("hour", "minute", "second")
    )
    mark = scan.term(places["mark"]).mark if "mark" in places else None
    full = hour(hours, mark) if mark else hours
    if full is None or full > 23 or minutes > 59 or seconds > 59:
        return None
    end = found.end()
    offset = None
    if "zone" in places:
        if not scan.word(places["zone"]).isupper():
            return places["zone"], time(full, minutes, seconds), None
        offset = scan.term(places["zone"]).zone
    if "offset" in places:
        offset = _offset(scan.text[scan.starts[places["offset"]] : scan.ends[end - 1]])
    if scan.shape[end - 1] == "." and "." not in scan.word(end - 2):
        end -= 1
    return end, time(full, minutes, seconds), offset


def _offset(printed: str) -> int | None:
    """Minutes from UTC of "+0530", "-05:00" or "+2"."""
    digits = "".join(str(int(sign)) for sign in printed if sign.isdecimal())
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    if hours > 14 or minutes > 59:
        return None
    return (hours * 60 + minutes) * (1 if "+" in printed else -1)


def _base(grammar: _Grammar, language: str | None) -> str:
    base = (language or "").lower().replace("_", "-").partition("-")[0]
    return grammar.same_language.get(base, base)


@cache
def _grammar() -> _Grammar:
    """The tables, joined, and the grammar written with the letters that they need."""
    names, extra = read_json("dates", "names.json"), read_json("dates", "extra.json")
    meanings = _meanings(names, extra)
    letters: dict[str, str] = {}
    terms = {}
    for key, meant in meanings.items():
        letter = letters.setdefault("".join(sorted(meant)), chr(0xE000 + len(letters)))
        months = tuple((int(number), frozenset(spoken)) for number, spoken in meant.get("M", {}).items())
        terms[key] = _Term(letter, months, meant.get("W"), meant.get("P"), meant.get("Z"))
    classes = {kind: "".join(letter for kinds, letter in letters.items() if kind in kinds) for kind in _KINDS}
    rules = {
        name: re.compile(_PLACEHOLDER.sub(lambda found: classes[found[1]], rule), re.VERBOSE)
        for name, rule in _RULES.items()
    }
    return _Grammar(
        terms,
        frozenset(key.rsplit(" ", count)[0] for key in terms for count in range(1, key.count(" ") + 1)),
        rules,
        frozenset(names["year_dot"]),
        frozenset(extra["month_first"]),
        extra["same_language"],
    )


def _meanings(names: dict[str, Any], extra: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Spelling -> kind -> what it means there: of what CLDR says and what is kept by hand."""
    table: dict[str, dict[str, Any]] = defaultdict(dict)
    for key, numbers in names["months"].items():
        table[key]["M"] = {number: set(languages.split()) for number, languages in numbers.items()}
    for language, spellings in extra["months"].items():
        for number, words in _numbered(spellings, 1):
            table[words].setdefault("M", {}).setdefault(str(number), set()).add(language)
    for spellings in extra["weekdays"].values():
        for number, words in _numbered(spellings, 0):
            table[words]["W"] = number
    for letter, kind in _KINDS.items():
        found, kept = names.get(kind, []), extra.get(kind, [])
        if kind in ("weekdays", "marks"):
            for key, value in found.items():
                table[key].setdefault(letter, value)
        elif kind != "months":
            for words in (*found, *kept):
                table[spelling(words)][letter] = kept[words] if kind == "zones" else True
    for mark, several in extra["marks"].items():
        for words in several:
            table[spelling(words)]["P"] = mark
    for words in extra["no_marks"]:
        table[spelling(words)].pop("P", None)
    return {key: meant for key, meant in table.items() if key and meant}


def _numbered(spellings: list[str], first: int) -> Iterator[tuple[int, str]]:
    for number, several in enumerate(spellings, first):
        yield from ((number, spelling(words)) for words in several.split("|"))
