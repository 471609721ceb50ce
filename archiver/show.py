"""Quotes and figures as a person reads them in a terminal: plain functions from values to text.

Whatever an article says is made harmless first: control and bidi characters are written out.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import click

from archiver.text import squeeze, visible
from archiver.verdicts import GONE

__all__ = [
    "NARROWEST",
    "WIDEST",
    "card",
    "columns_of",
    "day",
    "dossier",
    "json_text",
    "known",
    "one_line",
    "pairs",
    "place",
    "report",
    "wrap",
]

WIDEST = 88
NARROWEST = 24
"""Columns of a terminal, at most and at least."""
# What JSON may carry as an escape and a terminal must not see raw; half characters have no meaning.
_HALF = re.compile("[\ud800-\udfff]")
_RAW = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff]")


def json_text(value: Any, indent: int | None = None) -> str:
    """The value as JSON, safe to print: characters as themselves, but control and bidi characters as
    escapes, and half characters (lone surrogates) as U+FFFD."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _RAW.sub(lambda m: f"\\u{ord(m[0]):04x}", _HALF.sub("\ufffd", text))


def one_line(text: str | None, longest: int = 200) -> str:
    """A text on one line, harmless, cut where it is long."""
    line = visible(squeeze(text or ""))
    return line if len(line) <= longest else line[: longest - 1] + "…"


def card(post: Mapping[str, Any], width: int = 80, quoted_in: Iterable[str] = ()) -> str:
    """A post for reading: who and when, the words, where they are quoted, the key to ask for more.

    ``post`` has the keys of a record of ``extract``, or of a row of posts (``id`` for ``key``).
    """
    width = max(NARROWEST, min(width, WIDEST))
    lines = [_heading(post)]
    lines += [f"  {line}" if line else "" for line in wrap(_words(post), width - 2)]
    faint = [f"quoted in {one_line(place)}" for place in quoted_in]
    if post.get("flags"):
        faint.append(f"doubts: {', '.join(map(one_line, post['flags']))}")
    if post.get("filled_from"):
        faint.append(f"what no article prints is from {one_line(post['filled_from'], 400)}")
    faint += [one_line(post[name]) for name in ("url", "key", "id") if post.get(name)]
    lines += [click.style(f"  {line}", dim=True) for line in faint]
    return "\n".join(lines)


def place(article: Mapping[str, Any]) -> str:
    """Where a post is quoted: title, site, address; the source where the article names none."""
    named = [article.get("title"), article.get("url") or article.get("source")]
    return one_line(" — ".join(part for part in named if part), 300)


def dossier(post: Mapping[str, Any], width: int = 80) -> str:
    """A post with all that quotes it: each place with its own words where they differ, the words
    around, the doubts."""
    parts = [card(post, width)]
    parts += [_quoted(quote, post, max(NARROWEST, min(width, WIDEST))) for quote in post["quotes"]]
    for copy in post.get("copies", ()):
        what = "copy of an article" if copy.get("kind") == "article" else "copy"
        words = ", without its words" if copy.get("shows") == 0 else ""
        parts.append(f"{what}: {one_line(copy['url'])} ({one_line(copy['archived_at'])}{words})")
    if checks := post.get("checks"):
        last = checks[-1]
        why = f": {one_line(last['because'], 200)}" if last["because"] else ""
        parts.append(f"{last['state']} when asked on {last['checked_at']}{why}")
    return "\n\n".join(parts)


def _quoted(quote: Mapping[str, Any], post: Mapping[str, Any], width: int) -> str:
    what = "cited" if quote["kind"] == "citation" else "quoted"
    where = place({**quote, "url": quote["article_url"]})
    lines = [click.style(f"{what} in {where}", bold=True)]
    differs = [
        f"{label}: {one_line(quote[name], 400)}"
        for label, name, settled in (
            ("text as printed there", "text", "text"),
            ("name as printed there", "author_name", "author_name"),
            ("handle as printed there", "author_handle", "author_handle"),
        )
        if quote[name] and quote[name] != post[settled]
    ]
    if quote["date_written"]:
        differs.append(f"date as printed: {one_line(quote['date_written'], 80)}")
    if quote["flags"]:
        differs.append(f"doubts: {', '.join(map(one_line, quote['flags']))}")
    differs += [
        f"in the article's own words ({said['kind']}): {one_line(said['sentence'], 400)}"
        for said in quote["quotations"]
    ]
    before, after = one_line(quote["context_before"], 300), one_line(quote["context_after"], 300)
    if before or after:
        differs.append(f"around it: {before} […] {after}".strip())
    differs += _evidence(quote["evidence"])
    lines += [f"  {line}" for text in differs for line in wrap(text, width - 2)]
    return "\n".join(lines)


def _evidence(found: Mapping[str, Any]) -> Iterator[str]:
    """Where the fields of a quote are from, those of one origin together."""
    by_origin: dict[str, list[str]] = {}
    for name, origin in found["fields"].items():
        more = [f"from {origin['from']}"] if "from" in origin else []
        more += (
            ["elsewhere on the page"]
            if origin.get("elsewhere")
            else [origin["at"]]
            if origin.get("at")
            else []
        )
        by_origin.setdefault(" ".join([origin["basis"], *more]), []).append(name)
    if by_origin:
        told = "; ".join(f"{', '.join(names)}: {one_line(how, 80)}" for how, names in by_origin.items())
        yield f"evidence: {told}"
    page = found["page"]
    if "container" in page:
        yield f"kept in {one_line(page['container'])} at {page['record_offset']}"
    elif "sha256" in page:
        yield f"page: sha256 {page['sha256']}, {one_line(found['place']) or 'plain text'}"


