"""What the log proves: the tree of RFC 6962, every row that was changed, a quote without its archive."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import struct
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cli
from archiver.errors import ArchiverError
from archiver.evidence import leaves, merkle, proofs
from archiver.evidence.findings import Finding
from archiver.evidence.verify import Anchor, anchor_of, verify
from archiver.reparse import reparse
from tests.archives import LATER, add, dump, page, save, sources, tweet
from tests.test_settling import saved, sightings
from tests.test_store import FILES

# The inputs and roots that the reference implementations of RFC 6962 are tested with.
ENTRIES = [bytes.fromhex(data) for data in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
ENTRIES.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
FLIPS = 200
WORDS = frozenset(("settings", "articles", "captures", "sources", "bodies", "authors", "posts", "quotes"))
TABLES = (*sorted(WORDS), "sightings", "links", "notes", "aliases", "flags", "log", "readings")


def archiver(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.main, [str(word) for word in words])


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """An archive with everything in it: two runs, take-overs, doubts, notes."""
    path = tmp_path / "q.db"
    weak = "Flat words. pic.twitter.com/aBcDeF1234"
    files = {
        **FILES,
        "k.html": page(tweet(200000, weak, "Cy", "CY_ex"), "https://news.example/k"),
        "l.html": page(tweet(1, "Words of another kind"), "https://sun.example/l"),
        "m.html": page('<blockquote class="twitter-tweet"><p>Lost</p></blockquote>' + tweet(9)),
    }
    paths = sources(tmp_path / "in", files)
    add(path, paths[:6])
    add(path, paths, LATER)
    return path


def changed(db: Path, sql: str, *values: Any) -> list[Finding]:
    """What is found after a statement that archiver has not given."""
    with closing(sqlite3.connect(db, isolation_level=None)) as connection:
        connection.execute(sql, values)
    return list(verify(str(db)))


@pytest.mark.parametrize("size", range(1, 9))
def test_the_tree_is_that_of_the_rfc(size: int) -> None:
    digests = [merkle.leaf(entry) for entry in ENTRIES[:size]]
    assert merkle.root(digests).hex() == ROOTS[size - 1]
    assert merkle.root([]).hex() == sha256(b"").hexdigest()


@given(st.integers(1, 70), st.data())
def test_a_path_leads_to_the_root_from_its_own_place_only(size: int, data: st.DataObject) -> None:
    digests = [merkle.leaf(bytes([number])) for number in range(size)]
    at = data.draw(st.integers(0, size - 1))
    path, root = merkle.path(at, digests), merkle.root(digests)
    assert merkle.climb(digests[at], at, size, path) == root
    other = data.draw(st.integers(0, size))
    assert (merkle.climb(digests[at], other, size, path) == root) == (other == at)
    assert merkle.climb(digests[at], at, size, [*path, root]) != root
    assert merkle.climb(merkle.leaf(b"other"), at, size, path) != root
    assert merkle.climb(digests[at], size, size, path) is None


def test_canonical_json_is_that_of_the_rfc() -> None:
    value = {"b": 1.0, "a": [0.25, None, True, 10], "é": '"\\\n\x01\u2028\x7f', "c": b"\x00\xff"}
    assert leaves.canonical(value).decode() == (
        '{"a":[0.25,null,true,10],"b":1,"c":{"bytes":"00ff"},"é":"\\"\\\\\\n\\u0001\u2028\x7f"}'
    )


def test_an_archive_is_as_it_was_written(db: Path) -> None:
    assert list(verify(str(db))) == []
    assert {name for name in TABLES if not dump_all(db)[name]} == set()


def test_the_log_depends_on_nothing_but_the_sources(tmp_path: Path) -> None:
    paths = sources(tmp_path / "in", FILES)
    add(tmp_path / "one.db", paths)
    add(tmp_path / "two.db", paths[:4])
    add(tmp_path / "two.db", paths)
    jobs = tmp_path / "jobs.db"
    add(jobs, paths, jobs=3)
    logs = [[row[:5] for row in dump_all(tmp_path / name)["log"]] for name in ("one.db", "two.db", "jobs.db")]
    assert logs[0] == logs[1] == logs[2]
    add(jobs, paths, LATER)
    assert len(dump_all(jobs)["log"]) == len(logs[0]), "what is known already is not logged again"


def dump_all(db: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every table, the log's too."""
    found = dump(db)
    with closing(sqlite3.connect(db)) as connection:
        for name in ("log", "readings"):
            found[name] = connection.execute(f"select * from {name} order by 1").fetchall()
    return found


