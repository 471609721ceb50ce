"""What a saved page says of itself: where it came from and when, in the words of the tool that saved it."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from archiver.readers.warcs import stamp

__all__ = ["mail_date", "said_of_itself"]

_HEAD = 64 * 1024
_ADDRESS = rb"(https?://[^\s\"'<>]{1,4000})"
# SingleFile: a comment with one thing a line.
_SINGLE_FILE = re.compile(
    rb"SingleFile[^\n]{0,200}\n[ \t]{0,20}url:[ \t]{0,20}"
    + _ADDRESS
    + rb"[^\n]{0,200}\n[ \t]{0,20}saved date:[ \t]{0,20}([^\n]{1,200})"
)
# Internet Explorer, Chrome, Firefox: the length of the address, and the address.
_SAVED_FROM = re.compile(rb"<!--\s{0,20}saved from url=\(\d{4}\)" + _ADDRESS)
_MONOLITH = re.compile(rb"<!--\s{0,20}Saved from " + _ADDRESS + rb" at (\d{4}-[^\s]{1,40}) using monolith")
_HTTRACK = re.compile(
    rb"<!--\s{0,20}Mirrored from ([^\s\"'<>]{1,4000}) by HTTrack [^\n]{0,100}?,"
    rb" (\w{3}, \d{1,2} \w{3} \d{4} [\d:]{8} GMT)"
)
_SAVE_PAGE = re.compile(rb"<meta name=\"savepage-url\" content=\"(https?://[^\"<>]{1,4000})\"")
_SAVE_PAGE_DATE = re.compile(rb"<meta name=\"savepage-date\" content=\"([^\"<>]{1,200})\"")
# As JavaScript prints a date: Tue Jan 05 2021 20:00:00 GMT+0100 (Central European Standard Time).
_JS_DATE = re.compile(r"\w{3} (\w{3} \d{1,2} \d{4} \d\d:\d\d:\d\d) GMT([+-]\d{4})")


def said_of_itself(body: bytes) -> tuple[str | None, str | None]:
    """The address and the time (UTC ISO 8601 with ``Z``) that a saved page gives, None where it gives none.

    >>> said_of_itself(b"<!-- saved from url=(0022)https://news.example/a -->")
    ('https://news.example/a', None)
    """
    head = body[:_HEAD]
    if b"saved from url=(" in head and (found := _SAVED_FROM.search(head)):
        return _address(found[1]), None
    if b"SingleFile" in head and (found := _SINGLE_FILE.search(head)):
        return _address(found[1]), _moment(found[2])
    if b"monolith" in head and (found := _MONOLITH.search(head)):
        return _address(found[1]), _moment(found[2])
    if b"HTTrack" in head and (found := _HTTRACK.search(head)):
        address = found[1] if found[1].startswith(b"http") else b"http://" + found[1]
        return _address(address), _moment(found[2])
    if b"savepage-url" in head and (found := _SAVE_PAGE.search(head)):
        date = _SAVE_PAGE_DATE.search(head)
        return _address(found[1]), _moment(date[1]) if date else None
    return None, None


def mail_date(written: str | None) -> str | None:
    """The time in an e-mail's header as UTC ISO 8601 with ``Z``; None where it is none."""
    try:
        moment = parsedate_to_datetime(written or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return _utc(moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc))


def _address(written: bytes) -> str:
    return written.decode("utf-8", "replace")


def _moment(written: bytes) -> str | None:
    text = written.decode("latin-1").strip()
    found = _JS_DATE.search(text)
    if not found:
        return stamp(text) or mail_date(text)
    try:
        moment = datetime.strptime(f"{found[1]} {found[2]}", "%b %d %Y %H:%M:%S %z")
    except ValueError:
        return None
    return _utc(moment)


def _utc(moment: datetime) -> str | None:
    try:
        return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return None
