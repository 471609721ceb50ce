"""XML of strangers as plain values: no entity is resolved, no address followed, and damage costs no more
than what is damaged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from lxml import etree

__all__ = ["Field", "Record", "records"]

# The vocabularies of feeds and sitemaps; the first of them are written without a prefix.
_PREFIXES = {
    "http://www.w3.org/2005/Atom": "",
    "http://purl.org/atom/ns#": "",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://www.sitemaps.org/schemas/sitemap/0.9": "",
    "https://www.sitemaps.org/schemas/sitemap/0.9": "",
    "http://www.google.com/schemas/sitemap/0.84": "",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/terms/": "dc:",
    "http://www.google.com/schemas/sitemap-news/0.9": "news:",
}
_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)
_SUBSET_END = re.compile(r"\]\s{0,20}>")
_END = re.compile(r"</(?:[\w.-]{1,40}:)?([\w.-]{1,40})\s{0,20}>")
_HEAD = 4096
_CHUNK = 256 * 1024
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&(?:(?P<name>lt|gt|amp|quot|apos);|#(?P<number>[xX][0-9a-fA-F]{1,6}|[0-9]{1,7});)?")
_PREDEFINED = {"lt": 60, "gt": 62, "amp": 38, "quot": 34, "apos": 39}
_LOST = frozenset(("FATAL",))


@dataclass(frozen=True, slots=True)
class Field:
    """A piece of a record: ``name`` with the prefix of its vocabulary, ``text`` as it stands,
    ``markup`` where it holds elements."""

    name: str
    text: str
    markup: str | None
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Record:
    """An element of interest, with its children and theirs, in order."""

    name: str
    fields: tuple[Field, ...]

    def text(self, *names: str) -> str | None:
        """The text of the first field that has one of these names and a text; earlier names first."""
        found = (one.text.strip() for name in names for one in self.fields if one.name == name)
        return next((text for text in found if text), None)


def records(text: str, names: Iterable[str]) -> tuple[list[Record], bool]:
    """The elements of these local names, in order, and whether the document is damaged or cut. An
    element that is cut itself is left out."""
    wanted = tuple(names)
    bare = _bare(text)
    found, damaged = _read(_numbered(bare), wanted)
    if damaged and sum(1 for end in _END.finditer(bare) if end[1] in wanted) < len(found):
        found.pop()
    return found, damaged


def _read(text: str, names: tuple[str, ...]) -> tuple[list[Record], bool]:
    found: list[Record] = []
    parser = etree.XMLPullParser(
        events=("end",),
        tag=[f"{{*}}{name}" for name in names],
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_pis=True,
        remove_comments=True,
    )
    body = text.encode()
    try:
        for at in range(0, len(body), _CHUNK):
            parser.feed(body[at : at + _CHUNK])
            found += _taken(parser)
        parser.close()
    except etree.XMLSyntaxError:
        return found + _taken(parser), True
    found += _taken(parser)
    return found, any(entry.level_name in _LOST for entry in parser.feed_error_log)


def _taken(parser: etree.XMLPullParser) -> list[Record]:
    """The records that are complete by now, taken out of the tree."""
    found = []
    for _, taken in parser.read_events():
        element = cast("etree._Element", taken)
        found.append(_record(element))
        element.clear()
        while element.getprevious() is not None and (parent := element.getparent()) is not None:
            del parent[0]
    return found


def _bare(text: str) -> str:
    """Without what stands before a document and is not allowed to, and without the declaration that
    could name entities and files."""
    text = _FORBIDDEN.sub("", text).lstrip("\ufeff \t\r\n")
    start = _DOCTYPE.search(text, 0, _HEAD)
    if start is None:
        return text
    end = text.find(">", start.end())
    if text.find("[", start.end(), end) >= 0:
        close = _SUBSET_END.search(text, start.end())
        end = close.end() - 1 if close else -1
    return text[: start.start()] + text[end + 1 :] if end >= 0 else text


def _numbered(text: str) -> str:
    """Every reference as a number: after a first error, libxml2 drops those that are written by name.
    What refers to nothing is taken for the words that it is."""
    pieces: list[str] = []
    at = 0
    while (start := text.find("<![CDATA[", at)) >= 0:
        end = text.find("]]>", start)
        end = end if end >= 0 else len(text)
        pieces += (_REFERENCE.sub(_number, text[at:start]), text[start:end])
        at = end
    return "".join((*pieces, _REFERENCE.sub(_number, text[at:])))


def _number(found: re.Match[str]) -> str:
    name, written = found["name"], found["number"]
    if name in _PREDEFINED:
        return f"&#{_PREDEFINED[name]};"
    if written:
        code = int(written[1:], 16) if written[0] in "xX" else int(written)
        if code < 0x110000 and not _FORBIDDEN.match(chr(code)):
            return f"&#{code};"
    return f"&#38;{found[0][1:]}"


def _record(element: etree._Element) -> Record:
    fields = []
    for child in element.iterchildren(tag=etree.Element):
        fields.append(_field(child))
        fields += [_field(inner) for inner in child.iterchildren(tag=etree.Element)]
    return Record(_name(element), tuple(fields))


def _field(element: etree._Element) -> Field:
    inner = [etree.tostring(child, encoding="unicode", method="html") for child in element]
    markup = (element.text or "") + "".join(inner) if inner else None
    text = "".join(str(piece) for piece in element.itertext())
    return Field(_name(element), text, markup, {str(key): str(value) for key, value in element.items()})


def _name(element: etree._Element) -> str:
    """The local name with a prefix of ours; an unknown vocabulary is written out."""
    name = etree.QName(element)
    if not name.namespace:
        return name.localname
    return f"{_PREFIXES.get(name.namespace, f'{{{name.namespace}}}')}{name.localname}"
