"""What the bytes say and what a walk over all elements says is the same, with Hyperscan and without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver import html, looking, marking, scanning
from archiver.extraction import extract
from archiver.model import Document, Extraction
from archiver.platforms import PLATFORMS
from tests.archives import page, tweet
from tests.golden import cases
from tests.modules import ROOT

OUTSIDE = ROOT.parent / "shared/corpus/html/files"
LOOK = looking.look(PLATFORMS)


def pages() -> Iterator[Path]:
    yield from (case.article for case in cases() if case.article.suffix != ".txt")
    yield from sorted(OUTSIDE.iterdir())[::7] if OUTSIDE.is_dir() else ()


def told(extraction: Extraction) -> list[object]:
    """What is said of each quote but where it stands among the candidates."""
    return [
        (quote.key, quote.sighting.form, quote.sighting.text, quote.sighting.handle, quote.flags)
        for quote in extraction.quotes
    ]


def test_marks_find_what_a_walk_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = [path.read_bytes() for path in pages()]
    marked = [told(extract(Document(body), links=True)) for body in bodies]
    monkeypatch.setattr(marking._Marks, "elements", lambda *_: None)
    assert [told(extract(Document(body), links=True)) for body in bodies] == marked


def test_hyperscan_finds_what_re_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("hyperscan")
    bodies = [path.read_bytes() for path in pages()]
    found = []
    for worth in (-1, 10**12):
        monkeypatch.setattr(scanning, "_WORTH", worth)
        scanning.scanner.cache_clear()
        looking._look.cache_clear()
        found.append([told(extract(Document(body))) for body in bodies])
    scanning.scanner.cache_clear()
    looking._look.cache_clear()
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        '<div title="a > b">{}</div>',
        '<div data-html="<b>bold</b>">{}</div>',
        "<p title=it's>{}</p>",
        "<!-- a comment -->{}<!---->{}",
        "<!-->{}<!-- -->",
        "<script>var a = '<p>';</script>{}",
        '<p data-archiver-mark="0">{}</p>',
        "<style>a > b {{}}</style>{}",
        "<textarea><p></textarea>{}",
        "<table><tr><td>{}</table>",
        "<svg><title>x</title></svg>{}",
        "<a href=x>{}",
        "</p></div>{}",
        "<p a='1' a='2'>{}",
    ],
)
def test_in_any_surroundings(around: str) -> None:
    one = tweet(1)
    quotes = extract(Document(page(around.replace("{{}}", "{ }").replace("{}", one)).encode())).quotes
    assert len(quotes) == around.replace("{{}}", "").count("{}") and all(
        q.key == quotes[0].key for q in quotes
    )


def test_marks_leave_no_trace() -> None:
    text = page(tweet(1) + '<p data-x="https://twitter.com/a/status/1234567890">x</p>')
    marked = marking.read(text, LOOK)
    assert marked.noticed and marked.page.root is not None
    root = html.parse(text).root
    assert root is not None and html.markup(marked.page.root) == html.markup(root)


@pytest.mark.parametrize(
    "address",
    [
        "https:&#x2F;&#x2F;twitter.com&#x2F;ann_ex&#x2F;status&#x2F;1496000000000000001",
        "https://tw&#105;tter.com/ann_ex/st&#97;tus/1496000000000000001",
        "https://twitter.com/ann_ex/status/149600000000000000&#49;",
    ],
)
def test_references_hide_nothing(address: str) -> None:
    text = page(
        f'<blockquote class="twitter-tweet"><p>Hi</p><a href="{address}">May 1, 2022</a></blockquote>'
    )
    assert [q.native_id for q in extract(Document(text.encode())).quotes] == ["1496000000000000001"]
    link = page(f'<p>see <a href="{address}">this</a></p>')
    assert [q.native_id for q in extract(Document(link.encode()), links=True).quotes] == [
        "1496000000000000001"
    ]


def test_marks_are_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """To walk over every element costs several times as much: it is for the rare page."""
    lost = []
    found = marking._Marks.elements

    def elements(marks: marking._Marks, root: html.Element) -> object:
        answer = found(marks, root)
        lost.append(answer is None)
        return answer

    monkeypatch.setattr(marking._Marks, "elements", elements)
    for path in pages():
        extract(Document(path.read_bytes()))
    assert len(lost) > 100 and sum(lost) <= len(lost) / 100
