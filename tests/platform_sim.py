"""A platform that does not exist, whose posts follow a script of fates: live for so long, then gone in this
way or that, and sometimes back. It answers as an oEmbed endpoint, by a clock of the test's own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from archiver import verdicts
from archiver.model import Quote, Sighting
from archiver.platform import Address, Platform, quote
from archiver.verdicts import Life
from tests.servers import Request, reply

ENDPOINT = "https://lantern.example/oembed?url="
_POST = re.compile(r"https://lantern\.example/@(?P<handle>\w+)/(?P<id>\d+)$")
_ANSWERS = {
    "deleted": ("404 Not Found", {"error": "no such glow"}),
    "private": ("403 Forbidden", {"error": "not for everyone"}),
    "unavailable": ("451 Unavailable For Legal Reasons", {"error": "withheld"}),
}


def address(written: str) -> Address | None:
    found = _POST.match(written)
    return Address(written, found["id"], found["handle"]) if found else None


def _understand(seen: Sighting) -> Quote:
    return quote(seen, address(seen.url or ""))


PLATFORM = Platform(
    name="lantern",
    title="Lantern",
    forms="address",
    clock=False,
    markers=(b"lantern.example",),
    hosts=("lantern.example/",),
    address=address,
    understand=_understand,
    life=Life(verdicts.ask("oembed", ENDPOINT), verdicts.by_oembed()),
)


@dataclass
class Lantern:
    """The server. ``fates``: id -> (day, state) in order; ``day``: today; ``moods``: what it does instead of
    answering, for the next requests."""

    fates: Mapping[str, Sequence[tuple[int, str]]]
    day: int = 0
    moods: list[bytes] = field(default_factory=list)

    def state(self, number: str) -> str:
        return [state for day, state in self.fates[number] if day <= self.day][-1]

    def __call__(self, request: Request) -> bytes:
        if self.moods:
            return self.moods.pop(0)
        (url,) = parse_qs(urlsplit(request.path).query)["url"]
        number = unquote(url).rpartition("/")[2]
        state = self.state(number)
        if state == "live":
            body = {"type": "rich", "html": f"<blockquote><a href='{url}'>{number}</a></blockquote>"}
            return reply(body=json.dumps(body), Content_Type="application/json")
        status, said = _ANSWERS[state]
        return reply(status, json.dumps(said), Content_Type="application/json")
