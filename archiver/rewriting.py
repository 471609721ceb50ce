"""Articles healed where they lie: which files are articles, the difference, the backup, the new file."""

from __future__ import annotations

import difflib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from archiver.errors import ArchiverError
from archiver.heal import Healed, Known, Rules, heal
from archiver.model import Document
from archiver.platform import Platform
from archiver.readers.source import Failure, Source, expand
from archiver.wxr import heal_export, is_export

__all__ = ["BACKUP", "Article", "articles", "difference", "healed", "knowing", "write"]

BACKUP = ".orig"
_PAGES = (".html", ".htm", ".xhtml", ".shtml")
_MARKDOWN = (".md", ".markdown", ".mdown", ".mkd", ".qmd", ".rmd")
_EXPORTS = (".xml", ".wxr", ".rss")
_NO_NEWLINE = b"\n\\ No newline at end of file\n"


@dataclass(frozen=True, slots=True)
class Article:
    """A file with an article, its bytes, and what they were when it was read (`os.stat`: size and time)."""

    name: str
    body: bytes
    stamp: tuple[int, int] | None = None


def articles(names: Iterable[str], limit: int) -> Iterator[Article | Failure]:
    """The articles that are meant: files as named, of folders those that look like articles by their name.
    ``limit``: bytes of the largest."""
    for source in expand(names):
        if isinstance(source, Failure):
            yield source
        elif not source.found or Path(source.name).suffix.lower() in (*_PAGES, *_MARKDOWN, *_EXPORTS):
            yield _read(source, limit)


def _read(source: Source, limit: int) -> Article | Failure:
    if source.is_address:
        return Failure(source.name, "an address cannot be changed: save the page, then heal the file")
    try:
        if os.path.getsize(source.name) > limit:
            return Failure(source.name, "larger than --max-size", "too-large")
        state = os.stat(source.name)
        body = Path(source.name).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return Failure(source.name, f"cannot read the file: {reason}")
    return Article(source.name, body, (state.st_size, state.st_mtime_ns))


def healed(
    article: Article, rules: Rules, platforms: Sequence[Platform], kind: str | None, url: str | None
) -> Healed:
    """An article healed. ``kind``: html, markdown or export, None to tell it by name and content."""
    if kind is None:
        kind = _kind(article)
    document = Document(article.body, source=article.name, url=url)
    if kind == "export":
        return heal_export(document, rules, platforms)
    return heal(document, replace(rules, kind=kind), platforms)


def _kind(article: Article) -> str:
    name = article.name.lower()
    if is_export(article.body):
        return "export"
    return "markdown" if name.endswith(_MARKDOWN) else "html" if name.endswith(_PAGES) else "source"


def difference(article: Article, new: bytes) -> bytes:
    """What changes, as a unified difference that ``patch`` takes."""
    name = os.fsencode(article.name)
    found = difflib.diff_bytes(
        difflib.unified_diff, article.body.splitlines(True), new.splitlines(True), name, name
    )
    return b"".join(line if line.endswith(b"\n") else line + _NO_NEWLINE for line in found)


def write(article: Article, new: bytes, backup: bool = True) -> str | None:
    """Puts a new body in the place of an article, whole or not at all; the path of the backup. ArchiverError
    where that fails, or where the file is no longer what was read; it stays as it is then."""
    path = os.path.realpath(article.name)
    try:
        state = os.stat(path)
        if (state.st_size, state.st_mtime_ns) != article.stamp:
            raise ArchiverError(f"{article.name}: changed while it was healed; heal it again")
        kept = _backup(path, article.body) if backup else None
        handle, made = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".", suffix=".new")
        try:
            _filled(handle, new)
            shutil.copymode(path, made)
            os.replace(made, path)
        except OSError:
            Path(made).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ArchiverError(f"{article.name}: cannot be written: {error.strerror or error}") from None
    return kept


def _backup(path: str, body: bytes) -> str:
    """A copy beside the file, under the first name that is free."""
    number = 0
    while True:
        name = f"{path}{BACKUP}{number or ''}"
        try:
            handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, os.stat(path).st_mode & 0o777)
        except FileExistsError:
            number += 1
            continue
        _filled(handle, body)
        return name


def _filled(handle: int, body: bytes) -> None:
    with os.fdopen(handle, "wb") as stream:
        stream.write(body)
        stream.flush()
        os.fsync(stream.fileno())


def knowing(
    ask: Callable[[str], Mapping[str, Any] | None],
) -> Callable[[str], Known | None]:
    """What an archive answers for a key, as healing takes it."""

    def known(key: str) -> Known | None:
        row = ask(key)
        if row is None:
            return None
        at = row["posted_at"]
        copy = (row["copy_url"], row["copied_at"]) if row["copy_url"] else None
        return Known(
            text=row["text"],
            author_name=row["author_name"],
            handle=row["author_handle"],
            language=row["language"],
            posted_at=datetime.fromisoformat(at.replace("Z", "+00:00")).astimezone(timezone.utc)
            if at
            else None,
            state=row["state"],
            checked_on=(row["checked_at"] or "")[:10] or None,
            copy=copy,
        )

    return known
