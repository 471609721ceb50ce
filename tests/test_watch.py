"""One cron line that keeps an archive alive: what is due and what is not, day after day; plans that nobody
understands; runs that meet, run late, or are cut off."""

from __future__ import annotations

import fcntl
import json
import re
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

import cli
from archiver import schedule, watching, work
from archiver.errors import ArchiverError
from archiver.evidence.verify import verify
from archiver.schedule import Schedule
from archiver.troubles import kept_alive
from archiver.watch import watch
from tests import platform_sim
from tests.archives import page
from tests.platform_sim import PLATFORM, Lantern
from tests.servers import door, reply, serving

FATES = {
    **{str(100 + n): [(0, "live")] for n in range(4)},
    **{str(200 + n): [(0, "live"), (10 + n, "deleted")] for n in range(4)},
    "300": [(0, "live"), (5, "private"), (40, "live")],
}


@pytest.fixture(autouse=True)
def _loopback(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(work, "_fetcher", lambda options: door())
    monkeypatch.setattr(work.plugins, "platforms", lambda: (PLATFORM,))


def now(monkeypatch, day: int, hour: int = 6) -> None:
    month, rest = divmod(day, 28)
    monkeypatch.setenv("ARCHIVER_NOW", f"2026-{month + 1:02}-{rest + 1:02}T{hour:02}:00:00Z")


def feed(base: str, numbers) -> str:
    items = "".join(f"<item><link>{base}/article/{number}</link></item>" for number in numbers)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{items}</channel></rss>'


class News:
    """A newspaper that quotes one glow of Lantern in each article, and Lantern itself."""

    def __init__(self, server: Lantern) -> None:
        self.server = server
        self.base = ""
        self.published: list[str] = []

    def get(self, path, default=None):
        if path.startswith("/oembed"):
            return self.server
        if path == "/feed":
            return reply(body=feed(self.base, self.published), Content_Type="application/rss+xml")
        if path.startswith("/article/"):
            number = path.rpartition("/")[2]
            frame = f"<iframe src='https://lantern.example/@mara/{number}'></iframe>"
            return reply(body=page(frame, f"{self.base}{path}"))
        return default


def plan(folder: Path, base: str, more: str = "") -> watching.Plan:
    path = folder / "watch.toml"
    path.write_text(
        f'archive = "quotes.db"\n{more}\n[[source]]\nurl = "{base}/feed"\nevery = "1d"\n'
        f'[web]\ndelay = 0\nrobots = false\n[instead]\n"https://lantern.example" = "{base}"\n'
    )
    return watching.read(str(path))


def go(told: watching.Plan):
    return watch(told, (PLATFORM,), lambda manners: door())


def rows(folder: Path, sql: str):
    with closing(sqlite3.connect(folder / "quotes.db")) as connection:
        return connection.execute(sql).fetchall()


def test_day_after_day(tmp_path, monkeypatch):
    """Articles come in as they are published; posts are asked about at their schedule and no more often;
    what is gone is told once."""
    server = Lantern(FATES)
    news = News(server)
    numbers, told = list(FATES), Counter()
    with serving() as host:
        host.routes, news.base = news, host.base
        for day in range(60):
            now(monkeypatch, day)
            server.day = day
            news.published = numbers[: day // 2 + 1]
            report = go(plan(tmp_path, host.base))
            assert not report.failed and not report.left and not report.late
            told.update((answer.post, answer.state) for answer in (*report.gone, *report.back))
            for number, state in rows(tmp_path, "SELECT native_id, state FROM posts"):
                assert state is not None, (day, number)
        asked = [request for request in host.asked if request.path.startswith("/oembed")]
    assert {number for (number,) in rows(tmp_path, "SELECT native_id FROM posts")} == set(FATES)
    gone = {f"lantern:{number}" for number in FATES if number[0] == "2"}
    assert {post for (post, state), count in told.items() if state == "deleted"} == gone
    assert max(told.values()) == 1
    for number in FATES:
        times = [r for r in asked if r.path.endswith(number)]
        assert 1 <= len(times) <= 8 + 8 + 3, (number, len(times))
    assert not list(verify(str(tmp_path / "quotes.db")))


def test_the_schedule_of_one_post():
    """Daily for a week, every third day for a month, every second week for a year, then every two months;
    a post that is gone every three months."""
    usual = Schedule()
    for age, state, expected in (
        (1, "live", 1),
        (20, "live", 3),
        (100, "live", 14),
        (2000, "live", 60),
        (3, "deleted", 90),
        (2000, "suspended", 90),
        (2000, "unknown", 2),
        (3, "unknown", 1),
        (2000, None, 60),
    ):
        assert usual.interval(timedelta(days=age), state) == timedelta(days=expected), (age, state)


def row(key: str, seen: str, asked: str | None, state: str | None = "live"):
    return {"id": key, "first_seen": seen, "posted_earliest": None, "state": state, "asked_at": asked}


def test_the_most_overdue_come_first():
    at = "2026-03-01T00:00:00Z"
    found = [
        row("a", "2026-02-27T00:00:00Z", "2026-02-28T20:00:00Z"),  # four hours ago: not yet
        row("b", "2026-02-27T00:00:00Z", "2026-02-27T00:00:00Z"),  # two of its days
        row("c", "2026-02-20T00:00:00Z", None),
        row("d", "2020-01-01T00:00:00Z", "2025-12-01T00:00:00Z"),  # 90 of 60 days
        row("e", "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"),  # a clock that ran ahead
    ]
    assert schedule.due(found, at, Schedule(), 9) == ["c", "e", "b", "d"]
    assert schedule.due(found, at, Schedule(), 2) == ["c", "e"]


def test_nothing_is_due_twice(tmp_path, monkeypatch):
    news = News(Lantern(FATES))
    news.published = list(FATES)
    with serving() as host:
        host.routes, news.base = news, host.base
        now(monkeypatch, 1)
        first = go(plan(tmp_path, host.base))
        assert (first.articles, first.quotes, first.asked["live"]) == (9, 9, 9)
        count = len(host.asked)
        now(monkeypatch, 1, hour=7)
        second = go(plan(tmp_path, host.base))
        assert len(host.asked) == count
        assert (second.articles, second.asked.total()) == (0, 0)


def test_limits_are_kept(tmp_path, monkeypatch):
    """At most so many posts a run; no more once the minutes are over."""
    news = News(Lantern(FATES))
    news.published = list(FATES)
    with serving() as host:
        host.routes, news.base = news, host.base
        now(monkeypatch, 1)
        told = plan(tmp_path, host.base)
        told = watching.read(told.path)
        report = watch(watching.Plan(**{**_fields(told), "checks": 4}), (PLATFORM,), lambda manners: door())
        assert report.asked.total() == 4
        ticks = iter(range(0, 10**9, 600))
        now(monkeypatch, 2)
        late = watch(told, (PLATFORM,), lambda manners: door(), lambda: next(ticks))
        assert late.late
        assert late.asked.total() < 9
        assert "the next run goes on" in kept_alive(late, silent=True)


def _fields(told: watching.Plan) -> dict:
    return {name: getattr(told, name) for name in watching.Plan.__slots__}


def test_two_runs_at_once(tmp_path, monkeypatch):
    now(monkeypatch, 1)
    told = plan(tmp_path, "http://127.0.0.1:9")
    with open(f"{told.path}.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        report = go(told)
    assert report.busy
    assert not (tmp_path / "quotes.db").exists()


def test_what_fails_is_told_and_the_rest_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr("archiver.fetch.fetcher._PAUSES", (0.01, 0.02, 0.03))
    news = News(Lantern(FATES))
    news.published = ["100", "101"]
    with serving() as host:
        host.routes, news.base = news, host.base
        now(monkeypatch, 1)
        dead = f'[[source]]\nurl = "{host.base}/dead"\n'
        told = plan(tmp_path, host.base, dead)
        report = go(told)
        assert [source for source, _ in report.failed] == [f"{host.base}/dead"]
        assert report.articles == 2
        news.server.moods = [reply("429 Too Many Requests", Retry_After="999")] * 9
        now(monkeypatch, 3)
        second = go(told)
        assert len(second.left) == 1
        assert "asks us to stay away" in kept_alive(second, silent=True)
    assert Counter(rows(tmp_path, "SELECT state FROM posts")) == {("live",): 2}


def test_a_damaged_memory_costs_one_more_visit(tmp_path, monkeypatch):
    news = News(Lantern(FATES))
    news.published = ["100"]
    with serving() as host:
        host.routes, news.base = news, host.base
        now(monkeypatch, 1)
        told = plan(tmp_path, host.base)
        go(told)
        assert json.loads(Path(f"{told.path}.state").read_text())
        Path(f"{told.path}.state").write_text("{")
        assert go(told).articles == 0
        assert json.loads(Path(f"{told.path}.state").read_text())


BAD = {
    "no archive": ("[check]\nlimit = 1", "name the archive"),
    "no TOML": ("archive = ", "not TOML"),
    "unknown": ('archive = "a.db"\narchiv = 1', "nobody knows archiv"),
    "unknown inside": ('archive = "a.db"\n[check]\nlimits = 1', "nobody knows check.limits"),
    "no place": ('archive = "a.db"\n[[source]]\nevery = "1d"', "names its place"),
    "no span": ('archive = "a.db"\n[[source]]\nurl = "x"\nevery = "often"', "no span of time"),
    "no expression": ('archive = "a.db"\n[[source]]\nurl = "x"\nmatch = "("', "no regular expression"),
    "wrong kind": ('archive = "a.db"\n[check]\nlimit = "many"', "not the kind of value"),
    "a truth for a number": ('archive = "a.db"\nminutes = true', "not the kind of value"),
    "a word for a table": ('archive = "a.db"\ncheck = "daily"', "is a table"),
}


@pytest.mark.parametrize("case", BAD)
def test_plans_that_nobody_understands(tmp_path, case):
    told, words = BAD[case]
    path = tmp_path / "watch.toml"
    path.write_text(told)
    with pytest.raises(ArchiverError, match=words) as caught:
        watching.read(str(path))
    assert "\n" not in str(caught.value)
    with pytest.raises(ArchiverError):
        watching.read(str(tmp_path / "nowhere.toml"))


def test_a_whole_plan(tmp_path):
    path = tmp_path / "watch.toml"
    path.write_text(
        'archive = "a.db"\nminutes = 20\n[[source]]\nurl = "saved"\nsince = "30d"\nmatch = "/politics/"\n'
        'links = true\n[web]\ncontact = "desk@news.example"\nwayback = true\nwarc = "e.warc.gz"\n'
        '[check]\nlimit = 10\nlater = "1y"\n[check.young]\n"2w" = "2d"\n"1d" = "6h"\n'
        '[rescue]\nmedia = "media"\nsave = true\n'
    )
    told = watching.read(str(path))
    assert told.archive == str(tmp_path / "a.db")
    assert told.feeds[0].source == str(tmp_path / "saved")
    assert told.feeds[0].since == timedelta(days=30)
    assert told.feeds[0].match == re.compile("/politics/")
    assert told.manners.timegate and told.manners.warc == str(tmp_path / "e.warc.gz")
    assert told.schedule.interval(timedelta(hours=3), "live") == timedelta(hours=6)
    assert told.schedule.interval(timedelta(days=3), "live") == timedelta(days=2)
    assert told.schedule.interval(timedelta(days=300), "live") == timedelta(days=365.25)
    assert (told.rescues, told.save, told.media) == (50, True, str(tmp_path / "media"))


def test_the_command(tmp_path, monkeypatch):
    """Files as sources, no network at all; the report is short, and silent where there is nothing."""
    now(monkeypatch, 1)
    (tmp_path / "saved").mkdir()
    frame = "<iframe src='https://lantern.example/@mara/100'></iframe>"
    (tmp_path / "saved/1.html").write_text(page(frame, "https://news.example/1"))
    path = tmp_path / "watch.toml"
    path.write_text('archive = "a.db"\n[[source]]\nurl = "saved"\n[check]\nlimit = 0\n')
    shown = CliRunner().invoke(cli.main, ["watch", str(path)])
    assert (shown.exit_code, shown.output.splitlines()[0]) == (
        0,
        "new articles: 1, quotes in them: 1",
    )
    now(monkeypatch, 2)
    assert CliRunner().invoke(cli.main, ["watch", str(path), "--silent"]).output == ""
    told = json.loads(CliRunner().invoke(cli.main, ["watch", str(path), "--json"]).output)
    assert told["articles"] == 0
    assert platform_sim.PLATFORM.name == "lantern"
