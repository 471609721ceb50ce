"""Parts of a large file (RFC 9110, section 14): an answer is the part that was asked for, of the file that
was asked before, or the whole of a small one. What else a server says to such a question is refused."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

import requests

from archiver.fetch.answers import Limits, Terms, received, refusal, with_validators
from archiver.fetch.bodies import content_type
from archiver.fetch.page import FetchError, Page, Part
from archiver.fetch.warc import Tape
from archiver.fetch.watch import Watch

__all__ = ["part_of"]

_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
_CHANGED = "it has changed while it was read: give it again"


def part_of(answer: requests.Response, terms: Terms, limits: Limits, watch: Watch, tape: Tape) -> Page:
    """The part of a file that an answer holds, or the whole file where the server gives no parts of it and
    it is no larger than ``limits`` allow. FetchError where it is something else."""
    fail = partial(FetchError, url=answer.url, status=answer.status_code)
    if answer.status_code not in (200, 206):
        raise refusal(answer, watch, tape)
    if answer.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise fail("the server packs what it sends in parts: save the file, and give that")
    if answer.status_code == 200:
        if terms.part_of is not None:
            raise fail(_CHANGED)
        return _whole(answer, limits, watch, tape)
    if terms.span is None:
        raise fail("a part was sent that nobody asked for")
    first, last, size = _told(answer, terms.span)
    if _differs(terms.part_of, answer, size):
        raise fail(_CHANGED)
    body = received(answer, replace(limits, size=last - first + 1), watch, tape)
    if len(body) != last - first + 1:
        raise fail(f"incomplete: {len(body)} of {last - first + 1} bytes arrived", again=True)
    return replace(_page(answer, body), part=Part(first, size))


def _whole(answer: requests.Response, limits: Limits, watch: Watch, tape: Tape) -> Page:
    try:
        body = received(answer, limits, watch, tape)
    except FetchError as error:
        if str(error).startswith("larger"):
            why = f"{error}, and the server gives no parts of it: save the file, and give that"
            raise error.because(why) from error
        raise
    return replace(_page(answer, body), part=Part(0, len(body)))


def _told(answer: requests.Response, span: tuple[int, int]) -> tuple[int, int, int]:
    """First and last byte and the size of the file, as the answer says; FetchError where that is not
    what was asked for."""
    header = answer.headers.get("Content-Range", "")
    found = _RANGE.fullmatch(header.strip())
    if found and found[3] != "*":
        first, last, size = int(found[1]), int(found[2]), int(found[3])
        if first == span[0] and last == min(span[1], size - 1):
            return first, last, size
    asked = f"bytes {span[0]}-{span[1]}"
    raise FetchError(
        f"the server sent another part than {asked} ({header[:80] or 'it does not say which'}):"
        " save the file, and give that",
        url=answer.url,
        status=answer.status_code,
    )


def _differs(before: Page | None, answer: requests.Response, size: int) -> bool:
    if before is None or before.part is None:
        return False
    now = (answer.headers.get("ETag"), answer.headers.get("Last-Modified"), size)
    return now != (before.etag, before.last_modified, before.part.size)


def _page(answer: requests.Response, body: bytes) -> Page:
    media_type, _ = content_type(answer.headers.get("Content-Type"))
    return with_validators(Page(answer.url, answer.status_code, body, media_type), answer)
