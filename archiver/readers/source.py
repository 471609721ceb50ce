"""What the user names: sources, and why one of them could not be read."""

from __future__ import annotations

import codecs
import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from archiver.errors import ArchiverError

__all__ = [
    "Container",
    "Failure",
    "Source",
    "Tally",
    "Trouble",
    "Visit",
    "expand",
    "named_in",
    "other_scheme",
]

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_LINE_BREAK = re.compile(r"\r\n|[\r\n]")
# How Python spells the bytes of a name that are no UTF-8.
_BYTE = re.compile("[\udc80-\udcff]")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{1,30}):(?://|[^\\/])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Visit:
    """What the last visit to an address was told, and the ``capture`` that it gave, with so many
    ``quotes``; ``url`` is the address that answered."""

    capture: str
    url: str
    etag: str | None = None
    last_modified: str | None = None
    quotes: int = 0


@dataclass(frozen=True, slots=True)
class Source:
    """One thing to read. ``name`` as the user gave it (in a folder: its path); ``kind`` and ``url``
    where the user said them; ``found``: met in a folder, not named; ``body``: what stood on standard
    input, which only one process can read (``piped``: its beginning, the rest is still to come);
    ``visit``: the last one, of an address.

    ``span``: the part of a web archive that is meant, from one offset up to another (None: to its end):
    the records that begin there; ``exact``: one begins where the span does. ``stamp``: by what it is known
    that a file was read before. ``depth``: how many feeds and sitemaps led to an address; ``near``: when the
    article was published or changed, as they say (HTTP date)."""

    name: str
    kind: str | None = None
    url: str | None = None
    found: bool = False
    body: bytes | None = None
    visit: Visit | None = None
    piped: bool = False
    span: tuple[int, int | None] | None = None
    exact: bool = False
    stamp: str | None = None
    depth: int = 0
    near: str | None = None

    @property
    def is_address(self) -> bool:
        """Whether the name is a web address."""
        return bool(_ADDRESS.match(self.name))

    @property
    def host(self) -> str:
        """The host of an address, "" of anything else."""
        try:
            return (urlsplit(self.name).hostname or "") if self.is_address else ""
        except ValueError:
            return ""


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that gave no document. ``outcome`` is ``failed``, or ``empty`` where it was read and
    holds nothing; ``reason`` one line that names the cure where there is one; ``minor``: a picture, a
    font … met in a folder, which is no loss; ``container``, ``record_offset`` and ``warc_record_id``:
    where the answer is recorded; ``capture`` and ``quotes``: of the earlier visit since which
    the page has not changed; ``records`` and ``more``: how many articles a feed or sitemap names, and
    those of them that are still to be read."""

    source: str
    reason: str
    outcome: str = "failed"
    url: str | None = None
    origin: str | None = None
    captured_at: str | None = None
    media_type: str | None = None
    http_status: int | None = None
    minor: bool = False
    container: str | None = None
    record_offset: int | None = None
    warc_record_id: str | None = None
    capture: str | None = None
    quotes: int = 0
    records: int | None = None
    more: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """What could not be read in a container: where, and why."""

    place: str
    why: str


@dataclass(frozen=True, slots=True)
class Container:
    """What became of a file that holds many articles (of a part of it), said after the last of them.

    ``records``: all that it holds; ``articles``: those that are articles; ``passed``: articles in which
    nothing speaks for a post, which were counted only; ``left_out``: how many are no articles, by reason;
    ``troubles``: what was damaged; ``first`` and ``end``: the offsets of the first record and behind the
    last one; ``broken_off``: why the rest could not be had from the disk, and may be another time."""

    source: str
    records: int = 0
    articles: int = 0
    passed: int = 0
    left_out: tuple[tuple[str, int], ...] = ()
    troubles: tuple[Trouble, ...] = ()
    first: int | None = None
    end: int = 0
    broken_off: str | None = None


class Tally:
    """Counts what a reader meets in a container. ``sieve`` says whether bytes can hold a post."""

    def __init__(self, source: str, sieve: Callable[[bytes], bool] | None = None) -> None:
        self.source = source
        self.records = 0
        self._sieve = sieve
        self._articles = self._passed = 0
        self._left_out: Counter[str] = Counter()
        self._troubles: list[Trouble] = []

    def leave(self, reason: str) -> None:
        """A record that is no article."""
        self._left_out[reason] += 1

    def trouble(self, place: str, why: str) -> None:
        """A record that could not be read, or not whole."""
        self._troubles.append(Trouble(place, why))

    def is_worth(self, body: bytes) -> bool:
        """Counts an article; whether it is worth reading."""
        self._articles += 1
        worth = self._sieve is None or self._sieve(body)
        self._passed += not worth
        return worth

    def refuse(self, reason: str) -> None:
        """An article that turned out to be none."""
        self._articles -= 1
        self.leave(reason)

    def sum(self, first: int | None = None, end: int = 0) -> Container:
        """What was met."""
        return Container(
            self.source,
            self.records,
            self._articles,
            self._passed,
            tuple(sorted(self._left_out.items())),
            tuple(self._troubles),
            first,
            end,
        )


def named_in(list_file: str, read: Callable[[], bytes]) -> Iterator[str]:
    """The sources that a list names, one a line; blank lines and lines that begin with # are none.
    ``read`` gives standard input, for a list called ``-``. ArchiverError where it cannot be read."""
    try:
        body = read() if list_file == "-" else Path(list_file).read_bytes()
    except OSError as error:
        raise ArchiverError(f"cannot read the list {list_file}: {error.strerror or error}") from None
    for line in _LINE_BREAK.split(_list_text(body)):
        name = line.strip()
        if name and not name.startswith("#"):
            yield name


def _list_text(body: bytes) -> str:
    """A list as text: UTF-16 where its mark says so (Windows saves "Unicode" like that), else UTF-8, in which
    the bytes of file names that are none stay what they are."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body.decode("utf-16", "replace")
    return body.decode("utf-8-sig", "surrogateescape")


def expand(
    names: Iterable[str],
    *,
    kind: str | None = None,
    url: str | None = None,
    skip: Iterable[str] = (),
) -> Iterator[Source | Failure]:
    """Every source that is to be read, folders as the files in them, in order; what is named twice
    comes once. ``skip``: paths that are left out of folders (the database itself)."""
    left_out = {os.path.realpath(path) for path in skip}
    seen: set[str] = set()
    for name in map(_as_asked, names):
        for item in _expanded(name, left_out):
            path = item if isinstance(item, str) else item.source
            if path in seen:
                continue
            seen.add(path)
            yield Source(path, kind, url, found=path is not name) if isinstance(item, str) else item


def _as_asked(name: str) -> str:
    """The name of a source; of an address the bytes that are no UTF-8 as a browser asks for them."""
    if not _ADDRESS.match(name):
        return name
    return _BYTE.sub(lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", name)


def _expanded(name: str, left_out: set[str]) -> Iterator[str | Failure]:
    if name == "-" or _ADDRESS.match(name) or not _is_folder(name):
        yield name
        return
    empty = True
    for item in _walk(name, left_out):
        empty = False
        yield item
    if empty:
        yield Failure(name, "the folder holds no files", "empty", origin=name)


def _is_folder(name: str) -> bool:
    try:
        return stat.S_ISDIR(os.stat(name).st_mode)
    except (OSError, ValueError):
        return False


def _walk(folder: str, left_out: set[str]) -> Iterator[str | Failure]:
    """The files below a folder, in order of name. Each folder is entered once, whatever links lead to
    it; hidden files, pipes and devices are not read."""
    entered: set[tuple[int, int]] = set()
    stack: list[str | Failure] = [folder]
    while stack:
        item = stack.pop()
        if isinstance(item, Failure) or not _is_folder(item):
            yield item
            continue
        known = os.stat(item)
        if (known.st_dev, known.st_ino) not in entered:
            entered.add((known.st_dev, known.st_ino))
            stack.extend(reversed(_listed(item, left_out)))


def _listed(folder: str, left_out: set[str]) -> list[str | Failure]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        why = f"cannot read the folder: {error.strerror or error}: give yourself the right to (chmod +rx)"
        return [Failure(folder, why, origin=folder)]
    found: list[str | Failure] = []
    for entry in entries:
        if entry.name.startswith("."):
            continue
        try:
            mode = entry.stat().st_mode
        except OSError as error:
            why = f"cannot read the file: {error.strerror or error}"
            if entry.is_symlink():
                why = "a link that leads to no file: point it to one, or delete it"
            found.append(Failure(entry.path, why))
            continue
        if stat.S_ISDIR(mode) or (stat.S_ISREG(mode) and os.path.realpath(entry.path) not in left_out):
            found.append(entry.path)
    return found


def other_scheme(name: str) -> str | None:
    """The scheme of an address that archiver does not read, None for a path."""
    found = _SCHEME.match(name)
    return found[1].lower() if found and not _ADDRESS.match(name) else None
