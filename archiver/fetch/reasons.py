"""Why a request failed, as one line for a person."""

from __future__ import annotations

import ssl

import requests
import urllib3

from archiver.fetch.watch import Watch

__all__ = ["READ", "is_passing", "reason", "words"]

READ = 20.0
"""Seconds without a byte after which a server counts as silent."""


def reason(error: Exception, watch: Watch) -> str:
    """One line for a person, without the names of classes and addresses of objects."""
    if watch.over:
        return watch.reason
    for cause in _chain(error):
        if isinstance(cause, (TimeoutError, urllib3.exceptions.TimeoutError)):
            return f"no answer within {READ:g} s"
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate is not valid: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return f"no secure connection: {cause.reason or cause}"
    if isinstance(error, (requests.exceptions.InvalidURL, ValueError)):
        return "not a valid web address"
    last = list(_chain(error))[-1]
    return f"the connection failed: {words(last)}"


def is_passing(error: Exception) -> bool:
    """Whether another try may help: not where the address or the certificate is wrong."""
    lasting = (
        ssl.SSLCertVerificationError,
        requests.exceptions.InvalidURL,
        requests.exceptions.InvalidSchema,
    )
    return not isinstance(error, ValueError | UnicodeError) and not any(
        isinstance(cause, lasting) for cause in _chain(error)
    )


def _chain(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        inner = [
            part for part in (*error.args, getattr(error, "reason", None)) if isinstance(part, Exception)
        ]
        error = error.__cause__ or error.__context__ or (inner[0] if inner else None)
    return found


def words(error: BaseException | None) -> str:
    if isinstance(error, TimeoutError):
        return "no answer"
    text = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return text.split("\n")[0][:200]
