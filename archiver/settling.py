"""What follows from new quotes: which post each is of, and the rows of articles, posts and authors.

Every answer is a function of the quotes that the archive holds, so that it does not depend on the order
in which they came: a post that a better quote takes over, and one that it gives back when a second one
makes the first doubtful.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from archiver import identity, ids, joining, recovering, results, verdicts

__all__ = ["LEARNT", "MISSING", "Settling"]

LEARNT = ("checks", "copies", "recovered", "media", "searches")
"""The tables of what was learnt of posts after they were quoted."""

Row = dict[str, Any]

_MOST_KEPT = 5000


class Settling:
    """Settles the rows of an archive, inside the transaction that is open on ``connection``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._run = connection.execute
        self._posts: dict[tuple[Any, ...], str] = {}
        self._found: dict[_Way, list[Row]] = {}

    def article(self, capture: Row, quotes: bool) -> None:
        """An article is there as soon as one of its captures quotes a post; then all of them are its."""
        article = capture.get("article_key")
        if article is None:
            return
        if not quotes and self.one("SELECT id FROM articles WHERE id = ?", article) is None:
            return
        captures = self.all("SELECT * FROM captures WHERE article_key = ?", article)
        stamps = [row["read_at"] for row in captures]
        row = {"id": article, **identity.settle_article(captures)}
        self._upsert("articles", {**row, "first_seen": min(stamps), "last_seen": capture["read_at"]})
        self.missing(article)
        self._run(
            "UPDATE captures SET article = article_key WHERE article_key = ? AND article IS NULL", (article,)
        )

    def missing(self, article: str) -> None:
        """Of how many of an article's quotes its latest capture shows nothing."""
        self._run(f"UPDATE articles SET missing = ({MISSING}) WHERE id = ?", (article, article))

    def rest(self, quotes: Iterable[Row]) -> None:
        """Everything that quotes which came or went leave to settle; articles that quote nothing go."""
        quotes = list(quotes)
        stamps = [row["read_at"] for row in self.all("SELECT max(read_at) AS read_at FROM captures")]
        self.posts(quotes, stamps[0] or "")
        unquoted = (
            "SELECT id FROM articles WHERE NOT EXISTS (SELECT 1 FROM quotes WHERE article = articles.id)"
        )
        self._run(f"UPDATE captures SET article = NULL WHERE article IN ({unquoted})")
        self._run(f"DELETE FROM articles WHERE id IN ({unquoted})")
        self._run(
            "UPDATE captures SET article = article_key"
            " WHERE article IS NOT article_key AND article_key IN (SELECT id FROM articles)"
        )

    def posts(self, quotes: Iterable[Row], read_at: str) -> None:
        """The posts of new quotes, those that they take over, and the authors of all of them."""
        self._forget()
        quotes = list(quotes)
        touched = {quote["post"] for quote in quotes}
        touched |= {row["post"] for quote in quotes for row in self.all(_OF, quote["id"])}
        for quote in self._doubtful(quotes):
            touched |= self._move(quote, self._post_of(quote))
        said = {_words(quote) for quote in quotes if quote["native_id"] and quote["text_key"]}
        touched |= {row["post"] for words in sorted(said, key=repr) for row in self.all(_SAYING, *words)}
        authors: set[str] = set()
        for post in sorted(touched):
            authors |= self._settle_post(post, read_at)
        self._settle_aliases(touched | {quote["post_key"] for quote in quotes})
        for author in sorted(authors):
            self._settle_author(author)

    def expand(self, column: str, value: str) -> None:
        """Where short links lead, as far as that was found out; of a ``quote``, or of one ``url``."""
        self._run(_EXPAND + (" WHERE quote = ?" if column == "quote" else " WHERE url = ?"), (value,))

    def one(self, sql: str, *values: Any) -> Row | None:
        """The first row of an answer."""
        return results.first(self._connection, sql, *values)

    def all(self, sql: str, *values: Any) -> list[Row]:
        """The rows of an answer."""
        return results.every(self._connection, sql, *values)

    def _doubtful(self, quotes: list[Row]) -> list[Row]:
        """The quotes without an id whose post may be another one now: the new ones, and what they touch."""
        found = {quote["id"]: quote for quote in quotes if not quote["native_id"]}
        found |= self._without_id(quotes)
        # What a quote takes over by its words may itself have been taken over by its media code.
        coded = [row for row in found.values() if row["text_key"] and row["post_key"] != row["text_key"]]
        return list({**self._without_id(coded), **found}.values())

    def _without_id(self, quotes: Iterable[Row]) -> dict[str, Row]:
        """The quotes without an id that share a key with some, or author and day: each way is gone once,
        however many quotes share it."""
        ways = {(sql, values) for quote in quotes for sql, values in _ways(quote, _WEAK)}
        return {row["id"]: row for way in sorted(ways) for row in self.all(way[0], *way[1])}

    def _post_of(self, quote: Row) -> str:
        """The key of the post that a quote is of, in the light of all that is near."""
        same = tuple(quote[name] for name in joining.KNOWN_BY if name != "id")
        if len(self._posts) > _MOST_KEPT:
            self._forget()
        if same not in self._posts:
            posts: set[str] = set()
            for row in joining.joined(quote, self._better(quote)):
                posts.add(row["post_key"] if row["native_id"] else self._post_of(row))
            self._posts[same] = posts.pop() if len(posts) == 1 else self._own_post(quote["post_key"])
        return self._posts[same]

    def _own_post(self, key: str) -> str:
        """The post of a quote that joins no other: by its key, or by the one that was found out later."""
        known = self.one(_RECOVERED_KEY, key)
        return str(known["value"] if known else key)

    def _better(self, quote: Row) -> list[Row]:
        """The quotes with a better key that share one with a quote, or author and day."""
        found: dict[str, Row] = {}
        for way in _ways(quote, _STRONG):
            if way not in self._found:
                self._found[way] = self.all(way[0], *way[1])
            found |= {row["id"]: row for row in self._found[way]}
        return [found[name] for name in sorted(found)]

    def _forget(self) -> None:
        """What was found before holds no longer."""
        self._posts.clear()
        self._found.clear()

    def _move(self, quote: Row, post: str) -> set[str]:
        """Brings a quote to a post; the posts that are touched."""
        before = self.one("SELECT post FROM quotes WHERE id = ?", quote["id"])
        if before is None or before["post"] == post:
            return set()
        self._run("UPDATE quotes SET post = ? WHERE id = ?", (post, quote["id"]))
        self._run("UPDATE flags SET post = ? WHERE quote = ?", (post, quote["id"]))
        return {str(before["post"]), post}

    def _settle_post(self, post: str, read_at: str) -> set[str]:
        """The row of a post; the authors that it touches. A post that nothing is a quote of is none."""
        before = self.one("SELECT author FROM posts WHERE id = ?", post)
        readings = self.all(_READINGS, post)
        authors = {before["author"]} if before and before["author"] else set()
        if not readings:
            if before:
                authors |= self._hand_on(post, read_at)
            self._run("DELETE FROM posts WHERE id = ?", (post,))
            return authors
        recovered = self.all(_RECOVERED, post)
        row = recovering.filled(identity.settle_post(readings), recovered)
        seen = self.one(_SEEN, post) or {}
        count = {"quote_count": seen["articles"], "first_seen": seen["first_seen"], "last_seen": read_at}
        self._upsert("posts", {"id": post, **row, **count})
        self._run(_STATE, (post,))
        self._settle_flags(post, row, readings, recovered)
        return authors | ({row["author"]} if row["author"] else set())

    def _hand_on(self, post: str, read_at: str) -> set[str]:
        """What was learnt of a post that is none any more belongs to the one that took it over; the authors
        that it touches."""
        if not any(self.one(f"SELECT 1 FROM {table} WHERE post = ?", post) for table in LEARNT):
            return set()
        heir = self.one(_HEIR, post) or self.one(_SAME_ADDRESS, post)
        for table in LEARNT:
            if heir:
                self._run(f"UPDATE {table} SET post = ? WHERE post = ?", (heir["post"], post))
            else:
                self._run(f"DELETE FROM {table} WHERE post = ?", (post,))
        return self._settle_post(heir["post"], read_at) if heir else set()

    def _settle_flags(self, post: str, row: Row, quotes: list[Row], recovered: list[Row]) -> None:
        """The flags of what disagrees between a post's quotes."""
        marks = ", ".join("?" * len(identity.COMPARED))
        self._run(f"DELETE FROM flags WHERE post = ? AND code IN ({marks})", (post, *identity.COMPARED))
        known: dict[tuple[Any, ...], list[str]] = {}
        for quote in quotes:
            same = (*_words(quote), quote["native_id"], quote["text"])
            if same not in known:
                known[same] = self._twins(quote)
            for code, detail in (
                *identity.differences(quote, row, known[same]),
                *recovering.against_copies(quote, recovered),
            ):
                name = ids.digest("flag", quote["id"], code)
                self._run(
                    "INSERT INTO flags (id, quote, post, code, detail) VALUES (?, ?, ?, ?, ?)",
                    (name, quote["id"], post, code, detail),
                )

    def _twins(self, quote: Row) -> list[str]:
        """The first few other ids under which the words, the author and the day of a quote are quoted."""
        column = joining.told_apart_by(quote["text"]) if quote["native_id"] and quote["text_key"] else None
        if column is None:
            return []
        sql = f"{_TWINS} AND {column} = ? ORDER BY native_id LIMIT 3"
        return [row["native_id"] for row in self.all(sql, *_words(quote), quote["native_id"], quote[column])]

    def _settle_aliases(self, posts: set[str]) -> None:
        """An old key leads to the post that all, or else most, of its quotes are of now."""
        keys = {row["post_key"] for post in sorted(posts) for row in self.all(_KEYS, post)} | posts
        for key in sorted(keys):
            heirs = Counter({row["post"]: row["n"] for row in self.all(_HEIRS, key)})
            if key in heirs or not heirs:
                self._run("DELETE FROM aliases WHERE alias = ?", (key,))
            else:
                heir = max(heirs, key=lambda post: (heirs[post], post))
                self._run("INSERT OR REPLACE INTO aliases (alias, post) VALUES (?, ?)", (key, heir))

    def _settle_author(self, author: str) -> None:
        posts = self.all(_ACCOUNTS, author)
        if posts:
            sums = {name: sum(row[name] for row in posts) for name in ("posts", "quote_count")}
            self._upsert("authors", {"id": author, **identity.settle_author(posts), **sums})
        else:
            self._run("DELETE FROM authors WHERE id = ?", (author,))

    def _upsert(self, table: str, row: Row) -> None:
        """A settled row; the times of reading widen."""
        widen = {"first_seen": "min(first_seen, excluded.first_seen)"}
        widen["last_seen"] = "max(last_seen, excluded.last_seen)"
        pairs = ", ".join(f"{name} = {widen.get(name, f'excluded.{name}')}" for name in row if name != "id")
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        self._run(
            f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET {pairs}",
            tuple(row.values()),
        )


