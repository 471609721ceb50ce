"""The story that README tells, with the commands that it prints: an article is saved, a post is deleted, the
archive knows, and the article is healed."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner

from archiver.extraction import extract
from archiver.model import Document
from cli import main
from tests.archive_sim import ORG, WEB, Saved, Wayback
from tests.modules import ROOT
from tests.servers import Request, door, reply, serving

SAMPLE = ROOT / "data/samples/lighthouse.html"
STORY = re.compile(r"^## A quote outlives its post$.*?^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NO_LIGHT, PROMISE = "1532643572627645381", "1465832565398044791"
WORDS = "The lamp of Corbel Point will be paid for. You have our word."


class Platform:
    """Two doors of a platform: each post is there until the day on which it is deleted."""

    def __init__(self) -> None:
        self.gone = {PROMISE}

    def __call__(self, request: Request) -> bytes:
        asked = parse_qs(urlsplit(request.path).query)
        number = asked["id"][0] if "id" in asked else asked["url"][0].rpartition("/")[2]
        if number in self.gone:
            return reply("404 Not Found", "{}", Content_Type="application/json")
        return reply(
            body=json.dumps({"__typename": "Tweet", "id_str": number}), Content_Type="application/json"
        )


def world(platform: Platform) -> Any:
    """The platform, and a web archive that has a copy of each of the two posts."""
    page = (
        '<html><body><div class="tweet permalink-tweet" data-tweet-id="{0}" data-screen-name="{1}"'
        ' data-name="{2}"><p class="tweet-text" lang="en">{3}</p></div>'
    )
    wayback = Wayback(
        [
            Saved(
                "20211201080000",
                f"https://twitter.com/portcouncil_ex/status/{PROMISE}",
                page.format(PROMISE, "portcouncil_ex", "Corbel Port Council", WORDS),
            ),
            Saved(
                "20220604090000",
                f"https://twitter.com/maraquillon_ex/status/{NO_LIGHT}",
                page.format(NO_LIGHT, "maraquillon_ex", "Mara Quillon", "No light tonight."),
            ),
        ]
    )

    class Routes(dict[str, Any]):
        def get(self, path: str, default: Any = None) -> Any:
            return platform if path.startswith(("/oembed", "/tweet-result")) else wayback

    return Routes()


def test_the_story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = STORY.search((ROOT / "README.md").read_text("utf-8"))
    assert told, "README tells no story"
    commands = [
        shlex.split(line, comments=True)[1:] for line in told[1].splitlines() if line[:9] == "archiver "
    ]
    assert [words[0] for words in commands] == ["add", "check", "check", "rescue", "heal"]
    (tmp_path / "story.html").write_bytes(SAMPLE.read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("archiver.commands.keeping._fetcher", lambda _: door())
    platform = Platform()
    with serving() as host:
        host.routes = world(platform)
        instead = {"https://cdn.syndication.twimg.com": host.base, "https://publish.twitter.com": host.base}
        instead |= {ORG: f"{host.base}/org", WEB: host.base}
        monkeypatch.setenv("ARCHIVER_INSTEAD", " ".join(f"{name}={there}" for name, there in instead.items()))
        printed = []
        for words, day in zip(
            commands, ("2023-03-01", "2023-03-02", "2024-03-02", "2024-03-02", "2024-03-02"), strict=True
        ):
            monkeypatch.setenv("ARCHIVER_NOW", f"{day}T12:00:00Z")
            if day == "2024-03-02":
                platform.gone.add(NO_LIGHT)
            printed.append(run([word for word in words if word not in (">", "healed.html")]))
    healed = printed[-1]
    before, after = (extract(Document(body)).quotes for body in (SAMPLE.read_bytes(), healed))
    assert [quote.key for quote in before] == [quote.key for quote in after]
    assert [quote.sighting.text or WORDS for quote in before] == [quote.sighting.text for quote in after]
    page = healed.decode()
    assert page.count("The post was deleted (2024-03-02)") == 2
    assert page.count("words from an archive") == 1
    assert f"/web/20220604090000/https://twitter.com/maraquillon_ex/status/{NO_LIGHT}" in page
    assert "twitter-follow-button" in page and page.count("widgets.js") == 1, "which the button still needs"


def run(words: list[str]) -> bytes:
    done = CliRunner().invoke(main, words, catch_exceptions=False)
    assert done.exit_code == 0, (words, done.output)
    return bytes(done.stdout_bytes)
