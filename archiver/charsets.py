"""Bytes to text, by the rules of the WHATWG Encoding and HTML standards, with detection as the last resort.

Labels are looked up in webencodings (the standard's table); where nothing is declared and the bytes are
not UTF-8, charset-normalizer guesses from a sample.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

import webencodings

from archiver.text import encoded

__all__ = ["Decoded", "decode", "in_utf8", "lossless"]

_META_CHARSET = re.compile(
    rb"""<meta\b[^>]{0,512}?\bcharset\s*=\s*["']?\s*([a-z0-9_:.()-]{2,40})""", re.IGNORECASE
)
_XML_ENCODING = re.compile(
    rb"""^\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']([a-z0-9_.:-]{2,40})""", re.IGNORECASE
)
_HEAD = 4096
_SAMPLE = 64 * 1024
_TIE = 0.01
_LEADS = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")
_JIS = re.compile(rb"\x1b\$[@B][!-~]+\x1b\([BJ]")
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ORDERED = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Python's codec for a label, where it differs from the standard's decoder of that name.
_WIDER = {"shift_jis": "cp932", "euc-kr": "cp949", "gbk": "gb18030", "gb2312": "gb18030", "big5": "big5hkscs"}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A body as text. ``charset`` is what it was read in; ``damaged`` counts the places that did not
    decode and stand as U+FFFD."""

    text: str
    charset: str
    damaged: int = 0


def decode(body: bytes, declared: str | None = None, markup: bool = True) -> Decoded:
    """The text of a body. In order: byte order mark, ``declared`` (transport), the document's own
    declaration (``markup`` only), UTF-8 where the bytes are UTF-8, UTF-16/32 without a mark, detection.

    A declaration that does not fit the bytes while UTF-8 does is not believed.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _decoded(body, name)
    wide = _wide(body)
    if wide:
        return _decoded(body, wide)
    labels = [declared, _own_label(body) if markup else None]
    for label in filter(None, labels):
        found = _declared(body, label)
        if found:
            return found
    if body.isascii() and _JIS.search(body):
        return _decoded(body, "iso2022_jp")
    try:
        return Decoded(body.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _decoded(body, _guess(body))


def in_utf8(body: bytes, decoded: Decoded) -> bytes:
    """What was decoded in UTF-8, without a byte order mark: for most bodies, they themselves."""
    if decoded.charset == "utf-8" and not decoded.damaged:
        return body.removeprefix(codecs.BOM_UTF8)
    return encoded(decoded.text)


def lossless(body: bytes, charset: str) -> tuple[str, str] | None:
    """A body as text, and the codec by which that text, piece by piece, is that body again; bytes that are
    no text stand as lone surrogates. ``charset``: as `decode` names it. None where the body does not come
    back as it was."""
    wide = next((name for mark, name in _ORDERED if body.startswith(mark)), None)
    codec = wide if wide and charset.startswith(("utf-16", "utf-32")) else _WIDER.get(charset, charset)
    try:
        text = body.decode(codec, "surrogateescape")
        return (text, codec) if text.encode(codec, "surrogateescape") == body else None
    except (UnicodeError, LookupError):
        return None


def _own_label(body: bytes) -> str | None:
    head = body[:_HEAD]
    found = _XML_ENCODING.search(head) or _META_CHARSET.search(head)
    return found[1].decode("ascii") if found else None


def _declared(body: bytes, label: str) -> Decoded | None:
    """The body in a declared charset; None where the label is unknown or UTF-8 fits and it does not."""
    encoding = webencodings.lookup(label)
    if encoding is None or encoding.name in ("replacement", "x-user-defined"):
        return None
    if encoding.name.startswith("utf-16"):
        # A page that can be read as ASCII far enough to say so is not in UTF-16 (HTML standard).
        return None
    strict = _codec(encoding)
    try:
        text = body.decode(strict)
    except UnicodeDecodeError:
        return _mistaken(body) or _decoded(body, strict)
    if not body.isascii() and encoding.name != "utf-8":
        return _mistaken(body) or Decoded(text, encoding.name)
    return Decoded(text, encoding.name)


def _mistaken(body: bytes) -> Decoded | None:
    """The body as UTF-8 where it is UTF-8 beyond doubt: other encodings hardly ever pass by chance."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return Decoded(text, "utf-8") if not body.isascii() else None


def _codec(encoding: webencodings.Encoding) -> str:
    return _WIDER.get(encoding.name) or str(encoding.codec_info.name)


def _decoded(body: bytes, codec: str) -> Decoded:
    text = body.decode(codec, "replace")
    damaged = text.count("\ufffd") - body.count(b"\xef\xbf\xbd") if "\ufffd" in text else 0
    return Decoded(text, codec.removesuffix("-sig"), max(0, damaged))


def _wide(body: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: Latin letters and markup leave every other byte zero."""
    sample = body[:2000]
    if len(sample) < 8 or b"\0" not in sample:
        return None
    size = len(sample) // 4
    zeros = [sample[i::4].count(0) for i in range(4)]
    if zeros[0] == zeros[1] == zeros[2] and zeros[0] > 0.9 * size and zeros[3] == 0:
        return "utf-32-be"
    if min(zeros[1:]) > 0.9 * size and zeros[0] == 0:
        return "utf-32-le"
    even, odd = zeros[0] + zeros[2], zeros[1] + zeros[3]
    if odd > 0.5 * size and even <= 0.02 * size:
        return "utf-16-le"
    if even > 0.5 * size and odd <= 0.02 * size:
        return "utf-16-be"
    return None


def _guess(body: bytes) -> str:
    """A charset by detection, Windows-1252 where detection gives none. A body that is UTF-8 but for a
    few damaged places is UTF-8."""
    damaged = body.decode("utf-8", "replace").count("\ufffd")
    high = sum(1 for _ in _LEADS.finditer(body))
    if high > 4 * damaged:
        return "utf-8"
    from charset_normalizer import from_bytes

    matches = from_bytes(_telling(body), steps=5, chunk_size=2048, threshold=0.3)
    best = matches.best()
    if best is None:
        return "cp1252"
    # The commonest code page wins a tie with its neighbours, which differ in a few letters only.
    rivals = (match.encoding for match in matches if match.chaos <= best.chaos + _TIE)
    return "cp1252" if "cp1252" in rivals else _WIDER.get(best.encoding, best.encoding)


def _telling(body: bytes) -> bytes:
    """A sample around what is not ASCII: markup alone says nothing of the charset."""
    if len(body) <= _SAMPLE:
        return body
    lines = [line for line in body.split(b"\n") if not line.isascii()]
    return b"\n".join(lines)[:_SAMPLE]
