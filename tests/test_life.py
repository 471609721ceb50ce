"""Whether posts are still there: recorded replies of every platform, a platform whose posts follow a script
of fates, servers that refuse, fail and lie, and runs that are cut off."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from archiver import life, verdicts
from archiver.evidence.verify import verify
from archiver.life import Asker, Wanted, check
from archiver.platform import quote
from archiver.platforms import PLATFORMS
from archiver.reparse import reparse
from archiver.verdicts import Known, Reply, Verdict
from tests import platform_sim
from tests.archives import READ_AT, add, dump, page, sources, tweet
from tests.platform_sim import PLATFORM, Lantern
from tests.servers import door, reply, serving

REPLIES = sorted(Path(__file__).parent.joinpath("replies").glob("*.json"))
BY_NAME = {platform.name: platform for platform in PLATFORMS}


def _recorded():
    for path in REPLIES:
        for case in json.loads(path.read_text()):
            yield pytest.param(path.stem, case, id=f"{path.stem}: {case['about']}")


@pytest.fixture(autouse=True)
def _own_queue(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.mark.parametrize("name, case", list(_recorded()))
def test_replies(name, case):
    """A reply in the shape of the platform's own, and what it says of the post."""
    post = Known(**case["post"])
    asked = {question.method: question for question in BY_NAME[name].life.asking(post)}
    question = asked[case.get("method", next(iter(asked)))]
    body = case.get("body", "")
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    got = Reply(question.method, case["status"], case.get("url", question.url), raw, post)
    verdict = BY_NAME[name].life.verdict(got)
    assert verdict.state == case["state"], verdict
    if "settled" in case:
        assert verdict.settled == case["settled"]


def test_every_platform_that_can_be_asked_has_replies():
    """Live and gone and a wall, of each platform that has a public way to ask."""
    named = {path.stem: {case["state"] for case in json.loads(path.read_text())} for path in REPLIES}
    for platform in PLATFORMS:
        if platform.life.verdict is verdicts.Life().verdict:
            assert platform.name not in named
            continue
        states = named[platform.name]
        assert "live" in states and "unknown" in states and states & set(verdicts.GONE), platform.name


WALLS = [
    (403, "<html><title>Just a moment...</title><body>Checking your browser</body></html>", None),
    (503, "<html><title>Attention Required! | Cloudflare</title></html>", None),
    (200, "<html><form action=/login>You must log in to see this.</form></html>", None),
    (200, "", "https://social.example/accounts/login/?next=x"),
    (404, "<html><body>Please verify you are human: captcha</body></html>", None),
    (429, "Too many requests", None),
    (401, "", None),
    (999, "", None),
    (200, "<html><body>Welcome!</body></html>", None),
    (200, "", None),
    (500, "{}", None),
    (404, "<html><body>nginx</body></html>", "https://parking.example/login"),
]


@pytest.mark.parametrize("status, body, url", WALLS)
@pytest.mark.parametrize("name", [p.name for p in PLATFORMS if p.life.verdict is not verdicts.Life().verdict])
def test_a_wall_says_nothing_of_a_post(name, status, body, url):
    """Whatever platform answers so: no login, challenge, refusal or soft page is a post that is gone."""
    cases = json.loads(Path(__file__).parent.joinpath("replies", f"{name}.json").read_text())
    post = Known(**cases[0]["post"])
    for question in BY_NAME[name].life.asking(post):
        got = Reply(question.method, status, url or question.url, body.encode(), post)
        verdict = BY_NAME[name].life.verdict(got)
        assert verdict.state == "unknown", (question.method, verdict)


def archive(folder: Path, numbers) -> Path:
    """An archive that quotes Lantern's posts."""
    db = folder / "a.db"
    links = "".join(f"<iframe src='https://lantern.example/@mara/{number}'></iframe>" for number in numbers)
    add_lantern(db, sources(folder / "in", {"1.html": page(links, "https://news.example/1")}))
    return db


def add_lantern(db: Path, paths) -> None:
    from archiver import extraction, rows
    from archiver.model import Document
    from archiver.store import Store

    with Store(str(db)) as store:
        for path in paths:
            document = Document(Path(path).read_bytes(), source=path, origin=path)
            store.save(rows.rows(extraction.extract(document, (PLATFORM,)), READ_AT))


