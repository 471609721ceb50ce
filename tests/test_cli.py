"""The command line as a user meets it: the seed, exit codes, streams, words of errors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import cli
from tests.archives import page, sources, tweet
from tests.modules import ROOT

URL = "https://news.example/one"


def run(*words: str, given: str | bytes | None = None, **env: str) -> Result:
    return CliRunner().invoke(cli.main, list(words), input=given, env=env)


def records(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_seed_comes_out_perfect(shared: Path, tmp_path: Path) -> None:
    seed = next((shared / "seed").glob("*.txt"))
    expected = [json.loads(line) for line in (shared / "seed/expected.jsonl").read_text("utf-8").splitlines()]
    found = records(run("extract", str(seed)))
    assert [
        {key: quote[key] for key in want} for quote, want in zip(found, expected, strict=True)
    ] == expected
    db = str(tmp_path / "q.db")
    assert run("add", db, str(seed)).exit_code == 0
    for word in ("Maduro", "conversacion"):
        (first, *rest) = records(run("search", db, word, "--json"))
        assert first["id"] == expected[0]["key"] and not rest
    figures = json.loads(run("stats", db, "--json").stdout)
    assert (figures["posts"], figures["authors"], figures["articles"]) == (2, 2, 1)


def test_the_samples_in_any_form(tmp_path: Path) -> None:
    found = records(run("extract", str(ROOT / "data/samples")))
    assert len(found) == 6
    assert [quote["position"] for quote in found] == [1, 2, 3, 4, 1, 2]
    text = (ROOT / "data/samples/lighthouse.txt").read_text("utf-8")
    piped = records(run("extract", "-", "--url", URL, given=text))
    assert [quote["key"] for quote in piped] == [quote["key"] for quote in found[4:]]
    assert piped[0]["source"] == "-"
    cards = run("extract", "--cards", str(ROOT / "data/samples/lighthouse.txt"))
    assert "Gaëlle Kerbrat @kerbrat_ex" in cards.stdout


def test_data_and_words_go_to_their_streams(tmp_path: Path) -> None:
    paths = sources(tmp_path, {"a.html": page(tweet(1)), "b.html": page("none")})
    result = run("extract", *paths)
    assert len(records(result)) == 1
    assert result.stderr == "Read 2 articles: 1 quote in 1, 1 without.\n"
    assert run("extract", "--silent", *paths).stderr == ""
    assert "kept, 1 quote: " in run("extract", "-v", *paths).stderr


def test_one_that_fails_costs_no_other(tmp_path: Path) -> None:
    paths = sources(tmp_path, {"a.html": page(tweet(1)), "z.html": page(tweet(2))})
    missing = str(tmp_path / "b.html")
    result = run("extract", paths[0], missing, paths[1])
    assert result.exit_code == 1
    assert len(records(result)) == 2
    assert f"Error: {missing}: no such file: check the path" in result.stderr
    assert "1 failed" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["extract"], "Name a SOURCE"),
        (["add", "q.db"], "Name a SOURCE"),
        (["add"], "Missing argument 'DB'"),
        (["extract", "a", "b", "--url", URL], "give it one"),
        (["extract", "-", "-"], "once only"),
        (["extract", "a", "--jobs", "0"], "--jobs"),
        (["extract", "a", "--as", "pdf"], "--as"),
        (["search", "q.db", "x", "--since", "soon"], "--since"),
        (["nonsense"], "No such command"),
    ],
)
def test_wrong_usage_is_2_and_says_what_is_wrong(words: list[str], said: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("empty.html", b"", "empty: there is nothing to read"),
        ("page.pdf", b"%PDF-1.7 \xe2\xe3" + bytes(2000), "PDF"),
        ("noise.html", bytes(range(256)) * 40, "a binary file"),
    ],
)
def test_bad_files_are_named_with_a_cure(tmp_path: Path, name: str, body: bytes, said: str) -> None:
    (path,) = sources(tmp_path, {name: body})
    result = run("extract", path)
    assert said.lower() in result.stderr.lower()
    assert "Traceback" not in result.output
    assert result.exit_code in (0, 1)


def test_many_encodings_of_one_page(tmp_path: Path) -> None:
    text = page(tweet(1, "灯台の光が消えた", "望月", "mochi_ex"))
    marked = text.replace("<head>", '<head><meta charset="shift_jis">')
    files = {"a.html": text.encode("utf-16"), "b.html": marked.encode("shift_jis"), "c.html": text}
    found = records(run("extract", *sources(tmp_path, files)))
    assert {quote["text"] for quote in found} == {"灯台の光が消えた"} and len(found) == 3


def test_a_large_tag_takes_no_time(tmp_path: Path) -> None:
    (path,) = sources(tmp_path, {"big.html": b"<a " + b"x" * 50_000_000})
    result = run("extract", path)
    assert result.exit_code == 0, result.stderr
    assert "too large" not in result.stderr or "--max-size" in result.stderr


def test_a_list_of_sources(tmp_path: Path) -> None:
    paths = sources(tmp_path, {"a.html": page(tweet(1)), "b.html": page(tweet(2))})
    listed = tmp_path / "list"
    listed.write_text(f"# mine\n{paths[0]}\n\n{paths[1]}\n{paths[0]}\n")
    assert len(records(run("extract", "--list", str(listed)))) == 2
    assert run("extract", "--list", str(tmp_path / "none")).exit_code == 1


def test_options_from_the_environment(tmp_path: Path) -> None:
    (path,) = sources(tmp_path, {"a.html": page(f'<a href="https://twitter.com/a_ex/status/{10**18}">x</a>')})
    assert records(run("extract", path)) == []
    assert len(records(run("extract", path, ARCHIVER_LINKS="1"))) == 1
    assert len(records(run("extract", path, ARCHIVER_EXTRACT_LINKS="1"))) == 1
    assert run("extract", path, ARCHIVER_SILENT="1").stderr == ""


def test_add_says_what_became_of_each(tmp_path: Path) -> None:
    paths = sources(tmp_path / "in", {"a.html": page(tweet(1)), "b.html": page("none")})
    db = str(tmp_path / "q.db")
    told = records(run("add", db, *paths, "--json"))
    assert [(one["outcome"], one["quotes"]) for one in told] == [("kept", 1), ("empty", 0)]
    assert [one["outcome"] for one in records(run("add", db, *paths, "--json"))] == ["unchanged"] * 2


def test_the_archive_is_no_source_of_itself(tmp_path: Path) -> None:
    sources(tmp_path, {"a.html": page(tweet(1))})
    db = str(tmp_path / "q.db")
    for _ in range(2):
        result = run("add", db, str(tmp_path))
        assert result.exit_code == 0, result.stderr


def test_reading_an_archive(tmp_path: Path) -> None:
    paths = sources(tmp_path / "in", {"a.html": page(tweet(1, "Words \x1b[31m red"), URL)})
    db = str(tmp_path / "q.db")
    run("add", db, *paths)
    found = run("search", db, "words")
    assert "Ann Example @ann_ex" in found.stdout and f"quoted in A title — {URL}" in found.stdout
    assert found.stderr == "1 post.\n" and "\x1b" not in found.stdout
    (row,) = records(run("search", db, "words", "--json"))
    assert row["articles"][0]["title"] == "A title"
    assert run("search", db, "words", "--csv").stdout.startswith("id,platform,")
    shown = run("show", db, row["id"])
    assert "around it: Before. […] After." in shown.stdout
    assert json.loads(run("show", db, row["id"], "--json").stdout)["quotes"][0]["date_written"]
    assert "posts" in run("stats", db).stdout
    assert len(records(run("export", db))) == 1
    out = tmp_path / "out.csv"
    assert run("export", db, "--csv", "-o", str(out)).stdout == "" and out.read_text().startswith("quote,")
    assert run("export", db, "--sqlite", str(tmp_path / "d.db")).exit_code == 0
    assert run("export", db, "--table", "nothing").exit_code == 1


@pytest.mark.parametrize("command", [["search", "x"], ["show", "x"], ["stats"], ["export"]])
def test_no_archive_is_one_clear_line(tmp_path: Path, command: list[str]) -> None:
    result = run(command[0], str(tmp_path / "none.db"), *command[1:])
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1 and "no such archive" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", sorted(cli.main.commands))
def test_every_help_teaches_by_example(name: str) -> None:
    for flag in ("-h", "--help"):
        said = run(name, flag)
        assert said.exit_code == 0 and f"  archiver {name}" in said.stdout


def _modules_of(*words: str) -> set[str]:
    code = "import sys, cli\ntry: cli.main(sys.argv[1:])\nfinally: sys.stderr.write(' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return set(done.stderr.split())


def test_help_loads_nothing_heavy() -> None:
    heavy = {"lxml", "lxml.etree", "requests", "sqlite_utils", "sqlite3", "multiprocessing", "hypothesis"}
    assert not _modules_of("--help") & heavy
    assert not _modules_of("extract", "-h") & heavy


def test_extract_needs_neither_web_nor_database() -> None:
    loaded = _modules_of("extract", "--silent", str(ROOT / "data/samples/lighthouse.txt"))
    assert not loaded & {"requests", "sqlite_utils", "sqlite3"}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_disk_behind_the_output_is_named() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", "import cli; cli.main()", "extract", str(ROOT / "data/samples")],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode != 0
    assert "No space left" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a shell of Unix")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("add {db} {page} <&- >&- 2>&-", 0, ""),
        ("add {db} {page} --jobs 2 <&- >&-", 0, "Read 1 article: 1 quote in 1, 0 without."),
        ("extract {page} >&-", 1, "Error: cannot write the output: Bad file descriptor"),
        ("-h >&-", 1, "Error: cannot write the output: Bad file descriptor"),
        ("add {db} - <&-", 1, "Error: -: standard input cannot be read: Bad file descriptor"),
        ("add {db} --list - <&-", 1, "Error: cannot read the list -: Bad file descriptor"),
    ],
)
def test_streams_that_were_closed_before_the_start(tmp_path: Path, words: str, code: int, said: str) -> None:
    (path,) = sources(tmp_path, {"a.html": page(tweet(1))})
    db = tmp_path / "q.db"
    command = f"{sys.executable} -c 'import cli; cli.main()' {words.format(db=db, page=path)}"
    result = subprocess.run(
        ["sh", "-c", command], check=False, cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (result.returncode, result.stderr.partition("\n")[0]) == (code, said)
    assert "Traceback" not in result.stderr
    if code == 0:
        assert run("search", str(db), "Words", "--json").stdout.count("\n") == 1
