"""The commands `check` and `rescue` as they are given: what they print, and how they end."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from archiver.commands import keeping
from tests.archive_sim import ORG, WEB, Saved, Wayback
from tests.archives import add, page, sources, tweet
from tests.servers import door, reply, serving

AT = "2026-02-01T12:00:00Z"


@pytest.fixture(autouse=True)
def _loopback(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("archiver.fetch.fetcher._PAUSES", (0.01, 0.02, 0.03))
    monkeypatch.setattr(keeping, "_fetcher", lambda given: door(warc=given["warc"]))
    monkeypatch.setenv("ARCHIVER_NOW", AT)


class Platforms:
    """Syndication and oEmbed of tweets, by the last digit of the id, beside a web archive."""

    def __init__(self, fates: dict[str, str], wayback: Wayback | None = None) -> None:
        self.fates, self.wayback = fates, wayback or Wayback()

    def get(self, path, default=None):
        if not path.startswith(("/syndication", "/publish")):
            return self.wayback
        fate = next((fate for number, fate in self.fates.items() if number in path), "live")
        number = next((number for number in self.fates if number in path), "0")
        if fate == "wall":
            return reply("403 Forbidden", "<html>Just a moment... Checking your browser</html>")
        if fate == "busy":
            return reply("429 Too Many Requests", Retry_After="900")
        if fate == "deleted":
            return reply("404 Not Found", '{"error": "no"}', Content_Type="application/json")
        tweet = {"__typename": "Tweet", "id_str": number, "text": "Words."}
        return reply(body=json.dumps(tweet), Content_Type="application/json")


def instead(host) -> list[str]:
    pairs = {
        ORG: f"{host.base}/org",
        WEB: host.base,
        "https://cdn.syndication.twimg.com": f"{host.base}/syndication",
        "https://publish.twitter.com": f"{host.base}/publish",
        "https://pbs.twimg.com": f"{host.base}/pbs",
    }
    return [part for here, there in pairs.items() for part in ("--instead", f"{here}={there}")]


@pytest.fixture
def quoted(tmp_path):
    """An archive of six tweets, and their ids in order."""
    db = tmp_path / "a.db"
    body = "".join(tweet(n, f"Words of tweet {n}.") for n in range(6))
    add(db, sources(tmp_path / "in", {"1.html": page(body, "https://news.example/1")}))
    with closing(sqlite3.connect(db)) as connection:
        rows = connection.execute("SELECT native_id FROM posts ORDER BY id").fetchall()
    return db, [number for (number,) in rows]


def call(*words: str):
    return CliRunner().invoke(cli.main, list(words))


def test_check_tells_what_changed(quoted):
    db, ids = quoted
    fates = dict.fromkeys(ids, "live") | {ids[1]: "deleted"}
    with serving() as host:
        host.routes = Platforms(fates)
        first = call("check", str(db), *instead(host))
        again = call("check", str(db), *instead(host))
        later = call("check", str(db), "--older-than", "0", "--json", *instead(host))
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert f"deleted: twitter:{ids[1]}: oEmbed answers 404" in first.output
    assert "Asked about 6 posts: 1 deleted, 5 live." in first.output
    assert again.output == "Asked about 0 posts.\n"
    told = [json.loads(line) for line in later.stdout.splitlines()]
    assert {row["post"]: (row["before"], row["state"]) for row in told}[f"twitter:{ids[1]}"] == (
        "deleted",
        "deleted",
    )


def test_check_of_one_post(quoted):
    db, ids = quoted
    with serving() as host:
        host.routes = Platforms(dict.fromkeys(ids, "live"))
        done = call("check", str(db), "--post", ids[2], *instead(host))
        assert "Asked about 1 post: 1 live." in done.output
        assert call("check", str(db), "--post", "nobody", *instead(host)).exit_code == 1
        assert "0 posts" in call("check", str(db), "--platform", "vk", *instead(host)).output


@pytest.mark.parametrize("fate, asked", [("wall", 6), ("busy", 2)])
def test_check_of_a_platform_that_refuses(quoted, fate, asked):
    """What was left is counted, and the exit code says so; nothing is called deleted."""
    db, ids = quoted
    with serving() as host:
        host.routes = Platforms(dict.fromkeys(ids, fate))
        done = call("check", str(db), *instead(host))
        assert done.exit_code == 1
        assert len(host.asked) <= asked
    assert "Left alone for now" in done.output
    assert "posts left: give the same command again later." in done.output
    assert "deleted" not in done.output.replace("never deleted", "")
    with closing(sqlite3.connect(db)) as connection:
        states = {state for (state,) in connection.execute("SELECT DISTINCT state FROM posts")}
    assert states <= {"unknown", None}


def test_rescue_tells_what_it_found(quoted, tmp_path):
    db, ids = quoted
    url = f"https://twitter.com/ann_ex/status/{ids[1]}"
    body = json.dumps({"id_str": ids[1], "full_text": "Words of tweet 1.", "user": {"screen_name": "ann_ex"}})
    wayback = Wayback([Saved("20220301000000", url, body, "application/json")])
    warc = tmp_path / "e.warc.gz"
    with serving() as host:
        host.routes = Platforms(dict.fromkeys(ids, "live") | {ids[1]: "deleted"}, wayback)
        call("check", str(db), *instead(host))
        done = call("rescue", str(db), "--warc", str(warc), *instead(host))
        assert done.exit_code == 0, done.output
        assert f"twitter:{ids[1]}: " in done.output
        assert "Kept: 1 in copies, 1 in recovered." in done.output
        told = call("rescue", str(db), "--older-than", "0", "--json", *instead(host))
        found = [json.loads(line) for line in told.stdout.splitlines()]
        assert {row["method"] for row in found} >= {"copies", "articles"}
        shown = call("show", str(db), ids[1])
    assert f"copy: https://web.archive.org/web/20220301000000/{url} (2022-03-01T00:00:00Z)" in shown.output
    assert "deleted when asked on 2026-02-01T12:00:00Z: oEmbed answers 404" in shown.output
    assert call("verify", str(db)).exit_code == 0


def test_rescue_of_an_archive_that_is_down(quoted):
    db, ids = quoted
    with serving() as host:
        wayback = Wayback(lies={"/": reply("503 Service Unavailable")})
        host.routes = Platforms(dict.fromkeys(ids, "deleted"), wayback)
        call("check", str(db), *instead(host))
        done = call("rescue", str(db), *instead(host))
    assert done.exit_code == 1
    assert "Left alone for now" in done.output


def test_rescue_with_a_copy_that_is_known(quoted):
    db, ids = quoted
    url = f"https://twitter.com/ann_ex/status/{ids[3]}"
    body = f'<html><link rel="canonical" href="https://archive.example/20220120122405/{url}"></html>'
    with serving() as host:
        host.routes = Platforms({}, Wayback(lies={"/AbCdE": reply(body=body)}))
        done = call("rescue", str(db), "--copy", f"{WEB}/AbCdE", "--post", ids[3], *instead(host))
    assert done.exit_code == 0, done.output
    assert "1 copies" in done.output


@pytest.mark.parametrize(
    "words, says",
    [
        (("check", "DB", "--older-than", "soon"), "is no span of time"),
        (("check", "DB", "--instead", "a=b"), "write two addresses"),
        (("check", "DB", "--limit", "0"), "not in the range"),
        (("rescue", "DB", "--max-media", "0"), "not in the range"),
        (("watch", "nowhere.toml"), "No such file"),
    ],
)
def test_wrong_usage(quoted, words, says):
    db, _ = quoted
    done = call(*(str(db) if word == "DB" else word for word in words))
    assert done.exit_code in (1, 2)
    assert says in done.output


def test_an_archive_that_is_none(tmp_path):
    """No empty archive is made by asking about one."""
    for command in ("check", "rescue"):
        done = call(command, str(tmp_path / "none.db"))
        assert done.exit_code == 1
        assert "no such archive" in done.output
    assert not Path(tmp_path / "none.db").exists()
