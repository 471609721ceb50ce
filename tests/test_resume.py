"""Once more and after a stop: nothing is read twice that is done, nothing is lost, parts are the whole."""

from __future__ import annotations

import errno
import gzip
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archiver import rows, run, work
from archiver.readers import shapes
from archiver.store import Store
from tests.archives import (
    LATER,
    READ_AT,
    TIMES,
    add,
    dump,
    http,
    is_sound,
    page,
    record,
    sources,
    tweet,
    warc,
)
from tests.modules import ROOT

URL = "https://news.example/"
PAGES = {f"{URL}{n}": page(tweet(n) + tweet(7) if n % 3 else "Nothing.", f"{URL}{n % 9}") for n in range(30)}
BODY = warc(PAGES) + gzip.compress(record(f"{URL}404", http("x", status="404 Not Found")))


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A web archive that is read in many parts."""
    path = tmp_path / "a.warc.gz"
    path.write_bytes(BODY)
    monkeypatch.setattr(shapes, "PART", 1500)
    return path


def container(db: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(db)) as connection:
        connection.row_factory = sqlite3.Row
        (row,) = connection.execute("select * from captures where records is not null").fetchall()
        return dict(row)


def test_a_container_has_a_row_of_its_own(tmp_path: Path, archive: Path) -> None:
    db = tmp_path / "q.db"
    results = add(db, [str(archive)])
    row = container(db)
    assert (row["records"], row["articles"], row["quoting"]) == (32, 30, 20)
    assert (row["outcome"], row["record_offset"]) == ("kept", None)
    assert row["reason"] == "left out: 1 status 404, 1 warcinfo"
    assert results[-1].sum is not None and results[-1].outcome == "kept"
    with closing(sqlite3.connect(db)) as connection:
        found = connection.execute(
            "select url, captured_by, captured_at, sha256 is not null, record_offset from captures"
            " where records is null and outcome = 'kept' limit 1"
        ).fetchone()
        assert found[1:4] == ("archive", "2022-01-21T00:00:00Z", 1) and found[4] > 0
        assert connection.execute("select count(*) from bodies").fetchone() == (0,)
        assert connection.execute("select count(*) from captures where outcome = 'empty'").fetchone() == (0,)
    assert is_sound(db)


def test_parts_and_processes_make_no_difference(tmp_path: Path, archive: Path, monkeypatch) -> None:
    add(tmp_path / "parts.db", [str(archive)])
    add(tmp_path / "jobs.db", [str(archive)], jobs=3)
    monkeypatch.setattr(shapes, "PART", 1 << 30)
    add(tmp_path / "whole.db", [str(archive)])
    assert dump(tmp_path / "parts.db") == dump(tmp_path / "whole.db") == dump(tmp_path / "jobs.db")


def test_quotes_are_those_of_the_pages_one_by_one(tmp_path: Path, archive: Path) -> None:
    pages = {f"{URL}{n}": page(tweet(n) + tweet(7), f"{URL}{n}") for n in range(30)}
    archive.write_bytes(warc(pages))
    add(tmp_path / "archive.db", [str(archive)])
    files = {f"{n:02}.html": body for n, body in enumerate(pages.values())}
    add(tmp_path / "pages.db", sources(tmp_path / "in", files))
    left_out = ["capture", *TIMES]
    for table in ("quotes", "posts", "links", "flags"):
        assert dump(tmp_path / "archive.db", left_out)[table] == dump(tmp_path / "pages.db", left_out)[table]


def test_what_is_done_is_not_read_again(tmp_path: Path, archive: Path, monkeypatch) -> None:
    db = tmp_path / "q.db"
    pages = sources(tmp_path / "in", {"a.html": page(tweet(1)), "b.txt": "Nothing.", "c.html": ""})
    add(db, [str(archive), *pages])
    before = dump(db)
    monkeypatch.setattr(work.readers, "open", lambda source, *_: pytest.fail(f"{source.name} was read again"))
    results = add(db, [str(archive), *pages[:2]], LATER)
    assert {result.outcome for result in results} == {"unchanged"}
    assert dump(db, ["last_seen"]) == {
        name: table for name, table in dump(db, ["last_seen"]).items() if name in before
    }
    with closing(sqlite3.connect(db)) as connection:
        assert connection.execute("select distinct last_seen from posts").fetchall() == [(LATER,)]


def test_a_file_that_has_changed_is_read_again(tmp_path: Path) -> None:
    db, path = tmp_path / "q.db", tmp_path / "a.html"
    path.write_text(page(tweet(1)))
    add(db, [str(path)])
    path.write_text(page(tweet(2)))
    os.utime(path, ns=(1, 1))
    assert [result.outcome for result in add(db, [str(path)])] == ["kept"]
    assert [result.outcome for result in add(db, [str(path)], links=True)] == ["unchanged"]
    assert len(dump(db)["posts"]) == 2


@pytest.mark.parametrize("stop", [1, 3, 6])
def test_a_stop_after_any_part(tmp_path: Path, archive: Path, monkeypatch, stop: int) -> None:
    add(tmp_path / "whole.db", [str(archive)])
    db = tmp_path / "cut.db"
    monkeypatch.setattr(run, "_BATCH_SECONDS", 0)
    results = run.add(str(db), run.sources([str(archive)]), run.Options(read_at=READ_AT), 1)
    parts = 0
    for result in results:
        parts += result.sum is not None
        if parts == stop:
            break
    results.close()
    cut = container(db)
    assert cut["record_offset"] and cut["outcome"] == "partial" and "so far" in cut["reason"]
    read: list[int] = []
    real = work.readers.open
    monkeypatch.setattr(work.readers, "open", lambda s, *a: read.append(s.span[0]) or real(s, *a))
    add(db, [str(archive)])
    assert min(read) == cut["record_offset"]
    assert dump(db) == dump(tmp_path / "whole.db")


def test_damage_in_any_part_is_named_once(tmp_path: Path, archive: Path, monkeypatch) -> None:
    members = [b"\x1f\x8b\x08" + member for member in BODY.split(b"\x1f\x8b\x08")[1:]]
    members[9] = members[9][:60] + b"\xff" * 9 + members[9][69:]
    members[20] = b"XXXX" + members[20][4:]
    archive.write_bytes(b"".join(members))
    found = []
    for part in (1500, 700, 1 << 30):
        monkeypatch.setattr(shapes, "PART", part)
        db = tmp_path / f"{part}.db"
        (*_, last) = add(db, [str(archive)])
        assert last.outcome == "partial" and last.sum is not None
        found.append((container(db)["records"], [place for place, _ in last.sum.troubles]))
        assert "damaged-record" in {row[2] for row in dump(db)["notes"]}
    places = [f"offset {sum(map(len, members[:at]))}" for at in (9, 20)]
    assert found[-1] == (container(tmp_path / "1500.db")["records"], places)
    assert all(set(places) <= set(named) for _, named in found)


def test_several_sources_in_one_transaction_are_as_one_by_one(tmp_path: Path) -> None:
    paths = sources(
        tmp_path / "in", {f"{n}.html": page(tweet(n % 5) + tweet(7), f"{URL}{n % 3}") for n in range(9)}
    )
    options = run.Options(read_at=READ_AT)
    found = []
    for path in paths:
        ((result,),) = work.read(options, work.rows, run.Source(path))
        found.append(result.data)
    with Store(str(tmp_path / "one.db")) as store:
        alone = [store.save(one) for one in found]
    with Store(str(tmp_path / "all.db")) as store:
        assert store.save_all(found) == alone
    assert dump(tmp_path / "one.db") == dump(tmp_path / "all.db")


def test_a_batch_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    good = rows.failed({"source": "a", "outcome": "failed", "reason": "x"}, READ_AT)
    with Store(str(tmp_path / "q.db")) as store:
        with pytest.raises(KeyError):
            store.save_all([good, {"captures": [{}]}])
        assert store.save(good) is None


def test_an_interrupt_ends_with_a_summary(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    sources(folder, {f"{n}.html": page(tweet(n)) for n in range(3000)})
    process = subprocess.Popen(
        [sys.executable, "-c", "import cli; cli.main()", "add", str(tmp_path / "q.db"), str(folder)],
        cwd=ROOT, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    import time

    deadline = time.monotonic() + 60
    while not (tmp_path / "q.db").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    if process.returncode:
        assert "interrupted; what was read is kept" in said and "Read " in said and "Traceback" not in said
    shutil.rmtree(folder)


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("fault", ["gone", "shorter", "unreadable"])
def test_a_web_archive_that_goes_while_it_is_read(
    tmp_path: Path, archive: Path, monkeypatch, fault: str, jobs: int
) -> None:
    """A network drive that fails in the midst: one source, failed, and the next run goes on where it was."""
    add(tmp_path / "whole.db", [str(archive)])
    whole, known = archive.read_bytes(), archive.stat()
    db, real = tmp_path / "cut.db", work.readers.open

    def failing(source: Any, *more: Any) -> Any:
        if source.span[0] >= 3000 and archive.exists():
            if fault == "gone":
                archive.unlink()
            elif fault == "shorter":
                archive.write_bytes(whole[:2000])
            else:
                monkeypatch.setattr("builtins.open", _unreadable(str(archive)))
        return real(source, *more)

    with monkeypatch.context() as broken:
        broken.setattr(work.readers, "open", failing)
        broken.setattr(run, "_BATCH_SECONDS", 0)
        results = add(db, [str(archive)], jobs=jobs)
        monkeypatch.undo()
    monkeypatch.setattr(shapes, "PART", 1500)
    ended = [result for result in results if result.sum and (result.sum.end is None or result.sum.broken_off)]
    assert [result.outcome for result in ended] == ["failed"]
    assert ended[0].reason is not None and ended[0].reason.startswith("broken off at byte ")
    cut = container(db)
    assert cut["outcome"] == "failed" and 1500 <= cut["record_offset"] <= 4500
    archive.write_bytes(whole)
    os.utime(archive, ns=(known.st_atime_ns, known.st_mtime_ns))
    read: list[int] = []
    monkeypatch.setattr(work.readers, "open", lambda s, *a: read.append(s.span[0]) or real(s, *a))
    assert add(db, [str(archive)])[-1].outcome == "kept"
    assert min(read) == cut["record_offset"]
    assert dump(db) == dump(tmp_path / "whole.db")


def _unreadable(path: str) -> Any:
    real = open

    def opened(name: Any, *more: Any, **options: Any) -> Any:
        if name == path:
            raise OSError(errno.EIO, "Input/output error")
        return real(name, *more, **options)

    return opened


def test_a_web_archive_that_grows_while_it_is_read(tmp_path: Path, archive: Path, monkeypatch) -> None:
    """Its row is one and the same from the first part to the last."""
    real = work.readers.open

    def growing(source: Any, *more: Any) -> Any:
        with archive.open("ab") as file:
            file.write(gzip.compress(record(f"{URL}more", http("x", status="404 Not Found"))))
        return real(source, *more)

    monkeypatch.setattr(work.readers, "open", growing)
    monkeypatch.setattr(run, "_BATCH_SECONDS", 0)
    db = tmp_path / "q.db"
    add(db, [str(archive)])
    row = container(db)
    assert (row["outcome"], row["record_offset"], row["articles"]) == ("kept", None, 30)
    with closing(sqlite3.connect(db)) as connection:
        assert connection.execute("select count(*) from captures where outcome = 'partial'").fetchone() == (
            0,
        )


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text on this system")
@pytest.mark.parametrize("jobs", [1, 2])
def test_names_of_files_that_are_no_text(tmp_path: Path, jobs: int) -> None:
    """As old systems wrote them; two that differ in such bytes only are two."""
    folder = os.fsencode(tmp_path / "in")
    os.mkdir(folder)
    for number, name in enumerate((b"caf\xe9.html", b"caf\xe8.html", b"two\nlines.html")):
        with open(folder + b"/" + name, "w") as file:
            file.write(page(tweet(number), f"{URL}{number}"))
        os.utime(folder + b"/" + name, ns=(0, 0))
    os.symlink(b"nowhere", folder + b"/\xff")
    db = tmp_path / "q.db"
    results = add(db, [str(tmp_path / "in")], jobs=jobs)
    assert sorted(result.outcome for result in results) == ["failed", "kept", "kept", "kept"]
    with closing(sqlite3.connect(db)) as connection:
        names = {Path(name).name for (name,) in connection.execute("select origin from captures")}
    assert names == {"caf\\xe9.html", "caf\\xe8.html", "two\nlines.html", "\\xff"}
    again = add(db, [str(tmp_path / "in")])
    assert sorted(result.outcome for result in again) == ["failed", *["unchanged"] * 3]
