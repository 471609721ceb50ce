"""Citations and feeds: whatever a post says, the form holds."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.citations import FORMS, citation, written
from archiver.errors import ArchiverError
from archiver.platforms import PLATFORMS
from tests.modules import ROOT

POST = {
    "id": "twitter:1",
    "platform": "twitter",
    "url": "https://twitter.com/ann_ex/status/1",
    "author_name": "Ann",
    "author_handle": "ann_ex",
    "text": "Lights out.\nLights on.",
    "language": "en",
    "posted_on": "2022-01-02",
    "posted_at": "2022-01-02T08:41:17.512Z",
    "first_seen": "2026-01-31T12:00:00Z",
}
HOSTILE = "]]></title> }} | \\end{document} \n\rER  - \x00\x0b & < \" ' {{"


def post(**said: Any) -> dict[str, Any]:
    return {**POST, **said}


def here(key: str) -> str:
    return f"https://archive.example/quotes/posts/{key}"


def test_a_citation_to_read() -> None:
    assert citation(post()) == (
        "Ann (@ann_ex) (2 January 2022). “Lights out. Lights on.” Twitter. https://twitter.com/ann_ex/status/1"
    )
    bare = post(url="javascript:alert(1)", author_name=None, author_handle=None, text=None, posted_on=None)
    assert citation(bare) == "Unknown author (n.d.). “(no words known)” Twitter."


def test_each_form() -> None:
    (found,) = json.loads(written("csl", [post()], "", ""))
    assert found["type"] == "post" and found["author"] == [{"literal": "Ann (@ann_ex)"}]
    assert found["issued"] == {"date-parts": [[2022, 1, 2]]} and found["URL"] == POST["url"]
    assert "@misc{twitter:1," in written("bib", [post()], "", "")
    assert written("ris", [post()], "", "").endswith("LA  - en\r\nER  - \r\n")
    assert written("wiki", [post()], "", "") == (
        "{{cite web |author=Ann (@ann_ex) |title=Lights out. Lights on. |website=Twitter |date=2 January 2022"
        " |url=https://twitter.com/ann_ex/status/1 |language=en}}\n"
    )
    with pytest.raises(ArchiverError, match="no such form"):
        written("pdf", [], "", "")


def test_hostile_words_stay_inside() -> None:
    row = post(text=HOSTILE, author_name=HOSTILE, author_handle=HOSTILE, language=HOSTILE)
    assert written("ris", [row], "", "", here).count("ER  - \r\n") == 1
    told = written("bib", [row], "", "", here)
    assert not re.search(r"(?<!\\)\\end", told) and told.count("@misc") == 1
    wiki = written("wiki", [row], "", "", here)
    assert wiki.count("{{") == 1 and wiki.count("}}") == 1


@given(st.lists(st.text(), min_size=4, max_size=4))
def test_every_form_holds(words: list[str]) -> None:
    row = post(text=words[0], author_name=words[1], author_handle=words[2], url=words[3])
    for form in FORMS:
        told = written(form, [row, post()], words[0], "https://a.example/?" + words[3], here)
        told.encode("utf-8", "replace")
        if form == "csl":
            assert len(json.loads(told)) == 2
        if form in ("atom", "rss"):
            ElementTree.fromstring(told.encode("utf-8", "replace"))
        if form == "ris":
            assert all(re.match(r"^[A-Z][A-Z0-9]  - ", line) for line in told.split("\r\n") if line.strip())


def test_every_platform_has_a_name() -> None:
    labels = json.loads((ROOT / "data/datasette/labels.json").read_text("utf-8"))["platform"]
    assert [platform.name for platform in PLATFORMS if platform.name not in labels] == []
