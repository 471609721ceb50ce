"""The file that says what an archive is kept alive by: feeds, sites and checks."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from archiver.errors import ArchiverError
from archiver.manners import Manners
from archiver.schedule import Schedule, span

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["Feed", "Plan", "read"]

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Feed:
    """A source to be read again and again: ``since`` a day, or a span before the run; ``match``: of a feed
    or sitemap, the addresses in which it is found."""

    source: str
    every: timedelta = timedelta(hours=1)
    since: str | timedelta | None = None
    match: re.Pattern[str] | None = None
    links: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """All that one run does. Paths are from the folder of the file. ``minutes``: after so long nothing new
    is begun; ``checks`` and ``rescues``: at most so many posts a run, 0 for none."""

    path: str
    archive: str
    feeds: tuple[Feed, ...] = ()
    manners: Manners = field(default_factory=Manners)
    minutes: float = 50.0
    schedule: Schedule = field(default_factory=Schedule)
    checks: int = 500
    rescues: int = 50
    rescue_every: timedelta = timedelta(days=7)
    media: str | None = None
    save: bool = False
    instead: tuple[tuple[str, str], ...] = ()


def read(path: str) -> Plan:
    """The plan in a TOML file. ArchiverError where it cannot be read, or says what nobody understands."""
    try:
        told = tomllib.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        raise ArchiverError(f"{path}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ArchiverError(f"{path}: not TOML: {error}") from None
    return _Reader(path).plan(told)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


class _Reader:
    """Turns values into a plan; every complaint names the file and the key."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._folder = Path(path).absolute().parent

    def plan(self, told: Mapping[str, Any]) -> Plan:
        self._only(told, "", ("archive", "minutes", "source", "web", "check", "rescue", "instead"))
        if not isinstance(told.get("archive"), str):
            raise ArchiverError(f'{self._path}: name the archive: archive = "quotes.db"')
        web, check, rescue = (self._table(told, name) for name in ("web", "check", "rescue"))
        self._only(web, "web.", ("contact", "delay", "robots", "wayback", "timegate", "warc"))
        self._only(check, "check.", ("limit", "young", "later", "gone", "unknown"))
        self._only(rescue, "rescue.", ("limit", "every", "media", "save"))
        sources = told.get("source", [])
        if not isinstance(sources, list):
            raise ArchiverError(f"{self._path}: write each source as [[source]]")
        media = self._value(rescue, "media", str, None)
        return Plan(
            path=self._path,
            archive=str(self._folder / told["archive"]),
            feeds=tuple(map(self._feed, sources)),
            manners=self._manners(web),
            minutes=float(self._value(told, "minutes", (int, float), 50)),
            schedule=self._schedule(check),
            checks=self._value(check, "limit", int, 500),
            rescues=self._value(rescue, "limit", int, 50 if "rescue" in told else 0),
            rescue_every=self._span(rescue, "every", "7d"),
            media=str(self._folder / media) if media else None,
            save=self._value(rescue, "save", bool, False),
            instead=tuple(self._table(told, "instead").items()),
        )

    def _feed(self, told: Any) -> Feed:
        if not isinstance(told, dict) or not isinstance(told.get("url"), str):
            raise ArchiverError(f'{self._path}: each source names its place: url = "https://…"')
        self._only(told, "source.", ("url", "every", "since", "match", "links"))
        url = told["url"]
        is_web = url.startswith(("http://", "https://"))
        since = self._value(told, "since", str, None)
        match = self._value(told, "match", str, None)
        try:
            pattern = _pattern(match) if match else None
        except re.error as error:
            raise ArchiverError(f"{self._path}: match of {url} is no regular expression: {error}") from None
        return Feed(
            source=url if is_web else str(self._folder / url),
            every=self._span(told, "every", "1h"),
            since=since if since is None or _DAY.fullmatch(since) else self._span(told, "since", ""),
            match=pattern,
            links=self._value(told, "links", bool, False),
        )

    def _manners(self, web: Mapping[str, Any]) -> Manners:
        warc = self._value(web, "warc", str, None)
        gate = self._value(web, "timegate", str, "https://web.archive.org/web/")
        return Manners(
            contact=self._value(web, "contact", str, None),
            delay=float(self._value(web, "delay", (int, float), 1.0)),
            robots=self._value(web, "robots", bool, True),
            timegate=gate if self._value(web, "wayback", bool, False) else None,
            warc=str(self._folder / warc) if warc else None,
        )

    def _schedule(self, check: Mapping[str, Any]) -> Schedule:
        usual = Schedule()
        young = self._table(check, "young")
        steps = [(self._as_span(age, "check.young"), self._span(young, age, "")) for age in young]
        return Schedule(
            steps=tuple(sorted(steps)) if young else usual.steps,
            later=self._span(check, "later", "60d"),
            gone=self._span(check, "gone", "90d"),
            unknown=self._span(check, "unknown", "2d"),
        )

    def _span(self, told: Mapping[str, Any], name: str, usual: str) -> timedelta:
        return self._as_span(str(told.get(name, usual)), name)

    def _as_span(self, text: str, name: str) -> timedelta:
        return self._told(lambda: span(text), name)

    def _told(self, make: Callable[[], timedelta], name: str) -> timedelta:
        try:
            return make()
        except ArchiverError as error:
            raise ArchiverError(f"{self._path}: {name}: {error}") from None

    def _table(self, told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        found = told.get(name, {})
        if not isinstance(found, dict):
            raise ArchiverError(f"{self._path}: {name} is a table: [{name}]")
        return found

    def _value(self, told: Mapping[str, Any], name: str, kind: Any, usual: Any) -> Any:
        found = told.get(name, usual)
        is_number = kind is not bool and isinstance(found, bool)
        if found is not usual and (not isinstance(found, kind) or is_number):
            raise ArchiverError(f"{self._path}: {name} = {found!r}: not the kind of value that is wanted")
        return found

    def _only(self, told: Mapping[str, Any], where: str, names: tuple[str, ...]) -> None:
        for name in told:
            if name not in names:
                known = ", ".join(names)
                raise ArchiverError(f"{self._path}: nobody knows {where}{name}; there are {known}")
