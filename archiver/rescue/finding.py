"""The searches for one post: its copies, its words, its id, where its short links lead, its pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from archiver import ids
from archiver.fetch import FetchError, Page
from archiver.later import known_of
from archiver.life import Asker, redirected
from archiver.model import Sighting
from archiver.platform import Platform
from archiver.records import written
from archiver.rescue import media, reading
from archiver.rescue.archives import Archives, Memento, stamp_of
from archiver.rescue.reading import Shown
from archiver.verdicts import GONE, Reply

__all__ = ["Found", "Search", "Task"]

Row = dict[str, Any]

_MOST_COPIES, _MOST_READ = 50, 4
_MOST_LISTED, _MOST_CANDIDATES = 2000, 60
_MOST_ARTICLES, _MOST_FILES, _MOST_LINKS = 3, 12, 12


@dataclass(slots=True)
class Found:
    """What a search brought: rows by table, its outcome (found, nothing, ambiguous, failed) and why."""

    outcome: str = "nothing"
    because: str | None = None
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, table: str, row: Row) -> None:
        """One more row; something was found."""
        self.rows.setdefault(table, []).append(row)
        self.outcome = "found"


@dataclass(frozen=True, slots=True)
class Task:
    """A post with its quotes, the links of these, and the articles that quote it."""

    post: Row
    platform: Platform
    quotes: Sequence[Row]
    links: Sequence[Row]
    articles: Sequence[Row]

    @property
    def is_gone(self) -> bool:
        """Whether the public can no longer see it."""
        return self.post["state"] in GONE

    @property
    def lacks(self) -> tuple[str, ...]:
        """The columns that no quote of it fills."""
        names = ("text", "author_handle", "author_name", "posted_at")
        return tuple(name for name in names if self.post[name] is None)

    @property
    def short_links(self) -> list[str]:
        """The short addresses in its words that lead nobody knows where."""
        hosts = self.platform.life.shorteners
        urls = (link["url"] for link in self.links if link["url"] and not link["expanded_url"])
        return list(dict.fromkeys(url for url in urls if ids.host(url) in hosts))


@dataclass(slots=True)
class Search:
    """Looks for what a post lacks. ``folder``: where files go, None for nowhere; ``at``: the time as UTC
    ISO 8601 with ``Z``."""

    archives: Archives
    asker: Asker
    at: str
    folder: str | None = None
    largest: int = 20_000_000
    _of_articles: dict[str, list[Memento]] = field(default_factory=dict)
    _named: dict[str, dict[str, str]] = field(default_factory=dict)

    def endpoint(self, task: Task) -> Found:
        """What a public endpoint says of a post that is there."""
        found, known = Found(), known_of(task.post)
        for question in task.platform.life.asking(known):
            if question.method not in ("api", "oembed", "syndication"):
                continue
            page = self.asker.fetcher.ask(redirected(question.url, self.asker.instead), robots=False)
            reply = Reply(question.method, page.status, question.url, page.body, known)
            if task.platform.life.verdict(reply).state != "live":
                continue
            for one in reading.shown(page.body, task.post["url"] or "", task.platform, task.post["id"])[:1]:
                self._fill(found, task, one, question.url, None)
            self._hear(found, task, page.body, question.url, None)
            if found.outcome == "found":
                break
        return found

    def copies(self, task: Task) -> Found:
        """The copies of a post; of some it is read what they show, until its words are there."""
        found, read = Found(), 0
        for memento, page in self._mementos(task):
            if task.post["posted_earliest"] and memento.archived_at[:10] < task.post["posted_earliest"][:10]:
                continue  # nobody copies what is not there yet
            shows, record = None, None
            if read < _MOST_READ:
                read += 1
                shows, record = self._read(found, task, memento, page)
                read = _MOST_READ if shows else read
            self._copy(found, task, memento, "post", shows, record)
        return found

    def articles(self, task: Task) -> Found:
        """The copies of the articles that quote it."""
        found = Found()
        for article in task.articles[:_MOST_ARTICLES]:
            if article["id"] not in self._of_articles:
                near = stamp_of(article["captured_at"])
                memento = self.archives.available(article["url"], near)
                self._of_articles[article["id"]] = [memento] if memento else []
            for memento in self._of_articles[article["id"]]:
                self._copy(found, task, memento, "article", None, None)
        return found

    def id(self, task: Task) -> Found:
        """The id of a post without one: of the author's posts that web archives hold from the time when it
        was made, the only one that says the same."""
        post, found = task.post, Found()
        sure: dict[str, tuple[Memento, Shown]] = {}
        doubts = 0
        for number, memento in self._candidates(task):
            if number in sure:
                continue
            one = self._candidate(task, number, memento)
            verdict = reading.is_it(post, one) if one else None
            if verdict and one:
                sure[number] = (memento, one)
            doubts += one is not None and verdict is None
        if len(sure) != 1 or doubts:
            if sure or doubts:
                numbers = ", ".join(sorted(sure)[:3])
                because = f"{len(sure)} posts say the same ({numbers}), {doubts} may"
                return Found("ambiguous", because)
            return found
        ((number, (memento, one)),) = sure.items()
        self._identify(found, task, number, memento)
        self._fill(found, task, one, memento.url, memento.archived_at)
        self._copy(found, task, memento, "post", True, None)
        return found

    def links(self, task: Task) -> Found:
        """Where the short links in its words led."""
        found, hosts = Found(), task.platform.life.shorteners
        for short in task.short_links[:_MOST_LINKS]:
            for memento in self.archives.listed(short, 3, redirects=True):
                page = self.archives.read(memento, followed=False)
                target = list(ids.unwrapped(page.location, 0))[-1] if page.location else None
                target = target or reading.leads_to(page.body, hosts)
                if target and ids.host(target) not in (*hosts, memento.archive):
                    self._recover(found, task, short, "link", target, memento.url, memento.archived_at)
                    break
        return found

    def files(self, task: Task) -> Found:
        """Its pictures and videos, from where they stood, else from a web archive."""
        found, pieces = Found(), task.platform.life.files
        texts = [quote["fragment"] for quote in task.quotes] + [link["url"] or "" for link in task.links]
        named = {url: "fragment" for text in texts for url in reading.files(text, pieces)}
        if task.post["id"] not in self._named and (task.post["native_id"] or task.post["url"]):
            (self.copies if task.is_gone else self.endpoint)(task)
        named = {**self._named.get(task.post["id"], {}), **named}
        failed = 0
        for url, source in list(named.items())[:_MOST_FILES]:
            body = self._file(url)
            kept = media.keep(self.folder or "", body) if body and len(body) <= self.largest else None
            if kept is None:
                failed += 1
                continue
            about = {"sha256": kept.sha256, "media_type": kept.media_type, "bytes": kept.bytes}
            row = {"post": task.post["id"], "url": url, **about, "path": kept.path, "source": source}
            found.add("media", {**row, "found_at": self.at})
        found.because = f"{failed} not had, or no picture and no video" if failed else None
        return found

    def save(self, task: Task) -> Found:
        """New copies of its articles, and of itself where that works, made by a web archive."""
        found = Found()
        wanted = [(row["url"], "article") for row in task.articles[:_MOST_ARTICLES] if row["url"]]
        if task.platform.life.savable and not task.is_gone and task.post["url"]:
            wanted.append((task.post["url"], "post"))
        for url, kind in wanted:
            if memento := self.archives.save(url):
                self._copy(found, task, memento, kind, None, None)
        return found

    def _mementos(self, task: Task) -> Iterator[tuple[Memento, Page | None]]:
        """The copies of all addresses of a post: as the archive lists them, else the one that it thinks the
        nearest; then those of other archives."""
        seen: set[str] = set()
        addresses = task.platform.life.addresses(known_of(task.post))
        for url in addresses:
            try:
                listed = self.archives.listed(url, _MOST_COPIES)
            except FetchError:
                one = self.archives.available(url)
                listed = [one] if one else []
            for memento in listed:
                if memento.url not in seen:
                    seen.add(memento.url)
                    yield memento, None
        for timegate in self.archives.endpoints.timegates:
            for url in addresses[:1]:
                found = self.archives.nearest(timegate, url)
                if found and found[0].url not in seen:
                    yield found

    def _read(self, found: Found, task: Task, memento: Memento, page: Page | None) -> tuple[bool | None, Any]:
        """Whether a copy shows the post's words, and where it is recorded; what it shows is kept."""
        try:
            page = page or self.archives.read(memento)
        except FetchError:
            return None, None
        told = reading.shown(page.body, task.post["url"] or memento.original, task.platform, task.post["id"])
        self._hear(found, task, page.body, memento.url, memento.archived_at)
        if not told or not told[0].text:
            return False, page.record
        self._fill(found, task, told[0], memento.url, memento.archived_at)
        return True, page.record

    def _candidates(self, task: Task) -> Iterator[tuple[str, Memento]]:
        """The author's posts in web archives with an id that the time allows, each once or twice."""
        post = task.post
        first, last = int(post["id_earliest"]), int(post["id_latest"])
        count: dict[str, int] = {}
        for head in task.platform.life.listing(post["author_handle"], post["id_earliest"], post["id_latest"]):
            for memento in self.archives.listed(head, _MOST_LISTED, prefix=True):
                address = task.platform.address(memento.original)
                number = (address.native_id if address else None) or ""
                if not number.isdecimal() or not first <= int(number) <= last:
                    continue
                count[number] = count.get(number, 0) + 1
                if count[number] <= 2 and len(count) <= _MOST_CANDIDATES:
                    yield number, memento

    def _candidate(self, task: Task, number: str, memento: Memento) -> Shown | None:
        try:
            page = self.archives.read(memento)
        except FetchError:
            return None
        key = f"{task.platform.name}:{number}"
        return next(iter(reading.shown(page.body, memento.original, task.platform, key)), None)

    def _identify(self, found: Found, task: Task, number: str, memento: Memento) -> None:
        """The key that a post has by its id, and what follows from the id alone."""
        post = task.post
        seen = Sighting(task.platform.name, "json", native_id=number, handle=post["author_handle"])
        quote = task.platform.understand(seen)
        told = {"key": quote.key, "native_id": number, "url": quote.url}
        if quote.posted.basis == "id":
            told["posted_at"] = written(quote.posted.value)
        for name, value in told.items():
            subject = "id" if name == "posted_at" else post["id"]
            if value:
                self._recover(found, task, subject, name, value, memento.url, memento.archived_at)

    def _fill(self, found: Found, task: Task, one: Shown, url: str, archived_at: str | None) -> None:
        """Keeps what is shown: the words always, to be compared with the printed ones; else what no quote
        prints."""
        for name, value in one.values().items():
            if name in task.lacks or (name in ("text", "language") and one.text):
                subject = "id" if name == "posted_at" and one.by_id else task.post["id"]
                self._recover(found, task, subject, name, value, url, archived_at)

    def _hear(self, found: Found, task: Task, body: bytes, url: str, archived_at: str | None) -> None:
        """What a body tells beside the words: where short links lead, where pictures stand."""
        source = "copy" if archived_at else "endpoint"
        heard = reading.files(body.decode("utf-8", "replace"), task.platform.life.files)
        self._named.setdefault(task.post["id"], {}).update(dict.fromkeys(heard, source))
        known = reading.expansions(body, task.platform.life.shorteners)
        for short in task.short_links:
            if short in known:
                self._recover(found, task, short, "link", known[short], url, archived_at)

    def _recover(
        self, found: Found, task: Task, subject: str, name: str, value: str, url: str, archived_at: str | None
    ) -> None:
        row = {"post": task.post["id"], "subject": subject, "name": name, "value": value, "url": url}
        found.add("recovered", {**row, "archived_at": archived_at, "found_at": self.at})

    def _copy(
        self, found: Found, task: Task, memento: Memento, kind: str, shows: bool | None, record: Any
    ) -> None:
        row: Row = {"post": task.post["id"], "archive": memento.archive, "url": memento.url}
        row |= {"archived_at": memento.archived_at, "found_at": self.at, "kind": kind}
        row["shows"] = None if shows is None else int(shows)
        where = (record.path, record.offset, record.id) if record else (None, None, None)
        row |= dict(zip(("container", "record_offset", "warc_record_id"), where, strict=True))
        found.add("copies", row)

    def _file(self, url: str) -> bytes | None:
        try:
            page = self.asker.fetcher.ask(
                redirected(url, self.asker.instead), robots=False, limit=self.largest
            )
            if page.status == 200 and media.type_of(page.body):
                return page.body
        except FetchError:
            pass
        for memento in self.archives.listed(url, 2):
            page = self.archives.read(memento)
            if page.status == 200:
                return page.body
        return None
