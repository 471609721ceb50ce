"""Looking before parsing loses nothing: every page that shows a post passes, in any encoding."""

from __future__ import annotations

import base64
import re
import time

import pytest

from archiver import prefilter
from archiver.extraction import extract
from archiver.model import Document
from archiver.platforms import PLATFORMS
from tests.archives import page, tweet
from tests.golden import cases
from tests.modules import ROOT

OUTSIDE = ROOT.parent / "shared/corpus/html/files"


@pytest.fixture(params=["hyperscan", "re"])
def sieve(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> prefilter.Sieve:
    if request.param == "hyperscan":
        pytest.importorskip("hyperscan")
        return prefilter.sieve(PLATFORMS, links=False)
    monkeypatch.setattr("archiver.prefilter._by_hyperscan", lambda _: None)
    monkeypatch.setattr("archiver.prefilter._made", prefilter._made.__wrapped__)
    return prefilter.sieve(PLATFORMS, links=False)


def test_golden_cases_pass(sieve: prefilter.Sieve) -> None:
    for case in cases():
        if any(quote["kind"] == "embed" for quote in case.expected["quotes"]):
            assert sieve(case.article.read_bytes()), case.name


@pytest.mark.skipif(not OUTSIDE.is_dir(), reason="the outside corpus is not here")
def test_real_pages_pass() -> None:
    lost = []
    for links in (True, False):
        sieve = prefilter.sieve(PLATFORMS, links)
        for path in sorted(OUTSIDE.iterdir()):
            body = path.read_bytes()
            if not sieve(body) and extract(Document(body), links=links).quotes:
                lost.append(path.name)
    assert lost == []


def test_a_plain_page_does_not_pass(sieve: prefilter.Sieve) -> None:
    share = (
        '<a href="https://twitter.com/intent/tweet?url=x"><a href="https://www.facebook.com/sharer.php?u=x">'
    )
    profile = (
        '<a href="https://twitter.com/ann_ex"><meta name="twitter:card"><a href="https://youtube.com/@ann">'
    )
    assert not sieve(page(share + profile).encode())
    assert sieve(page(share + tweet(1)).encode())


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-16", "utf-16-le", "utf-32", "shift_jis", "gb18030", "iso2022_jp"]
)
def test_in_any_encoding(sieve: prefilter.Sieve, encoding: str) -> None:
    assert sieve(page("灯台 " + tweet(1)).encode(encoding))


@pytest.mark.parametrize("before", ["", "x", "xy"])
def test_in_base64(sieve: prefilter.Sieve, before: str) -> None:
    hidden = base64.b64encode(tweet(1).encode()).decode()
    assert sieve(page(f'{before}<div data-lazy="{hidden}">').encode())
    assert not sieve(
        page(f'{before}<img src="data:{base64.b64encode(b"<svg " + bytes(99)).decode()}">').encode()
    )


def test_needles_are_plain_expressions() -> None:
    for platform in PLATFORMS:
        for needle in platform.needles:
            made = re.compile(needle.encode("latin-1"))
            assert made.groups == 0, needle


@pytest.mark.parametrize(
    "piece", [b"(", b"@", b"/", b"\\", b"facebook.com/", b"/@", b"%25", b"PHN2", b"eyJ", b"a.tumblr.com/1"]
)
def test_hostile_pages_are_looked_at_in_linear_time(sieve: prefilter.Sieve, piece: bytes) -> None:
    start = time.monotonic()
    sieve(piece * (1_000_000 // len(piece)))
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("before", ["<!doctype html><p>Before.</p>", "<!doctype html><p>Before. "])
def test_no_embed_is_taken_for_plain_links(before: str) -> None:
    """Each embed of the golden cases alone on a page: also those whose address stands in a plain link."""
    shows = prefilter.sieve(PLATFORMS, links=False)
    for path in sorted((ROOT / "tests").glob("golden/*/*/article.html")):
        whole = path.read_bytes()
        fragments = (quote.sighting.fragment for quote in extract(Document(whole)).quotes)
        for shown in (whole, *(fragment.encode("utf-8", "replace") for fragment in fragments)):
            body = before.encode() + shown
            assert shows(body) or not extract(Document(body)).quotes, (path, body)