MISSING = (
    "SELECT count(*) FROM (SELECT id, article_key FROM captures WHERE article_key = ?"
    " AND outcome IN ('kept', 'empty') ORDER BY captured_at DESC, id DESC LIMIT 1) AS latest"
    " CROSS JOIN quotes ON quotes.article = latest.article_key WHERE NOT EXISTS"
    " (SELECT 1 FROM sightings WHERE sightings.capture = latest.id AND sightings.quote = quotes.id)"
)
"""The number of quotes of an article that its latest capture does not show; asked with its key."""
_Way = tuple[str, tuple[Any, ...]]
_KNOWN_BY = ", ".join(joining.KNOWN_BY)
_SHARING = (
    ("media_key = ?", ("media_key",)),
    ("text_key = ?", ("text_key",)),
    (
        "author_handle = ? COLLATE NOCASE AND posted_on = ? AND platform = ?",
        ("author_handle", "posted_on", "platform"),
    ),
)
"""How quotes can be of one post: a condition on the other one, and the columns that it asks for."""
_WEAK = "native_id IS NULL"
_STRONG = "(native_id IS NOT NULL OR post_key = media_key)"


def _ways(quote: Row, condition: str) -> Iterator[_Way]:
    """The questions by which the quotes near one are found, as far as it can be asked."""
    for sharing, names in _SHARING:
        if all(quote[name] for name in names):
            sql = f"SELECT {_KNOWN_BY} FROM quotes WHERE {sharing} AND {condition}"
            yield sql, tuple(quote[name] for name in names)


