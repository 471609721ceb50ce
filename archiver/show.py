"""Quotes and figures as a person reads them in a terminal: plain functions from values to text.

Whatever an article says is made harmless first: control and bidi characters are written out.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import click

from archiver.text import squeeze, visible

__all__ = [
    "card",
    "changed",
    "columns_of",
    "day",
    "dossier",
    "endangered",
    "json_text",
    "kept_alive",
    "known",
    "lasting",
    "one_line",
    "place",
    "report",
    "troubles",
    "wrap",
]

_WIDEST = 88
_NARROWEST = 24
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
    width = max(_NARROWEST, min(width, _WIDEST))
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
    parts += [_quoted(quote, post, max(_NARROWEST, min(width, _WIDEST))) for quote in post["quotes"]]
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
        ("captures", figures["captures"], _pairs(figures["outcomes"])),
        ("flagged", figures["flagged"], _pairs(figures["flags"])),
        ("not understood", figures["notes"], "see the table notes" if figures["notes"] else ""),
        ("without text", figures["without_text"], ""),
        ("gone", figures["lost"], _pairs(figures["states"])),
    ]
    lines = [f"{name:>15} {count:>9,}  {click.style(more, dim=True)}".rstrip() for name, count, more in rows]
    for label, name in _TOPS:
        if figures[name]:
            lines.append(f"{label:>15}  {_pairs(figures[name])}")
    return "\n".join(lines)


def lasting(curves: Iterable[Mapping[str, Any]]) -> str:
    """Curves of survival for reading: what is left at each milestone, with its interval."""
    lines = []
    for found in curves:
        name = one_line(found["group"]) or ("all" if found["by"] == "all" else "not known")
        half = found["median_days"]
        more = f", half of them after {half:,.0f} days" if half is not None else ""
        lines.append(f"{name}: {found['posts']:,} posts, {found['gone']:,} gone{more}")
        for row in found["at"]:
            dated = f"{row['earliest']:.1%} to {row['latest']:.1%} by dating"
            line = f"{row['day']:>7,} days {row['survival']:>7.1%}  ({row['low']:.1%} to {row['high']:.1%})"
            lines.append(f"{line}  {click.style(dated, dim=True)}")
    return "\n".join(lines) or "Nobody has asked yet which posts are still online."


def endangered(rows: Iterable[Mapping[str, Any]], width: int = 80) -> str:
    """The posts to save first, for reading, each with its reasons."""
    lines = []
    for row in rows:
        who = f"@{row['author_handle']}" if row["author_handle"] else row["author_name"] or row["platform"]
        head = f"{row['score']:>7.3f}  {one_line(row['post'])}  {one_line(who)}"
        said = one_line(row["text"], max(20, width - 12)) if row["text"] else ""
        lines += [head, *([f"         {said}"] if said else []), f"         {'; '.join(row['reasons'])}"]
    return "\n".join(lines)


_TOPS = (
    ("platforms", "platforms"),
    ("forms", "forms"),
    ("most quoted", "most_quoted"),
    ("quoting sites", "quoting_sites"),
)


def troubles(found: Mapping[str, Any], width: int = 80) -> str:
    """The report of an audit for reading: each kind of trouble, what it means, its first cases."""
    width = max(_NARROWEST, min(width, _WIDEST))
    parts = [_trouble(flag, _flagged, width) for flag in found["flags"]]
    gone = found["disappeared"]
    if gone["count"]:
        about = {
            "code": "disappeared",
            "count": gone["count"],
            "meaning": _DISAPPEARED,
            "cases": gone["cases"],
        }
        parts.append(_trouble(about, _vanished, width))
    if found["changes"]["count"]:
        about = {**found["changes"], "code": "changed", "meaning": _CHANGED}
        parts.append(_trouble(about, _change, width))
    if found["proposals"]:
        pairs = found["proposals"]
        about = {"code": "may be one", "count": len(pairs), "meaning": _PROPOSED, "cases": pairs}
        parts.append(_trouble(about, _pair, width))
    parts += [_trouble(note, _noted, width) for note in found["notes"]]
    if found["failed"]:
        about = {"code": "not read", "count": sum(row["count"] for row in found["failed"])}
        parts.append(_trouble({**about, "meaning": _FAILED, "cases": found["failed"]}, _unread, width))
    parts = parts or ["Nothing disagrees, and nothing was lost."]
    return "\n\n".join([*parts, *_shares(found)])


_DISAPPEARED = "Quotes that the latest capture of their article no longer shows."
_CHANGED = "Quotes that were added, removed or altered from one version of their article to the next."
_PROPOSED = "Posts of one author and day with nearly the same words: look, they may be one."
_FAILED = "Sources that could not be read, or held nothing to read."


def _trouble(kind: Mapping[str, Any], line: Callable[[Mapping[str, Any]], str], width: int) -> str:
    lines = [click.style(f"{kind['code']}: {kind['count']:,}", bold=True), *wrap(kind["meaning"], width)]
    for case in kind["cases"]:
        lines += [f"  {part}" for part in wrap(line(case), width - 2)]
    if len(kind["cases"]) < kind["count"] and "reason" not in next(iter(kind["cases"]), {}):
        lines.append(f"  and {kind['count'] - len(kind['cases']):,} more")
    return "\n".join(lines)


def _flagged(case: Mapping[str, Any]) -> str:
    return (
        f"{one_line(case['post'])}: {one_line(case['detail'] or case['date_written'], 300)} ({_where(case)})"
    )


def _vanished(case: Mapping[str, Any]) -> str:
    return (
        f"{one_line(case['post'])}: @{one_line(case['author_handle'])} (last shown {case['last_shown_at']})"
    )


def _change(case: Mapping[str, Any]) -> str:
    return (
        f"{case['change']} {one_line(case['post'])} in the version of {case['captured_at']} ({_where(case)})"
    )


def _shares(found: Mapping[str, Any]) -> Iterator[str]:
    """What share of each site and form was found, and what of it is doubtful or lost."""
    for name, label in (("site", "sites"), ("form", "forms")):
        rows = found[label]
        if not rows:
            continue
        columns = [column for column in _SHARED if column in rows[0]]
        lines = [click.style(f"{label}: {', '.join(columns)}", bold=True)]
        for row in rows[:_MOST_SHARES]:
            what = one_line(row[name] or "no address", 40)
            what += f" ({one_line(row['platform'])})" if "platform" in row else ""
            lines.append(f"  {what:<44} " + " ".join(f"{row[column]:>7,}" for column in columns))
        if len(rows) > _MOST_SHARES:
            lines.append(f"  and {len(rows) - _MOST_SHARES:,} more; all of them with --json")
        yield "\n".join(lines)


_SHARED = ("articles", "quotes", "noted", "failed", "flagged", "without_text", "without_id")
_MOST_SHARES = 12


def _pair(case: Mapping[str, Any]) -> str:
    return f"{one_line(case['post'])} and {one_line(case['other'])}"


def _noted(case: Mapping[str, Any]) -> str:
    return f"{_where(case)}, {one_line(case['place'])}: {one_line(case['detail'], 200)}"


def _unread(case: Mapping[str, Any]) -> str:
    more = f" and {case['count'] - 1:,} more" if case["count"] > 1 else ""
    return f"{one_line(case['source'])}{more}: {one_line(case['reason'], 300)}"


def _where(case: Mapping[str, Any]) -> str:
    return one_line(case.get("article_url") or case.get("source"), 200)


def changed(found: Any, applied: bool) -> str:
    """What a reading again changes: quotes that come and go."""
    lines = []
    for mark, quotes in (("+", found.added), ("-", found.removed)):
        for _, post, handle, date, text in quotes:
            lines.append(one_line(f"{mark} {post} @{handle or '?'} {date or ''}: {text or '(no text)'}", 160))
    what = "now in the archive" if applied else "nothing was changed; put them in place with --apply"
    lines.append(f"{found.kept:,} quotes as before, {len(found.added):,} new, {len(found.removed):,} gone")
    return "\n".join([*lines, what] if found.added or found.removed else lines)


def kept_alive(report: Any, silent: bool = False) -> str:
    """The report of a run that keeps an archive alive; ``silent``: what wants a look only."""
    lines = ["Another run is going on."] if report.busy else []
    if not silent and not report.busy:
        lines.append(f"new articles: {report.articles:,}, quotes in them: {report.quotes:,}")
        lines.append(f"posts asked about: {report.asked.total():,} {_pairs(report.asked)}".rstrip())
        lines += [f"rescued: {_pairs(report.rescued)}"] if report.rescued else []
    for label, answers in (("gone", report.gone), ("back", report.back)):
        for answer in answers:
            lines.append(
                f"{label}: {one_line(answer.post)} ({answer.state}: {one_line(answer.because, 160)})"
            )
    lines += [f"failed: {one_line(source)}: {one_line(reason, 300)}" for source, reason in report.failed]
    lines += [f"left alone for now: {one_line(why, 300)}" for why in report.left]
    lines += ["not all was done in the time that was given; the next run goes on"] if report.late else []
    return "\n".join(lines)


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


def _pairs(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{one_line(name, 60)} {count:,}" for name, count in counts.items())


def _heading(post: Mapping[str, Any]) -> str:
    name, handle = one_line(post.get("author_name"), 80), one_line(post.get("author_handle"), 80)
    parts = [click.style(name or (f"@{handle}" if handle else "unknown author"), bold=True)]
    if name and handle:
        parts.append(click.style(f"@{handle}", fg="cyan"))
    parts.append(click.style(f"· {one_line(post.get('platform'))} · {day(post)}", dim=True))
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
