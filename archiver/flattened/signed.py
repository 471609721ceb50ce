"""Posts that no dash signs: embeds whose own words survive in a flattened page.

Each function knows one shape and takes the words of it from the platform that asks; all of them yield
`Found` in order of place. An embed that shows no word of its post, and whose address is lost, says next to
nothing; it is yielded only where ``wordless`` asks for it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, zip_longest

from archiver import dates
from archiver.flattened.found import Found
from archiver.flattened.view import View, viewed
from archiver.text import plain_marks, squeeze, tidy_lines

__all__ = ["by_date", "by_forum", "by_phrase", "by_pointer", "by_sound"]

_FARTHEST = 3000
_LONGEST_SIGNATURE, _LONGEST_NAME, _MOST_WORDS = 160, 80, 3
_HANDLE = re.compile(r"[(（]\s{0,2}[@＠]([\w.]{1,40})\s{0,2}[)）]|[@＠]([\w.]{1,40})(?=\s|$)")
_AFTER_NAME = re.compile(r"(?P<name>[^\n()（]{0,80}?)[^\S\n]{0,3}\n?[^\S\n]{0,9}(?=[(（@＠])")
_LEAD = re.compile(r"[^\W\d_]{1,3}\s{1,3}")
_WORD = re.compile(r"\S{1,12}")
_SOUND = re.compile(r"♬[^\n]{0,200}")
_AT_LINE = re.compile(r"^[^\S\n]{0,8}[@＠]([\w.]{2,24})(?![\w@])", re.MULTILINE)
_FORUM = re.compile(
    r"""\s{1,12}by\s{1,3}u/(?P<handle>[\w-]{2,30})
        (?:\s{1,3}from\ discussion)?\s{1,3}in\s{1,3}(?:r/)?(?P<place>\w{2,30})[^\S\n]{0,9}(?:\n|\Z)""",
    re.VERBOSE,
)
_COMMENT = re.compile(r"Comment\Z")
_CUT = re.compile(r"(?:\.\.\.|…)\W{0,2}\Z")
_PARAGRAPH = re.compile(r"\n\s*\n")
_GENERIC, _LONG_WORD = 3, 6
_BY_WORDS, _BY_PLACE, _BY_GUESS = 0.95, 0.9, 0.7


def by_phrase(
    text: str,
    before: Sequence[str],
    after: Sequence[str],
    invitations: Sequence[str],
    *,
    wordless: bool = False,
) -> Iterator[Found]:
    """ "View this post on …", a caption, "A post shared by Name (@handle)" and a time.

    ``before`` and ``after`` stand before the name or behind the handle; ``invitations`` stand where the
    picture was. Short phrases ("Photo by") count only below an invitation: they are credits else. Without
    an invitation and without a time there is no caption.
    """
    if not _may_hold(text, (*before, *after)):
        return
    shown = viewed(text)
    floor = 0
    known: list[tuple[int, int]] | None = None
    for sign in _signatures(shown.text, tuple(before), tuple(after)):
        if known is None:
            known = [invitation.span() for invitation in _phrases(tuple(invitations)).finditer(shown.text)]
        invited = _last(known, floor, sign.name_end)
        if sign.start < floor or (invited is None and not _is_special(sign.phrase)):
            continue
        found = _date_after(shown.text, sign.end)
        start = max(sign.start, invited[1]) if invited else sign.start
        begin = invited[1] if invited else _paragraph(shown.text, floor, start) if found else start
        words = tidy_lines(shown.text[begin:start]) or None
        floor = found.end if found else sign.end
        url = _url(shown, begin, floor)
        if not (words or url or wordless):
            continue
        yield Found(
            start=shown.origin(invited[0] if invited else begin),
            end=shown.origin(floor - 1) + 1,
            text=words,
            author_name=plain_marks(squeeze(shown.text[max(start, sign.name_start) : sign.name_end])) or None,
            handle=sign.handle,
            date_written=squeeze(shown.text[found.start : found.end]) if found else None,
            url=url,
            doubts=("ambiguous-start",) if words and not invited else (),
            confidence=_BY_GUESS if words and not invited else _BY_WORDS,
        )


def by_sound(text: str) -> Iterator[Found]:
    """ "@handle caption with #tags ♬ original sound - Name"."""
    if "♬" not in text:
        return
    shown = viewed(text)
    floor = 0
    authors = list(_AT_LINE.finditer(shown.text))
    for sound in _SOUND.finditer(shown.text):
        at = bisect_right(authors, sound.start(), key=lambda author: author.end()) - 1
        author = authors[at] if at >= 0 else None
        if author is None or author.start() < max(floor, sound.start() - _FARTHEST):
            continue
        floor = sound.end()
        yield Found(
            start=shown.origin(author.start(1) - 1),
            end=shown.origin(floor - 1) + 1,
            text=tidy_lines(shown.text[author.end() : sound.start()]) or None,
            author_name=None,
            handle=author[1].rstrip("."),
            date_written=None,
            confidence=_BY_PLACE,
        )


def by_pointer(
    text: str, by: Sequence[str], view: Sequence[str], *, wordless: bool = False
) -> Iterator[Found]:
    """ "Post by @handle" beside "View on …", in either order: an embed that shows no words."""
    if not _may_hold(text, by):
        return
    shown = viewed(text)
    for found in _pointer(tuple(by), tuple(view)).finditer(shown.text):
        url = _url(shown, found.start(), found.end())
        if not (url or wordless):
            continue
        yield Found(
            start=shown.origin(found.start()),
            end=shown.origin(found.end() - 1) + 1,
            text=None,
            author_name=None,
            handle=found["first"] or found["second"],
            date_written=None,
            url=url,
            confidence=_BY_WORDS,
        )


def by_forum(text: str) -> Iterator[Found]:
    """ "Title by u/name in place", "Comment by u/name from discussion in place"."""
    if "u/" not in text:
        return
    shown = viewed(text)
    floor = 0
    for found in _FORUM.finditer(shown.text):
        begin = shown.text.rfind("\n", floor, found.start()) + 1
        title = shown.text[max(begin, floor) : found.start()].strip()
        floor = found.end()
        if not title:
            continue
        yield Found(
            start=shown.origin(found.start() - len(title)),
            end=shown.origin(found.end("place") - 1) + 1,
            text=None if _COMMENT.search(title) else title,
            author_name=None,
            handle=found["handle"],
            date_written=None,
            confidence=_BY_PLACE,
        )


def by_date(text: str, before: Sequence[str], host: str) -> Iterator[Found]:
    """ "words, cut with ... Posted by Name on Monday, February 7, 2022".

    Blogs sign so too: it counts only below words that were cut, or where a link leads to ``host``.
    """
    if not _may_hold(text, before):
        return
    shown = viewed(text)
    floor = 0
    signs = list(_phrases(tuple(before)).finditer(shown.text))
    for sign, following in zip_longest(signs, signs[1:]):
        limit = following.start() if following else len(shown.text)
        found = _dated_name(shown.text, sign.end(), limit) if sign.start() >= floor else None
        if found is None:
            continue
        name, date, end = found
        begin = _paragraph(shown.text, floor, sign.start())
        words = tidy_lines(shown.text[begin : sign.start()])
        url = _url(shown, sign.start(), end)
        floor = end
        if not words or not (_CUT.search(words) or (url and host in url)):
            continue
        yield Found(
            start=shown.origin(begin),
            end=shown.origin(end - 1) + 1,
            text=words,
            author_name=name,
            handle=None,
            date_written=date,
            url=url,
            doubts=("ambiguous-start",),
            confidence=_BY_GUESS,
        )


def _may_hold(text: str, phrases: Sequence[str]) -> bool:
    """Whether the first word of one of the phrases stands in a text: what most texts fail."""
    return any(word in text for word in {phrase.split()[0] for phrase in phrases})


@dataclass(frozen=True, slots=True)
class _Sign:
    """A signature: where it and the name in it begin, where name and signature end."""

    start: int
    name_start: int
    name_end: int
    end: int
    handle: str
    phrase: str


def _signatures(text: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[_Sign]:
    for sign in _phrases(before).finditer(text):
        name = _AFTER_NAME.match(text, sign.end())
        handle = _HANDLE.match(text, name.end()) if name else None
        if name and handle:
            yield _Sign(sign.start(), sign.end(), name.end(), handle.end(), handle[1] or handle[2], sign[0])
    for sign in _behind(after).finditer(text) if after else ():
        line = max(text.rfind("\n", 0, sign.start()) + 1, sign.start() - _LONGEST_NAME)
        yield _Sign(line, line, sign.start(), sign.end(), sign["handle"], sign["phrase"])


@lru_cache(maxsize=32)
def _phrases(listed: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the phrases, the longest first, whatever blanks or line breaks stand in them."""
    return re.compile(rf"(?<!\w)(?:{_alternatives(listed)})(?!\w)[^\S\n]{{0,3}}\n?[^\S\n]{{0,9}}")


