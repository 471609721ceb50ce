"""Keys of posts, clocks inside post numbers, tidy addresses."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from archiver.model import Moment
from archiver.text import fingerprint

__all__ = [
    "clock",
    "digest",
    "host",
    "interpolate",
    "sha256",
    "text_key",
    "tidy_url",
    "unwrapped",
    "url_key",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_ONE_SLASH = re.compile(r"^(https?):/+(?=[^/])", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9a-f]{2})", re.IGNORECASE)
_UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
# Parameters that say how a reader came, not what the address names.
_TRACKING = re.compile(
    r"^(utm_\w+|ref_src|ref_url|fbclid|gclid|dclid|msclkid|mc_[ce]id|igsh(id)?|yclid|twclid|_ga|cmpid|ocid|ncid|__\w+_impression)$",
    re.IGNORECASE,
)
_ARCHIVED = re.compile(r"^https?://web\.archive\.org/web/\d{1,14}(?:[a-z]{2}_)?/", re.IGNORECASE)
_ARCHIVE_PATH = re.compile(r"^(?:https?://[^/?#]+)?/web/\d{4,14}(?:[a-z]{2}_)?/(?=https?:)", re.IGNORECASE)
# Paths of buttons that hand an address on: what they name is being shared, not shown.
_SHARES = re.compile(
    r"[/.](?:share\w*|intent|submit|dialog|pin/create|send|compose)\b"
    r"|/(?:like|share_button|follow|page|comments)\.php$",
    re.IGNORECASE,
)
_ENCODED = re.compile(r"https?%3a%2f", re.IGNORECASE)
_LONGEST_QUERY = 4000
_CONTROLS = re.compile(r"[\x00-\x20\x7f]+")


def digest(*parts: str | bytes) -> str:
    """20 hex digits of a sha256 over the parts, each preceded by its length, so that no two lists of
    parts share one."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        total.update(b"%d:" % len(data))
        total.update(data)
    return total.hexdigest()[:20]


def sha256(body: bytes) -> str:
    """The sha256 of a body as 64 hex digits."""
    return hashlib.sha256(body).hexdigest()


def host(url: str) -> str:
    """The host of an address in lower case, "" where there is none.

    >>> host("https://WWW.Example.org:443/a")
    'www.example.org'
    """
    try:
        return (urlsplit(url if "//" in url else f"//{url}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def tidy_url(url: str) -> str:
    """One spelling for all spellings of an address: https, host in lower case, no default port, no
    fragment, no tracking parameters, parameters in order, escapes only where needed, no final slash.

    >>> tidy_url("HTTP://Example.org:80/a/?utm_source=x&b=1#top")
    'https://example.org/a?b=1'
    """
    url = _ONE_SLASH.sub(r"\1://", _CONTROLS.sub("", url.strip()))
    if url.startswith("//"):
        url = f"https:{url}"
    if not _SCHEME.match(url):
        return url
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    if parts.scheme.lower() not in ("http", "https"):
        return url
    name = (parts.hostname or "").rstrip(".")
    if ":" in name:
        name = f"[{name}]"
    if port and port not in (80, 443):
        name = f"{name}:{port}"
    query = urlencode(
        sorted(p for p in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(p[0]))
    )
    return urlunsplit(("https", name, _tidy_path(parts.path), query, ""))


def _tidy_path(path: str) -> str:
    """Escapes in upper case, those of letters undone, all else outside ASCII escaped."""
    plain = _ESCAPE.sub(_escape, quote(path, safe="/%:@!$&'()*+,;=~"))
    return plain.rstrip("/")


def _escape(match: re.Match[str]) -> str:
    letter = unquote(match[0])
    return letter if letter in _UNRESERVED else match[0].upper()


def unwrapped(url: str, depth: int = 3) -> Iterator[str]:
    """The address itself, without a web archive's prefix, then what it leads to where it is a redirector's
    or a proxy's (an address inside its query); nothing more for buttons that share.

    >>> list(unwrapped("https://web.archive.org/web/2019id_/http:/example.org/a"))
    ['http://example.org/a']
    >>> list(unwrapped("https://r.example/?id=1&url=https%3A%2F%2Fexample.org%2Fa"))[-1]
    'https://example.org/a'
    """
    url = _CONTROLS.sub("", url.strip())
    if _ENCODED.match(url):
        url = unquote(url)
    for prefix in (_ARCHIVED, _ARCHIVE_PATH):
        url = prefix.sub("", url)
    url = _ONE_SLASH.sub(r"\1://", url)
    if url.startswith("//"):
        url = f"https:{url}"
    yield url
    head, _, query = url.partition("?")
    if not query or depth == 0 or _SHARES.search(head):
        return
    for _, value in parse_qsl(query[:_LONGEST_QUERY].replace("#", "&")):
        if _SCHEME.match(value) and "//" in value:
            yield from unwrapped(value, depth - 1)


def clock(number: int, shift: int, epoch_ms: int) -> datetime:
    """The UTC time inside a post number: its bits above ``shift`` are milliseconds since ``epoch_ms``
    (Unix milliseconds). ValueError where that is no time of this calendar."""
    try:
        return _EPOCH + timedelta(milliseconds=(number >> shift) + epoch_ms)
    except OverflowError:
        raise ValueError(f"no time inside {number}") from None


def interpolate(number: int, table: Sequence[tuple[int, int]], margin: timedelta) -> Moment:
    """The interval of a sequential number between known points ``(number, Unix seconds)``, in order of
    number: linear between neighbours, ``margin`` to both sides, never beyond the neighbours themselves;
    Moment() outside the table."""
    at = bisect_right(table, (number, 1 << 62))
    if at == 0 or (at == len(table) and number != table[-1][0]):
        return Moment()
    low, high = table[at - 1], table[min(at, len(table) - 1)]
    share = (number - low[0]) / (high[0] - low[0]) if high[0] > low[0] else 0.0
    middle = _EPOCH + timedelta(seconds=round(low[1] + share * (high[1] - low[1])))
    first, last = (_EPOCH + timedelta(seconds=point[1]) for point in (low, high))
    return Moment(None, max(first, middle - margin), min(last, middle + margin), "interpolated")


def text_key(platform: str, handle: str | None, text: str | None) -> str:
    """The key of a post without an id: handle (in lower case) and fingerprint of the text."""
    who = f"@{handle.lower()}:" if handle else ""
    return f"{platform}:{who}text:{fingerprint(text or '')}"


def url_key(platform: str, url: str) -> str:
    """The key of a post known only by an opaque address."""
    return f"{platform}:url:{digest(tidy_url(url))}"
