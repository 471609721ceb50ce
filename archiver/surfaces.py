"""Every surface of a page on which an embed can stand: the page itself, and the texts hidden in it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from html import unescape
from typing import Any
from urllib.parse import unquote

from archiver import html, marking, payloads, resources
from archiver.html import Element
from archiver.looking import Look
from archiver.marking import Marked
from archiver.sources import without_code
from archiver.text import encoded

__all__ = [
    "Hidden",
    "Surface",
    "hidden",
    "is_copy",
    "looks_lazy",
    "of_script",
    "pages",
    "plain",
    "table",
    "words_of",
]

# A document with one of these is a page; anything else is a source that holds markup (Markdown, JSX …).
_PAGE = re.compile(rb"<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_TAG = re.compile(rb"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>")
_DEEPEST = 1000
_LONG, _MOST_ATTRIBUTES = 20_000, 3000
_QUOTE = re.compile(rb"[\"']")
_LONG_TAG = re.compile(rb"<[a-zA-Z][^<>]{20000,}")
_VOID = frozenset(b"area base br col embed hr img input link meta param source track wbr".split())

_WORD = re.compile(r"[A-Z]{2,40}(?![a-z])|[A-Z]?[a-z0-9]+|[A-Z]")
_MARKUP = re.compile(r"<[a-zA-Z]|&lt;[a-zA-Z]|%3[Cc](?!%2F)[a-zA-Z]")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]{32,}={0,2}")
_BASE64_STARTS = ("PGJsb2N", "PGlmcmF", "PGRpd", "PHNjcml", "PHA", "PGZpZ3", "PGEg", "aHR0c", "eyJ")
_JS_SIGNS = re.compile(r"""\\["'/]|\\u00(?:3[cCeE]|2[267fF])|\\x3[cCeE]""")
_JS_ESCAPE = re.compile(
    r"""\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|u\{([0-9a-fA-F]{1,6})\}|(.))""", re.DOTALL
)
_JS_LETTERS = {"n": "\n", "r": "", "t": "\t", "b": "", "f": "", "v": "", "0": "", "\n": ""}
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_ROUNDS, _LEAST = 3, 20

_SCRIPTS = ("script", "noembed", "noframes")


@dataclass(frozen=True, slots=True)
class Surface:
    """One tree in which embeds may stand, and what is worth a look in it. ``line`` is the line of the source
    before its first one; ``cut``
    whether the parser gave up before its end, ``trimmed`` whether a tag had more attributes than are read."""

    marked: Marked
    line: int = 0
    cut: bool = False
    trimmed: bool = False

    @property
    def root(self) -> Element | None:
        """The tree, None where there is none."""
        return self.marked.page.root


@dataclass(frozen=True, slots=True)
class Hidden:
    """A text that an element hides. ``form`` names how what is found in it stands in the page."""

    text: str
    form: str


def pages(body: bytes, look: Look) -> list[Surface]:
    """The trees of a document (in UTF-8): one, or several where it is nested deeper than the parser reads."""
    if b"<![CDATA[" in body:
        body = body.replace(b"]]>", b"").replace(b"<![CDATA[", b"")
    if not _PAGE.search(body):
        text = body.decode("utf-8")
        if payloads.is_json(text):
            return [Surface(marking.hold("script", text, look))]
        body = encoded(without_code(text))
    body, trimmed = _trimmed(body)
    marked = marking.read(body, look)
    if not marked.page.cut:
        return [] if marked.page.root is None else [Surface(marked, trimmed=trimmed)]
    found = []
    line = 0
    for piece in _shallow(body):
        marked = marking.read(piece, look)
        if marked.page.root is not None:
            found.append(Surface(marked, line, marked.page.cut, trimmed))
        line += piece.count(b"\n")
    return found


def _trimmed(body: bytes) -> tuple[bytes, bool]:
    """A page without those attributes of a tag that are too many: the parser compares each with all."""
    shorter = _LONG_TAG.sub(_with_few, body) if _has_long_tag(body) else body
    return shorter, len(shorter) != len(body)


def _has_long_tag(body: bytes) -> bool:
    """Whether a tag is that long: it covers a whole block of half its length, in which no other mark is."""
    block = _LONG // 2
    was_bare = False
    for begin in range(0, len(body), block):
        is_bare = body.find(b"<", begin, begin + block) < 0 and body.find(b">", begin, begin + block) < 0
        if is_bare and not was_bare:
            opening = body.rfind(b"<", max(0, begin - block), begin)
            if opening >= 0 and _LONG_TAG.match(body, opening):
                return True
        was_bare = is_bare
    return False


def _with_few(tag: re.Match[bytes]) -> bytes:
    words = tag[0].split(None, _MOST_ATTRIBUTES + 1)
    if len(words) <= _MOST_ATTRIBUTES + 1:
        return tag[0]
    few = b" ".join(words[: _MOST_ATTRIBUTES + 1])
    return few + _open_mark(few)


