"""The figures of the project's own golden cases, by form; and of the same articles as plain text."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from archiver import html
from archiver.extraction import extract
from archiver.model import Document
from tests.golden import HERE, Case, cases, seen
from tests.quality import Figures, digest, percent

FIELDS = {
    "id": "post_id",
    "handle": "author_handle",
    "name": "author_name",
    "text": "text",
    "date": "written_on",
    "time": "posted_at",
}
Pair = tuple[dict[str, Any], dict[str, Any] | None]


def own_digest() -> str:
    """The digest of the cases: their articles and what is expected of them."""
    return digest((path for path in HERE.glob("*/*/*") if path.name != "about.txt"), HERE)


def golden() -> Figures:
    """Each case as it is. Figures per form: recall, precision, and each field where it is expected."""
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for case in cases():
        expected = case.expected
        found = seen(case.read(expected))["quotes"]
        pairs = _paired(expected["quotes"], found, "key")
        _count(rows, pairs, found)
    return {form: _figures(row) for form, row in sorted(rows.items())}


def flattened() -> Figures:
    """Each HTML case shown as plain text and read again: signed posts with words are still there."""
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for case in cases():
        if case.article.suffix == ".html":
            wanted = [quote for quote in case.expected["quotes"] if _survives(quote)]
            found = seen(_as_text(case))["quotes"]
            _count(rows, _paired(wanted, found, "author_handle"), found)
    total = _figures(sum(rows.values(), Counter()))
    return {"all": {name: value for name, value in total.items() if name not in ("id", "time")}}


def _as_text(case: Case) -> Any:
    """The extraction of the page as a reader sees it, in plain text."""
    extraction = case.read(case.expected)
    document = extraction.document
    page = html.parse(document.body.decode(extraction.charset or "utf-8", "replace"))
    shown = html.flow(page.root).text if page.root is not None else ""
    return extract(Document(shown.encode(), "text", document.source))


def _survives(quote: dict[str, Any]) -> bool:
    """Whether plain text can still show a quote: its author's handle, a date and words."""
    return bool(
        quote.get("kind") == "embed"
        and all(quote.get(key) for key in ("author_handle", "text", "date_written"))
    )


def _paired(wanted: Sequence[dict[str, Any]], found: Iterable[dict[str, Any]], by: str) -> list[Pair]:
    """Each quote that is wanted with the first one found that has the same key; None where there is none."""
    left = list(found)
    pairs: list[Pair] = []
    for quote in wanted:
        match = next((one for one in left if one[by] == quote[by]), None)
        if match is not None:
            left.remove(match)
        pairs.append((quote, match))
    return pairs


def _count(rows: dict[str, Counter[str]], pairs: list[Pair], found: Sequence[dict[str, Any]]) -> None:
    for quote, match in pairs:
        row = rows[quote["form"]]
        row["wanted"] += 1
        row["matched"] += match is not None
        for name, key in FIELDS.items():
            if match is not None and quote.get(key):
                row[f"{name} wanted"] += 1
                row[f"{name} right"] += match[key] == quote[key]
    for one in found:
        rows[one["form"]]["found"] += 1
    for _, match in pairs:
        if match is not None:
            rows[match["form"]]["true"] += 1


def _figures(row: Counter[str]) -> dict[str, float]:
    measured = {
        "recall": percent(row["matched"], row["wanted"]),
        "precision": percent(row["true"], row["found"]),
    }
    fields = {name: percent(row[f"{name} right"], row[f"{name} wanted"]) for name in FIELDS}
    return measured | {name: value for name, value in fields.items() if row[f"{name} wanted"]}
