"""Words that were taken out are nowhere in the file, cannot be guessed from it, and do not come back."""

from __future__ import annotations

import gzip
import itertools
import json
import random
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import cli
from archiver import export, ids, query, rows
from archiver.evidence import leaves, proofs, warcs
from archiver.evidence.redaction import Redacted, redact
from archiver.evidence.tombstones import signs, token
from archiver.evidence.verify import verify
from archiver.evidence.words import MARK, Words
from archiver.extraction import extract
from archiver.fetch import warc
from archiver.model import Document
from archiver.reparse import reparse
from tests.archives import EPOCH_MS, LATER, READ_AT, add, dump, is_sound, page, save, sources, tweet

SECRET = "Zanzibar quokkas jubilate wherever marzipan blooms"
RARE = ("Zanzibar", "quokkas", "jubilate", "marzipan")
LONG = "A long prologue about nothing that goes on, so that what stands around a quote is cut off somewhere. "
FILES = {
    "a.html": page(tweet(1, "Before it.") + tweet(2, SECRET) + tweet(3, "After it."), "https://a.example/1"),
    "b.html": page(tweet(2, f"{SECRET} <a href='https://t.co/x'>#jubilate</a>"), "https://b.example/1"),
    "c.html": page(f"<p>{LONG * 3} She wrote: “{SECRET}”, no more.</p>" + tweet(4), "https://c.example/1"),
    "d.txt": f"Intro.\n\n{SECRET} pic.twitter.com/aBcDeF1234 — Ann Example (@ann_ex) January 1, 2022\n\nEnd.",
    "e.html": page(tweet(2, SECRET.upper()) + f"<script>var x = {json.dumps(SECRET)}</script>"),
    "f.html": page(tweet(5, "Nothing of the kind"), "https://f.example/1"),
    "g.txt": f"A note without any quote. {SECRET}. Nothing more.",
}
POST = f"twitter:{((1640995200_000 + 2000 - EPOCH_MS) << 22) + 2}"
REASON = "Court order 12/2026"


def archiver(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.main, [str(word) for word in words])


@pytest.fixture
def db(tmp_path: Path) -> Path:
    add(tmp_path / "q.db", sources(tmp_path / "in", FILES))
    return tmp_path / "q.db"


def everything(db: Path) -> str:
    """All that the files of an archive hold: their bytes, and what is packed in them; in one case."""
    found = [path.read_bytes() for path in db.parent.glob(f"{db.name}*")]
    with closing(sqlite3.connect(db)) as connection:
        for body, encoding in connection.execute("select body, encoding from bodies"):
            found.append(zlib.decompress(body) if encoding == "zlib" else body)
    return b"\n".join(found).decode("utf-8", "replace").casefold()


def left(db: Path, words: tuple[str, ...] = RARE) -> set[str]:
    text = everything(db)
    return {word for word in words if word.casefold() in text}


def paths(tmp_path: Path) -> list[str]:
    return [str(tmp_path / "in" / name) for name in FILES]


def taken_out(db: Path, post: str = POST) -> Redacted:
    return redact(str(db), post, REASON, LATER)


def test_the_words_are_nowhere_in_the_file(db: Path) -> None:
    assert left(db) == set(RARE)
    done = taken_out(db)
    assert left(db) == set()
    assert done.posts[0] == POST and done.captures == 6
    assert {Path(source).name for source in done.sources} == set(FILES) - {"f.html"}
    assert is_sound(db) and list(verify(str(db))) == []


def test_a_tombstone_stays(db: Path) -> None:
    taken_out(db)
    found = query.post(str(db), POST)
    assert (found["text"], found["text_state"], found["author_handle"]) == (None, "redacted", "ann_ex")
    assert len(found["quotes"]) >= 3 and {quote["text"] for quote in found["quotes"]} == {None}
    assert "taken out" in archiver("show", db, POST).output
    for word in RARE:
        assert query.search(str(db), word, query.Wanted())[1] == 0
    assert dump(db)["redactions"] == [(POST, REASON, LATER)]
    assert query.search(str(db), "nothing", query.Wanted())[1] == 1


def test_the_others_stay_as_they_were(db: Path) -> None:
    before = {row[0]: row for row in dump(db)["posts"]}
    taken_out(db)
    after = {row[0]: row for row in dump(db)["posts"]}
    assert {key: row for key, row in after.items() if key != POST} == {
        key: row for key, row in before.items() if key in after and key != POST
    }
    bodies = [row[2] for row in dump(db)["bodies"]]
    assert len(bodies) == len(FILES)