def asker(host, **manners) -> Asker:
    return Asker(door(**manners), {"https://lantern.example": host.base})


def routed(server) -> dict:
    class Routes(dict):
        def get(self, path, default=None):
            return server if path.startswith("/oembed") else default

    return Routes()


def day(number: int) -> str:
    return f"2026-02-{number + 1:02}T12:00:00Z"


def states(db: Path) -> dict[str, str | None]:
    with closing(sqlite3.connect(db)) as connection:
        return dict(connection.execute("SELECT native_id, state FROM posts"))


FATES = {
    **{str(100 + n): [(0, "live")] for n in range(8)},
    **{str(200 + n): [(0, "live"), (n + 1, "deleted")] for n in range(8)},
    **{str(300 + n): [(0, "live"), (2, "private"), (5, "live")] for n in range(4)},
    **{str(400 + n): [(0, "live"), (3, "unavailable"), (6, "deleted")] for n in range(4)},
    **{str(500 + n): [(0, "deleted"), (4, "live")] for n in range(2)},
}


def test_a_script_of_fates(tmp_path):
    """Day after day every state is as the script has it, and every answer is kept."""
    db, server = archive(tmp_path, FATES), Lantern(FATES)
    with serving() as host:
        host.routes = routed(server)
        for server.day in range(10):
            wanted = Wanted(older_than=timedelta(hours=12))
            answers = list(check(str(db), wanted, asker(host), (PLATFORM,), lambda: day(server.day)))
            assert len(answers) == len(FATES)
            assert states(db) == {number: server.state(number) for number in FATES}
    assert len(host.asked) == 10 * len(FATES)
    with closing(sqlite3.connect(db)) as connection:
        kept = connection.execute("SELECT post, checked_at, state FROM checks").fetchall()
    assert len(kept) == 10 * len(FATES)
    for key, at, state in kept:
        server.day = int(at[8:10]) - 1
        assert state == server.state(key.partition(":")[2])
    assert not list(verify(str(db)))


def test_the_agreed_pace_is_kept(tmp_path):
    db, server = archive(tmp_path, list(FATES)[:6]), Lantern(FATES)
    with serving() as host:
        host.routes = routed(server)
        list(check(str(db), Wanted(), asker(host, delay=0.2), (PLATFORM,), lambda: day(0)))
        times = [request.at for request in host.asked]
        assert len(times) == 6
        assert all(later - earlier >= 0.19 for earlier, later in pairwise(times))
        assert host.busiest == 1


def test_what_was_asked_lately_is_not_asked_again(tmp_path):
    db, server = archive(tmp_path, list(FATES)[:6]), Lantern(FATES)
    with serving() as host:
        host.routes = routed(server)
        first = list(check(str(db), Wanted(limit=4), asker(host), (PLATFORM,), lambda: day(0)))
        second = list(check(str(db), Wanted(), asker(host), (PLATFORM,), lambda: day(0)))
        assert (len(first), len(second)) == (4, 2)
        assert not {answer.post for answer in first} & {answer.post for answer in second}
        assert not list(check(str(db), Wanted(), asker(host), (PLATFORM,), lambda: day(0)))
        assert len(list(check(str(db), Wanted(), asker(host), (PLATFORM,), lambda: day(1)))) == 6
        only = Wanted(posts=("lantern:100",), older_than=timedelta(0))
        assert [a.post for a in check(str(db), only, asker(host), (PLATFORM,), lambda: day(3))] == [
            "lantern:100"
        ]


BLOCK = reply("403 Forbidden", "<html>Sorry, you have been blocked</html>")


