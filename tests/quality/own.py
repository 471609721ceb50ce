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
_SIGNED = ("author_handle", "text", "date_written")
_SURVIVES = {
    "twitter": _SIGNED,
    "bluesky": _SIGNED,
    "instagram": _SIGNED,
    "tiktok": ("author_handle", "text"),
    "reddit": ("author_handle", "text"),
    "facebook": ("author_name", "text", "date_written"),
}
"""Platforms that are read from plain text, and what a quote must show to be known there. Threads and
Mastodon show an address at most, which plain text has lost; of Facebook, only a cut marks the words."""
_KNOWN_BY = {"facebook": "author_name"}
_SHOWN = frozenset(("blockquote", "sdk"))
"""Forms whose words and signature a reader sees as they were made; rendered widgets sign otherwise, escaped
ones are not seen."""
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
    """Each HTML case shown as plain text and read again, by platform: quotes of which plain text can still
    show what their platform is known by. Those of other platforms are neither wanted nor looked for."""
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for case in cases():
        if case.article.suffix == ".html":
            found = seen(_as_text(case))["quotes"]
            for platform in _by_platform(case.expected["quotes"], found):
                mine = [quote for quote in found if quote["platform"] == platform]
                wanted = [
                    {**quote, "form": platform}
                    for quote in case.expected["quotes"]
                    if quote.get("platform") == platform and _survives(quote)
                ]
                mine = [{**quote, "form": platform} for quote in mine]
                _count(rows, _paired(wanted, mine, _KNOWN_BY.get(platform, "author_handle")), mine)
    rows["all"] = sum(rows.values(), Counter())
    return {
        group: {name: value for name, value in _figures(row).items() if name not in ("id", "time")}
        for group, row in sorted(rows.items())
        if row["wanted"]
    }


def _by_platform(expected: Sequence[dict[str, Any]], found: Sequence[dict[str, Any]]) -> list[str]:
    """The platforms of a case, those that are read from text."""
    named = {str(quote.get("platform")) for quote in (*expected, *found)}
    return sorted(named & set(_SURVIVES))


def _as_text(case: Case) -> Any:
    """The extraction of the page as a reader sees it, in plain text."""
    extraction = case.read(case.expected)
    document = extraction.document
    page = html.parse(document.body.decode(extraction.charset or "utf-8", "replace"))
    shown = html.flow(page.root).text if page.root is not None else ""
    return extract(Document(shown.encode(), "text", document.source))


def _survives(quote: dict[str, Any]) -> bool:
    """Whether plain text can still show a quote of a form that is made of words."""
    is_marked = quote["platform"] != "facebook" or quote.get("text_state") == "truncated"
    return bool(
        is_marked
        and quote.get("kind") == "embed"
        and quote.get("form") in _SHOWN
        and all(quote.get(key) for key in _SURVIVES[quote["platform"]])
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
