"""What single lines look like: links, tags, bullets, ends of sentences. Names are features of `evidence`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from archiver import resources
from archiver.flattened.language import is_small

__all__ = [
    "above",
    "begins_marked",
    "below",
    "bullets",
    "ends_marked",
    "goes_on",
    "goes_on_surely",
    "has_words",
    "is_ended",
    "is_link",
    "opening",
    "tags_alone",
    "unmarked",
]

_SHORT = re.compile(r"https?://[a-z]{1,3}\.[a-z]{2}/\w{5,}|\bpic\.\w{1,20}\.\w{2,5}/\w", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://|\bpic\.\w")
_TAG = re.compile(r"(?<!\w)[#＃][^\W\d]|(?<![\w(（])[@＠]\w")
_MARKED = re.compile(r"https?://\S+|\bpic\.\w{1,20}\.\w{2,5}/\w+|(?<!\w)[#@＃＠]\w+")
_LETTER = re.compile(r"[^\W\d_]")
_BULLET = re.compile(r"(?:[-*•◦▪‣□■·+]|\d{1,2}[.)])\s")
_EMOJI = re.compile(r"[\U0001F1E6-\U0001FAFF\u2190-\u21ff\u2300-\u2bff]")
_ENDED = re.compile(r"[.!?…。！？؟।](?:\W{0,3}|\s?\[\d{1,3}\])\Z")
_HOST = re.compile(r"(?:[\w-]{1,40}\.){1,4}[a-z]{2,12}(?:/\S{0,300})?…?")
_JOINT = re.compile(r"(?:RT|MT|cc|h/t|[,&+/])", re.IGNORECASE)
_SIGNS = (
    ("above: ends in a colon", re.compile(r"[:：]\W{0,2}\Z")),
    ("above: ends in an ellipsis", re.compile(r"(?:…|\.\.)\s?\Z")),
    ("above: ends in an emoji", re.compile(r"[\U0001F1E6-\U0001FAFF\u2600-\u27bf]\ufe0f?\u200d?\Z")),
    ("above: ends with a comma", re.compile(r"[,;、，(\[–-]\Z")),
    ("above: exclaims", re.compile(r"[!！]")),
    ("above: counts a thread", re.compile(r"^\d{1,2}/(?:\d{1,2}|n)?\b|\b\d{1,2}/(?:\d{1,2}|n)\W{0,2}\Z")),
)
_GOES_ON = re.compile(r"\s*(?:[a-zß-öø-ÿа-яё]|['’])")
_LABEL = re.compile(r"[^\W\d_][^:：\n]{0,30}[:：]\s")
_ONE_WORD = re.compile(r"(?![a-zß-öø-ÿа-яё\u3040-\u309f])[^\W\d_]+\.?")
_ARROW = re.compile(r"(?:[=-]>|→|⇒)\s?\S")
_DOT = re.compile(r"(?:\A|\n\s{0,9})[.…]{1,3}\s?\Z")
_DOT_MENTION = re.compile(r"\.\s?[@＠]")
_HIRAGANA = r"\u3040-\u309f"
_INSIDE = tuple(",.;:!?)]”»…、。，'’")
_OPENING, _CLOSING = "“„«([（「『", "”»)]）」』"
_CAPITAL = re.compile(r"[A-ZÀ-ÖØ-ÞА-ЯЁΑ-Ω\s]")
_NO_BRACKET = re.compile(r"[:;=8xX]['’]?[-o^~]?[()\[\]]|(?<!\w)\w{1,2}[)）]|[\^_][)）]")
_CLOSES = re.compile(f"[{re.escape(_CLOSING)}]")
_SHOUT = 12
_LOOKED_AT = 600


def is_ended(line: str) -> bool:
    """Whether a line ends as a sentence does."""
    return bool(_ENDED.search(line[-20:]))


def is_link(line: str) -> bool:
    """Whether a line is nothing but a link, a tag or a mention."""
    return bool(_MARKED.fullmatch(line))


def begins_marked(text: str, place: int) -> bool:
    """Whether a link, a tag or a mention stands at a place."""
    return bool(_MARKED.match(text, place) or _HOST.match(text, place))


def ends_marked(text: str) -> bool:
    """Whether a text ends with a link, a tag or a mention."""
    words = text.rsplit(None, 1)
    return bool(words) and bool(_MARKED.search(words[-1]) or _HOST.fullmatch(words[-1]))


def opening(line: str) -> str:
    """The tag that begins a line, "" where none does."""
    tag = _MARKED.match(line) if line[:1] in ("#", "＃") else None
    return tag[0] if tag else ""


def unmarked(line: str) -> str:
    """A line without links, tags and mentions."""
    return _MARKED.sub("", line)


def has_words(text: str) -> bool:
    """Whether a text is more than links, tags and mentions."""
    return bool(_LETTER.search(unmarked(text)))


def tags_alone(text: str) -> bool:
    """Whether a text is nothing but tags and mentions: no word, no address, no sign of another kind."""
    return not unmarked(text).strip() and not _ADDRESS.search(text)


def goes_on(line: str) -> bool:
    """Whether a line begins inside a sentence: with a small letter, a mark, a particle."""
    return not _MARKED.match(line) and (
        line[:1].islower() or _is_inside(line) or bool(_particles().match(line))
    )


def goes_on_surely(line: str) -> bool:
    """Whether a line begins as no sentence does, however carelessly it is written."""
    return _is_inside(line) or bool(_particles().match(line))


def above(line: str, first: str) -> Iterator[str]:
    """Features of the line above a boundary, and of how it stands to the first line below."""
    yield from (name for name, sign in _SIGNS if sign.search(line))
    if _SHORT.search(line):
        yield "above: short link"
    elif _TAG.search(line):
        yield "above: tag or mention"
    if _ONE_WORD.fullmatch(line) and not _MARKED.match(first):
        yield "above: one word"
    if _opens_unclosed(line):
        yield "above: opens what it does not close"
    if _JOINT.fullmatch(line):
        yield "above: a joint alone"
    elif not _LETTER.search(line) and not _EMOJI.search(line):
        yield "above: no words"
    elif line[:1].islower():
        yield "above: begins small"
    elif _is_inside(line):
        yield "above: begins with a mark"


def below(line_above: str, first: str, text: str) -> Iterator[str]:
    """Features of the line below a boundary and of the text that it begins."""
    marked = _MARKED.match(first)
    if not marked and (first[:1].islower() or _particles().match(first)):
        yield _small(line_above)
    elif _is_inside(first) and not _DOT_MENTION.match(text):
        yield "below: begins with a mark"
    elif first[:1] in "(（":
        yield "below: begins with a bracket"
    elif _ARROW.match(first):
        yield "below: begins with an arrow"
    if marked:
        ended = is_ended(line_above)
        what = "mention" if first[:1] in "@＠" else "tag" if first[:1] in "#＃" else "link"
        yield f"below: {what} after {'the end of a sentence' if ended else 'no end'}"
        if what == "link" and line_above.endswith((":", "：")):
            yield "below: a link after a colon"
        if first[:1] in "@＠" and _DOT.search(line_above):
            yield "below: a mention after a dot"
        if not ended and _GOES_ON.match(text, marked.end()):
            yield "below: a tag inside a sentence"
    if _closes_unopened(text):
        yield "below: closes what it did not open"


def _small(line_above: str) -> str:
    """The feature of a line that begins small: a style of its own, or the sentence goes on."""
    if line_above[:1].islower():
        return "both: begin small"
    if line_above[:1].isupper() and is_ended(line_above):
        return "below: begins small after a sentence"
    return "below: begins small"


def bullets(line_above: str, first: str, of_lists: frozenset[str]) -> Iterator[str]:
    """Features of two lines that may be items; ``of_lists``: the bullets that the tool itself writes."""
    if _BULLET.match(first) or (_EMOJI.match(first) and _LETTER.search(first)):
        yield "both: bullets" if line_above[:1] == first[:1] else "below: bullet"
    elif _BULLET.match(line_above):
        yield "above: bullet of a list" if line_above[:1] in of_lists else "above: bullet typed"
    elif _EMOJI.match(line_above):
        yield "above: begins with an emoji"
    if _is_like(line_above, first):
        yield "both: alike"


@cache
def _particles() -> re.Pattern[str]:
    """How a line begins inside a sentence in writing that has no small letters."""
    listed: dict[str, list[str]] = resources.read_json("flattened", "words.json")["particles"]
    single, more = ("|".join(map(re.escape, listed[key])) for key in ("before other signs", "always"))
    return re.compile(rf"(?:{single})(?=[^{_HIRAGANA}\s])|(?:{more})")


def _is_inside(line: str) -> bool:
    """Whether a line begins with what stands inside a sentence only."""
    return line[:1] in _INSIDE and line[:2] != ".@"


def _is_like(one: str, other: str) -> bool:
    """Whether two lines are built alike: the same first word that is no small word, a label
    before a colon, all capitals."""
    if _shouts(one) and _shouts(other):
        return True
    first, second = _LABEL.match(one), _LABEL.match(other)
    if first and second and len(one) > first.end() and len(other) > second.end():
        return True
    word = one.split(None, 1)[:1]
    return word == other.split(None, 1)[:1] and bool(_LETTER.match(one)) and not is_small(word[0])


def _shouts(line: str) -> bool:
    """Whether a line is written in capitals: most of its letters, not some names in other writing."""
    return line.isupper() and len(line) > _SHOUT and 2 * len(_CAPITAL.findall(line)) > len(line)


def _closes_unopened(text: str) -> bool:
    """Whether a bracket or quotation mark is closed that was not opened; faces and "1)" are none."""
    if not _CLOSES.search(text, 0, _LOOKED_AT):
        return False
    depth = 0
    for sign in _NO_BRACKET.sub("", text[:_LOOKED_AT]):
        if sign in _OPENING:
            depth += 1
        elif sign in _CLOSING:
            depth -= 1
            if depth < 0:
                return True
    return False


def _opens_unclosed(line: str) -> bool:
    if "(" not in line and "（" not in line and "[" not in line:
        return False
    depth = 0
    for sign in _NO_BRACKET.sub("", line[-_LOOKED_AT:]):
        depth = depth + 1 if sign in "(（[" else max(0, depth - 1) if sign in ")）]" else depth
    return depth > 0
