"""What an audit says of an archive in which something is wrong."""

from __future__ import annotations

from pathlib import Path

from archiver.audit import audit, explain
from archiver.show import troubles
from tests.archives import add, page, sources, tweet

SIGNED = "— Ann Example (@ann_ex) January 1, 2022"
ONE = "https://one.example/a"


def test_contradictions_and_losses(tmp_path: Path) -> None:
    words = "We will never leave this place, whatever they say"
    forged = tweet(1, words).replace("January 1, 2022", "January 2, 2022")
    files = {
        "a.html": page(tweet(1, words), ONE),
        "b.html": page(tweet(1, words), "https://two.example/b"),
        "c.html": page(tweet(1, words.replace("never", "gladly")), "https://three.example/c"),
        "d.html": page(forged, "https://four.example/d"),
        "e.html": page('<blockquote class="twitter-tweet"><p>Words of nobody</p></blockquote>'),
        "f.txt": f"Said:\n\n{words}! pic.twitter.com/aBcDeF1234 {SIGNED}\n\nEnd.",
    }
    db = tmp_path / "q.db"
    paths = sources(tmp_path / "in", files)
    add(db, [*paths, str(tmp_path / "none.html")])
    found = audit(str(db))
    flags = {flag["code"]: flag for flag in found["flags"]}
    assert set(flags) == {"date-mismatch", "other-text"}
    assert flags["other-text"]["cases"][0]["detail"] == "“gladly” instead of “never”"
    assert all(flag["meaning"] for flag in found["flags"] + found["notes"])
    assert [note["code"] for note in found["notes"]] == ["embed-without-post"]
    assert [pair["author_handle"] for pair in found["proposals"]] == ["ann_ex"]
    assert [row["reason"] for row in found["failed"]] == ["no such file: check the path"]
    assert {row["site"]: row["quotes"] for row in found["sites"]}["one.example"] == 1
    assert sum(row["quotes"] for row in found["forms"]) == 5
    shown = troubles(found)
    assert "other-text: 1" in shown and "“gladly” instead of “never”" in shown


def test_a_quote_that_disappears_from_its_article(tmp_path: Path) -> None:
    db = tmp_path / "q.db"
    first = page(tweet(1) + tweet(2), ONE)
    add(db, sources(tmp_path / "in", {"a.html": first}), "2026-01-01T00:00:00Z")
    assert audit(str(db))["disappeared"]["count"] == 0
    add(db, sources(tmp_path / "in", {"a.html": page(tweet(1), ONE)}), "2026-02-01T00:00:00Z")
    (gone,) = audit(str(db))["disappeared"]["cases"]
    assert (gone["last_shown_at"], gone["missing_at"]) == ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")
    add(db, sources(tmp_path / "in", {"a.html": page("All is gone", ONE)}), "2026-03-01T00:00:00Z")
    assert audit(str(db))["disappeared"]["count"] == 2
    assert "disappeared: 2" in troubles(audit(str(db)))


def test_an_archive_without_trouble(tmp_path: Path) -> None:
    db = tmp_path / "q.db"
    add(db, sources(tmp_path / "in", {"a.html": page(tweet(1), ONE)}))
    assert troubles(audit(str(db))) == "Nothing disagrees, and nothing was lost."
    assert explain("date-mismatch") and explain("nonsense") == ""