def test_the_post_stays_out(db: Path, tmp_path: Path) -> None:
    taken_out(db)
    before = dump(db, ["last_seen"])
    quoting = [path for path in paths(tmp_path) if not path.endswith(("c.html", "g.txt"))]
    add(db, quoting, LATER)
    assert dump(db, ["last_seen"]) == before
    assert left(db) == set() and list(verify(str(db))) == []
    more = {
        "x.html": page(tweet(2, f"{SECRET} — really"), "https://x.example/1"),
        "y.txt": f"Intro.\n\n{SECRET} — Ann Example (@ann_ex) January 1, 2022\n\nEnd.",
        "z.html": page(tweet(2, None), "https://z.example/1"),
        "c.txt": f"Intro.\n\n{SECRET[:41]}… — Ann Example (@ann_ex) January 1, 2022\n\nEnd.",
    }
    add(db, sources(tmp_path / "more", more), LATER)
    assert left(db) == set() and list(verify(str(db))) == []
    assert {row[0] for row in dump(db)["posts"] if "redacted" in row} >= {POST}


def test_added_before_or_after_is_the_same(tmp_path: Path) -> None:
    names = [
        path for path in sources(tmp_path / "in", FILES) if path.endswith(("a.html", "b.html", "f.html"))
    ]
    whole = tmp_path / "whole.db"
    add(whole, names)
    taken_out(whole)
    for at, order in enumerate(itertools.permutations(names)):
        db = tmp_path / f"{at}.db"
        add(db, order[:2])
        if POST in {row[0] for row in dump(db)["posts"]}:
            taken_out(db)
            add(db, order)
            times = ["first_seen", "last_seen"]
            tables = set(dump(db)) - {"redacted_keys"}
            assert {t: dump(db, times)[t] for t in tables} == {t: dump(whole, times)[t] for t in tables}


def test_redacting_twice_changes_nothing(db: Path) -> None:
    taken_out(db)
    before = every_table(db)
    done = redact(str(db), POST, "Another reason", "2027-01-01T00:00:00Z")
    assert every_table(db) == before and done.posts == (POST,)
    assert list(verify(str(db))) == []


def test_proofs_of_everything_else_hold(db: Path) -> None:
    others = [row[0] for row in dump(db)["quotes"] if row[2] != POST]
    old = [proofs.prove(str(db), quote) for quote in others]
    anchor = proofs.anchor(str(db))
    taken_out(db)
    assert [finding for proof in old for finding in proofs.check(proof, anchor)] == []
    assert list(verify(str(db), anchor)) == [], "the log leads to the anchor as before"
    for row in dump(db)["quotes"]:
        assert list(proofs.check(proofs.prove(str(db), row[0]))) == []


def digests(db: Path) -> set[str]:
    """Everything in an archive that could be a digest."""
    found: set[str] = set()
    for table in every_table(db).values():
        for row in table:
            found |= {part for cell in row for part in str(cell).replace(".", ":").split(":")}
    return found


def every_table(db: Path) -> dict[str, list[tuple[Any, ...]]]:
    found = dump(db)
    with closing(sqlite3.connect(db)) as connection:
        found["log"] = connection.execute("select * from log").fetchall()
    return found


@pytest.mark.parametrize("address", ["https://s.example/1", None])
def test_short_words_cannot_be_guessed(tmp_path: Path, address: str | None) -> None:
    """Whoever knows all but the words makes every digest that the archive made of them."""
    body = page(tweet(2, "Yes."), address)
    db = tmp_path / "q.db"
    add(db, sources(tmp_path / "in", {"s.html": body}))
    old = every_table(db)
    guesses = {ids.sha256(body.encode()), ids.text_key("", None, "Yes.")[-20:]}
    guesses |= {row[0] for name in ("captures", "quotes", "bodies") for row in old[name]}
    guesses |= {row[0] for row in old["articles"]} if address is None else set()
    guesses |= {part for row in old["log"] for part in (row[3], row[5].partition(".")[0])}
    assert guesses - {"redaction"} <= digests(db)
    done = taken_out(db)
    assert done.quotes == 1 and not guesses & digests(db)
    assert [row[5][0] for row in every_table(db)["log"] if row[1] == "redacted"] == ["."] * 4


