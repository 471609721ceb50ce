"""What a body is: HTML, plain text, or something that is refused; by its content, then by its name."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from archiver import resources
from archiver.charsets import decode

__all__ = ["KINDS", "LISTS", "Kind", "is_json_lines", "is_mail", "recognise"]

LISTS = ("feed", "sitemap")
"""The kinds that name articles, and hold some."""

KINDS = ("html", "text", *LISTS)
"""The kinds a user may force with ``--as``."""

_SAMPLE = 64 * 1024
_HEAD = 4096
# Text in any encoding but UTF-16/32 holds next to no control characters; random bytes hold one in nine.
_MOST_CONTROLS = 0.04
_CONTROLS = bytes(n for n in range(0x20) if n not in b"\t\n\x0b\x0c\r\x1a\x1b") + b"\x7f"
_PLAIN_NAME = re.compile(r"\.(?:txt|text|log|asc)$", re.IGNORECASE)
# An end tag, a comment, an attribute with a value, or one of these escaped as JSON or HTML do it.
_MARKUP = re.compile(
    r"""</[a-z][a-z0-9:-]{0,30}\s{0,8}> | <!-- | <!doctype\s
    | <[a-z][a-z0-9:-]{0,30}\s{1,8}[a-z_:@][\w:.-]{0,60}\s{0,8}=
    | &lt;/?[a-z] | \\u003c/?[a-z] | <\\/[a-z]""",
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)
# What a text that only talks of markup does not do: begin with it, or hold an element that embeds.
_BEGINS = re.compile(r"<(?:!doctype\s|!--|\?xml\s|[a-z][a-z0-9:-]{0,30}[\s>/])", re.IGNORECASE)
_EMBEDS = re.compile(r"(?:<|&lt;|\\u003c)(?:blockquote|iframe)\\?\s{1,8}[a-z_:@]", re.IGNORECASE)
_ROOT = re.compile(r"<([a-z][a-z0-9:_-]{0,40})[\s>/]", re.IGNORECASE)
_PROLOG = re.compile(
    r"<\?[^>]{0,400}\?>|<!--.{0,2000}?-->|<!doctype[^>\[]{0,400}>", re.IGNORECASE | re.DOTALL
)
_JSON_FEED = re.compile(r'"version"\s{0,8}:\s{0,8}"https:\\?/\\?/jsonfeed\.org\\?/version\\?/1')
_BLANK = " \t\r\n\f\0\ufeff"
_MAIL = re.compile(rb"[a-z][a-z0-9-]{0,60}:[ \t]")
_BEGUN_PAGE = re.compile(rb'\{\s{0,9}"[^"\\]{1,60}"\s{0,9}:')


@dataclass(frozen=True, slots=True)
class Kind:
    """``name`` is html, text, feed or sitemap, or "" where ``refusal`` says why the body is not read.
    ``media``: the body is a picture, a sound, a font: never an article."""

    name: str = ""
    refusal: str | None = None
    media: bool = False


def recognise(body: bytes, name: str = "", charset: str | None = None) -> Kind:
    """The kind of a body that is called ``name`` (a path or an address, "" where it has none).

    >>> recognise(b"<p>Hello</p>", "a.md").name, recognise(b"Hello", "a.md").name
    ('html', 'text')
    """
    binary = _binary(body)
    signed = _signed(body, binary)
    if signed:
        return signed
    if binary:
        return _refused(_table()["unknown"])
    text = _as_text(body, charset)
    packed = _packed(text)
    if packed:
        return packed
    return Kind("html" if _holds_markup(text, name) else "text")


@cache
def _table() -> Any:
    return resources.read_json("kinds.json")


@cache
def _signatures() -> tuple[tuple[int, bytes, bool, Kind], ...]:
    """Offset, mark, whether the mark counts in a text too, and the refusal."""
    found = []
    for entry in _table()["signatures"]:
        mark = bytes.fromhex(entry["hex"]) if "hex" in entry else entry["text"].encode("latin-1")
        sure = entry.get("plain", False) or not (mark.isascii() and mark.decode("ascii").isprintable())
        found.append((entry.get("offset", 0), mark, sure, _refused(entry)))
    return tuple(found)


def _refused(entry: dict[str, Any]) -> Kind:
    cure = entry.get("cure", "it holds no article")
    return Kind("", f"{entry['name']}: {cure}", entry.get("media", False))


def _signed(body: bytes, binary: bool) -> Kind | None:
    for offset, mark, sure, kind in _signatures():
        if (sure or binary) and body.startswith(mark, offset):
            return kind
    return None


def _binary(body: bytes) -> bool:
    """Whether the body is no text in any encoding that articles are written in."""
    sample = body[:_SAMPLE]
    if _is_utf8(sample):
        return False
    if len(sample) - len(sample.translate(None, _CONTROLS)) <= _MOST_CONTROLS * len(sample) + 1:
        return False
    decoded = decode(sample[: len(sample) & ~3])
    if not decoded.charset.startswith(("utf-16", "utf-32", "utf_16", "utf_32")):
        return True
    text = decoded.text
    strange = sum(1 for c in text if c < " " and c not in "\t\n\x0b\x0c\r\x1a\x1b") + decoded.damaged
    return strange > _MOST_CONTROLS * len(text) + 1


def _is_utf8(sample: bytes) -> bool:
    """Whether a sample, which may end inside a character, is UTF-8 without NUL: no binary file is, and a
    damaged page is more than its control characters."""
    if b"\0" in sample or (sample.isascii() and b"<" not in sample):
        return False
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(sample) - 3
    return True


def _as_text(body: bytes, charset: str | None) -> str:
    """The body as text, good enough to look for markup, which is ASCII in all but UTF-16/32."""
    if b"\0" in body[:_HEAD] or body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return decode(body, charset).text.lstrip(_BLANK)
    return body.decode("latin-1").removeprefix("\xef\xbb\xbf").lstrip(_BLANK)


def _packed(text: str) -> Kind | None:
    """A text that names articles, and may hold some."""
    table = _table()
    root = _root(text[:_SAMPLE])
    if root in table["roots"]:
        return Kind(table["roots"][root])
    if text.startswith("{") and _JSON_FEED.search(text, 0, _HEAD):
        return Kind("feed")
    return None


def _root(head: str) -> str:
    """The name of the first element in lower case, "" where the text begins otherwise."""
    prolog = _PROLOG.match(head)
    while prolog:
        head = head[prolog.end() :].lstrip(_BLANK)
        prolog = _PROLOG.match(head)
    root = _ROOT.match(head)
    return root[1].lower() if root else ""


def is_json_lines(head: bytes, name: str = "") -> bool:
    """Whether bytes that begin so are JSON Lines of pages: the first two lines are, or the one line there
    is and the name says so. A line that is longer than the beginning is judged by that."""
    if not head.startswith(b"{"):
        return False
    lines = head.split(b"\n")
    whole = [line for line in lines[:2] if line.strip()] if len(lines) > 1 else []
    if name.lower().endswith((".jsonl", ".ndjson", ".jl")):
        return all(map(_is_page, whole[:1])) if whole else bool(_BEGUN_PAGE.match(head)) or _is_page(head)
    return len(whole) > 1 and _is_page(whole[0]) and (_is_page(whole[1]) or bool(_BEGUN_PAGE.match(whole[1])))


def is_mail(head: bytes, name: str = "") -> bool:
    """Whether bytes that begin so are an e-mail, or a page saved as one (MHTML)."""
    lines = head[:_HEAD].lower()
    if not _MAIL.match(lines):
        return False
    named = name.lower().endswith((".eml", ".mht", ".mhtml", ".mbox"))
    return (b"mime-version:" in lines and b"content-type:" in lines) or (named and b"\nsubject:" in lines)


def _is_page(line: bytes) -> bool:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and "url" in value and ("html" in value or "text" in value)


def _holds_markup(text: str, name: str) -> bool:
    if _BEGINS.match(text):
        return True
    if name in ("", "-") or _PLAIN_NAME.search(name):
        return bool(_EMBEDS.search(text))
    return bool(_MARKUP.search(text))