def _open_mark(tag: bytes) -> bytes:
    """The quotation mark of a value that a tag was cut in, empty where it was not."""
    mark = b""
    for found in _QUOTE.finditer(tag):
        if found[0] == mark:
            mark = b""
        elif not mark:
            mark = found[0]
    return mark


def _shallow(body: bytes) -> Iterator[bytes]:
    """A page in pieces, none of which opens more than `_DEEPEST` elements inside one another."""
    depth = begin = 0
    for tag in _TAG.finditer(body):
        if tag[2].lower() in _VOID:
            continue
        depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > _DEEPEST:
            yield body[begin : tag.start()]
            begin, depth = tag.start(), 1
    yield body[begin:]


def is_copy(element: Element) -> bool:
    """Whether the element stands where only another reader than the browser's would see it."""
    return html.is_below(element, ("noscript", "template", "noembed", "noframes"))


def hidden(element: Element) -> Iterator[Hidden]:
    """The texts that an element hides: scripts, text areas, attributes, comments, escaped text."""
    name = html.name(element)
    if not name:
        if _is_lazy(element):
            yield Hidden(html.own_text(element), "escaped")
        return
    if name in _SCRIPTS:
        yield of_script(html.own_text(element))
    else:
        texts = [text for text in html.own_texts(element) if "<" in text or "&lt;" in text]
        if texts and (name in ("textarea", "iframe") or not _is_quoted(element)):
            yield from (Hidden(text, "escaped") for text in texts)
    for key, value in html.attributes(element):
        if len(value) > _LEAST and not words_of(key) & table("silent attributes"):
            yield from _in_attribute(value)


def of_script(text: str) -> Hidden:
    """What a script hides, given its text."""
    decoded = _from_base64(text) if text.lstrip().startswith(_BASE64_STARTS) else None
    return Hidden(decoded or text, "escaped" if decoded else "json")


def _is_quoted(element: Element) -> bool:
    """Whether text in the element is shown as it is (code): markup in it is a sample."""
    return html.name(element) in table("shown") or html.is_below(element, table("shown"))


def _in_attribute(value: str) -> Iterator[Hidden]:
    if value.startswith(_BASE64_STARTS):
        decoded = _from_base64(value)
        if decoded:
            yield Hidden(decoded, "escaped")
    elif value.lstrip()[:1] in ("{", "["):
        yield Hidden(value, "json")
    elif _MARKUP.search(value):
        yield Hidden(value, "escaped")


def _is_lazy(comment: Element) -> bool:
    """Whether a comment is what a lazy loader will put in its place: all that an element marked as one
    holds. Other comments were taken out of the page."""
    parent = html.parent(comment)
    if parent is None or html.has_elements(parent) or html.squeezed(parent):
        return False
    return looks_lazy(parent)


def looks_lazy(element: Element) -> bool:
    """Whether an element says that a loader will put something in its place."""
    said = (f"{key} {value[:200]}" for key, value in html.attributes(element))
    return bool(words_of(" ".join([html.name(element), *said])) & table("lazy words"))


def _from_base64(value: str) -> str | None:
    if not _BASE64.fullmatch(value.strip()):
        return None
    try:
        return base64.b64decode("".join(value.split()), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None


def plain(text: str) -> str:
    """A hidden text as markup: up to three rounds of escapes undone, of JavaScript and JSON, of addresses
    and of entities around whole tags."""
    for _ in range(_ROUNDS):
        before = text
        if _JS_SIGNS.search(text):
            text = _from_js(text)
        if "<" not in text and "%3" in text:
            text = unquote(text)
        if "<" not in text and ("&lt;" in text or "&amp;lt;" in text):
            text = unescape(text)
        if text == before:
            break
    if text.startswith(_BASE64_STARTS):
        return _from_base64(text) or text
    return text


def _from_js(text: str) -> str:
    return _SURROGATES.sub(_joined, _JS_ESCAPE.sub(_unescaped, text))


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        return chr(int(code, 16)) if int(code, 16) < 0x110000 else ""
    return _JS_LETTERS.get(match[4], match[4])


def _joined(match: re.Match[str]) -> str:
    return match[0].encode("utf-16-be", "surrogatepass").decode("utf-16-be")


@lru_cache(4096)
def words_of(value: str | None) -> frozenset[str]:
    """The words of a name, in lower case: ``data-embed-url`` and ``dataEmbedUrl`` are data, embed and url."""
    return frozenset(word.lower() for word in _WORD.findall(value or ""))


@cache
def table(key: str) -> Any:
    """One list of words of data/surfaces.json."""
    return frozenset(resources.read_json("surfaces.json")[key])