def test_a_post_without_an_id_is_known_by_slow_digests_only(tmp_path: Path) -> None:
    text = f"Intro.\n\n{SECRET} — Ann Example (@ann_ex) January 1, 2022\n\nEnd."
    db, names = tmp_path / "q.db", sources(tmp_path / "in", {"a.txt": text})
    add(db, names)
    (post,) = [row[0] for row in dump(db)["posts"]]
    done = taken_out(db, post)
    assert done.posts[0].startswith("twitter:@ann_ex:redacted:") and left(db) == set()
    assert post.split(":")[-1] not in everything(db)
    before = dump(db, ["last_seen"])
    add(db, [*names, *sources(tmp_path / "more", {"b.txt": f"Other.\n\n{text}"})], LATER)
    assert left(db) == set() and {row[0] for row in dump(db)["posts"]} == set(done.posts)
    assert dump(db, ["last_seen"])["posts"][0][:9] == before["posts"][0][:9]
    assert list(verify(str(db))) == []


def test_reading_again_does_not_bring_the_words_back(db: Path) -> None:
    taken_out(db)
    before = dump(db)
    reparse(str(db), apply=True)
    assert left(db) == set() and list(verify(str(db))) == []
    assert {row[0] for row in dump(db)["posts"]} == {row[0] for row in before["posts"]}


def test_a_deposit_holds_no_words(db: Path, tmp_path: Path) -> None:
    taken_out(db)
    export.deposit(str(db), str(tmp_path / "out.db"))
    assert left(tmp_path / "out.db") == set() and list(verify(str(tmp_path / "out.db"))) == []


def test_the_command(db: Path) -> None:
    assert archiver("redact", db, POST).exit_code == 2, "a reason must be given"
    told = archiver("redact", db, POST.split(":")[1], "--reason", REASON, "--json")
    assert told.exit_code == 0, told.output
    assert json.loads(told.output)["posts"][0] == POST
    told = archiver("redact", db, "twitter:99", "--reason", REASON)
    assert told.exit_code == 1 and "no such post" in told.output


def test_who_reads_meanwhile_is_named(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archiver.database._PATIENCE", 0.2)
    with closing(sqlite3.connect(db, isolation_level=None)) as reader:
        reader.execute("begin")
        reader.execute("select count(*) from posts").fetchone()
        told = archiver("redact", db, POST, "--reason", REASON)
        assert told.exit_code == 1 and "another program" in told.output
    assert archiver("redact", db, POST, "--reason", REASON).exit_code == 0
    assert left(db) == set()


@pytest.mark.parametrize("name", ["w.warc", "w.warc.gz"])
@pytest.mark.parametrize("size", [10, 70_000, 200_000])
def test_our_own_warc_files_are_cleaned(tmp_path: Path, name: str, size: int) -> None:
    path = str(tmp_path / name)
    warc.prepare(path)
    tape, records = warc.Tape(path), []
    chance = random.Random(size)
    noise = "".join(chance.choices("abcdefghij klmnop", k=size))
    for text in ("Before.", SECRET, "After."):
        with tape.running("https://w.example/1"):
            tape.said(b"GET / HTTP/1.1\r\n\r\n")
            tape.hear(f"HTTP/1.1 200 OK\r\n\r\n{page(tweet(2, text))}{noise}".encode())
        assert tape.record is not None
        records.append(tape.record)
    before = Path(path).read_bytes()
    middle = records[1]
    assert not warcs.empty(path, middle.offset, records[0].id), "another record"
    assert not warcs.empty(path, middle.offset + 1, middle.id), "another place"
    assert Path(path).read_bytes() == before
    assert warcs.empty(path, middle.offset, middle.id)
    after = Path(path).read_bytes()
    text = (gzip.decompress(after) if name.endswith("gz") else after).decode()
    assert SECRET not in text and "Before." in text and "After." in text
    assert len(after) == len(before) and after[records[2].offset :] == before[records[2].offset :]
    assert [text.count(part) for part in ("WARC/1.1", "redacted", middle.id)] == [7, 1, 2]
    assert warcs.empty(path, middle.offset, middle.id), "again is no harm"
    Path(path).write_bytes(before.replace(b"software: archiver", b"software: somebody"))
    assert name.endswith("gz") or not warcs.empty(path, middle.offset, middle.id), "another's file"
    assert not warcs.empty(str(tmp_path / "none.warc"), 0, "x")


def test_captures_that_point_into_a_warc(tmp_path: Path) -> None:
    path = str(tmp_path / "w.warc.gz")
    warc.prepare(path)
    tape = warc.Tape(path)
    body = page(tweet(2, SECRET), "https://w.example/1").encode()
    with tape.running("https://w.example/1"):
        tape.hear(b"HTTP/1.1 200 OK\r\n\r\n" + body)
    assert tape.record is not None
    place = {"container": path, "record_offset": tape.record.offset, "warc_record_id": tape.record.id}
    found = extract(Document(body, source="https://w.example/1", http_status=200, **place))
    db = tmp_path / "q.db"
    save(db, rows.rows(found, READ_AT))
    done = taken_out(db)
    assert done.records == (f"{path} at {tape.record.offset}",) and left(db) == set()
    assert SECRET not in gzip.decompress(Path(path).read_bytes()).decode()
    assert list(verify(str(db))) == []
    before = dump(db)
    save(db, rows.rows(found, READ_AT))
    assert dump(db) == before


def test_an_altered_redaction_is_found(db: Path) -> None:
    taken_out(db)
    for sql in (
        "update redactions set reason = 'x'",
        "update redactions set created_at = 'x'",
        "delete from redacted_keys where id like 'words:%'",
        "update redacted_keys set account = 'x'",
        "delete from redactions",
        "update log set read_at = '2026-03-01T12:00:00Z' where kind = 'redacted'",
        "update log set run_id = replace(run_id, '1', '2') where kind = 'redacted'",
    ):
        copy = db.with_name("copy.db")
        copy.write_bytes(db.read_bytes())
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            connection.execute(sql)
        assert list(verify(str(copy))) != [], sql
        copy.unlink()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<p>One two <b>three</b> four.</p>", f"<p>{MARK}.</p>"),
        ("one&nbsp;two\nTHREE<br>four!", f"{MARK}!"),
        (r'{"text": "One two\nthree \u0066our"}', f'{{"text": "{MARK}"}}'),
        ("?text=One%20two%20three%20four&x=1", f"?text={MARK}&x=1"),
        ("One two. Three, four six", f"{MARK} six"),
        ("one two and three four", "one two and three four"),
    ],
)
def test_words_in_all_their_spellings(written: str, expected: str) -> None:
    assert Words(["One two three four"]).without(written) == expected


