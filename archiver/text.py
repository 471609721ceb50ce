"""Spaces, invisible marks, digits and fingerprints of a text."""

from __future__ import annotations

import hashlib
import re
import sys
import unicodedata

__all__ = [
    "FINGERPRINT_VERSION",
    "ascii_digits",
    "encoded",
    "file_name",
    "fingerprint",
    "has_address",
    "keep_newlines",
    "plain_marks",
    "plain_words",
    "squeeze",
    "tidy_lines",
    "visible",
]

FINGERPRINT_VERSION = 1
"""The version of the rule of `fingerprint`; stored with every archive, raised when the rule changes."""

# White space of Unicode plus the blanks that some tools write for it.
_SPACE = re.compile(r"[\s\u200b\ufeff]+")
_LINE_SPACE = re.compile(r"[^\S\n]+")
_AROUND_BREAK = re.compile(r" ?\n ?")
# Marks that show nothing: soft hyphen, zero-width space, bidi controls, word joiner, byte order mark.
# ZWNJ, ZWJ and variation selectors stay: Persian words and emoji are made with them.
_MARKS = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
# Control characters, bidi controls and lone surrogates: what a terminal must never be sent.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff\ufeff]"
)
# An address, or a link that a platform shortens without a scheme ("pic.example.com/code").
_ADDRESS = re.compile(r"https?://\S+|\bpic\.[a-z0-9.-]{1,60}/\S+", re.IGNORECASE)
# A line feed written as a character reference is meant as one; a browser would show a blank, but the
# tools that wrote it took it out of a post. Inside tags (attribute values) it stays.
_NEWLINE_REFERENCE = re.compile(rb"&#(?:10|[xX]0{0,3}[aA]);")
_NO_BLANK = re.compile(r"\s+")
# Half characters: Python's sign for a byte of a file name that is no UTF-8, and for any other half.
_BYTE = re.compile("[\udc80-\udcff]")
_HALF = re.compile("[\ud800-\udfff]")


def _digit_table() -> dict[int, str]:
    """Every Unicode decimal digit but the ASCII ones, mapped to its ASCII digit."""
    return {
        point: str(unicodedata.digit(chr(point)))
        for point in range(0x80, sys.maxunicode + 1)
        if unicodedata.category(chr(point)) == "Nd"
    }


_DIGITS: dict[int, str] = {}


def file_name(name: str) -> str:
    """The name of a file as text that a database holds and a person can type: of a byte that is no UTF-8 its
    number, as the shell's ``$'...'`` has it.

    >>> file_name("caf\\udce9.html")
    'caf\\\\xe9.html'
    """
    return _HALF.sub("\ufffd", _BYTE.sub(lambda byte: f"\\x{ord(byte[0]) - 0xDC00:02x}", name))


def squeeze(text: str) -> str:
    """The text on one line: each run of white space (NBSP and line breaks too) one blank, ends trimmed.

    >>> squeeze(" 7 июля\\xa02016\\nг. ")
    '7 июля 2016 г.'
    """
    return _SPACE.sub(" ", text).strip()


def tidy_lines(text: str) -> str:
    """Blanks squeezed inside each line, lines trimmed, line breaks kept, ends trimmed.

    >>> tidy_lines(" a  b \\r\\n\\n c ")
    'a b\\n\\nc'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _AROUND_BREAK.sub("\n", _LINE_SPACE.sub(" ", text)).strip()


def plain_marks(text: str) -> str:
    """The text without marks that show nothing (bidi controls, zero-width space, soft hyphen)."""
    return _MARKS.sub("", text)


def ascii_digits(text: str) -> str:
    """Decimal digits of every script as 0-9; the length stays the same.

    >>> ascii_digits("٢ فبراير ٢٠٢٠")
    '2 فبراير 2020'
    """
    if text.isascii():
        return text
    if not _DIGITS:
        _DIGITS.update(_digit_table())
    return text.translate(_DIGITS)


def fingerprint(text: str) -> str:
    """20 hex digits that equal texts share: NFKC, case folded, addresses and media links taken out
    (where nothing else is left, they are the text), white space taken together; version
    `FINGERPRINT_VERSION`.

    >>> fingerprint("Hello  World https://example.org/a") == fingerprint("hello world")
    True
    """
    folded = plain_words(text) or _folded(text)
    return hashlib.sha256(folded.encode("utf-8", "replace")).hexdigest()[:20]


def plain_words(text: str) -> str:
    """The words alone, as `fingerprint` compares them: without addresses, in one case, single blanks.

    >>> plain_words("Hello  WORLD pic.example.com/a1B2")
    'hello world'
    """
    return _folded(_ADDRESS.sub(" ", text))


def has_address(text: str) -> bool:
    """Whether an address stands in a text, or a link that a platform has shortened.

    >>> has_address("Look! pic.example.com/a1B2"), has_address("Look!")
    (True, False)
    """
    return _ADDRESS.search(text) is not None


def _folded(text: str) -> str:
    return _NO_BLANK.sub(" ", unicodedata.normalize("NFKC", plain_marks(text)).casefold()).strip()


def visible(text: str) -> str:
    """The text as a terminal may show it: control, bidi and broken characters written as ``\\\\x1b``,
    ``\\\\u202e``; tab and line feed stay.

    >>> visible("a\\x1b[31m")
    'a\\\\x1b[31m'
    """
    return _UNSAFE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    point = ord(match[0])
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}"


def encoded(text: str) -> bytes:
    """The text in UTF-8, half characters (lone surrogates) as U+FFFD."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return _HALF.sub("\ufffd", text).encode("utf-8")


def keep_newlines(markup: bytes) -> bytes:
    """Markup with line feeds that are written as character references as elements, outside of tags."""
    pieces: list[bytes] = []
    at, open_at, close_at = 0, -1, -1
    for match in _NEWLINE_REFERENCE.finditer(markup):
        open_at = max(open_at, markup.rfind(b"<", at, match.start()))
        close_at = max(close_at, markup.rfind(b">", at, match.start()))
        pieces += (markup[at : match.start()], match[0] if open_at > close_at else b"<br>")
        at = match.end()
    return b"".join([*pieces, markup[at:]]) if pieces else markup
