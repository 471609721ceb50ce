"""Sources that hold markup (Markdown, JSX, templates): read as their readers would see them."""

from __future__ import annotations

import re
from collections.abc import Callable

__all__ = ["without_code"]

_FENCE = re.compile(r"^(?P<indent>[ ]{0,3})(?P<mark>`{3,}|~{3,})[^\n]*$", re.MULTILINE)
_INLINE_CODE = re.compile(r"`([^`\n]+)`")
# What stands before a template literal: an assignment, an argument, or a key alone on its line.
_BEFORE_LITERAL = re.compile(r"(?:[=({\[+?]|=>|\breturn|\n[ \t]{0,40}[\w\"']{1,40}:)[ \t]{0,4}\Z")
# Attributes inside the strings of a program, and attributes of markup itself.
_ESCAPED_QUOTE = re.compile(r"\w=\\[\"']")
_PLAIN_QUOTE = re.compile(r"\w=[\"']")
_JSX_BLANK = re.compile(r"""\{(?:' '|" ")\}""")
# A link as Markdown writes it; behind =" it is a value that an editor has spoilt, and stays.
_MARKDOWN_LINK = re.compile(
    r"""\[(?<![="!\\]\[)(?P<words>[^\[\]]{0,500})\]\((?P<url>https?://[^\s()<>"]{1,2000})(?:\s+"[^"\n]{0,500}")?\)"""
)
_NOT_NEWLINE = re.compile(r"[^\n]+")


def without_code(text: str) -> str:
    """A source without what its readers would see as code or not at all; lines keep their numbers."""
    text = _outside_scripts(text, _unquoted)
    text = _JSX_BLANK.sub(" ", _without(text, "{/*", "*/}"))
    pieces: list[str] = []
    at = 0
    fences = _FENCE.finditer(text) if "```" in text or "~~~" in text else iter(())
    for opening in fences:
        if opening.start() < at:
            continue
        mark = opening["mark"]
        closing = next((f for f in fences if f["mark"].startswith(mark)), None)
        end = closing.end() if closing else len(text)
        pieces += (text[at : opening.start()], _NOT_NEWLINE.sub("", text[opening.start() : end]))
        at = end
    pieces.append(text[at:])
    shown = _outside_scripts("".join(pieces), _with_code)
    return _MARKDOWN_LINK.sub(_anchor, shown) if "](http" in shown else shown


def _anchor(match: re.Match[str]) -> str:
    return f'<a href="{match["url"]}">{match["words"]}</a>'


def _outside_scripts(text: str, change: Callable[[str], str]) -> str:
    """A change of what is markup: in scripts the same marks mean something else."""
    pieces: list[str] = []
    at = 0
    while (start := text.find("<script", at)) >= 0 and (end := text.find("</script", start)) >= 0:
        pieces += (change(text[at:start]), text[start:end])
        at = end
    return "".join([*pieces, change(text[at:])])


def _unquoted(text: str) -> str:
    """The source of a program whose strings hold markup: quotes and slashes without their escapes."""
    if '\\"' not in text and "\\'" not in text:
        return text
    if len(_ESCAPED_QUOTE.findall(text)) <= len(_PLAIN_QUOTE.findall(text)):
        return text
    return text.replace('\\"', '"').replace("\\'", "'").replace("\\/", "/")


def _with_code(text: str) -> str:
    return _INLINE_CODE.sub(_shown_code, text)


def _shown_code(match: re.Match[str]) -> str:
    """Markup inside code is shown, not used; a template literal of JavaScript is used."""
    if "<" not in match[0] or _BEFORE_LITERAL.search(match.string, max(0, match.start() - 80), match.start()):
        return match[0]
    return f"<code>{match[0].replace('<', '&lt;')}</code>"


def _without(text: str, opening: str, closing: str) -> str:
    """The text without what stands between two marks, line feeds kept; an opening without its end stays."""
    pieces: list[str] = []
    at = 0
    while (start := text.find(opening, at)) >= 0 and (end := text.find(closing, start)) >= 0:
        end += len(closing)
        pieces += (text[at:start], "\n" * text.count("\n", start, end))
        at = end
    return "".join([*pieces, text[at:]])