def report(figures: Mapping[str, Any]) -> str:
    """Figures of an archive for reading."""
    period = figures["period"]
    rows = [
        ("posts", figures["posts"], f"{day_range(period)}" if period["first"] else ""),
        ("quotes", figures["quotes"], f"and {figures['citations']:,} citations in prose"),
        ("quoted in prose", figures["quotations"], "beside the embed"),
        ("articles", figures["articles"], f"of {figures['sites']:,} sites"),
        ("authors", figures["authors"], ""),
        ("captures", figures["captures"], pairs(figures["outcomes"])),
        ("flagged", figures["flagged"], pairs(figures["flags"])),
        ("not understood", figures["notes"], "see the table notes" if figures["notes"] else ""),
        ("without text", figures["without_text"], ""),
        ("gone", figures["lost"], pairs(figures["states"])),
    ]
    lines = [f"{name:>15} {count:>9,}  {click.style(more, dim=True)}".rstrip() for name, count, more in rows]
    for label, name in _TOPS:
        if figures[name]:
            lines.append(f"{label:>15}  {pairs(figures[name])}")
    return "\n".join(lines)


_TOPS = (
    ("platforms", "platforms"),
    ("forms", "forms"),
    ("most quoted", "most_quoted"),
    ("quoting sites", "quoting_sites"),
)


def changed(found: Any, applied: bool) -> str:
    """What a reading again changes: quotes that come and go."""
    lines = []
    for mark, quotes in (("+", found.added), ("-", found.removed)):
        for _, post, handle, date, text in quotes:
            lines.append(one_line(f"{mark} {post} @{handle or '?'} {date or ''}: {text or '(no text)'}", 160))
    what = "now in the archive" if applied else "nothing was changed; put them in place with --apply"
    lines.append(f"{found.kept:,} quotes as before, {len(found.added):,} new, {len(found.removed):,} gone")
    return "\n".join([*lines, what] if found.added or found.removed else lines)


def known(platforms: Iterable[Mapping[str, Any]]) -> str:
    """The platforms, a line each."""
    lines = []
    for platform in platforms:
        clock = " (the id tells the time)" if platform["clock"] else ""
        lines.append(f"{platform['name']:<12} {platform['title']}: {platform['forms']}{clock}")
    return "\n".join(lines)


def day_range(period: Mapping[str, Any]) -> str:
    """The first and the last day of a period.

    >>> day_range({"first": "2012-07-14", "last": "2023-02-11"})
    '14 July 2012 to 11 February 2023'
    """
    return f"{day({'posted_on': period['first']})} to {day({'posted_on': period['last']})}"


def pairs(counts: Mapping[str, int]) -> str:
    """Names with their counts, on one line."""
    return ", ".join(f"{one_line(name, 60)} {count:,}" for name, count in counts.items())


def _heading(post: Mapping[str, Any]) -> str:
    name, handle = one_line(post.get("author_name"), 80), one_line(post.get("author_handle"), 80)
    parts = [click.style(name or (f"@{handle}" if handle else "unknown author"), bold=True)]
    if name and handle:
        parts.append(click.style(f"@{handle}", fg="cyan"))
    parts.append(click.style(f"· {one_line(post.get('platform'))} · {day(post)}", dim=True))
    if post.get("state") in GONE:
        parts.append(click.style(f"· {post['state']}", fg="red"))
    return " ".join(parts)


def _words(post: Mapping[str, Any]) -> str:
    text = post.get("text")
    if post.get("text_state") == "redacted":
        return "(the words of this post were taken out of the archive)"
    if not text:
        return "(the article carries no text of this post)"
    return visible(text) + (" (cut short)" if post.get("text_state") == "truncated" else "")


def day(post: Mapping[str, Any]) -> str:
    """When a post was made, as exactly as it is known.

    >>> day({"posted_at": "2022-01-20T13:23:05Z"}), day({"written_on": "2022-01-20"}), day({})
    ('20 January 2022, 13:23 UTC', '20 January 2022', 'date unknown')
    """
    exact = _moment(post.get("posted_at"))
    if exact:
        return f"{exact.day} {exact:%B %Y, %H:%M} UTC"
    first, last = _moment(post.get("posted_earliest")), _moment(post.get("posted_latest"))
    written = _moment(post.get("written_on") or post.get("posted_on"))
    if written or (first and last and first.date() == last.date()):
        known = written or first
        return f"{known.day} {known:%B %Y}" if known else ""
    if first and last:
        return f"between {first.day} {first:%B %Y} and {last.day} {last:%B %Y}"
    return one_line(post.get("date_written"), 60) or "date unknown"


def _moment(stamp: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(stamp.replace("Z", "+00:00")) if stamp else None
    except ValueError:
        return None


def wrap(text: str, width: int) -> list[str]:
    """The lines of a text, none wider than ``width`` columns; wide characters count two, marks none.
    Its own line breaks stay; what has no blanks (Chinese, Japanese, Thai, addresses) breaks anywhere."""
    return [line for paragraph in text.split("\n") for line in _wrapped(paragraph, width)]


def _wrapped(paragraph: str, width: int) -> Iterator[str]:
    line, used = "", 0
    for word in paragraph.split():
        size = columns_of(word)
        if line and used + 1 + size <= width:
            line, used = f"{line} {word}", used + 1 + size
            continue
        if line and (size <= width or used + 2 >= width):
            yield line
            line, used = "", 0
        elif line:
            line, used = f"{line} ", used + 1
        for character in word:
            step = columns_of(character)
            if used + step > width:
                yield line.rstrip()
                line, used = "", 0
            line, used = line + character, used + step
    yield line.rstrip()


def columns_of(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
