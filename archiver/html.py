"""lxml with types: markup to a tree, elements to text as a browser shows it. The only importer of lxml."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias, cast

from lxml import etree

from archiver.flowing import Writer
from archiver.text import encoded, keep_newlines

__all__ = [
    "BLOCKS",
    "SILENT",
    "Anchor",
    "Element",
    "Flow",
    "Page",
    "Picture",
    "around",
    "attribute",
    "attributes",
    "classes",
    "every",
    "first",
    "flow",
    "has_elements",
    "holder",
    "in_order",
    "is_below",
    "is_block",
    "is_inside",
    "is_last",
    "is_silent",
    "line_of",
    "markup",
    "meets",
    "name",
    "named",
    "own_text",
    "own_texts",
    "parent",
    "parse",
    "select",
    "squeezed",
    "taken",
    "words",
]

Element: TypeAlias = etree._Element

_EMOJI_PATH = re.compile(r"/(?:72x72|36x36|svg)/([0-9a-f-]{2,80})\.(?:png|svg)", re.IGNORECASE)
_EMOJI_CLASS = re.compile(r"emoji|smiley|twemoji", re.IGNORECASE)
_WORDS = re.compile(r"[A-Za-z0-9]{2}")
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure"
    " footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol p pre section summary table tbody td"
    " tfoot th thead tr ul".split()
)
"""The elements that stand on lines of their own."""

SILENT = frozenset("script style template head title noscript textarea select option svg math".split())
"""The elements of which a browser shows nothing, or no prose."""

_LONGEST_MARKUP = 50_000
_TRUNCATED = frozenset(("ERR_RESOURCE_LIMIT", "ERR_NO_MEMORY"))


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page: its root (None where nothing was there), and whether the parser gave up before
    the end (libxml2 drops what lies deeper than 2,048 elements)."""

    root: Element | None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link inside a Flow: ``start`` and ``end`` count its characters in the flow's text."""

    start: int
    end: int
    href: str
    element: Element


@dataclass(frozen=True, slots=True)
class Picture:
    """An image inside a Flow that stands for no character: where it stands, its address and its words."""

    start: int
    src: str
    alt: str


@dataclass(frozen=True, slots=True)
class Flow:
    """An element's text as a browser would show it: white space collapsed, ``<br>`` and block ends as
    line feeds, emoji images as their character. ``blocks`` are the offsets at which a block begins."""

    text: str
    anchors: tuple[Anchor, ...] = ()
    blocks: tuple[int, ...] = ()
    pictures: tuple[Picture, ...] = ()


def parse(markup: str | bytes, change: Callable[[bytes], bytes] | None = None) -> Page:
    """The tree of a page, of a piece of one, or of any text that holds markup (bytes: in UTF-8); ``change``
    is given what will be parsed, in UTF-8, and gives what is parsed instead."""
    body = markup if isinstance(markup, bytes) else encoded(markup)
    body = keep_newlines(body.replace(b"\0", b"") if b"\0" in body else body)
    # To collect ids costs a twentieth of the parsing.
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_pis=True, collect_ids=False)
    try:
        root = etree.fromstring(change(body) if change else body, parser)
    except etree.XMLSyntaxError:
        return Page(None, _gave_up(parser))
    if root is None:  # nothing in it is an element
        return Page(None, _gave_up(parser))
    for late in list(root.itersiblings()):
        root.append(late)  # what stands behind </html> is shown at the end of the page
    return Page(root, _gave_up(parser))


def _gave_up(parser: etree.HTMLParser) -> bool:
    return any(entry.type_name in _TRUNCATED for entry in parser.error_log)


def select(root: Element, path: str) -> list[Element]:
    """The elements that an XPath names, in document order."""
    return cast("list[Element]", _path(path)(root))


def named(root: Element, *tags: str) -> Iterator[Element]:
    """The elements of these names, in document order."""
    return root.iter(*tags)


@cache
def _path(path: str) -> etree.XPath:
    return etree.XPath(path)


def every(root: Element) -> Iterator[tuple[Element, str]]:
    """Each element and comment in document order, and what its source says: its tag and the texts in it."""
    for element in root.iter():
        words = "".join(own_texts(element))
        tag = name(element)
        if tag:
            said = "".join(f' {key}="{value}"' for key, value in attributes(element))
            words = f"<{tag}{said}>{words}"
        yield element, words


def in_order(elements: Container[Element], root: Element) -> Iterator[Element]:
    """Those of a tree's elements and comments, in document order."""
    return (element for element in root.iter() if element in elements)


def is_last(element: Element) -> bool:
    """Whether no element stands behind it in the one that holds both."""
    return all(not name(sibling) for sibling in element.itersiblings())


def taken(element: Element, key: str) -> str:
    """The value of an attribute, which is taken away."""
    return str(element.attrib.pop(key))


def meets(element: Element, condition: str) -> bool:
    """Whether an element meets an XPath condition."""
    return bool(_condition(condition)(element))


@cache
def _condition(condition: str) -> etree.XPath:
    return etree.XPath(f"boolean(self::*[{condition}])")


def name(element: Element) -> str:
    """The tag (the parser writes it in lower case), "" for comments and the like."""
    tag = element.tag
    return tag if isinstance(tag, str) else ""


def attribute(element: Element, key: str) -> str | None:
    """The value of an attribute, None where it is not there."""
    return element.get(key)


