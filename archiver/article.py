"""What a page says of itself: its address, title, site, byline, day and language."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from urllib.parse import urljoin, urlsplit

from archiver import dates, html
from archiver.html import Element
from archiver.model import Article
from archiver.text import squeeze

__all__ = ["read"]

_LONGEST = 500
_PUBLISHED = ("article:published_time", "datepublished", "date", "dc.date", "dcterms.created")
_CHANGED = ("article:modified_time", "og:updated_time", "datemodified", "lastmod", "dcterms.modified")
_TITLE = ("og:title", "dc.title")
_SITE = ("og:site_name", "application-name")
_BYLINE = ("author", "article:author", "byl", "dc.creator", "parsely-author")
_LOCALE, _URL = "og:locale", "og:url"
_KEYS = frozenset((*_PUBLISHED, *_CHANGED, *_TITLE, *_SITE, *_BYLINE, _LOCALE, _URL))
_LANGUAGE = re.compile(r"^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$")


def read(root: Element, url: str | None = None) -> Article:
    """The article's own account, from its head; ``url`` is where it was found, None where unknown."""
    found = defaultdict[str, list[Element]](list)
    for element in html.named(root, "meta", "link", "title", "h1"):
        found[html.name(element)].append(element)
    meta = _meta(found["meta"])
    published, changed = _day(meta, _PUBLISHED), _day(meta, _CHANGED)
    language = html.attribute(root, "lang") or meta.get(_LOCALE) or ""
    return Article(
        url=_address(found["link"], meta, url),
        title=_first(meta, _TITLE) or _title(found),
        site=_first(meta, _SITE),
        byline=_first(meta, _BYLINE),
        published_on=published.isoformat() if published else None,
        changed_on=changed.isoformat() if changed else None,
        language=language.replace("_", "-") if _LANGUAGE.match(language) else None,
    )


def _meta(elements: Iterable[Element]) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in elements:
        property_, name = html.attribute(element, "property"), html.attribute(element, "name")
        key = (property_ or name or html.attribute(element, "itemprop") or "").lower()
        if key in _KEYS and key not in found:
            value = squeeze(html.attribute(element, "content") or "")
            found.update({key: value} if value else {})
    return found


def _first(meta: dict[str, str], keys: Iterable[str]) -> str | None:
    """The first that says something in words: an address is no name."""
    return next((meta[key][:_LONGEST] for key in keys if meta.get(key) and "://" not in meta[key]), None)


def _title(found: dict[str, list[Element]]) -> str | None:
    titles = found["title"]
    in_head = [title for title in titles if html.is_below(title, ("head",))]
    for element in (*in_head[:1], *titles[:1], *found["h1"][:1]):
        words = squeeze(html.words(element))
        if words:
            return words[:_LONGEST]
    return None


def _address(links: Iterable[Element], meta: dict[str, str], url: str | None) -> str | None:
    """The canonical address; absolute, http or https, with more than a host's front page behind it."""
    canonical = (
        html.attribute(link, "href")
        for link in links
        if (html.attribute(link, "rel") or "").lower() == "canonical"
    )
    claims = (next(filter(None, canonical), ""), meta.get(_URL, ""))
    for claim in claims:
        try:
            whole = urljoin(url or "", claim.strip()) if claim.strip() else ""
            parts = urlsplit(whole)
        except ValueError:
            continue
        if parts.scheme in ("http", "https") and parts.hostname and (parts.path.strip("/") or parts.query):
            return whole
    return url


def _day(meta: dict[str, str], keys: Iterable[str]) -> date | None:
    for key in keys:
        reading = dates.read(meta[key]) if key in meta else None
        if reading:
            return reading.day
    return None
