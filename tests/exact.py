"""Whether a web archive gives exactly the quotes that its pages give one by one.

    python -m tests.exact FILE.warc.gz [--jobs N]

Every page of the file is given to ``extract`` by itself, unsifted, and to ``archiver add`` as part of it;
each must show the same posts with the same author, words and date, in the same order. The pages are taken out
of the file by warcio, so that no reader of ours is its own witness.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from archiver import run
from archiver.extraction import extract
from archiver.model import Document

__all__ = ["Compared", "compared"]

Shown = tuple[str | None, ...]
Archived = dict[str, dict[str, list[Shown]]]


@dataclass(frozen=True, slots=True)
class Compared:
    """How many ``pages`` were read, and quotes found one by one; ``wrong``: address, what its page gives,
    what the archive gives."""

    pages: int
    quotes: int
    wrong: tuple[tuple[str, list[Shown], list[Shown]], ...]


@dataclass(frozen=True, slots=True)
class _Alone:
    """What a page gives by itself, and whether it names another address as its own: then all copies of it are
    one capture, else each has one."""

    shown: list[Shown]
    is_canonical: bool


def compared(path: Path, jobs: int = 1) -> Compared:
    """The quotes of each page of a web archive, by both ways."""
    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder) / "q.db"
        options = run.Options(read_at="2026-01-31T12:00:00Z")
        for result in run.add(str(db), run.sources([str(path)]), options, jobs):
            assert result.outcome != "failed", result
        archived = _archived(db)
    pages = quotes = 0
    wrong: list[tuple[str, list[Shown], list[Shown]]] = []
    for url, digest, alone in _one_by_one(path):
        pages, quotes = pages + 1, quotes + len(alone.shown)
        captures = archived.get(digest, {})
        here = list(captures.values()) if alone.is_canonical else [captures.get(url, [])]
        differs = [shown for shown in here or [[]] if shown != alone.shown]
        if differs:
            wrong.append((url, alone.shown, differs[0]))
    return Compared(pages, quotes, tuple(wrong))


def _one_by_one(path: Path) -> Iterator[tuple[str, str, _Alone]]:
    known: dict[str, _Alone] = {}
    with path.open("rb") as file:
        for record in ArchiveIterator(file):
            if record.rec_type != "response":
                continue
            url = record.rec_headers.get_header("WARC-Target-URI")
            body = record.content_stream().read()
            digest = sha256(body).hexdigest()
            if digest not in known:  # no quote depends on where its page stands
                found = extract(Document(body, url=url))
                shown = [_shown(quote.key, quote.sighting) for quote in found.quotes]
                known[digest] = _Alone(shown, found.article.url != url)
            yield url, digest, known[digest]


def _shown(key: str, seen: object) -> Shown:
    names = ("form", "handle", "author_name", "text", "date_written", "url")
    return (key, *(getattr(seen, name) for name in names))


def _archived(db: Path) -> Archived:
    """Digest of a body -> address -> what is shown there."""
    found: Archived = {}
    with closing(sqlite3.connect(db)) as connection:
        for digest, address, *shown in connection.execute(
            "SELECT captures.sha256, captures.address, post_key, form, author_handle, author_name, text,"
            " date_written, url_written FROM sightings JOIN captures ON captures.id = sightings.capture"
            " JOIN quotes ON quotes.id = sightings.quote ORDER BY captures.id, sightings.position"
        ):
            found.setdefault(digest, {}).setdefault(address, []).append(tuple(shown))
    return found


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("file", type=Path)
    given.add_argument("--jobs", type=int, default=1)
    asked = given.parse_args()
    found = compared(asked.file, asked.jobs)
    for url, alone, together in found.wrong:
        print(url)
        for name, mine, other in (("one by one", alone, together), ("the archive", together, alone)):
            for shown in mine:
                if shown not in other:
                    print(f"  only {name}: {shown}")
    print(f"{found.pages} pages, {found.quotes} quotes; {len(found.wrong)} pages differ")
    return bool(found.wrong)


if __name__ == "__main__":
    sys.exit(main())