def test_a_host_that_refuses_is_left_alone(tmp_path):
    """Three walls in a row end it; nothing is called deleted, and what was live stays live."""
    db, server = archive(tmp_path, list(FATES)[:8]), Lantern(FATES)
    with serving() as host:
        host.routes = routed(server)
        list(check(str(db), Wanted(), asker(host), (PLATFORM,), lambda: day(0)))
        server.moods = [BLOCK] * 99
        asks = asker(host)
        answers = list(check(str(db), Wanted(), asks, (PLATFORM,), lambda: day(3)))
        assert [answer.left for answer in answers] == [False] * 3 + [True] * 5
        assert "refuses" in next(iter(asks.left.values()))
        assert set(states(db).values()) == {"live"}
        assert len(host.asked) == 8 + 3


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_a_busy_host_is_left_alone_at_once(tmp_path, status):
    db, server = archive(tmp_path, list(FATES)[:8]), Lantern(FATES)
    with serving() as host:
        host.routes = routed(server)
        server.moods = [reply(status, Retry_After="3600")] * 99
        answers = list(check(str(db), Wanted(), asker(host), (PLATFORM,), lambda: day(0)))
        assert [answer.state for answer in answers][:1] == ["unknown"]
        assert sum(answer.left for answer in answers) == 7
        assert len(host.asked) == 1


def test_a_short_retry_after_is_waited_for(tmp_path):
    db, server = archive(tmp_path, ["100"]), Lantern(FATES)
    with serving() as host:
        host.routes = routed(server)
        server.moods = [reply("429 Too Many Requests", Retry_After="1")]
        (answer,) = check(str(db), Wanted(), asker(host), (PLATFORM,), lambda: day(0))
        assert answer.state == "live"
        assert host.asked[1].at - host.asked[0].at >= 0.99


LIES = {
    "another post": reply(body=json.dumps({"type": "rich", "html": "<a href='/@eve/999'>"})),
    "a page": reply(body="<html>Welcome to the new Lantern</html>"),
    "nothing": reply(body=""),
    "a page that is not there": reply("404 Not Found", "<html><h1>nginx</h1></html>"),
    "cut": reply(body='{"type": "rich"', Content_Length="5000"),
    "no JSON": reply(body='{"type": "rich"', Content_Type="application/json"),
    "inside": reply("302 Found", Location="http://10.0.0.1/oembed"),
    "a login": reply("302 Found", Location="/login?next=/oembed"),
    "a loop": reply("302 Found", Location="/oembed?url=https://lantern.example/@mara/100"),
    "a file": reply("302 Found", Location="file:///etc/passwd"),
    "a bomb": reply(body=b"\x1f\x8b" + b"\0" * 40, Content_Encoding="gzip"),
}


@pytest.mark.parametrize("lie", LIES)
def test_lies_are_believed_by_nobody(tmp_path, lie, monkeypatch):
    monkeypatch.setattr("archiver.fetch.fetcher._PAUSES", (0.01, 0.02, 0.03))
    db, server = archive(tmp_path, ["100"]), Lantern(FATES)
    with serving() as host:
        host.routes = routed(server)
        server.moods = [LIES[lie]] * 99
        (answer,) = check(str(db), Wanted(), asker(host, deadline=5), (PLATFORM,), lambda: day(0))
        assert answer.state == "unknown"
        assert len(host.asked) <= 6
    assert states(db) == {"100": "unknown"}


def test_a_slow_server_has_an_end(tmp_path):
    def slow(_):
        time.sleep(3)
        return reply()

    db = archive(tmp_path, ["100"])
    with serving() as host:
        host.routes = routed(slow)
        start = time.monotonic()
        (answer,) = check(str(db), Wanted(), asker(host, deadline=0.5), (PLATFORM,), lambda: day(0))
        assert answer.state == "unknown"
        assert time.monotonic() - start < 2.5


def test_robots_have_a_say_for_pages_only(tmp_path):
    """What is made for programs is asked all the same."""
    db, server = archive(tmp_path, ["100"]), Lantern(FATES)
    with serving() as host:
        host.routes = routed(server)
        host.routes["/robots.txt"] = reply(body="User-agent: *\nDisallow: /", Content_Type="text/plain")
        (answer,) = check(str(db), Wanted(), asker(host, robots=True), (PLATFORM,), lambda: day(0))
        assert answer.state == "live"
        assert [request.path for request in host.log if request.path == "/robots.txt"] == []


def test_the_better_of_two_answers_counts():
    found = {"a": Verdict("deleted", "x", settled=False), "b": Verdict("private", "y")}
    assert verdicts.weigh(found).state == "private"
    found = {"a": Verdict("deleted", "x", settled=False), "b": verdicts.unknown("z")}
    assert verdicts.weigh(found).state == "deleted"