def flipped(value: Any, chance: random.Random) -> Any:
    """A value as it is stored, with one byte of it changed."""
    if isinstance(value, (str, bytes)):
        data = bytearray(value.encode() if isinstance(value, str) else value)
        data[chance.randrange(len(data))] ^= chance.randrange(1, 256)
        return bytes(data)
    if isinstance(value, int):
        return value ^ 1 << chance.randrange(16)
    data = bytearray(struct.pack(">d", value))
    data[chance.randrange(8)] ^= chance.randrange(1, 256)
    return struct.unpack(">d", data)[0]


def cells(db: Path) -> dict[str, list[tuple[int, str, Any]]]:
    """Table -> row number, column and value of every cell that holds something."""
    found: dict[str, list[tuple[int, str, Any]]] = {}
    with closing(sqlite3.connect(db)) as connection:
        for table in TABLES:
            cursor = connection.execute(f"select rowid as number, * from {table}")
            names = [column[0] for column in cursor.description]
            found[table] = [
                (row[0], name, value)
                for row in cursor
                for name, value in zip(names[1:], row[1:], strict=True)
                # By its stamp a file is known again: it says nothing of what was found.
                if value not in (None, "", b"") and name != "stamp"
            ]
    return found


def test_every_flipped_byte_is_found(db: Path, tmp_path: Path) -> None:
    chance = random.Random(6962)
    known, missed = cells(db), []
    for _ in range(FLIPS):
        table = chance.choice(TABLES)
        number, name, value = chance.choice(known[table])
        copy = tmp_path / "flipped.db"
        shutil.copy(db, copy)
        shape = "cast(? as text)" if isinstance(value, str) else "?"
        new = flipped(value, chance)
        sql = f"update or replace {table} set {name} = {shape} where rowid = ?"
        try:
            found = changed(copy, sql, new, number)
        except ArchiverError:
            continue
        if not found:
            missed.append((table, name, value, new))
    assert missed == []


@pytest.mark.parametrize(
    ("sql", "table", "words"),
    [
        ("update quotes set text = 'Forged.' where text is not null", "quotes", "was changed"),
        (
            "update posts set text = 'Forged.' where text is not null",
            "posts",
            "not what its quotes and checks say: text",
        ),
        ("update posts set last_seen = '2026-03-01T12:00:00Z'", "posts", "last_seen"),
        ("update articles set title = 'Forged'", "articles", "not what its captures say: title"),
        ("update captures set title = 'Forged'", "captures", "was changed"),
        ("update captures set read_at = '2026-02-28T12:00:00Z'", "captures", "not the time that was logged"),
        ("delete from notes", "captures", "notes"),
        ("delete from bodies", "bodies", "is missing"),
        ("delete from aliases", "aliases", "is missing"),
        ("delete from flags", "flags", "is missing"),
        ("delete from links", "quotes", "links"),
        ("insert into sources select min(id), 'x', null from captures", "sources", "knows nothing"),
        ("delete from log where id = 3", "log", "number 3 of the log is missing"),
        ("update log set kind = 'redacted' where id = 3", "log", "redacted, but not empty"),
        ("update log set digest = upper(digest) where id = 3", "log", "does not make its leaf"),
        ("update authors set name = 'Forged'", "authors", "not what the posts say: name"),
        ("delete from posts_fts_docsize", "posts_fts", "does not agree"),
        ("update quotes set post = (select min(id) from posts)", "quotes", "post is not the post"),
        ("update quotes set article = (select min(id) from articles)", "quotes", "article is not"),
        ("update settings set value = '2'", "settings", "not what this archiver writes"),
    ],
)
def test_what_was_changed_is_named(db: Path, sql: str, table: str, words: str) -> None:
    found = changed(db, sql)
    assert [finding for finding in found if finding.table == table and words in finding.problem], found


def test_a_damaged_file_is_a_finding(db: Path) -> None:
    data = bytearray(db.read_bytes())
    half = len(data) // 2
    data[half : half + 3000] = bytes(3000)
    db.write_bytes(data)
    told = archiver("verify", db)
    assert told.exit_code == 1 and told.output


def test_verify_writes_nothing_and_says_so(db: Path) -> None:
    before = db.read_bytes()
    told = archiver("verify", db)
    assert told.exit_code == 0 and "all as written" in told.output
    assert db.read_bytes() == before
    changed(db, "update quotes set text = 'Forged.' where text is not null")
    told = archiver("verify", db, "--json")
    lines = [json.loads(line) for line in told.stdout.splitlines() if line.startswith("{")]
    assert told.exit_code == 1 and {"table", "row", "problem"} == set(lines[0])


