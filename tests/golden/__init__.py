"""Golden cases: small articles written by us in the shape of real ones, and what archiver must see in them.

A case is a folder ``<platform>/<case>/`` with ``article.html``, ``.md`` or ``.txt``, ``about.txt`` (one
line: what shape it has, why it is here) and ``expected.json``::

    {"links": true, "url": "https://…",        # how the article is read; both may be absent
     "quotes": [{"post_id": "…", …}, …],       # in document order; only the keys named are compared
     "notes": ["code", …]}

No case holds a real person's post; ids are made so that their time falls on the printed UTC day.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.extraction import extract
from archiver.model import Document, Extraction
from archiver.rows import record

HERE = Path(__file__).resolve().parent
KEYS = (
    *("kind", "form", "platform", "key", "post_id", "author_handle", "author_name", "text", "text_state"),
    *("language", "date_written", "written_on", "posted_at", "time_basis", "flags"),
)
"""What a new case names of each quote; more may be added by hand, or taken away."""


@dataclass(frozen=True)
class Case:
    """One folder."""

    folder: Path

    @property
    def name(self) -> str:
        return "/".join(self.folder.parts[-2:])

    @property
    def article(self) -> Path:
        """The one file that is called ``article``."""
        (found,) = self.folder.glob("article.*")
        return found

    @property
    def about(self) -> str:
        return (self.folder / "about.txt").read_text("utf-8")

    @property
    def expected(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "expected.json").read_text("utf-8"))
        return found

    def read(self, expected: dict[str, Any]) -> Extraction:
        """The answer of archiver, asked as ``expected`` says."""
        path = self.article
        kind = "text" if path.suffix == ".txt" else "html"
        document = Document(path.read_bytes(), kind, source=path.name, url=expected.get("url"))
        return extract(document, links=expected.get("links", False))


def cases(root: Path = HERE) -> Iterator[Case]:
    """Every case below a folder, in order of name."""
    yield from (Case(path.parent) for path in sorted(root.glob("*/*/about.txt")))


def seen(extraction: Extraction) -> dict[str, Any]:
    """What was found, as ``expected.json`` says it, with every key of a record."""
    return {
        "quotes": [record(extraction, quote) for quote in extraction.quotes],
        "notes": [note.code for note in extraction.notes],
    }


def narrowed(found: dict[str, Any], expected: dict[str, Any], keys: tuple[str, ...] = KEYS) -> dict[str, Any]:
    """What was found, with the keys that the expectation names for the same quote (``keys`` where there
    is none), and with its way of reading."""
    named = [tuple(quote) for quote in expected.get("quotes", ())]
    quotes = [
        {key: quote[key] for key in (named[at] if at < len(named) else keys)}
        for at, quote in enumerate(found["quotes"])
    ]
    return {**expected, "quotes": quotes, "notes": found["notes"]}


def written(expected: dict[str, Any]) -> str:
    """An expectation as it stands in its file."""
    return json.dumps(expected, ensure_ascii=False, indent=2) + "\n"
