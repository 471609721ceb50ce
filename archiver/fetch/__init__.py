"""The one door to the web. Every connection passes the address guard, every request has an end, every host
is asked politely, and what was said can be recorded.

A page is given whole or not at all: what was cut, refused or too large is a FetchError that says so.
"""

from __future__ import annotations

from archiver.fetch.bodies import decoded
from archiver.fetch.fetcher import DEADLINE, LIMIT, Fetcher
from archiver.fetch.guard import is_public
from archiver.fetch.page import FetchError, Known, Page, Part, Record
from archiver.fetch.warc import prepare

__all__ = [
    "DEADLINE",
    "LIMIT",
    "FetchError",
    "Fetcher",
    "Known",
    "Page",
    "Part",
    "Record",
    "decoded",
    "is_public",
    "prepare",
]