def test_a_newer_reading_is_logged_too(db: Path) -> None:
    reparse(str(db), apply=True)
    assert list(verify(str(db))) == []
    reparse(str(db), apply=True, platforms=())
    assert list(verify(str(db))) == [] and dump(db)["quotes"] == []
    reparse(str(db), apply=True)
    assert list(verify(str(db))) == [] and len(dump(db)["quotes"]) > 5


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(list(FILES)), cut=st.integers(0, len(FILES)), links=st.booleans())
def test_whatever_the_order_all_is_as_written(
    tmp_path_factory: pytest.TempPathFactory, order: list[str], cut: int, links: bool
) -> None:
    folder = tmp_path_factory.mktemp("order")
    names = dict(zip(FILES, sources(folder / "in", FILES), strict=True))
    add(folder / "q.db", [names[name] for name in order[:cut]])
    add(folder / "q.db", [names[name] for name in order[cut // 2 :]], LATER, links=links)
    assert list(verify(str(folder / "q.db"))) == []


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(sightings, min_size=2, max_size=6))
def test_whoever_takes_over_all_is_as_written(
    tmp_path_factory: pytest.TempPathFactory, found: list[Any]
) -> None:
    db = tmp_path_factory.mktemp("over") / "q.db"
    save(db, *saved(*found))
    assert list(verify(str(db))) == []


def some_quote(db: Path) -> str:
    return str(next(row[0] for row in dump(db)["quotes"]))


def test_a_quote_is_proven_without_the_archive(db: Path, tmp_path: Path) -> None:
    proof = tmp_path / "proof.json"
    told = archiver("prove", db, some_quote(db)[:9], "-o", proof)
    assert told.exit_code == 0, told.output
    root = proofs.anchor(str(db))
    db.unlink()
    assert archiver("verify", proof).exit_code == 0
    assert archiver("verify", proof, "--anchor", f"{root.size}:{root.root}").exit_code == 0
    assert archiver("verify", proof, "--anchor", f"{root.size}:{'0' * 64}").exit_code == 1


def test_an_old_proof_holds_when_more_has_come(db: Path, tmp_path: Path) -> None:
    proof, before = proofs.prove(str(db), some_quote(db)), proofs.anchor(str(db))
    add(db, sources(tmp_path / "more", {"z.html": page(tweet(77), "https://more.example/")}))
    assert list(proofs.check(proof, before)) == []
    assert list(verify(str(db), before)) == []
    assert list(verify(str(db), Anchor(before.size, "0" * 64))) != []
    assert list(verify(str(db), Anchor(10**6, before.root))) != []


def changes(value: Any) -> list[Any]:
    """The value with one of its parts changed, in every way."""
    if isinstance(value, dict):
        return [{**value, name: part} for name in value for part in changes(value[name])]
    if isinstance(value, list):
        places = range(len(value))
        return [[*value[:at], part, *value[at + 1 :]] for at in places for part in changes(value[at])]
    return [f"{value}x", None, 5]


def test_no_part_of_a_proof_can_be_changed(db: Path) -> None:
    proof = proofs.prove(str(db), some_quote(db))
    assert list(proofs.check(proof)) == []
    free = ("format", "how")
    for name in proof:
        for part in changes(proof[name]) if name not in free else ():
            other = {**proof, name: part}
            if other != proof:
                assert list(proofs.check(other)), (name, part)


@pytest.mark.parametrize("text", ["{", "{}", '{"format": "archiver-proof-2"}', "{" * 100000])
def test_what_is_no_proof_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.json").write_text(text)
    told = archiver("verify", tmp_path / "p.json")
    assert told.exit_code == 1 and told.output.startswith("Error: ") and "archiver prove" in told.output


def test_what_cannot_be_proven_is_said(db: Path) -> None:
    for name, words in (("none", "no such quote"), ("", "several quotes")):
        with pytest.raises(ArchiverError, match=words):
            proofs.prove(str(db), name)
    name = some_quote(db)
    changed(db, "update quotes set author_name = 'Forged'")
    with pytest.raises(ArchiverError, match="not as it was logged"):
        proofs.prove(str(db), name)


def test_an_anchor_is_one_line(db: Path) -> None:
    told = archiver("anchor", db).output
    assert anchor_of(told) == proofs.anchor(str(db))
    assert json.loads(archiver("anchor", db, "--json").output)["root"] == anchor_of(told).root
    for text in ("", "x", "12", f"x:{'0' * 64}", "12:abc"):
        with pytest.raises(ArchiverError, match="no anchor"):
            anchor_of(text)
