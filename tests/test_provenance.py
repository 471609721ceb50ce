"""Where each field of a quote is from: its basis, its place, and the selectors that lead to it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import cli
from archiver import provenance, query, rows
from archiver.evidence.redaction import redact
from archiver.extraction import extract
from archiver.model import Document
from tests.archives import LATER, add, is_sound, page, sources, tweet
from tests.test_redaction import POST, RARE, SECRET, everything

TEXT = (
    "Intro.\n\nNo light tonight. pic.twitter.com/aBcDeF1234 — Ann Example (@ann_ex) January 1, 2022\n\nEnd."
)


def row(body: str, kind: str = "html") -> dict[str, Any]:
    (quote,) = rows.rows(extract(Document(body.encode(), kind=kind)), "")["quotes"]
    return quote


def traced(body: str, kind: str = "html") -> dict[str, dict[str, Any]]:
    return provenance.traced(row(body, kind))


def test_a_blockquote() -> None:
    quote = row(page(tweet(1, "No <b>light</b> &amp; no day<br>tonight.")))
    found = json.loads(quote["evidence"])
    assert {name: origin["basis"] for name, origin in found.items()} == {
        **dict.fromkeys(("text", "author_name", "author_handle", "date_written"), "printed"),
        **dict.fromkeys(("url_written", "language"), "attribute"),
        **dict.fromkeys(("native_id", "post_url", "written_on", "posted_at"), "derived"),
    }
    place = found["text"]
    assert quote["fragment"][place["start"] : place["end"]] == "No <b>light</b> &amp; no day<br>tonight."
    assert found["url_written"]["at"] == "a/@href"
    assert found["language"]["at"] == "p/@lang"
    assert (found["posted_at"]["from"], found["native_id"]["from"]) == ("native_id", "url_written")


def test_the_name_is_the_one_that_signs() -> None:
    quote = row(page(tweet(1, "Ann Example is my name, @ann_ex my handle")))
    place = json.loads(quote["evidence"])["author_handle"]
    assert quote["fragment"][: place["start"]].endswith("Ann Example (@")


def test_plain_text() -> None:
    found = provenance.annotated(row(TEXT, "text"), {})["fields"]
    quoted, placed = found["text"]["selector"]
    assert (quoted["type"], placed["type"]) == ("TextQuoteSelector", "TextPositionSelector")
    assert TEXT[placed["start"] : placed["end"]] == quoted["exact"]
    assert (quoted["prefix"], quoted["suffix"][:6]) == ("Intro. ", " — Ann")
    assert found["text"]["extent"] == "inferred"
    assert found["posted_at"] == {"basis": "derived", "from": "date_written"}


def test_what_an_address_tells() -> None:
    found = traced(
        page('<iframe src="https://platform.twitter.com/embed/Tweet.html?id=1477057004519690241">')
    )
    assert found["url_written"]["at"] == "iframe/@src"
    assert found["native_id"] == {"basis": "derived", "from": "url_written"}
    bare = traced(
        page('<blockquote class="twitter-tweet"><a href="https://twitter.com/ann_ex/status/123"></a>')
    )
    assert bare["author_handle"] == {"basis": "derived", "from": "url_written"}


def test_an_early_id_tells_the_time_by_inference() -> None:
    old = tweet(1).replace("January 1, 2022", "May 1, 2009")
    native_id = old.split("/status/")[1].split('"')[0]
    assert traced(page(old.replace(native_id, "1672131234")))["posted_at"]["basis"] == "inferred"


def test_what_a_copy_adds_is_said() -> None:
    bare = tweet(1, None)
    copy = json.dumps({"html": tweet(1, "Words of the copy")})
    found = traced(page(f"{bare}<script type='application/json'>{copy}</script>"))
    assert found["text"] == {"basis": "attribute", "elsewhere": True}


@given(st.text(alphabet="aé港 <>&;\"'\\@—“#\n", max_size=120), st.text(alphabet="aé港@ ", max_size=20))
def test_places_lie_in_the_fragment(fragment: str, value: str) -> None:
    names = (*provenance.FIELDS, "span_start", "posted_earliest", "time_basis", "fragment")
    quote = {**dict.fromkeys(names), "fragment": fragment, "text": value, "author_handle": value}
    for span_start in (None, 0):
        for origin in provenance.traced({**quote, "span_start": span_start}).values():
            if "start" in origin:
                assert 0 <= origin["start"] < origin["end"] <= len(fragment)


def test_extract_tells_when_asked(tmp_path: Path) -> None:
    (path,) = sources(tmp_path, {"a.txt": TEXT})
    plain = json.loads(CliRunner().invoke(cli.main, ["extract", path, "--silent"]).stdout)
    told = json.loads(CliRunner().invoke(cli.main, ["extract", path, "--silent", "--evidence"]).stdout)
    evidence = told.pop("evidence")
    assert plain == told
    assert evidence["page"]["sha256"] == rows.ids.sha256(TEXT.encode())
    assert evidence["extractor_version"]


@pytest.fixture
def db(tmp_path: Path) -> Path:
    files = {
        "a.html": page(
            tweet(1, "Before it.") + tweet(2, SECRET) + tweet(3, "After it."), "https://a.example/1"
        ),
        "b.html": page(
            f'<blockquote class="twitter-tweet" title="{SECRET}"><p lang="en">Of others.</p>&mdash;'
            " Bo (@bo_ex) "
            '<a href="https://twitter.com/bo_ex/status/1477057004519690241">January 1, 2022</a></blockquote>',
            "https://b.example/1",
        ),
    }
    add(tmp_path / "q.db", sources(tmp_path / "in", files))
    return tmp_path / "q.db"


def test_show_tells_the_page(db: Path) -> None:
    (quote,) = query.post(str(db), POST)["quotes"]
    assert quote["evidence"]["page"]["url"] == "https://a.example/1"
    assert quote["evidence"]["fields"]["text"]["selector"][0]["exact"] == SECRET
    shown = CliRunner().invoke(cli.main, ["show", str(db), POST]).stdout
    assert "evidence: text, author_name, author_handle, date_written: printed;" in shown


def test_redaction_leaves_no_words_and_no_wrong_places(db: Path) -> None:
    redact(str(db), POST, "Asked for", LATER)
    assert not {word for word in RARE if word.casefold() in everything(db)}
    assert is_sound(db)
    with closing(sqlite3.connect(db)) as connection:
        told = connection.execute("select text_state, text, fragment, evidence from quotes").fetchall()
    for state, text, fragment, evidence in told:
        if state == "redacted":
            assert evidence is None
        else:
            place = json.loads(evidence)["text"]
            assert fragment[place["start"] : place["end"]] == text
