"""A copy that somebody knows of: an address at a web archive that lists nothing, such as a saved page behind
a short code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from archiver import html, ids
from archiver.fetch import FetchError
from archiver.later import Later
from archiver.life import redirected
from archiver.platform import Platform
from archiver.rescue import Result, reading
from archiver.rescue.finding import Found, Search

__all__ = ["given_copy"]

Row = dict[str, Any]

_SAYS = (
    ("//link[@rel='canonical'][@href]", "href"),
    ("//meta[@property='og:url'][@content]", "content"),
    ("//link[@rel='bookmark'][@href]", "href"),
    ("//input[@name='q'][@value]", "value"),
)
_INSIDE = re.compile(
    r"/(?P<y>\d{4})[.-]?(?P<m>\d\d)[.-]?(?P<d>\d\d)-?(?P<H>\d\d)?(?P<M>\d\d)?(?P<S>\d\d)?/(?P<of>https?:.+)$"
)


def given_copy(path: str, url: str, search: Search, platforms: Sequence[Platform]) -> Result:
    """Reads a copy, and keeps it as one of each post of the archive at ``path`` that it is of or shows;
    where it is a copy of an article, of the posts that the article quotes."""
    try:
        page = search.asker.fetcher.ask(redirected(url, search.asker.instead), robots=False)
        if page.status != 200:
            raise FetchError(f"the archive answers {page.status}", url=url, status=page.status)
    except FetchError as error:
        return Result("", "given", "failed", f"{url}: {error}"[:300], {}, {})
    original, time = _about(page.body)
    found, keys = Found(), set()
    with Later(path) as later:
        for post, kind, shown in _posts(later, page.body, original or url, platforms):
            row: Row = {"post": post["id"], "archive": ids.host(url), "url": url, "archived_at": time}
            row |= {"found_at": search.at, "kind": kind, "shows": None if kind == "article" else int(shown)}
            where = page.record
            row |= {"container": where.path if where else None}
            row |= {"record_offset": where.offset if where else None}
            row |= {"warc_record_id": where.id if where else None}
            found.add("copies", row)
            keys.add(post["id"])
        later.keep(search.at, found.rows)
    counts = {table: len(rows) for table, rows in found.rows.items()}
    because = None if keys else f"{url}: shows no post of the archive"
    return Result(" ".join(sorted(keys)), "given", found.outcome, because, counts, {})


def _about(body: bytes) -> tuple[str | None, str | None]:
    """What a saved page says that it is a copy of, and when it was made."""
    root = html.parse(body.decode("utf-8", "replace")).root
    if root is None:
        return None, None
    for path, name in _SAYS:
        for element in html.select(root, path):
            said = html.attribute(element, name) or ""
            if inside := _INSIDE.search(said):
                parts = inside.groupdict(default="00")
                time = "{y}-{m}-{d}T{H}:{M}:{S}Z".format(**parts)
                return parts["of"], time
            if said.startswith(("http://", "https://")):
                return said, None
    return None, None


def _posts(
    later: Later, body: bytes, original: str, platforms: Sequence[Platform]
) -> list[tuple[Row, str, bool]]:
    """The posts of the archive that a copy is of, shows, or is an article of; whether it shows the words."""
    made: dict[str, tuple[Row, str, bool]] = {}
    for platform in platforms:
        address = platform.address(original) if any(host in original for host in platform.hosts) else None
        wanted = {f"{platform.name}:{address.key or address.native_id}"} if address else set()
        shown = {one.key: bool(one.text) for one in reading.shown(body, original, platform)}
        for key in (*wanted, *shown):
            for row in later.named(key):
                made.setdefault(row["id"], (row, "post", shown.get(key, False)))
    for row in later.quoted_in(ids.tidy_url(original)):
        made.setdefault(row["id"], (row, "article", False))
    return list(made.values())