def test_the_second_question_is_asked_where_the_first_leaves_doubt(tmp_path):
    """The syndication service has nothing, oEmbed says that the account is protected."""
    db = tmp_path / "a.db"
    add(db, sources(tmp_path / "in", {"1.html": page(tweet(1), "https://news.example/1")}))

    class Routes(dict):
        def get(self, path, default=None):
            if path.startswith("/syndication"):
                return reply("404 Not Found", "", Content_Type="application/json")
            return reply("403 Forbidden", '{"error": "not authorized"}', Content_Type="application/json")

    with serving() as host:
        host.routes = Routes()
        instead = {
            "https://cdn.syndication.twimg.com": f"{host.base}/syndication",
            "https://publish.twitter.com": f"{host.base}/publish",
        }
        (answer,) = check(str(db), Wanted(), Asker(door(), instead), PLATFORMS, lambda: day(0))
    assert (answer.state, answer.method) == ("private", "oembed")
    with closing(sqlite3.connect(db)) as connection:
        rows = connection.execute("SELECT method, state, http_status FROM checks ORDER BY 1").fetchall()
    assert rows == [("oembed", "private", 403), ("syndication", "deleted", 404)]
    assert not list(verify(str(db)))


def test_answers_outlive_a_new_parser(tmp_path):
    """A parser that gives posts other keys: their answers follow them; those of posts that it no longer
    sees are gone, and verify knows that this is right."""
    db, server = archive(tmp_path, ["100", "200"]), Lantern(FATES)
    with serving() as host:
        host.routes = routed(server)
        list(check(str(db), Wanted(), asker(host), (PLATFORM,), lambda: day(0)))

    def other(written):
        found = platform_sim.address(written)
        return replace(found, key=f"glow/{found.native_id}") if found else None

    def understand(seen):
        return quote(seen, other(seen.url or ""))

    for address, kept in ((other, 2), (lambda written: None, 0)):
        platform = replace(PLATFORM, address=address, understand=understand)
        reparse(str(db), apply=True, platforms=(platform,))
        with closing(sqlite3.connect(db)) as connection:
            posts = connection.execute("SELECT post, state FROM checks ORDER BY post").fetchall()
            states = connection.execute("SELECT id, state FROM posts ORDER BY id").fetchall()
        assert len(posts) == kept
        assert posts == states
        assert not list(verify(str(db)))


RUN = """
import sys
from tests.test_life import PLATFORM, Wanted, asker, check, day
class Host: base = sys.argv[2]
list(check(sys.argv[1], Wanted(), asker(Host), (PLATFORM,), lambda: day(0)))
"""


def test_kill_and_go_on(tmp_path):
    """Killed again and again, the run ends with the same rows as one that was not, each post asked about
    once more at most for each kill."""
    numbers = list(FATES)
    db, server = archive(tmp_path, numbers), Lantern(FATES)
    whole = archive(tmp_path / "whole", numbers)
    kills = 0

    def slowly(request):
        time.sleep(0.02)
        return server(request)

    with serving() as host:
        host.routes = routed(slowly)
        list(check(str(whole), Wanted(), asker(host), (PLATFORM,), lambda: day(0)))
        before = len(host.asked)
        for _ in range(40):
            child = subprocess.Popen(
                [sys.executable, "-c", RUN, str(db), host.base],
                cwd=Path(__file__).parent.parent,
                env={**os.environ, "TMPDIR": str(tmp_path)},
            )
            asked = len(host.asked)
            while child.poll() is None and len(host.asked) < asked + 5:
                time.sleep(0.005)
            if child.poll() is not None:
                break
            child.send_signal(signal.SIGKILL)
            child.wait()
            kills += 1
        assert child.returncode == 0 and kills >= 3
        assert len(host.asked) - before <= len(numbers) + kills
    assert dump(db)["checks"] == dump(whole)["checks"]
    assert not list(verify(str(db)))


def test_redirected_addresses():
    assert life.redirected("https://a.example/x", {"https://a.example": "http://b"}) == "http://b/x"
    assert life.redirected("https://c.example/x", {"https://a.example": "http://b"}) == "https://c.example/x"


def test_the_clock():
    assert life.before("2026-03-01T00:00:00Z", timedelta(days=1)) == "2026-02-28T00:00:00Z"
    assert platform_sim.address("https://lantern.example/@mara/1").native_id == "1"
