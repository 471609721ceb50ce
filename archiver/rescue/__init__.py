"""Getting back what can be got: copies of posts in web archives, and from them and from public endpoints what
no quote prints. What is printed is never changed; every value keeps the address that it is from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from archiver.fetch import FetchError
from archiver.later import Later, known_of
from archiver.life import before
from archiver.platform import Platform
from archiver.rescue.archives import Archives, Endpoints
from archiver.rescue.finding import Found, Search, Task

__all__ = ["Archives", "Endpoints", "Result", "Search", "Wanted", "rescue"]

Row = dict[str, Any]

_MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which posts are looked for: those that are gone or incomplete, or ``all`` of them; of one
    ``platform``, ``posts`` by their keys, at most ``limit``; a search is made again after ``older_than``.
    ``files``: pictures and videos too; ``save``: new copies are asked for."""

    platform: str | None = None
    older_than: timedelta = _MONTH
    limit: int | None = None
    posts: tuple[str, ...] = ()
    all: bool = False
    files: bool = False
    save: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What one search for a post brought: ``found`` counts rows of each table."""

    post: str
    method: str
    outcome: str
    because: str | None
    found: dict[str, int]
    values: dict[str, str]


def rescue(path: str, wanted: Wanted, search: Search, platforms: Sequence[Platform]) -> Iterator[Result]:
    """Looks for what the posts of the archive at ``path`` lack, and keeps what is found, search by search;
    a Result for each. What fails is tried again by the next run."""
    by_name = {platform.name: platform for platform in platforms}
    since = before(search.at, wanted.older_than)
    with Later(path) as later:
        everything = wanted.all or wanted.files or wanted.save
        keys = [
            key
            for key, platform in later.wanting(wanted.platform, everything)
            if platform in by_name and (not wanted.posts or key in wanted.posts)
        ]
        for key in _undone(later, keys, wanted, since):
            task = _task(later, later.post(key), by_name)
            done = later.searched(key, since)
            for method, is_wanted, look in _SEARCHES:
                if method not in done and is_wanted(task, wanted):
                    yield _look(later, task, method, look(search), search.at)
                    task = _task(later, later.post(task.post["id"]), by_name)


def _undone(later: Later, keys: Sequence[str], wanted: Wanted, since: str) -> Iterator[str]:
    """The posts in order, at most as many as are wanted; those for which all was looked lately count for
    none, or a limit would stop at them for ever."""
    left = wanted.limit or len(keys)
    for key in keys:
        if left <= 0:
            return
        left -= not later.searched(key, since)
        yield key


def _task(later: Later, post: Row, platforms: dict[str, Platform]) -> Task:
    return Task(post, platforms[post["platform"]], *later.about(post["id"]))


def _wants_id(task: Task, _: Wanted) -> bool:
    post = task.post
    return bool(not post["native_id"] and post["id_earliest"] and post["author_handle"] and post["text"])


def _wants_endpoint(task: Task, _: Wanted) -> bool:
    return bool(not task.is_gone and task.lacks and (task.post["native_id"] or task.post["url"]))


def _wants_copies(task: Task, wanted: Wanted) -> bool:
    return (_wants_articles(task, wanted)) and bool(task.platform.life.addresses(known_of(task.post)))


def _wants_articles(task: Task, wanted: Wanted) -> bool:
    return bool(task.is_gone or task.lacks or wanted.all)


# In order: what one finds spares or serves the next.
_SEARCHES: tuple[tuple[str, Callable[[Task, Wanted], bool], Callable[[Search], Callable[[Task], Found]]], ...]
_SEARCHES = (
    ("id", _wants_id, lambda search: search.id),
    ("endpoint", _wants_endpoint, lambda search: search.endpoint),
    ("copies", _wants_copies, lambda search: search.copies),
    ("links", lambda task, _: bool(task.short_links), lambda search: search.links),
    ("articles", _wants_articles, lambda search: search.articles),
    ("files", lambda _, wanted: wanted.files, lambda search: search.files),
    ("save", lambda _, wanted: wanted.save, lambda search: search.save),
)


def _look(later: Later, task: Task, method: str, look: Callable[[Task], Found], at: str) -> Result:
    try:
        found = look(task)
    except FetchError as error:
        found = Found("failed", str(error)[:300])
    about = {"post": task.post["id"], "method": method, "searched_at": at}
    search = {**about, "outcome": found.outcome, "because": found.because}
    later.keep(at, {**found.rows, "searches": [search]})
    values = {row["name"]: row["value"] for row in found.rows.get("recovered", ())}
    counts = {table: len(rows) for table, rows in found.rows.items()}
    return Result(task.post["id"], method, found.outcome, found.because, counts, values)
