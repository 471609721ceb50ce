"""What an audit says of an archive in which something is wrong."""

from __future__ import annotations

from pathlib import Path

from archiver.audit import audit, explain
from archiver.troubles import troubles
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


def test_what_changes_between_versions(tmp_path: Path) -> None:
    db = tmp_path / "q.db"
    versions = (
        tweet(1) + tweet(2, "Soon gone") + tweet(5, "Stays"),
        tweet(1, "Words, altered") + tweet(3, "New") + tweet(5, "Stays") + tweet(5, "Stays"),
        tweet(5, "Stays"),
    )
    for at, body in enumerate(versions, 1):
        add(db, sources(tmp_path / "in", {"a.html": page(body, ONE)}), f"2026-0{at}-01T00:00:00Z")
    found = [
        (case["captured_at"][5:7], case["change"], case["text_before"], case["text"])
        for case in audit(str(db))["changes"]["cases"]
    ]
    assert sorted(found, key=repr) == [
        ("02", "added", None, "New"),
        ("02", "added", None, "Stays"),
        ("02", "altered", "Words.", "Words, altered"),
        ("02", "removed", "Soon gone", None),
        ("03", "removed", "New", None),
        ("03", "removed", "Stays", None),
        ("03", "removed", "Words, altered", None),
    ]
    assert "changed: 7" in troubles(audit(str(db)))


def test_an_archive_without_trouble(tmp_path: Path) -> None:
    db = tmp_path / "q.db"
    add(db, sources(tmp_path / "in", {"a.html": page(tweet(1), ONE)}))
    said, sites, forms = troubles(audit(str(db))).split("\n\n")
    assert said == "Nothing disagrees, and nothing was lost."
    assert "one.example" in sites and "blockquote (twitter)" in forms
    assert explain("date-mismatch") and explain("nonsense") == ""
