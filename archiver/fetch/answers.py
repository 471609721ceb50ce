"""An answer as a page: what its headers say is believed or refused, its body received whole or not at all."""

from __future__ import annotations

import re
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http.client import HTTPException

import requests
import urllib3

from archiver.fetch.bodies import content_type, decoded, moment, stamp
from archiver.fetch.page import FetchError, Known, Page
from archiver.fetch.reasons import reason
from archiver.fetch.warc import Tape
from archiver.fetch.watch import Watch

__all__ = [
    "Limits",
    "Terms",
    "hear_out",
    "page_of",
    "received",
    "redirect_of",
    "refusal",
    "with_validators",
]

_CHUNK = 64 * 1024
_ERROR_BODY = 256 * 1024
# Types an article, a feed or a sitemap is served in; content decides the rest. A wrong type of image or
# sound is believed.
_READABLE = re.compile(
    r"""text/ | application/(?: xhtml\+xml | xml | octet-stream | x-unknown
        | json | feed\+json | gzip | x-gzip | [\w.-]{1,60}\+xml )$""",
    re.VERBOSE,
)
_AGAIN = frozenset((408, 425, 429, 500, 502, 503, 504, *range(520, 525)))
_GONE = frozenset((404, 410, 451))


@dataclass(frozen=True, slots=True)
class Limits:
    """``size`` of a body in bytes; ``cut``: what is larger is cut there, not refused; ``any_type`` is
    read; ``requests`` for one page, redirects, tries and archived copies together; how many of its
    failures, one less than ``tries``, are forgiven."""

    size: int
    cut: bool = False
    any_type: bool = False
    requests: int = 10
    tries: int = 4


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked for: a page unless it is as ``known``, a memento ``near`` a date of HTTP; the bytes of
    a file in a ``span`` (first and last), ``part_of`` the same file as another part; an answer of
    ``any_status``, its body with it; a redirect is ``followed`` or given as it is; ``robots`` False asks
    what is made for programs."""

    known: Known | None = None
    near: str | None = None
    is_memento: bool = False
    span: tuple[int, int] | None = None
    part_of: Page | None = None
    any_status: bool = False
    followed: bool = True
    robots: bool = True

    def headers(self, url: str) -> dict[str, str]:
        """The headers that say so to this address."""
        found: dict[str, str | None] = {}
        if self.known and self.known.url == url:
            found = {"If-None-Match": self.known.etag, "If-Modified-Since": self.known.last_modified}
        if self.is_memento:
            found = {"Accept-Datetime": self.near}
        if self.span:
            found = {"Range": f"bytes={self.span[0]}-{self.span[1]}", "Accept-Encoding": "identity"}
            etag = self.part_of.etag if self.part_of else None
            found["If-Range"] = None if etag and etag.startswith("W/") else etag
        return {name: value for name, value in found.items() if value}


def page_of(answer: requests.Response, terms: Terms, limits: Limits, watch: Watch, tape: Tape) -> Page:
    """The page that an answer holds, FetchError where it holds none."""
    status, url = answer.status_code, answer.url
    if status == 304 and {"If-None-Match", "If-Modified-Since"} & set(answer.request.headers):
        tape.truncated = None
        return Page(url, status, b"", date=stamp(answer.headers.get("Date")))
    if not 200 <= status < 300 and (not terms.any_status or status in _AGAIN):
        raise refusal(answer, watch, tape)
    media_type, charset = content_type(answer.headers.get("Content-Type"))
    if media_type and not limits.any_type and not _READABLE.match(media_type):
        tape.truncated = "unspecified"
        raise FetchError(f"no article but {media_type}", url=url, status=status)
    raw = received(answer, limits, watch, tape)
    try:
        body = decoded(raw, answer.headers.get("Content-Encoding", ""), limits.size)
    except (FetchError, zlib.error) as error:
        again = isinstance(error, zlib.error) or "incomplete" in str(error)
        raise FetchError(f"damaged on the way: {error}", url=url, status=status, again=again) from error
    page = Page(url, status, body, media_type, charset, stamp(answer.headers.get("Date")))
    return _as_memento(page, answer) if terms.is_memento else with_validators(page, answer)


def redirect_of(answer: requests.Response, target: str) -> Page:
    """A redirect that is not followed: a page without a body, and where it leads."""
    date = stamp(answer.headers.get("Memento-Datetime"))
    return Page(answer.url, answer.status_code, b"", date=date, location=target)


def hear_out(answer: requests.Response, watch: Watch, tape: Tape) -> None:
    """The body of an answer that is no page, for the record only."""
    if tape.is_on:
        with suppress(FetchError):
            received(answer, Limits(_ERROR_BODY, cut=True), watch, tape)


def refusal(answer: requests.Response, watch: Watch, tape: Tape) -> FetchError:
    """Why there is no page."""
    status = answer.status_code
    words = f" {answer.reason}" if answer.reason else ""
    hear_out(answer, watch, tape)
    return FetchError(
        f"the server answered {status}{words}",
        url=answer.url,
        status=status,
        again=status in _AGAIN,
        after=_seconds(answer.headers.get("Retry-After")) if status in (429, 503) else None,
        gone=status in _GONE,
    )


def received(answer: requests.Response, limits: Limits, watch: Watch, tape: Tape) -> bytes:
    """The body as sent, whole."""
    declared = answer.headers.get("Content-Length", "")
    trouble = partial(FetchError, url=answer.url, status=answer.status_code)
    too_large = trouble(f"larger than {limits.size / 1_000_000:g} MB")
    if declared.isdecimal() and int(declared) > limits.size and not limits.cut:
        tape.truncated = "length"
        raise too_large
    parts, size = [], 0
    try:
        while part := answer.raw.read(_CHUNK, decode_content=False):
            parts.append(part)
            size += len(part)
            if size > limits.size:
                tape.truncated = "length"
                break
    except (urllib3.exceptions.HTTPError, HTTPException, OSError) as error:
        if watch.over or isinstance(error, (TimeoutError, urllib3.exceptions.ReadTimeoutError)):
            tape.truncated = "time"
            raise trouble(reason(error, watch), again=True) from error
        raise trouble(f"incomplete: the connection broke after {size} bytes", again=True) from error
    if size > limits.size:
        if not limits.cut:
            raise too_large
    elif watch.over:
        tape.truncated = "time"
        raise trouble(watch.reason)
    elif declared.isdecimal() and "Transfer-Encoding" not in answer.headers and size != int(declared):
        raise trouble(f"incomplete: {size} of {declared} bytes arrived", again=True)
    else:
        tape.truncated = None
    return b"".join(parts)[: limits.size]


def with_validators(page: Page, answer: requests.Response) -> Page:
    told = answer.headers
    return Page(
        page.url,
        page.status,
        page.body,
        page.media_type,
        page.charset,
        page.date,
        etag=told.get("ETag"),
        last_modified=told.get("Last-Modified"),
        location=told.get("Content-Location"),
    )


def _as_memento(page: Page, answer: requests.Response) -> Page:
    date = stamp(answer.headers.get("Memento-Datetime"))
    if date is None:
        raise FetchError("answers with something that is no memento", url=page.url, status=page.status)
    return Page(page.url, page.status, page.body, page.media_type, page.charset, date, memento=page.url)


def _seconds(header: str | None) -> float | None:
    """What a Retry-After asks for, in seconds: a number or a date; None where it is neither."""
    text = (header or "").strip()
    if text.isdecimal() and text.isascii():
        return float(text[:12])
    date = moment(header)
    return max(0.0, date.timestamp() - time.time()) if date else None
