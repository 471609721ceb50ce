"""The one root of the errors that archiver raises on purpose."""

from __future__ import annotations

__all__ = ["ArchiverError"]


class ArchiverError(Exception):
    """Something that cannot be done; the text is one line for the user and names the cure."""