def _words(quote: Row) -> tuple[Any, ...]:
    """What is said, by whom, and on which day."""
    return quote["text_key"], quote["posted_on"]


_COLUMNS = ", ".join(f"quotes.{name}" for name in identity.READING)
_READINGS = (
    f"SELECT {_COLUMNS}, articles.site FROM quotes JOIN articles ON articles.id = quotes.article"
    " WHERE quotes.post = ? ORDER BY quotes.id"
)
_SEEN = (
    "SELECT count(DISTINCT quotes.article) AS articles, min(captures.read_at) AS first_seen"
    " FROM quotes JOIN captures ON captures.id = quotes.capture WHERE post = ?"
)
_SAYING = "SELECT DISTINCT post FROM quotes WHERE text_key = ? AND posted_on = ? AND native_id IS NOT NULL"
_TWINS = (
    "SELECT DISTINCT native_id FROM quotes WHERE text_key = ? AND posted_on = ?"
    " AND native_id IS NOT NULL AND native_id <> ?"
)
_HEIR = "SELECT post FROM quotes WHERE post_key = ? ORDER BY post LIMIT 1"
# Another parser may give the same post another key.
_SAME_ADDRESS = (
    "SELECT post FROM quotes WHERE post_url = (SELECT url FROM posts WHERE id = ?1) AND post <> ?1"
    " ORDER BY post LIMIT 1"
)
_RECOVERED_KEY = "SELECT value FROM recovered WHERE subject = ? AND name = 'key' ORDER BY id LIMIT 1"
_RECOVERED = (
    "SELECT name, value, url, subject FROM recovered WHERE post = ?"
    " ORDER BY archived_at IS NULL, archived_at, id"
)
_EXPAND = (
    "UPDATE links SET expanded_url = (SELECT value FROM recovered WHERE subject = links.url"
    " AND name = 'link' ORDER BY id LIMIT 1)"
)
_RANK = " ".join(f"WHEN '{state}' THEN {at}" for at, state in enumerate(verdicts.STATES))
# The last answer that says anything; where none does, the last one.
_STATE = (
    "UPDATE posts SET (state, checked_at) = (SELECT state, checked_at FROM checks WHERE post = ?1"
    f" ORDER BY state = 'unknown', checked_at DESC, CASE state {_RANK} END LIMIT 1) WHERE id = ?1"
)
_OF = "SELECT post FROM quotes WHERE id = ?"
_KEYS = "SELECT DISTINCT post_key FROM quotes WHERE post = ?"
_HEIRS = "SELECT post, count(*) AS n FROM quotes WHERE post_key = ? GROUP BY post"
_ACCOUNTS = (
    "SELECT platform, author_name, author_handle, count(*) AS posts, sum(quote_count) AS quote_count"
    " FROM posts WHERE author = ? GROUP BY platform, author_name, author_handle"
)
