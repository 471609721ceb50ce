"""A web archive that behaves as the Wayback Machine does: its list (CDX), its word on the nearest copy, its
replay with and without the raw mark, its TimeGate and its way of making copies."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from archiver.rescue import Archives, Endpoints
from tests.servers import Host, Request, door, reply

WEB, ORG = "https://web.archive.org", "https://archive.org"


@dataclass(frozen=True)
class Saved:
    """One copy: ``stamp`` of 14 digits, what of, and what was answered then."""

    stamp: str
    url: str
    body: str | bytes = ""
    media_type: str = "text/html"
    status: str = "200"
    location: str | None = None


def surt(url: str) -> str:
    """How the archive sorts an address: host without www, path, in lower case."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}{parts.path}{'?' + parts.query if parts.query else ''}".lower().rstrip("/")


@dataclass
class Wayback:
    """``lies``: path piece -> what is answered in its place."""

    copies: list[Saved] = field(default_factory=list)
    lies: dict[str, Callable[[Request], bytes] | bytes] = field(default_factory=dict)
    saves: bool = True
    host: Host | None = None

    def get(self, path: str, default=None):
        return self

    def __call__(self, request: Request) -> bytes:
        for piece, lie in self.lies.items():
            if piece in unquote(request.path):
                return lie if isinstance(lie, bytes) else lie(request)
        parts = urlsplit(request.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.endswith("/cdx/search/cdx"):
            return self._list(asked)
        if parts.path.endswith("/wayback/available"):
            return self._nearest(asked)
        if "/save/" in request.path:
            return self._save(request.path.partition("/save/")[2])
        return self._replay(request.path.partition("/web/")[2])

    def _list(self, asked: dict[str, str]) -> bytes:
        names = asked["fl"].split(",")
        wanted, statuses = surt(asked["url"]), asked["filter"].partition(":")[2].strip("()").split("|")
        is_prefix = asked.get("matchType") == "prefix"
        rows = [
            [one.stamp, one.url, one.media_type, one.status, f"D{hash((one.url, str(one.body)))}"]
            for one in sorted(self.copies, key=lambda one: (surt(one.url), one.stamp))
            if one.status in statuses
            and (surt(one.url).startswith(wanted) if is_prefix else surt(one.url) == wanted)
        ]
        rows = _collapsed(rows, asked.get("collapse", ""))[: int(asked.get("limit", "100000"))]
        return reply(body=json.dumps([names, *rows] if rows else []), Content_Type="application/json")

    def _nearest(self, asked: dict[str, str]) -> bytes:
        found = [one for one in self.copies if surt(one.url) == surt(asked["url"]) and one.status == "200"]
        near = asked.get("timestamp", "99999999999999")
        found.sort(key=lambda one: abs(int(one.stamp) - int(near.ljust(14, "0"))))
        closest = {}
        if found:
            address = f"http://web.archive.org/web/{found[0].stamp}/{found[0].url}"
            about = {"status": "200", "available": True, "url": address, "timestamp": found[0].stamp}
            closest = {"closest": about}
        body = json.dumps({"url": asked["url"], "archived_snapshots": closest})
        return reply(body=body, Content_Type="application/json")

    def _replay(self, rest: str) -> bytes:
        head, _, original = rest.partition("/")
        stamp = head[:14]
        if not stamp.isdecimal():
            return self._timegate(rest)
        for one in self.copies:
            if one.stamp == stamp and surt(one.url) == surt(original):
                kind = {"Content_Type": one.media_type, "Memento_Datetime": "Thu, 20 Jan 2022 13:23:05 GMT"}
                if one.location:
                    return reply(f"{one.status} Found", Location=f"/web/{head}/{one.location}", **kind)
                return reply(f"{one.status} OK", one.body, **kind)
        return reply("404 Not Found", "<html>The Wayback Machine has not archived that URL.</html>")

    def _timegate(self, url: str) -> bytes:
        found = sorted(one.stamp for one in self.copies if surt(one.url) == surt(url))
        if not found:
            return reply("404 Not Found", "<html>not archived</html>")
        return reply("302 Found", Location=f"/web/{found[-1]}/{url}")

    def _save(self, url: str) -> bytes:
        if not self.saves:
            return reply("520 Unknown", "<html>This URL could not be saved.</html>")
        self.copies.append(Saved("20260131120000", url, "<html>saved</html>"))
        return reply(body="<html>Saved</html>", Content_Location=f"/web/20260131120000/{url}")


def _collapsed(rows: Iterable[list[str]], by: str) -> list[list[str]]:
    seen: set[object] = set()
    found = []
    for row in rows:
        key = surt(row[1]) if by == "urlkey" else (surt(row[1]), row[4])
        if key not in seen or not by:
            seen.add(key)
            found.append(row)
    return found


def archives(host: Host, timegates: tuple[str, ...] = (), **manners) -> Archives:
    """Archives that are asked at this host."""
    instead = {ORG: f"{host.base}/org", WEB: host.base}
    getter = door(**manners)
    return Archives(getter, Endpoints(timegates=timegates), instead, getter)
