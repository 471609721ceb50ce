"""Printed dates in any language -> day, time of day, zone. The words are tables under data/dates/.

A text is read token by token up to the first word that no table knows, so that text which is no date
costs next to nothing; see datewords for tokens, shapes and rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache

from archiver.datewords import END, MARKS, NEXT_PIECE, SOLAR, TOKEN, Term, Words, solar_day, spelling, words

__all__ = ["Found", "Reading", "at", "hour", "read"]

_MOST_TOKENS = 40
_FEWEST_TOKENS = 3
_FIRST_YEAR, _FIRST_POST, _LAST_YEAR = 1990, 2006, 2100
_BUDDHIST = 543
_OUTER = "\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f \x85\xa0\xad\u061c\u1680\u3000\ufeff" + "".join(
    chr(point) for point in (*range(0x2000, 0x2010), *range(0x2028, 0x2030), *range(0x205F, 0x2070))
)
_CLOSING = re.compile(r"\.?[.,;]?\Z")
# Where day, month and year stand among the three groups of each form.
_ROLES = {
    "dmy": (0, 1, 2), "mdy": (1, 0, 2), "ymd": (2, 1, 0), "ydm": (1, 2, 0), "y_m_d": (2, 1, 0),
    "m_d_y": (1, 0, 2), "d_m_y": (0, 1, 2), "word_m_d_y": (1, 0, 2), "iso": (2, 1, 0),
    "slashed": (2, 1, 0), "pointed": (2, 1, 0), "points": (0, 1, 2), "dashes": (0, 1, 2),
    "slashes": (0, 1, 2),
}  # fmt: skip
_NUMERIC = frozenset(["points", "dashes", "slashes"])
_DAY_LAST = frozenset(["ymd", "y_m_d", "iso", "slashed", "pointed"])
_NO_TERM = Term("?")


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
class _Clock:
    """A time of day and the index after its last token."""

    end: int
    time: time
    offset: int | None


@dataclass(frozen=True, slots=True)
class _Scan:
    """Tokens of a text: one letter of ``shape`` each (and `END`), its place, its number or term."""

    words: Words
    text: str
    shape: str
    starts: list[int]
    ends: list[int]
    values: list[int | Term | None]

    def number(self, index: int) -> int:
        value = self.values[index]
        return value if isinstance(value, int) else 0

    def term(self, index: int) -> Term:
        value = self.values[index]
        return value if isinstance(value, Term) else _NO_TERM

    def breaks(self, index: int) -> bool:
        """Whether a new line begins before a token: what adds to a date stands on its line."""
        return "\n" in self.text[self.ends[index - 1] : self.starts[index]]

    def printed(self, first: int, after: int) -> str:
        return self.text[self.starts[first] : self.ends[after - 1]]


@lru_cache(64)  # each date of a quote is read several times, one after another
def read(text: str, language: str | None = None) -> Reading | None:
    """The date that the whole of ``text`` is, None where it is none. ``language`` (a tag such as
    ``pt-BR``) only decides between readings that are all possible.

    >>> read("7 июля 2016 г.")
    Reading(day=datetime.date(2016, 7, 7), time=None, offset=None)
    >>> read("May 7, 2024 at 11:12 PM").time
    datetime.time(23, 12)
    """
    text = text.strip(_OUTER).replace("\n", " ")
    found = _found(text, 0, language, _FIRST_YEAR)
    return found.reading if found and _CLOSING.match(text, found.end) else None


def at(text: str, start: int) -> Found | None:
    """The printed date of a post that begins exactly at ``start``, as long as it goes; None where none
    does.

    >>> at("On January 20, 2022 it rained", 3)
    Found(start=3, end=19, reading=Reading(day=datetime.date(2022, 1, 20), time=None, offset=None))
    """
    return _found(text, start, None, _FIRST_POST)


def hour(printed: int, mark: str) -> int | None:
    """The hour 0-23 that a 12-hour clock shows as ``printed``: the one rule for every language.

    ``mark``: am, pm, noon (around midday) or night (from evening past midnight). 12 am is midnight,
    12 pm noon; beside an hour above 12 the mark only repeats what the hour says. None where the two
    contradict each other.

    >>> hour(12, "am"), hour(12, "pm"), hour(1, "noon"), hour(15, "pm"), hour(15, "am")
    (0, 12, 13, 15, None)
    """
    if printed > 12:
        return printed if printed < 24 and mark != "am" else None
    late = {"am": False, "pm": True, "noon": printed < 9 or printed == 12, "night": 6 <= printed < 12}
    return printed % 12 + (12 if late[mark] else 0)


def _found(text: str, start: int, language: str | None, first_year: int) -> Found | None:
    scan = _scan(text, start)
    if scan is None:
        return None
    parts = _parts(scan, language, first_year)
    if parts is None:
        return None
    end, day, clock = parts
    size = len(scan.values)
    if end < size:
        end = _weekday(scan, end, day)
    if end < size and clock is None:
        clock = _clock_after(scan, end)
        if clock:
            end = _weekday(scan, clock.end, day)
    reading = Reading(day, clock.time, clock.offset) if clock else Reading(day)
    return Found(start, scan.ends[end - 1], reading)


def _scan(text: str, start: int) -> _Scan | None:
    """Tokens from ``start`` to the first word that no table knows; None where they are too few."""
    known = words()
    shape: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    values: list[int | Term | None] = []
    here = start
    while len(shape) < _MOST_TOKENS:
        token = TOKEN.match(text, here)
        if token is None:
            break
        kind = token.lastindex or 0
        begin, here = token.span(kind)
        value: int | Term | None = None
        if kind == 1:
            value = int(token[1])
            letter = "1" if here - begin <= 2 else "4" if here - begin == 4 else "0"
        elif kind == 2:
            value, here = _longest(known, text, token[2], here)
            letter = value.letter if value else ""
        else:
            letter = MARKS.get(token[3], "")
        if not letter or (begin > start and not shape):
            break
        shape.append(letter)
        starts.append(begin)
        ends.append(here)
        values.append(value)
    if len(shape) < _FEWEST_TOKENS:
        return None
    if ends[-1] == len(text):
        shape.append(END)
    return _Scan(known, text, "".join(shape), starts, ends, values)


def _longest(known: Words, text: str, piece: str, end: int) -> tuple[Term | None, int]:
    """The longest spelling of the tables that begins with ``piece``, and where it ends."""
    key = spelling(piece)
    found, found_end = known.terms.get(key), end
    while key in known.beginnings:
        following = NEXT_PIECE.match(text, end)
        if following is None:
            break
        key = f"{key} {spelling(following[1])}"
        end = following.end()
        if key in known.terms:
            found, found_end = known.terms[key], end
    return found, found_end


def _parts(scan: _Scan, language: str | None, first_year: int) -> tuple[int, date, _Clock | None] | None:
    """The index after a date that the shape begins with, the day, the time where that comes first."""
    core = _core(scan, 0, language, first_year)
    if core:
        return (*core, None)
    clock = _clock_before(scan)
    core = _core(scan, clock.end, language, first_year) if clock else None
    return (*core, clock) if core else _stamp(scan, language, first_year)


def _core(scan: _Scan, start: int, language: str | None, first_year: int) -> tuple[int, date] | None:
    """The index after the tokens from ``start`` that spell a day, and the day."""
    core = scan.words.rules["core"].match(scan.shape, start)
    if core is None:
        return None
    form, last = core.lastgroup or "", core.lastindex or 0
    places = (core.start(last - 3), core.start(last - 2), core.start(last - 1))
    day_at, month_at, year_at = (places[role] for role in _ROLES[form])
    number, month = scan.number(day_at), scan.number(month_at)
    if form in _NUMERIC:
        number, month = _in_order(scan.words, form, number, month, language)
    elif isinstance(scan.values[month_at], Term):
        month = _month(scan, month_at, (day_at, year_at), language)
    day = _day(scan.number(year_at), month, number, first_year)
    return (_core_end(scan, core, (month_at, month), language), day) if day else None


def _core_end(scan: _Scan, core: re.Match[str], month: tuple[int, int], language: str | None) -> int:
    """The index after a date with what may close it: "г.", "日", the dot of an ordinal."""
    end, shape, rules = core.end(), scan.shape, scan.words.rules
    if end >= len(scan.values):
        return end
    dotted = shape[end] == "." and "." in core[0]
    # A dot before a time ends no sentence.
    if dotted and rules["dot_before_time"].match(shape, end):
        return end + 1
    if core.lastgroup == "ydm":
        return end
    if core.lastgroup in _DAY_LAST:
        closing = rules["day_end"].match(shape, end)
        return closing.end() if closing and _closes(scan, closing, dotted) else end
    closing = rules["year_end"].match(shape, end)
    if closing and _closes(scan, closing, False):
        return closing.end()
    dotted = dotted and "." in shape[core.start() : month[0]]
    return end + 1 if dotted and _closed_by_dot(scan, *month, language) else end


def _closes(scan: _Scan, closing: re.Match[str], dotted: bool) -> bool:
    """Whether what follows a day or year belongs to it: "20 d.", "20(a)", "20an", but not "20 a"."""
    place, glued = closing.start(2), closing.start(3)
    if glued >= 0:
        return closing.start(1) >= 0 or scan.starts[glued] == scan.ends[glued - 1]
    # Capitals begin a sentence, or stand for a name.
    return not scan.text[scan.starts[place]].isupper() if place >= 0 else dotted


def _closed_by_dot(scan: _Scan, month_at: int, month: int, language: str | None) -> bool:
    """Whether a year after this name of a month carries a dot in every language that could be meant."""
    spoken = frozenset(
        code for number, codes in scan.term(month_at).months if number == month for code in codes
    )
    if language:
        spoken &= {scan.words.base(language)}
    return bool(spoken) and spoken <= scan.words.year_dot


def _stamp(scan: _Scan, language: str | None, first_year: int) -> tuple[int, date, _Clock] | None:
    """ "Thu Feb 08 12:00:45 +0000 2018": the year stands after the time."""
    stamp = scan.words.rules["stamp"].match(scan.shape)
    clock = _clock(scan, stamp.end()) if stamp else None
    if stamp is None or clock is None or scan.shape[clock.end : clock.end + 1] != "4":
        return None
    day_at = stamp.start(2)
    month = _month(scan, stamp.start(1), (day_at, clock.end), language)
    day = _day(scan.number(clock.end), month, scan.number(day_at), first_year)
    return (clock.end + 1, day, clock) if day else None


def _month(scan: _Scan, index: int, around: tuple[int, int], language: str | None) -> int:
    """The month that a name means. Where languages differ: the language asked for, then those that
    write the same dots after day and year, then the most."""
    months = scan.term(index).months
    if len(months) == 1:
        return months[0][0]
    base = scan.words.base(language) if language else ""
    for number, languages in months:
        if base in languages:
            return number
    dotted = all(scan.shape[place + 1 : place + 2] == "." for place in around)
    year_dot = scan.words.year_dot
    return max(months, key=lambda month: (bool(month[1] & year_dot) == dotted, len(month[1])))[0]


def _in_order(known: Words, form: str, first: int, second: int, language: str | None) -> tuple[int, int]:
    """Day and month of an all-numeric date; (0, 0) where both orders are possible and nothing decides.
    Before dots the day is first in every language."""
    if first > 12 or first == second or form == "points":
        return first, second
    if second > 12:
        return second, first
    if language is None:
        return 0, 0
    month_first = language.lower().replace("_", "-") in known.month_first
    return (second, first) if month_first else (first, second)


def _day(year: int, month: int, number: int, first_year: int) -> date | None:
    """The day, None where there is no such day or no post could show it."""
    if month > SOLAR:
        day = solar_day(year, month - SOLAR, number)
        return day if day and first_year <= day.year <= _LAST_YEAR else None
    if first_year + _BUDDHIST <= year <= _LAST_YEAR + _BUDDHIST:
        year -= _BUDDHIST
    if not first_year <= year <= _LAST_YEAR:
        return None
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _weekday(scan: _Scan, end: int, day: date) -> int:
    """The index after the weekday that may close a date: only the right one belongs to it, and a short
    one only in brackets or after a comma: "Die" is a Tuesday and an article."""
    found = scan.words.rules["weekday_end"].match(scan.shape, end)
    if found is None or scan.term(found.start(2)).weekday != day.weekday():
        return end
    printed = scan.printed(found.start(2), found.end(2))
    short = len(printed) <= (1 if printed.lower() == printed.upper() else 3)
    return end if scan.breaks(end) or (short and found.start(2) == end) else found.end()


def _clock_before(scan: _Scan) -> _Clock | None:
    """The time that stands before a date, with what joins them: "9:15 AM · "."""
    lead = scan.words.rules["first_time"].match(scan.shape)
    clock = _clock(scan, lead.end()) if lead else None
    joint = scan.words.rules["after_time"].match(scan.shape, clock.end) if clock else None
    return _Clock(joint.end(), clock.time, clock.offset) if clock and joint else None


def _clock_after(scan: _Scan, end: int) -> _Clock | None:
    """The time that stands after a date, with the bracket that may close it: " at 9:15 AM"."""
    lead = scan.words.rules["before_time"].match(scan.shape, end)
    clock = _clock(scan, lead.end()) if lead else None
    if lead is None or clock is None or scan.breaks(end):
        return None
    bracket = "(" in lead[0] and scan.shape[clock.end : clock.end + 1] == ")"
    return _Clock(clock.end + 1, clock.time, clock.offset) if bracket else clock


def _clock(scan: _Scan, start: int) -> _Clock | None:
    """The time of day whose tokens begin at ``start``."""
    found = scan.words.rules["time"].match(scan.shape, start)
    if found is None:
        return None
    places = {name.partition("_")[0]: found.start(name) for name, part in found.groupdict().items() if part}
    hours, minutes, seconds = (
        scan.number(places[name]) if name in places else 0 for name in ("hour", "minute", "second")
    )
    full = hour(hours, scan.term(places["mark"]).mark or "") if "mark" in places else hours
    if full is None or full > 23 or minutes > 59 or seconds > 59 or _is_count(scan, places, found.end()):
        return None
    shown = time(full, minutes, seconds)
    end = found.end()
    # Zones are written in capitals: "est" is a French word.
    if "zone" in places and not scan.printed(places["zone"], places["zone"] + 1).isupper():
        return _Clock(places["zone"], shown, None)
    if scan.shape[end - 1] == "." and "." not in scan.printed(end - 2, end - 1):
        end -= 1
    return _Clock(end, shown, _offset(scan, places, end))


def _is_count(scan: _Scan, places: dict[str, int], end: int) -> bool:
    """Whether a number is no time of day: "2:1" is a score, "3時間" three hours."""
    if "minute" not in places:
        return scan.text[scan.ends[end - 1] : scan.ends[end - 1] + 1].isalnum()
    place = places["minute"]
    return scan.shape[place - 1] in ":." and scan.ends[place] - scan.starts[place] == 1


def _offset(scan: _Scan, places: dict[str, int], end: int) -> int | None:
    """Minutes from UTC of "PDT", "+0530", "GMT-5" or "UTC+05:30"."""
    if "offset" not in places:
        return scan.term(places["zone"]).zone if "zone" in places else None
    printed = scan.printed(places["offset"], end)
    digits = "".join(str(int(sign)) for sign in printed if sign.isdecimal())
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    if hours > 14 or minutes > 59:
        return None
    return (hours * 60 + minutes) * (1 if MARKS.get(printed[0]) == "+" else -1)
