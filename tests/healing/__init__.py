"""What healing does to articles, in figures: how many embeds become static quotes, why others are left, and
whether all that must stay the same does.

``python -m tests.healing`` prints them for the golden cases and for the corpus beside the project.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archiver.extraction import extract
from archiver.heal import Healed, Rules
from archiver.model import Document, Quote
from archiver.platforms import PLATFORMS
from archiver.rewriting import Article, healed
from tests.golden import cases

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = ROOT.parent / "shared" / "corpus" / "html" / "files"


@dataclass
class Figures:
    """``faults`` must be empty: each names an article and what did not stay the same."""

    articles: int = 0
    quotes: int = 0
    worded: int = 0
    healed: int = 0
    scripts: int = 0
    whole: int = 0
    left: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        share = 100 * self.healed / self.worded if self.worded else 100.0
        yield f"{self.articles} articles, {self.quotes} embeds, {self.worded} of them with words"
        yield f"{self.healed} made static: {share:.1f} % of those with words; {self.scripts} scripts removed"
        yield f"{self.whole} articles in which every embed with words is static"
        yield from (f"  left, {reason}: {count}" for reason, count in self.left.most_common())
        yield f"{len(self.faults)} faults"
        yield from self.faults


def golden() -> Iterator[Path]:
    """The articles of the golden cases that are markup."""
    return (case.article for case in cases() if case.article.suffix in (".html", ".md"))


def corpus() -> Iterator[Path]:
    """The pages beside the project, none where they are not there."""
    return iter(sorted(PAGES.glob("*"))) if PAGES.is_dir() else iter(())


def measured(paths: Iterable[Path]) -> Figures:
    """What healing does to articles, and its faults."""
    figures = Figures()
    for path in paths:
        body = path.read_bytes()
        before = extract(Document(body)).quotes
        result = once(path.name, body)
        figures.articles += 1
        figures.quotes += len(before)
        figures.worded += sum(bool(quote.sighting.text) for quote in before)
        figures.healed += len(result.keys)
        figures.scripts += result.scripts
        figures.left.update(one.reason for one in result.left)
        figures.whole += bool(result.keys) and {one.reason for one in result.left} <= {"no-words"}
        figures.faults += [f"{path.name}: {fault}" for fault in faults(path.name, body, result)]
    return figures


def once(name: str, body: bytes) -> Healed:
    """An article healed as the command does it, without an archive."""
    return healed(Article(name, body), Rules(), PLATFORMS, None, None)


def faults(name: str, body: bytes, result: Healed) -> Iterator[str]:
    """What is not as it must be: the quotes, a second healing, the bytes outside of the embeds."""
    for links in (False, True):
        before, after = (extract(Document(one), links=links).quotes for one in (body, result.body))
        if [said(quote) for quote in before] != [said(quote) for quote in after]:
            yield f"reads otherwise{' with links' * links}"
    if once(name, result.body).body != result.body:
        yield "healed twice is not healed once"
    if not stays(body, result):
        yield "bytes outside of the embeds changed"


def said(quote: Quote) -> tuple[Any, ...]:
    """What a quote says, in whatever form."""
    seen = quote.sighting
    who = (seen.platform, seen.author_name, seen.handle)
    when = (seen.date_written, quote.written_on, quote.posted)
    return (*who, seen.text, *when, seen.language, quote.key, quote.native_id, quote.url, quote.flags)


def stays(body: bytes, result: Healed) -> bool:
    """Whether the new body is the old one but for the spans that were replaced."""
    kept: list[bytes] = []
    at = 0
    for start, end in result.spans:
        kept.append(body[at:start])
        at = end
    last = body[at:]
    if not result.spans:
        return result.body == body
    if not result.body.startswith(kept[0]) or not result.body.endswith(last):
        return False
    found = 0
    for piece in kept:
        found = result.body.find(piece, found)
        if found < 0:
            return False
        found += len(piece)
    return found <= len(result.body) - len(last)
