"""The pages in headless Chromium: what a researcher does, at every width and in the dark; what nothing may
do; and no serious fault by axe-core. ``make browser`` brings what this needs; without it, it is skipped."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests import exhibit
from tests.large import serve
from tests.modules import ROOT

CHROMIUM = shutil.which("chromium")
AXE = Path(os.environ.get("AXE", ROOT / "node_modules/axe-core/axe.min.js"))
NEXT = Path(os.environ.get("DATASETTE_NEXT", ROOT / ".venv-next/bin/python"))
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: make browser")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no chromium: apt-get install chromium")
pytest.importorskip("datasette", reason="Datasette is not installed")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("browser") / "exhibit.db"
    exhibit.make(made)
    return made


@pytest.fixture(scope="module", params=["this", "next"])
def root(path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    python = sys.executable if request.param == "this" else str(NEXT)
    if not Path(python).exists():
        pytest.skip("no environment with the next Datasette: make next")
    server, address, _ = serve(str(path), python)
    yield address
    server.terminate()
    server.wait()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any, root: str) -> Iterator[Any]:
    """A page that reports what it asks of others, and what is refused or fails."""
    context = chromium.new_context(base_url=root, viewport={"width": 1200, "height": 900})
    opened = context.new_page()
    opened.troubles = []
    opened.on("request", lambda asked: asked.url.startswith(root) or opened.troubles.append(asked.url))
    opened.on("console", lambda said: said.type == "error" and opened.troubles.append(said.text))
    opened.on("dialog", lambda dialog: (opened.troubles.append(dialog.message), dialog.dismiss()))
    yield opened
    context.close()


def pages(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as conn:
        posts = [row[0] for row in conn.execute("SELECT id FROM posts ORDER BY quote_count DESC, id")]
        (article,) = conn.execute("SELECT id FROM articles WHERE title = 'Light at last'").fetchone()
    kept = [f"/exhibit/posts/{key.replace(':', '~3A').replace('@', '~40')}" for key in posts]
    return [
        *("/", "/exhibit/-/search?q=lamp", "/exhibit/-/search?q=nothing-at-all", "/exhibit/-/questions"),
        *("/exhibit/-/questions/disagree", "/exhibit/-/questions/suspects", "/exhibit/-/tables", *kept[:8]),
        *(f"/exhibit/articles/{article}", "/exhibit/authors/twitter~3Amaraquillon_ex"),
    ]


def test_a_researcher_finds_her_way(page: Any) -> None:
    page.goto("/")
    page.get_by_label("Search the posts").fill("lamp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=lamp*")
    assert page.locator(".card").count() == 3 and page.locator("mark").count() >= 3
    page.get_by_label("Sort by").select_option("quoted")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**sort=quoted*")
    page.locator(".card h2 a").first.click()
    assert page.locator("h2").first.inner_text() == "Quoted in 3 articles of 3 sites"
    page.locator("ol.places h3 a").nth(1).click()
    assert "did we say the lamp would burn" in page.locator(".card").first.inner_text()
    page.locator(".card .handle").first.click()
    assert page.locator("h1").inner_text().startswith("Mara Quillon")
    page.get_by_role("link", name="Questions").click()
    page.get_by_role("link", name="Posts that are gone, but kept here").click()
    assert page.locator("table tbody tr").count() == 4
    assert page.troubles == []


def test_a_bar_leads_to_its_posts(page: Any) -> None:
    page.goto("/")
    page.locator("svg.months a").last.click()
    page.wait_for_url("**/search?*")
    assert page.locator(".card").count() == 2 and page.troubles == []


@pytest.mark.parametrize(
    ("width", "scheme"), [(1200, "light"), (1200, "dark"), (390, "light"), (320, "dark")]
)
def test_pages_fit_and_stay_at_home(chromium: Any, root: str, path: Path, width: int, scheme: str) -> None:
    """Nothing wider than the window, nothing asked of others; without JavaScript."""
    context = chromium.new_context(
        base_url=root, viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    page, strangers = context.new_page(), []
    page.on("request", lambda asked: asked.url.startswith(root) or strangers.append(asked.url))
    for one in pages(path):
        page.goto(one)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, one
    context.close()
    assert strangers == []


def test_right_to_left_stands_right(page: Any, path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        (key,) = conn.execute("SELECT id FROM posts WHERE author_handle = 'mona_ex'").fetchone()
    page.goto(f"/exhibit/posts/{key.replace(':', '~3A')}")
    words = page.locator(".card.whole .words")
    assert words.evaluate("e => getComputedStyle(e).direction") == "rtl"


def test_stored_markup_stands_in_a_frame_without_power(page: Any, path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        (key,) = conn.execute("SELECT id FROM posts WHERE author_handle = 'eve_ex'").fetchone()
    page.goto(f"/exhibit/posts/{key.replace(':', '~3A')}")
    page.locator("details.evidence summary").first.click()
    frame = page.frame_locator("iframe.shown")
    assert "is what she typed" in frame.locator("blockquote").inner_text()
    assert frame.locator("a[href], script, img, form, iframe").count() == 0
    assert frame.locator("body").evaluate("() => self.origin") == "null" and page.troubles == []


def test_cells_on_phones_are_named_by_their_columns(chromium: Any, root: str) -> None:
    context = chromium.new_context(base_url=root, viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto("/exhibit/posts")
    named = page.locator("td.col-author_handle").first
    assert named.evaluate("e => getComputedStyle(e, '::before').content") == '"author_handle"'
    assert page.locator("td.type-pk a").first.inner_text() == "Xiana Outeiro, 14 March 2019"
    page.get_by_role("link", name="Questions").first.click()
    assert page.locator("h1").inner_text() == "Questions"
    context.close()


def test_the_keyboard_reaches_everything(page: Any) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.href || document.activeElement.tagName"))
    assert len(reached) > 20


@pytest.mark.skipif(not AXE.exists(), reason="no axe-core: make browser")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(chromium: Any, root: str, path: Path, scheme: str) -> None:
    context = chromium.new_context(base_url=root, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    found = []
    for one in pages(path):
        page.goto(one)
        page.evaluate(AXE.read_text("utf-8"))
        for fault in page.evaluate("axe.run()")["violations"]:
            if fault["impact"] in ("serious", "critical"):
                found.append((one, fault["id"], [node["html"][:120] for node in fault["nodes"][:2]]))
    context.close()
    assert found == []
