"""Contradictions and doubts inside one quote. Each rule gives the code of its flag or None."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from archiver.model import Moment

__all__ = ["after_article", "date_against_id", "handle_against_address", "not_yet"]


def date_against_id(on: date | None, posted: Moment, slack: timedelta = timedelta(0)) -> str | None:
    """``date-mismatch``: the printed day lies outside of what the id allows, ``slack`` to both sides."""
    if on is None or posted.earliest is None or posted.latest is None:
        return None
    first, last = (posted.earliest - slack).date(), (posted.latest + slack).date()
    return None if first <= on <= last else "date-mismatch"


def handle_against_address(shown: str | None, addressed: str | None) -> str | None:
    """``handle-mismatch``: the printed handle is not the one in the post's address."""
    if not shown or not addressed:
        return None
    return None if shown.lower() == addressed.lower() else "handle-mismatch"


def after_article(posted: Moment, written: Iterable[str | None]) -> str | None:
    """``post-after-article``: the post was made more than a day after all that the article says of its
    own days (``written``: publication, change; ISO days)."""
    days = [date.fromisoformat(day) for day in written if day]
    if not days or posted.earliest is None:
        return None
    return "post-after-article" if posted.earliest.date() > max(days) + timedelta(days=1) else None


def not_yet(value: datetime | None, latest: datetime | None) -> str | None:
    """``impossible-id``: the time inside the id lies after the moment ``latest``."""
    return "impossible-id" if value and latest and value > latest else None
