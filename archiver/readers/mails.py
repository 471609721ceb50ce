"""E-mails: newsletters as they were sent, and pages saved as MHTML. Links and attachments in them are never
followed or opened."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email import policy
from email.message import Message

from archiver.model import Document
from archiver.readers.files import document, larger
from archiver.readers.saved import mail_date
from archiver.readers.source import Failure, Source
from archiver.readers.streams import Stream

__all__ = ["read_mail"]

_MOST_PARTS = 10_000
_MOST_NESTED = 100
_BOUNDARY = re.compile(rb"boundary\s{0,9}=", re.IGNORECASE)
_ADDRESS = re.compile(r"<?(https?://[^\s<>\"]{1,4000})>?")


def read_mail(source: Source, stream: Stream, limit: int) -> Document | Failure:
    """The article in a mail: its HTML, else its plain text."""
    body = stream.rest(limit)
    if body is None:
        return Failure(source.name, larger(limit), origin=source.name)
    if len(_BOUNDARY.findall(body)) > _MOST_NESTED:
        return Failure(source.name, "an e-mail of too many parts inside one another", origin=source.name)
    mail = email.message_from_bytes(body, policy=policy.compat32)
    page = _page(mail)
    if page is None:
        return Failure(source.name, "an e-mail without a text", "empty", origin=source.name)
    content = page.get_payload(decode=True)
    kind = page.get_content_type()
    known = Document(
        b"",
        url=source.url or _url(mail, page),
        charset=_charset(page),
        captured_at=mail_date(_header(mail, "Date")),
        origin=None if source.name == "-" else source.name,
        media_type=kind,
    )
    return document(source, content if isinstance(content, bytes) else b"", known)


def _page(mail: Message) -> Message | None:
    """The part that is the page: the first HTML, else the first plain text, that is no attachment."""
    first: dict[str, Message] = {}
    for number, part in enumerate(_walk(mail)):
        if number > _MOST_PARTS:
            break
        if not part.is_multipart() and "attachment" not in _header(part, "Content-Disposition").lower():
            first.setdefault(part.get_content_type(), part)
    return first.get("text/html") or first.get("application/xhtml+xml") or first.get("text/plain")


def _walk(mail: Message) -> Iterator[Message]:
    waiting = [mail]
    while waiting:
        part = waiting.pop()
        yield part
        inside = part.get_payload()
        if isinstance(inside, list):
            waiting += [found for found in reversed(inside) if isinstance(found, Message)]


def _url(mail: Message, page: Message) -> str | None:
    headers = (
        _header(mail, "Snapshot-Content-Location"),
        _header(page, "Content-Location"),
        _header(mail, "Content-Location"),
        _header(mail, "Archived-At"),
    )
    found = (_ADDRESS.match(header.strip()) for header in headers)
    return next((address[1] for address in found if address), None)


def _header(part: Message, name: str) -> str:
    return str(part.get(name) or "")


def _charset(page: Message) -> str | None:
    try:
        return page.get_content_charset()
    except (LookupError, UnicodeError, ValueError):
        return None
