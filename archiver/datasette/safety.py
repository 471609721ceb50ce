"""What every answer carries: a Content-Security-Policy, nosniff, no referrer.

Our own pages hold no script, so they allow none, and nothing from elsewhere. Datasette's own pages hold
scripts of their own inside the markup; they may run, but nothing may be fetched from, or sent to, any
other place.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

__all__ = ["EMBED", "FRAGMENT", "OURS", "THEIRS", "headers", "home"]

Scope = dict[str, Any]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Any, Send], Awaitable[None]]

OURS = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'; frame-src 'self'"
)
EMBED = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
FRAGMENT = (
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self';"
    " sandbox"
)
THEIRS = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", THEIRS.encode()),
)


def headers(app: App) -> App:
    """The application, its answers with those headers that they do not have yet."""

    async def guarded(scope: Scope, receive: Any, send: Send) -> None:
        async def with_headers(event: Any) -> None:
            if event["type"] == "http.response.start":
                there = {name.lower() for name, _ in event.get("headers", ())}
                more = [pair for pair in _ALWAYS if pair[0] not in there]
                event = {**event, "headers": [*event.get("headers", ()), *more]}
            await send(event)

        await app(scope, receive, with_headers if scope["type"] == "http" else send)

    return guarded


def home(app: App, roots: list[str]) -> App:
    """The application, with our dashboard as the page of an archive; with a question behind the
    address (SQL, say) it stays Datasette's."""

    async def led(scope: Scope, receive: Any, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in roots and not scope.get("query_string"):
            path = scope["path"] + "/-/home"
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await app(scope, receive, send)

    return led
