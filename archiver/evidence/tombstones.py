"""Rows of a capture with words taken out of it: what stays is a tombstone, and nothing from which the
words could be guessed.

Keys and digests that were made from the words are made again from what is left, so that the same article,
read again, leads to the same rows.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from archiver import identity, ids, provenance, rows
from archiver.evidence.words import MARK, Words
from archiver.text import plain_words

__all__ = ["STATE", "account", "signs", "token", "tombstone_key", "without"]

Row = dict[str, Any]
Rows = dict[str, list[Row]]

STATE = identity.REDACTED
"""The ``text_state`` of a post whose words were taken out."""

_FORGOTTEN = ("text", "text_key", "media_key", "language", "span_start", "span_end", "evidence")
_PROSE = {
    "captures": ("title", "byline", "reason"),
    "notes": ("detail",),
    "links": ("text",),
    "quotations": ("text", "sentence"),
    "flags": ("detail",),
}
_AROUND = ("context_before", "context_after")
_BEGINS = 30
"""So many characters of a cut text say which one it is, as in the rules of identity."""
_CUT = ("…", "...")
# Each guess at words costs the work of this: about a twentieth of a second.
_COST = {"n": 2**14, "r": 8, "p": 1}


def account(platform: str, handle: str | None) -> str:
    """Whose words are compared."""
    return f"{platform}:@{handle.lower()}" if handle else f"{platform}:"


def signs(text: str, text_state: str, known: bool = False) -> list[str]:
    """By what words may be known again, all to be made a `token` of: their fingerprint; how they begin,
    where they are cut, or may be met cut later (``known``)."""
    begins, found = plain_words(text)[:_BEGINS], [ids.text_key("", None, text)]
    if len(begins) == _BEGINS and (known or text_state != "full" or text.rstrip().endswith(_CUT)):
        found.append(f"begins:{begins}")
    return found


def token(account: str, sign: str) -> str:
    """What words of an account are known by when they come again: slow to make, so slow to guess."""
    words = sign.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(words, salt=account.encode("utf-8", "surrogatepass"), **_COST).hex()[:40]


def tombstone_key(key: str, platform: str, handle: str | None, text: str | None) -> str:
    """The key of a redacted post: its own, where that is not made of the words."""
    if text is None or key != ids.text_key(platform, handle, text):
        return key
    whose = account(platform, handle)
    return f"{whose}{':' * (not whose.endswith(':'))}{STATE}:{token(whose, signs(text, 'full')[0])[:20]}"


def without(found: Rows, post_of: Callable[[Row], str | None], anywhere: Iterable[str] = ()) -> Rows:
    """The rows of a capture without the words of the posts that it quotes, and without longer runs of the
    words of others. ``post_of``: the redacted post that a quote is of, None for other quotes."""
    posts = {quote["id"]: post for quote in found["quotes"] if (post := post_of(quote))}
    said = [quote for quote in found["quotes"] if quote["id"] in posts and quote["text"]]
    here = [quote["text"] for quote in said]
    here += [row["text"] for row in found.get("quotations", ()) if row["quote"] in posts]
    named_by = [name for quote in said if (name := quote["native_id"] or quote["author_handle"])]
    words = Words(here, anywhere, named_by)
    (capture,) = found["captures"]
    bodies, names = _bodies(found, words, bool(here))
    article = names["article_key"]
    renamed = article != capture["article_key"]
    new_ids: dict[str, str] = {}
    equals: Counter[str] = Counter()
    quotes = []
    for quote in found["quotes"]:
        made = _quote(quote, posts.get(quote["id"]), words)
        made |= {"article": article, "capture": _again(quote["capture"], capture["id"], names["id"])}
        if quote["id"] in posts or renamed:
            made["id"] = rows.quote_id(made, equals)
        new_ids[quote["id"]] = made["id"]
        quotes.append(made)
    return {
        "captures": [{**_prose("captures", capture, words), **names}],
        "sources": [{**row, "capture": names["id"]} for row in found.get("sources", ())],
        "bodies": bodies,
        "notes": [{**_prose("notes", row, words), "capture": names["id"]} for row in found.get("notes", ())],
        "quotes": quotes,
        "sightings": [
            {**row, "capture": names["id"], "quote": new_ids[row["quote"]]} for row in found["sightings"]
        ],
        **{table: list(_parts(table, found, new_ids, posts, words)) for table in ("links", "quotations")},
        "flags": [_flag(row, new_ids, posts, words) for row in found["flags"]],
    }


def _parts(
    table: str, found: Rows, new_ids: Mapping[str, str], posts: Mapping[str, str], words: Words
) -> Iterator[Row]:
    """What belongs to the quotes that are not redacted."""
    for row in found.get(table, ()):
        if row["quote"] not in posts:
            yield {**_prose(table, row, words), "quote": new_ids[row["quote"]]}


def _again(value: Any, old: str, new: str) -> Any:
    return new if value == old else value


def _quote(quote: Row, post: str | None, words: Words) -> Row:
    made = dict(quote)
    for name in _AROUND:
        made[name] = words.without(quote[name], edges=True) if quote[name] else quote[name]
    if post is None:
        made["fragment"] = words.without(quote["fragment"])
        # Places in a fragment that has changed are others.
        return made if made["fragment"] == quote["fragment"] else {**made, "evidence": provenance.kept(made)}
    key = quote["post_key"] if quote["native_id"] else post
    return {
        **made,
        **dict.fromkeys(_FORGOTTEN),
        "post": key,
        "post_key": key,
        "text_state": STATE,
        "fragment": "",
    }


def _prose(table: str, row: Row, words: Words) -> Row:
    changed = {name: words.without(row[name]) for name in _PROSE[table] if row.get(name)}
    return {**row, **changed}


def _flag(row: Row, new_ids: Mapping[str, str], posts: Mapping[str, str], words: Words) -> Row:
    made = {**_prose("flags", row, words), "quote": new_ids[row["quote"]]}
    if made["quote"] != row["quote"]:
        made["id"] = ids.digest("flag", made["quote"], row["code"])
        made["post"] = posts.get(row["quote"], row["post"])
    return made


def _bodies(found: Rows, words: Words, must: bool) -> tuple[list[Row], Row]:
    """The body without the words, and what follows from a body in the row of its capture. Where the words
    ``must`` be in it and cannot be found, or it is not kept, there is none afterwards."""
    (capture,) = found["captures"]
    bodies = found.get("bodies")
    same = {name: capture.get(name) for name in ("id", "article_key", "sha256")}
    if bodies is None or not words:
        return bodies or [], same
    old = next((rows.body_of(row) for row in bodies if row["sha256"] == capture["sha256"]), None)
    body = _scrubbed(old, capture["charset"], words) if old is not None else None
    if (body == old and body is not None) or (body is None and not must):
        return bodies, same
    what = (body,) if body is not None else (STATE, capture["origin"], str(capture.get("record_offset")))
    article = capture["article_key"]
    if not capture["url"] and old is not None and article == ids.digest("article", "", old):
        article = ids.digest("article", "", *what)
    names = {"id": ids.digest("capture", article, *what), "article_key": article, "sha256": None}
    if body is None:
        return [], names
    return [rows.body_row(body)], {**names, "sha256": ids.sha256(body)}


def _scrubbed(body: bytes, charset: str | None, words: Words) -> bytes | None:
    """None where the words are not to be found, in whatever way they are written there."""
    for codec, errors in ((charset or "utf-8", "strict"), ("utf-8", "surrogateescape")):
        try:
            text = body.decode(codec, errors)
            if text.encode(codec, errors) != body:
                continue
        except (UnicodeError, LookupError):
            continue
        less = words.without(text)
        if less != text and not words.spans(less.replace(MARK, "\n")):
            return less.encode(codec, errors)
        # A page that was cleaned already shows the mark.
        return body if MARK in text and less == text else None
    return None