def attributes(element: Element) -> list[tuple[str, str]]:
    """All attributes of an element, names as the parser gives them (lower case)."""
    return cast("list[tuple[str, str]]", element.items())


def classes(element: Element) -> frozenset[str]:
    """The words of ``class``, and of ``classname`` as React sources write it."""
    return frozenset(f"{element.get('class') or ''} {element.get('classname') or ''}".split())


def is_inside(element: Element, others: set[Element]) -> bool:
    """Whether one of ``others`` holds the element."""
    return bool(others) and any(parent in others for parent in element.iterancestors())


def is_block(element: Element) -> bool:
    """Whether it stands on lines of its own."""
    return element.tag in BLOCKS


def is_silent(element: Element) -> bool:
    """Whether a browser shows nothing of it: comments, scripts, templates."""
    return element.tag in SILENT or not isinstance(element.tag, str)


def is_below(element: Element, names: Container[str]) -> bool:
    """Whether the element stands inside one of these names."""
    return any(parent.tag in names for parent in element.iterancestors())


def parent(element: Element) -> Element | None:
    """The element around it."""
    return element.getparent()


def around(element: Element) -> list[Element]:
    """The elements that hold it, nearest first."""
    return list(element.iterancestors())


def first(markup: bytes, tag: str) -> Element | None:
    """The first element of this name in a piece of markup, which begins with it: none stands around it."""
    root = etree.fromstring(markup, etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_pis=True))
    found = next(root.iter(tag), None) if root is not None else None
    if found is not None and found.getparent() is not None:
        found.getparent().remove(found)
    return found


def holder(tag: str, text: str) -> Element:
    """An element made to hold a text."""
    element = etree.Element(tag)
    try:
        element.text = text
    except ValueError:  # it holds what no document may: hardly any does
        element.text = _UNFIT.sub("\ufffd", text)
    return element


def has_elements(element: Element) -> bool:
    """Whether it holds elements (comments are none)."""
    return any(isinstance(child.tag, str) for child in element)


def own_text(element: Element) -> str:
    """The text before the first child: all of it for scripts, text areas and comments."""
    return element.text or ""


def own_texts(element: Element) -> list[str]:
    """The texts that stand in the element itself, not in its children."""
    return [element.text or "", *(child.tail or "" for child in element)]


def squeezed(element: Element) -> str:
    """All text inside, on one line, comments left out."""
    return " ".join("".join(str(piece) for piece in element.itertext(etree.Element)).split())


def line_of(element: Element) -> int | None:
    """The line of the source on which the element begins, where the parser knows it."""
    return cast("int | None", element.sourceline)


def markup(element: Element) -> str:
    """The element as markup, as the parser read it; of a monster the beginning."""
    return etree.tostring(element, encoding="unicode", method="html", with_tail=False)[:_LONGEST_MARKUP]


def flow(element: Element, skip: Callable[[Element], bool] | None = None, raw: bool = False) -> Flow:
    """The element's text as shown. ``skip`` leaves out descendants; ``raw`` keeps the line feeds of the
    source (sites that set ``white-space: pre-wrap``)."""
    writer = Writer(raw)
    starts: dict[Element, int] = {}
    left_out: Element | None = None
    walker = etree.iterwalk(element, events=("start", "end", "comment", "pi"))
    for step, node in walker:
        if step == "start":
            tag = name(node)
            if node is not element and (tag in SILENT or (skip is not None and skip(node))):
                walker.skip_subtree()
                left_out = node
            else:
                _open(writer, node, tag, starts)
            continue
        if step == "end" and node is not left_out:
            _close(writer, node, starts)
        if node is not element:
            writer.write(node.tail)
    return Flow("".join(writer.pieces), tuple(writer.anchors), tuple(writer.blocks), tuple(writer.pictures))


def _open(writer: Writer, node: Element, tag: str, starts: dict[Element, int]) -> None:
    if tag == "br":
        writer.breaks += 1
        writer.blank = False
    elif tag in ("img", "amp-img"):
        _picture(writer, node)
    elif tag in BLOCKS:
        writer.block()
    elif tag == "a":
        starts[node] = writer.next_at()
    writer.write(node.text)


def _close(writer: Writer, node: Element, starts: dict[Element, int]) -> None:
    tag = name(node)
    if tag in BLOCKS:
        writer.block()
    elif node in starts:
        start = min(starts.pop(node), writer.length)
        writer.anchors.append(Anchor(start, writer.length, node.get("href") or "", node))


def _picture(writer: Writer, node: Element) -> None:
    """An emoji is its character; another image is noted with its place."""
    src, alt = node.get("src") or node.get("data-src") or "", node.get("alt") or ""
    is_emoji = bool(_EMOJI_CLASS.search(node.get("class") or "") or _EMOJI_PATH.search(src))
    if alt and "\ufffd" not in alt and (is_emoji or not _WORDS.search(alt)):
        writer.put(alt)
    elif is_emoji and (code := _EMOJI_PATH.search(src)):
        writer.put(
            "".join(
                chr(int(point, 16)) for point in code[1].split("-") if point and int(point, 16) < 0x110000
            )
        )
    elif src or alt:
        writer.pictures.append(Picture(writer.next_at(), src, alt))


def words(element: Element) -> str:
    """All text inside an element, as it stands."""
    return "".join(str(piece) for piece in element.itertext())
