"""Every surface of a page on which an embed can stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archiver import html
from archiver.html import Element

__all__ = ["Surface", "walk"]

# A document with one of these is a page; anything else is a source that holds markup (Markdown, JSX …).
_PAGE = re.compile(r"<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_FENCE = re.compile(r"^(?P<indent>[ ]{0,3})(?P<mark>`{3,}|~{3,})[^\n]*$", re.MULTILINE)
_INLINE_CODE = re.compile(r"`([^`\n]+)`")
_JSX_BLANK = re.compile(r"""\{(?:' '|" ")\}""")
# A link as Markdown writes it; behind =" it is a value that an editor has spoilt, and stays.
_MARKDOWN_LINK = re.compile(
    r"""(?<![="!\\])\[(?P<words>[^\[\]]{0,500})\]\((?P<url>https?://[^\s()<>"]{1,2000})(?:\s+"[^"\n]{0,500}")?\)"""
)
_NOT_NEWLINE = re.compile(r"[^\n]+")


@dataclass(frozen=True, slots=True)
class Surface:
    """One tree in which embeds may stand. ``form`` names how what is found on it stands in the page."""

    root: Element
    form: str
    cut: bool = False


def walk(text: str) -> Iterator[Surface]:
    """The surfaces of a document's text, the page itself first."""
    page = html.parse(text if _PAGE.search(text) else _without_code(text))
    if page.root is not None:
        yield Surface(page.root, "blockquote", page.cut)


def _without_code(text: str) -> str:
    """A source without what its readers would see as code or not at all; lines keep their numbers."""
    text = _JSX_BLANK.sub(" ", _without(text, "{/*", "*/}"))
    pieces: list[str] = []
    at = 0
    fences = _FENCE.finditer(text)
    for opening in fences:
        if opening.start() < at:
            continue
        mark = opening["mark"]
        closing = next((f for f in fences if f["mark"].startswith(mark)), None)
        end = closing.end() if closing else len(text)
        pieces += (text[at : opening.start()], _NOT_NEWLINE.sub("", text[opening.start() : end]))
        at = end
    pieces.append(text[at:])
    return _MARKDOWN_LINK.sub(_anchor, _INLINE_CODE.sub(_shown_code, "".join(pieces)))


def _anchor(match: re.Match[str]) -> str:
    return f'<a href="{match["url"]}">{match["words"]}</a>'


def _shown_code(match: re.Match[str]) -> str:
    """Markup inside code is shown, not used."""
    return match[0].replace("<", "&lt;")


def _without(text: str, opening: str, closing: str) -> str:
    """The text without what stands between two marks, line feeds kept; an opening without its end stays."""
    pieces: list[str] = []
    at = 0
    while (start := text.find(opening, at)) >= 0 and (end := text.find(closing, start)) >= 0:
        end += len(closing)
        pieces += (text[at:start], "\n" * text.count("\n", start, end))
        at = end
    return "".join([*pieces, text[at:]])