def test_what_is_cut_out_of_a_text_may_end_in_the_words() -> None:
    words = Words(["One two three four"])
    assert words.without("and then one tw", edges=True) == f"and then {MARK}"
    assert words.without("ree four, he said", edges=True) == f"{MARK}, he said"
    assert words.without("灯台は", edges=True) == "灯台は"
    assert Words(["灯台は美しい"]).without("彼は灯台は美しいと言った") == f"彼は{MARK}と言った"
    assert not Words([], ["One two three"]) and Words([], ["One two three four"])


def test_few_words_are_taken_out_where_they_are_the_posts_only(db: Path, tmp_path: Path) -> None:
    other = "One of the six ships that keep the light house company"
    names = {
        "a.html": page(
            tweet(2, "Yes. https://t.co/x1 Indeed")
            + "<p>Yes, indeed.</p>" * 300
            + tweet(3, f"Yes, indeed: {other}")
        ),
        "b.html": page(tweet(4, f"Ten years since {other}")),
    }
    add(tmp_path / "s.db", sources(tmp_path / "s", names))
    before = {row[0]: row for row in dump(tmp_path / "s.db")["posts"]}
    done = taken_out(tmp_path / "s.db")
    assert done.posts == (POST,)
    after = {row[0]: row for row in dump(tmp_path / "s.db")["posts"]}
    assert [key for key in before if before[key] != after.get(key)] == [POST]
    reparse(str(tmp_path / "s.db"), apply=True)
    again = {row[0]: row for row in dump(tmp_path / "s.db")["posts"]}
    assert [key for key in after if after[key] != again.get(key)] == []
    assert list(verify(str(tmp_path / "s.db"))) == []


def test_the_digest_of_words_is_slow() -> None:
    (yes,), (again,) = signs("Yes.", "full", known=True), signs("yes. https://example.org", "truncated")
    assert yes == again and token("a:@b", yes) == token("a:@b", again)
    assert token("a:@b", yes) != token("a:@c", yes)
    assert len(token("a:@b", yes)) == 40 and leaves.digest("x", {}) != token("a:@b", yes)
    assert signs(f"{SECRET[:40]}…", "full")[1:] == signs(SECRET, "full", known=True)[1:] != []
    assert signs(SECRET, "full")[1:] == []