@lru_cache(maxsize=32)
def _behind(listed: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"[(（][@＠](?P<handle>[\w.]{{1,40}})[)）]\s?(?P<phrase>{_alternatives(listed)})")


@lru_cache(maxsize=32)
def _pointer(by: tuple[str, ...], view: tuple[str, ...]) -> re.Pattern[str]:
    who = r"[@＠]\s?(?P<{}>[\w.]{{1,40}}(?:@[\w.-]{{3,80}})?)"
    signs, views = _alternatives(by), _alternatives(view)
    return re.compile(
        rf"(?<!\w)(?:(?:{signs})\s{{1,3}}{who.format('first')}\s{{1,9}}(?:{views})"
        rf"|(?:{views})\s{{1,9}}(?:{signs})\s{{1,3}}{who.format('second')})(?!\w)"
    )


def _alternatives(listed: tuple[str, ...]) -> str:
    ordered = sorted(set(listed), key=len, reverse=True)
    return "|".join(r"\s{1,3}".join(map(re.escape, phrase.split())) for phrase in ordered)


def _is_special(phrase: str) -> bool:
    """Whether nobody but an embed says so: "A post shared by", not "Photo by"."""
    phrase = phrase.strip()
    return len(phrase.split()) >= _GENERIC or (not phrase.isascii() and len(phrase) >= _LONG_WORD)


