"""Reading an archive: search, one post with all that quotes it, figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from archiver import provenance, results, risk
from archiver.database import open_reader, plain_errors
from archiver.errors import ArchiverError

__all__ = ["Wanted", "at_risk", "condition", "figures", "known", "lifetimes", "post", "search", "terms"]

Row = dict[str, Any]

_TERM = re.compile(r'["“”„«»]([^"“”„«»]+)["“”„«»]|(\S+)')
# Scripts that set no blanks between words, or join particles to them: Thai, Lao, Khmer, Burmese, Hangul,
# kana, CJK.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_SEGMENT = re.compile(r"[^/?&=#]+")
_WILD = re.compile(r"([%_\\])")
_TRIGRAM = 3
_SEARCHED = ("text", "author_name", "author_handle")
_FEW = 3
_PAGE = ("sha256", "container", "record_offset", "warc_record_id")
"""What tells where the page is that a quote was read in."""
_TOP = 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search is narrowed to. ``since`` and ``until`` are ISO days, both included; ``author`` is a
    handle, with or without "@"; ``site`` a host."""

    platform: str | None = None
    author: str | None = None
    site: str | None = None
    since: str | None = None
    until: str | None = None
    limit: int = 20


class _Reader:
    """Rows of an archive as dicts."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def all(self, sql: str, *values: Any) -> list[Row]:
        return results.every(self._connection, sql, *values)

    def each(self, sql: str, *values: Any) -> Iterator[Row]:
        return results.each(self._connection, sql, *values)

    def pairs(self, sql: str, *values: Any) -> dict[str, int]:
        return {str(name): count for name, count in self._connection.execute(sql, values)}

    def number(self, sql: str) -> int:
        (value,) = self._connection.execute(sql).fetchone()
        return int(value)


@contextmanager
def _reader(path: str) -> Iterator[_Reader]:
    db = open_reader(path)
    try:
        with plain_errors(path):
            yield _Reader(db.conn)
    finally:
        db.conn.close()


def search(path: str, words: str, wanted: Wanted) -> tuple[list[Row], int]:
    """The posts that hold all of the words (in text, name or handle), the most quoted first, each with
    ``articles``, the first few that quote it; and how many there are in all.

    Diacritics and case are no matter; words in quotation marks stand together; a word that ends in * is
    a beginning. In writing without blanks a word is found wherever it stands. No words: all posts.
    """
    conditions, values = _conditions(words, wanted)
    where = " AND ".join(conditions) or "1"
    with _reader(path) as read:
        total = read.all(f"SELECT count(*) AS n FROM posts WHERE {where}", *values)[0]["n"]
        found = read.all(
            f"SELECT * FROM posts WHERE {where} ORDER BY quote_count DESC, posted_earliest DESC, id LIMIT ?",
            *values,
            wanted.limit,
        )
        for row in found:
            row["articles"] = read.all(_QUOTING + " LIMIT ?", row["id"], _FEW)
        return found, total


def terms(words: str) -> list[tuple[str, str]]:
    """The words and phrases of a search, each as the index that answers for it and what to ask it:
    ``("posts_fts", '"light"*')``; ``("", "灯")`` where only the rows themselves can."""
    return [_term(phrase or word) for phrase, word in _TERM.findall(words)]


def condition(index: str, asked: str) -> tuple[str, list[str]]:
    """One of `terms` as a condition on posts."""
    if index:
        return f"posts.rowid IN (SELECT rowid FROM {index} WHERE {index} MATCH ?)", [asked]
    piece = "%" + _WILD.sub(r"\\\1", asked) + "%"
    likes = " OR ".join(f"posts.{name} LIKE ? ESCAPE '\\'" for name in _SEARCHED)
    return f"({likes})", [piece] * len(_SEARCHED)


def _conditions(words: str, wanted: Wanted) -> tuple[list[str], list[Any]]:
    found = [condition(*term) for term in terms(words)]
    conditions = [sql for sql, _ in found]
    values: list[Any] = [value for _, several in found for value in several]
    narrowed = (
        ("platform = ?", wanted.platform),
        ("author_handle = ? COLLATE NOCASE", (wanted.author or "").lstrip("@") or None),
        ("posted_on >= ?", wanted.since),
        ("posted_on <= ?", wanted.until),
        (
            "id IN (SELECT post FROM quotes JOIN articles ON articles.id = quotes.article WHERE site = ?)",
            wanted.site,
        ),
    )
    conditions += [condition for condition, value in narrowed if value is not None]
    return conditions, values + [value for _, value in narrowed if value is not None]


def _term(term: str) -> tuple[str, str]:
    bare = term.strip("#@＃＠.,;:!?()[]") or term
    if _UNSPACED.search(bare):
        if len(bare) >= _TRIGRAM:
            return "posts_trigrams", f'"{_doubled(bare)}"'
    elif any(letter.isalnum() for letter in bare):
        start = bare.removesuffix("*")
        return "posts_fts", f'"{_doubled(start)}"{"*" * (start != bare)}'
    return "", bare


def _doubled(term: str) -> str:
    return term.replace('"', '""')


def post(path: str, name: str) -> Row:
    """A post with ``quotes``: every place that quotes it, with the words around. ``name``: its key, an
    old key, its address, its number, or the beginning of a key. ArchiverError where that is no post or
    several."""
    with _reader(path) as read:
        key = _key(read, name.strip())
        found = read.all("SELECT * FROM posts WHERE id = ?", key)[0]
        found["quotes"] = read.all(_QUOTES, key)
        for quote in found["quotes"]:
            quote["flags"] = [
                row["code"]
                for row in read.all("SELECT code FROM flags WHERE quote = ? ORDER BY code", quote["id"])
            ]
            quote["links"] = read.all(_LINKS, quote["id"])
            quote["quotations"] = read.all(_QUOTATIONS, quote["id"])
            page = {name: quote.pop(name) for name in _PAGE} | {"url": quote["article_url"]}
            quote["evidence"] = provenance.annotated(quote, page | {"captured_at": quote["captured_at"]})
        found["aliases"] = [row["alias"] for row in read.all(_ALIASES, key)]
        found["checks"] = read.all("SELECT * FROM checks WHERE post = ? ORDER BY checked_at", key)
        found["copies"] = read.all("SELECT * FROM copies WHERE post = ? ORDER BY archived_at, url", key)
        return found


def _key(read: _Reader, name: str) -> str:
    for sql in _NAMED:
        found = read.all(sql, name)
        if not found and sql is _BY_NUMBER and "/" in name:
            found = [row for part in _SEGMENT.findall(name) for row in read.all(sql, part)]
        if len(found) == 1:
            return str(found[0]["id"])
        if found:
            keys = ", ".join(sorted(row["id"] for row in found)[:4])
            raise ArchiverError(f"{name}: several posts begin so: {keys}{' …' * (len(found) > 4)}")
    raise ArchiverError(f"{name}: no such post in the archive; find its key with archiver search")


@contextmanager
def known(path: str) -> Iterator[Callable[[str], Row | None]]:
    """A function that tells what the archive knows of a post by its key, old keys too: its row, with
    ``copy_url`` and ``copied_at`` of its earliest copy; None where it knows nothing."""
    with _reader(path) as read:

        def ask(key: str) -> Row | None:
            found = read.all(_KNOWN, key)
            if not found:
                return None
            copies = read.all(_EARLIEST_COPY, found[0]["id"])
            return {**found[0], **(copies[0] if copies else {"copy_url": None, "copied_at": None})}

        yield ask


def figures(path: str) -> Row:
    """What an archive holds: counts, and the first few of each kind by number."""
    with _reader(path) as read:
        counts = {name: read.number(f"SELECT count(*) FROM {sql}") for name, sql in _COUNTS.items()}
        period = read.all("SELECT min(posted_on) AS first, max(posted_on) AS last FROM posts")[0]
        tops = {name: read.pairs(sql + " LIMIT ?", _TOP) for name, sql in _TOPS.items()}
        return {**counts, "period": period, **tops}


def lifetimes(path: str) -> Iterator[Row]:
    """The rows of the view ``lifetimes``: what checks tell of how long posts stayed online."""
    with _reader(path) as read:
        yield from read.each("SELECT * FROM lifetimes")


def at_risk(path: str, limit: int) -> list[Row]:
    """The posts to save first; see `risk.ranked`."""
    with _reader(path) as read:
        platforms, authors = (
            {row["name"]: (row["asked"], row["gone"]) for row in read.all(_ASKED.format(name))}
            for name in ("platform", "author")
        )
        return risk.ranked(read.each(_NOT_GONE), platforms, authors, limit)


_GONE = "state IN ('deleted', 'suspended', 'private', 'unavailable')"
_ASKED = (
    f"SELECT {{0}} AS name, count(*) AS asked, sum({_GONE}) AS gone FROM posts"
    f" WHERE (state = 'live' OR {_GONE}) AND {{0}} IS NOT NULL GROUP BY 1"
)
_NOT_GONE = (
    "SELECT posts.*, (SELECT count(*) FROM copies WHERE copies.post = posts.id) AS copies FROM posts"
    f" WHERE quote_count > 0 AND (state IS NULL OR NOT {_GONE})"
)
_QUOTING = (
    "SELECT DISTINCT articles.id, articles.title, articles.site, articles.url, captures.origin AS source"
    " FROM quotes JOIN articles ON articles.id = quotes.article"
    " JOIN captures ON captures.id = quotes.capture"
    " WHERE quotes.post = ? ORDER BY articles.published_on IS NULL, articles.published_on, articles.id"
)
_QUOTES = (
    "SELECT quotes.*, articles.title, articles.site, articles.url AS article_url, articles.published_on,"
    f" captures.origin AS source, captures.captured_at, {', '.join(f'captures.{name}' for name in _PAGE)}"
    " FROM quotes JOIN articles ON articles.id = quotes.article"
    " JOIN captures ON captures.id = quotes.capture WHERE quotes.post = ?"
    " ORDER BY articles.published_on IS NULL, articles.published_on,"
    " quotes.article, quotes.position, quotes.id"
)
_QUOTATIONS = (
    "SELECT kind, text, sentence, signs, place, span_start, span_end FROM quotations WHERE quote = ?"
    " ORDER BY position"
)
_LINKS = "SELECT kind, text, url, expanded_url FROM links WHERE quote = ? ORDER BY position"
_ALIASES = "SELECT alias FROM aliases WHERE post = ? ORDER BY alias"
_BY_NUMBER = "SELECT id FROM posts WHERE native_id = ?"
_NAMED = (
    "SELECT id FROM posts WHERE id = ?",
    "SELECT post AS id FROM aliases WHERE alias = ?",
    "SELECT id FROM posts WHERE url = ?",
    "SELECT DISTINCT post AS id FROM quotes WHERE url_written = ?",
    _BY_NUMBER,
    "SELECT id FROM posts WHERE substr(id, 1, length(?1)) = ?1 LIMIT 5",
)
_KNOWN = (
    "SELECT * FROM posts WHERE id = ?1 OR id = (SELECT post FROM aliases WHERE alias = ?1)"
    " ORDER BY id <> ?1 LIMIT 1"
)
_EARLIEST_COPY = (
    "SELECT url AS copy_url, archived_at AS copied_at FROM copies WHERE post = ?"
    " ORDER BY archived_at IS NULL, archived_at, url LIMIT 1"
)
_COUNTS = {
    "posts": "posts",
    "quotes": "quotes WHERE kind = 'embed'",
    "citations": "quotes WHERE kind = 'citation'",
    "articles": "articles",
    "sites": "(SELECT DISTINCT site FROM articles WHERE site IS NOT NULL)",
    "authors": "authors",
    "captures": "captures",
    "notes": "notes",
    "quotations": "quotations",
    "flagged": "(SELECT DISTINCT quote FROM flags)",
    "without_text": "posts WHERE text IS NULL",
    "lost": "lost_posts",
}
_BY_COUNT = "GROUP BY 1 ORDER BY 2 DESC, 1"
_TOPS = {
    "outcomes": f"SELECT outcome, count(*) FROM captures {_BY_COUNT}",
    "platforms": f"SELECT platform, count(*) FROM posts {_BY_COUNT}",
    "forms": f"SELECT form, count(*) FROM quotes {_BY_COUNT}",
    "flags": f"SELECT code, count(*) FROM flags {_BY_COUNT}",
    "states": f"SELECT state, count(*) FROM posts WHERE state IS NOT NULL {_BY_COUNT}",
    "years": f"SELECT substr(posted_on, 1, 4), count(*) FROM posts WHERE posted_on IS NOT NULL {_BY_COUNT}",
    "most_quoted": "SELECT coalesce('@' || handle, name), quote_count FROM authors ORDER BY 2 DESC, 1",
    "quoting_sites": "SELECT site, count(*) FROM quotes JOIN articles ON articles.id = quotes.article"
    f" WHERE site IS NOT NULL AND kind = 'embed' {_BY_COUNT}",
}
