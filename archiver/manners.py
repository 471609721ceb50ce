"""How archiver behaves towards the servers that it asks: values, set on the command line."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Manners"]


@dataclass(frozen=True, slots=True)
class Manners:
    """``contact``: a mail or web address told to every server; ``delay``: seconds between two pages of
    one host; ``per_host``: pages of one host that are asked for at once; ``robots``: whether robots.txt
    is obeyed; ``timegate``: where mementos of pages that are gone are asked for, None for nowhere;
    ``warc``: the file in which every exchange is recorded."""

    contact: str | None = None
    delay: float = 1.0
    per_host: int = 1
    robots: bool = True
    timegate: str | None = None
    warc: str | None = None