def _last(known: Sequence[tuple[int, int]], floor: int, end: int) -> tuple[int, int] | None:
    """The last invitation in the reach of a signature: where it begins and ends."""
    at = bisect_right(known, (end, end)) - 1
    return known[at] if at >= 0 and known[at][0] >= max(floor, end - _FARTHEST) else None


def _last_match(matches: Iterator[re.Match[str]]) -> re.Match[str] | None:
    last = deque(matches, maxlen=1)
    return last[0] if last else None


def _paragraph(text: str, floor: int, end: int) -> int:
    """Where the last written paragraph before ``end`` begins."""
    low = max(floor, end - _FARTHEST)
    while end > low and text[end - 1].isspace():
        end -= 1
    breaks = _last_match(_PARAGRAPH.finditer(text, low, end))
    spaced = breaks.end() if breaks else low
    line = text.rfind("\n", spaced, end) + 1
    return max(spaced, line)


def _date_after(text: str, end: int) -> dates.Found | None:
    """The time behind a signature: "on Sep 3, 2018 at 3:55pm PDT"."""
    line = text.find("\n", end)
    stop = min(len(text) if line < 0 else line, end + _LONGEST_NAME)
    words = (word.start() for word in islice(_WORD.finditer(text, end, stop), _MOST_WORDS))
    return next((found for at in words if (found := _date(text, at))), None)


def _date(text: str, at: int) -> dates.Found | None:
    """The date at a place, without the small word ("on") that leads to it."""
    found = dates.at(text, at)
    lead = _LEAD.match(text, at)
    return (dates.at(text, lead.end()) if found and lead else None) or found


def _dated_name(text: str, start: int, limit: int) -> tuple[str, str, int] | None:
    """Name, date and end of "Name on Monday, February 7, 2022": what the line says up to its date."""
    limit = min(limit, start + _LONGEST_SIGNATURE)
    line = text.find("\n", start, limit)
    stop = limit if line < 0 else line
    for at in range(start + 2, stop):
        if text[at - 1].isspace() and not text[at].isspace():
            found = _date(text, at)
            if found and found.end <= stop:
                words = text[start:at].split()
                led = found.start == at and len(words) > 1 and words[-1].islower()
                name = " ".join(words[:-1] if led else words)
                return name, squeeze(text[found.start : found.end]), found.end
    return None


def _url(shown: View, start: int, end: int) -> str | None:
    target = shown.target(start, end)
    return target.url if target else None
