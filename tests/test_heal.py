"""Articles healed: the quotes stay the same, everything else stays byte for byte, and nothing is guessed."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timezone
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from archiver import heal as healing
from archiver import spans, widgets, wxr
from archiver.extraction import extract
from archiver.heal import Healed, Known, Rules
from archiver.model import Document
from archiver.platforms import PLATFORMS
from archiver.rewriting import BACKUP
from archiver.wxr import heal_export, is_export
from cli import main
from tests.archives import add, page, sources, tweet
from tests.healing import corpus, faults, golden, said, stays
from tests.modules import ROOT

PAGES = list(corpus())
FIRST = "1477067045991350273"
"""The id of ``tweet(1)``."""
SCRIPT = '<script async src="https://platform.twitter.com/widgets.js" charset="utf-8"></script>'
GONE = Known(state="deleted", checked_on="2026-01-02", copy=("https://web.example/2022/x", "2022-03-04"))


def heal(text: str | bytes, rules: Rules | None = None, **about: Any) -> Healed:
    body = text if isinstance(text, bytes) else text.encode()
    return healing.heal(Document(body, **about), rules or Rules(style=False))


def run(*words: str, stdin: bytes | None = None) -> Any:
    return CliRunner().invoke(main, ["heal", *words], input=stdin)


@pytest.mark.parametrize("path", list(golden()), ids=lambda path: "/".join(path.parts[-3:-1]))
def test_golden_articles_read_the_same(path: Path) -> None:
    body = path.read_bytes()
    assert list(faults(path.name, body, _once(path.name, body))) == []


@pytest.mark.skipif(not PAGES, reason="the corpus is not beside the project")
@pytest.mark.parametrize("path", PAGES[::5], ids=lambda path: path.name[:60])
def test_real_pages_read_the_same(path: Path) -> None:
    body = path.read_bytes()
    assert list(faults(path.name, body, _once(path.name, body))) == []


def _once(name: str, body: bytes) -> Healed:
    from tests.healing import once

    return once(name, body)


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn")) | st.sampled_from("<>&\"'{}*_`]\n"),
    min_size=1,
    max_size=40,
)
JUNK = st.lists(
    st.sampled_from(
        [
            *("<p>Prose.</p>", "<div class=x>", "</div>", "<p>", "<br>", "<!-- a > b -->", "<img alt='a>b'>"),
            *(
                "<blockquote>A saying</blockquote>",
                "<script>if (a<b) x('<p>')</script>",
                "a < b & c",
                "é",
                "\n",
            ),
            *(
                "<textarea><blockquote></textarea>",
                "<pre>&lt;blockquote></pre>",
                "</blockquote>",
                "\r\n",
                "日本",
            ),
            *("<table><tr><td>1</table>", '<a href="/x">y</a>', "<style>p>a{}</style>", "<svg><path/></svg>"),
        ]
    ),
    max_size=6,
).map("".join)


@given(
    st.lists(st.tuples(JUNK, WORDS, WORDS), min_size=1, max_size=3),
    JUNK,
    st.sampled_from(
        ["utf-8", "utf-8-sig", "utf-16", "windows-1252", "shift_jis", "gb18030", "iso-2022-jp", "koi8-r"]
    ),
)
def test_whatever_stands_around(embeds: list[tuple[str, str, str]], end: str, charset: str) -> None:
    """Any words, any markup around, broken too, in many encodings."""
    pieces = [
        before + tweet(at, escape(words).replace("\n", "<br>"), escape(name.replace("\n", " "))) + SCRIPT
        for at, (before, words, name) in enumerate(embeds)
    ]
    text = f"<html><head><title>t</title></head><body>{''.join(pieces)}{end}"
    body = text.encode(charset, "xmlcharrefreplace")
    declared = None if charset.startswith("utf") else charset
    result = heal(body, charset=declared)
    before, after = (extract(Document(one, charset=declared)).quotes for one in (body, result.body))
    assert [said(quote) for quote in before] == [said(quote) for quote in after]
    assert stays(body, result)
    assert len(result.keys) + len(result.left) == len(before)
    assert heal(result.body, charset=declared).body == result.body


@given(
    st.lists(
        st.sampled_from(
            [
                "<a",
                "<p>",
                "</p>",
                " b='",
                "'",
                '"',
                ">",
                "<!--",
                "-->",
                "=",
                "/",
                "x",
                "<script>",
                "</script>",
                "<![CDATA[",
                "]]>",
                "<!d>",
                "<?x?>",
                "\n",
            ]
        ),
        max_size=40,
    )
)
def test_tags_never_fail_and_lie_in_order(pieces: list[str]) -> None:
    text = "".join(pieces)
    found = spans.tags(text)
    assert all(text[tag.start] == "<" and text[tag.end - 1] == ">" for tag in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert spans.marked(text, found).replace(' data-nth="', "").count("<") == text.count("<")


def test_one_line_of_plain_markup() -> None:
    body = page(f"{tweet(1, 'Light <b>on</b>.')}\n{SCRIPT}")
    new = heal(body).body.decode()
    assert new.replace("\n", "", 1).count("\n") == 0
    figure = re.search(r"<figure.*</figure>", new)
    assert figure
    assert figure[0] == (
        '<figure class="quoted-post" data-quoted-post="1" data-platform="twitter">'
        '<blockquote cite="https://twitter.com/ann_ex/status/1477067045991350273">'
        '<p lang="en" dir="auto">Light on.</p></blockquote><figcaption>'
        '— <bdi class="quoted-post-name">Ann Example</bdi> (<bdi class="quoted-post-handle">@ann_ex</bdi>) '
        '<time datetime="2022-01-01T00:00:01Z"><a class="quoted-post-link"'
        ' href="https://twitter.com/ann_ex/status/1477067045991350273" rel="nofollow">'
        "January 1, 2022</a></time>"
        ' · <span class="quoted-post-platform">X (Twitter)</span></figcaption></figure>'
    )
    assert "<script" not in new


def test_what_became_of_the_post_and_where_a_copy_is() -> None:
    new = heal(page(tweet(1)), Rules(known=lambda _: GONE, language="fr-CA")).body.decode()
    assert 'data-state="deleted"' in new
    assert "La publication a été supprimée (2026-01-02)" in new
    assert 'data-versionurl="https://web.example/2022/x" data-versiondate="2022-03-04"' in new
    assert (
        'href="https://web.example/2022/x" rel="nofollow" data-originalurl="https://twitter.com/ann_ex/'
        in new
    )
    assert "copie archivée</a>" in new


def test_notes_are_in_the_language_of_the_article() -> None:
    body = page(tweet(1)).replace("<html>", '<html lang="de-AT">')
    assert "Der Beitrag wurde gelöscht" in heal(body, Rules(known=lambda _: GONE)).body.decode()
    assert "The post was deleted" in heal(page(tweet(1)), Rules(known=lambda _: GONE)).body.decode()


def test_words_from_the_archive_fill_and_never_replace() -> None:
    known = Known(
        text="From elsewhere.", author_name="Ann", posted_at=datetime(2022, 1, 1, tzinfo=timezone.utc)
    )
    rules = Rules(known=lambda _: known)
    body = page(tweet(1, None) + tweet(2, "Printed."))
    assert [one.reason for one in heal(body).left] == ["no-words"]
    result = heal(body, rules)
    quotes = extract(Document(result.body)).quotes
    assert [quote.sighting.text for quote in quotes] == ["From elsewhere.", "Printed."]
    assert [quote.sighting.author_name for quote in quotes] == ["Ann Example", "Ann Example"]
    assert b'data-words="archive"' in result.body and b"words from an archive" in result.body


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            "<html><body><blockquote class='twitter-tweet'>" + tweet(1)[32:].replace("</blockquote>", ""),
            "place-uncertain",
        ),
        (f"<html><body><div data-embed='{escape(tweet(1))}'></div>", "stands-in-data"),
        (f'const html = "{tweet(1)}".replace();', "in-program"),
        (tweet(1).replace('="', '=\\"').replace('">', '\\">'), "place-uncertain"),
    ],
)
def test_what_is_not_certain_is_left_and_named(body: str, reason: str) -> None:
    result = heal(body)
    assert result.body == body.encode()
    assert [one.reason for one in result.left] == [reason]


@pytest.mark.parametrize(
    "around",
    ["```html\n{}\n```", "Use `{}` so.", "Text\n\n    {}\n", "---\nembed: '{}'\n---\nText"],
)
def test_samples_in_markdown_stay(around: str) -> None:
    body = around.format(tweet(1))
    assert heal(body, Rules(kind="markdown")).body == body.encode()


def test_markdown_sees_no_marks_of_its_own() -> None:
    body = f"# T\n\n- item\n\n    {tweet(1, 'A *b* _c_ `d` [e](f) {{ g }}')}\n\nText *stays*.\n"
    new = heal(body, Rules(kind="markdown", style=False)).body.decode()
    assert new.startswith("# T\n\n- item\n\n    <figure") and new.endswith("</figure>\n\nText *stays*.\n")
    figure = new[new.index("<figure") : new.index("</figure>")]
    assert not re.search(r"[*`\[\]{}]", figure) and "\n" not in figure
    (quote,) = extract(Document(new.encode())).quotes
    assert quote.sighting.text == "A *b* _c_ `d` [e](f) {{ g }}"


def test_scripts_go_where_nothing_needs_them_any_more() -> None:
    timeline = '<a class="twitter-timeline" href="https://twitter.com/ann_ex">Tweets</a>'
    footer = f"<p>Foot.</p>{SCRIPT}"
    assert heal(page(tweet(1) + footer)).scripts == 1
    assert heal(page(tweet(1) + footer + timeline)).scripts == 0, "a timeline needs it"
    assert heal(page(tweet(1) + tweet(2, None) + footer)).scripts == 0, "an embed is left"
    ahead = '<link rel="preload" as="script" href="https://platform.twitter.com/widgets.js" />'
    assert heal(page(tweet(1) + footer).replace("</head>", f"{ahead}</head>")).scripts == 2
    assert heal(f"{tweet(1)}\n<p>{SCRIPT}</p>", Rules(kind="markdown")).scripts == 1
    other = '<script src="https://news.example/embed.js"></script>'
    assert heal(page(tweet(1) + other)).scripts == 0
    sample = f"{tweet(1)}\n\n```\n{SCRIPT}\n```\n"
    assert SCRIPT in heal(sample, Rules(kind="markdown")).body.decode()


def test_every_platform_of_the_scripts_is_known() -> None:
    assert {entry["platform"] for entry in widgets._table()} <= {platform.name for platform in PLATFORMS}


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</p></blockquote></figure><script>alert(1)</script>",
    "javascript:alert(1)",
    "]]><script>alert(1)</script>",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_words(text: str) -> None:
    body = page(tweet(1, escape(text), escape(text)) + tweet(2, f'x <a href="{escape(text)}">#y</a>'))
    new = heal(body, Rules(known=lambda _: Known(copy=(text, text), state="deleted"))).body.decode()
    figures = new[new.index("<figure") : new.rindex("</figure>")]
    assert not re.search(r"<script|<img|(?:href|cite|src)=\"?\s*javascript:", figures)
    assert extract(Document(new.encode())).quotes[0].sighting.text == text


def test_an_unknown_platform_in_a_static_quote_is_noted() -> None:
    new = heal(page(tweet(1))).body.replace(b'data-platform="twitter"', b'data-platform="orkut"')
    found = extract(Document(new))
    assert [note.code for note in found.notes] == ["embed-unknown"]
    assert not any(quote.sighting.text for quote in found.quotes)


def test_an_export_is_healed_article_by_article() -> None:
    block = (
        '<!-- wp:embed {"url":"https://twitter.com/ann_ex/status/1477067045991350273"} -->\n'
        '<figure class="wp-block-embed"><div class="wp-block-embed__wrapper">\n'
        "https://twitter.com/ann_ex/status/1477067045991350273\n</div></figure>\n<!-- /wp:embed -->"
    )
    body = _export(f"Bye. {tweet(1)}{SCRIPT}", block, "&lt;blockquote>").encode()
    assert is_export(body) and not is_export(b"<html><content:encoded>")
    result = heal_export(Document(body), Rules(known=lambda _: Known(text="Kept."), style=False))
    assert len(result.keys) == 2 and stays(body, result) and result.scripts == 1
    text = result.body.decode()
    assert text.count("<!-- wp:html --><figure") == text.count("</figure><!-- /wp:html -->") == 1
    assert "wp:embed" not in text and text.count("]]></content:encoded>") == 2
    assert [(one.reason, one.place) for one in result.left] == [("escaped-article", "https://log.example/3")]
    assert heal_export(Document(result.body), Rules(style=False)).body == result.body


def _export(first: str, second: str, third: str) -> str:
    contents = (f"<![CDATA[{first}]]>", f"<![CDATA[{second}]]>", third)
    items = "".join(
        f"<item><link>https://log.example/{at}</link><content:encoded>{one}</content:encoded></item>\n"
        for at, one in enumerate(contents, 1)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>{items}</channel></rss>'


def test_healed_pages_are_no_witnesses(tmp_path: Path) -> None:
    """Many healed copies of a forgery weigh nothing; and what an article showed before stays."""
    url = "https://a.example/{}"
    files: dict[str, str | bytes] = {"a.html": page(tweet(1, "True words of hers."), url.format(1))}
    for at in range(2, 5):
        files[f"{at}.html"] = heal(page(tweet(1, "Forged words of hers."), f"https://{at}.example/")).body
    db = tmp_path / "a.db"
    add(db, sources(tmp_path / "in", files))
    files["a.html"] = heal(files["a.html"]).body
    add(db, sources(tmp_path / "again", {"a.html": files["a.html"]}))
    with closing(sqlite3.connect(db)) as connection:
        row = connection.execute("SELECT text, text_sites, author_sites, quote_count FROM posts").fetchone()
        quotes = connection.execute(
            "SELECT count(*) FROM quotes JOIN articles ON articles.id = article WHERE url = ?",
            (url.format(1),),
        ).fetchone()
    assert row == ("True words of hers.", 1, 1, 4)
    assert quotes == (2,), "what the article showed, and beside it what was made of it"
    assert CliRunner().invoke(main, ["verify", str(db)]).exit_code == 0


def test_in_place_with_a_backup(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    old = page(tweet(1)).encode()
    path.write_bytes(old)
    path.chmod(0o640)
    done = run(str(tmp_path), "--in-place", "--json")
    assert done.exit_code == 0 and json.loads(done.stdout)["healed"] == ["twitter:1477067045991350273"]
    assert path.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / f"a.html{BACKUP}").read_bytes() == old
    new = path.read_bytes()
    assert new.count(b"<figure") == new.count(b"<style") == 1
    assert run(str(tmp_path), "--in-place").exit_code == 0
    assert path.read_bytes() == new and len(list(tmp_path.iterdir())) == 2
    path.write_bytes(new.replace(b"After.", tweet(2).encode()))
    assert run(str(path), "--in-place").exit_code == 0
    assert path.read_bytes().count(b"<figure") == 2 and path.read_bytes().count(b"<style") == 1
    assert (tmp_path / f"a.html{BACKUP}").read_bytes() == old
    assert (tmp_path / f"a.html{BACKUP}1").exists(), "a backup is never overwritten"


def test_a_file_that_changed_meanwhile_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from archiver import rewriting

    path = tmp_path / "a.html"
    path.write_text(page(tweet(1)))
    real = rewriting.healed

    def late(*given: Any) -> Any:
        path.write_text("edited meanwhile")
        return real(*given)

    monkeypatch.setattr(rewriting, "healed", late)
    done = run(str(path), "--in-place")
    assert done.exit_code == 1 and "changed while it was healed" in done.stderr
    assert path.read_text() == "edited meanwhile" and list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not shutil.which("patch"), reason="no patch here")
@pytest.mark.parametrize("end", ["\n", ""])
def test_the_difference_can_be_applied(tmp_path: Path, end: str) -> None:
    path = tmp_path / "a.html"
    path.write_text(page(f"\n{tweet(1)}\n") + end)
    printed = run(str(path)).stdout_bytes
    diff = run(str(path), "--diff").stdout_bytes
    subprocess.run(["patch", "-p0", str(path)], input=diff, cwd=tmp_path, check=True, capture_output=True)
    assert path.read_bytes() == printed


def test_check_says_whether_there_is_something_to_heal(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(page(tweet(1)))
    assert run(str(path), "--check").exit_code == 1
    path.write_bytes(run(str(path)).stdout_bytes)
    assert run(str(path), "--check").exit_code == 0
    path.write_text(page(tweet(1, None)))
    done = run(str(path), "--check")
    assert done.exit_code == 0 and "no-words" in done.stderr


def test_standard_input_and_what_is_refused(tmp_path: Path) -> None:
    body = page(tweet(1)).encode()
    done = run("-", stdin=body)
    assert done.exit_code == 0 and b"<figure" in done.stdout_bytes
    assert run("-", "--no-style", stdin=body).stdout_bytes.count(b"<style") == 0
    assert run("-", "--only", "mastodon", stdin=body).stdout_bytes == body
    assert run("--css").stdout.startswith(".quoted-post {")
    for words in (
        [],
        ["-", "--in-place"],
        ["a", "b"],
        [str(tmp_path)],
        ["a", "--diff", "--check"],
        ["a", "--json"],
        ["a", "--only", "orkut"],
    ):
        assert run(*words).exit_code == 2, words
    done = run("https://news.example/a")
    assert done.exit_code == 1 and "save the page" in done.stderr
    assert run(str(tmp_path / "none.html")).exit_code == 1


def test_the_archive_tells_what_became_of_a_post(tmp_path: Path) -> None:
    db = tmp_path / "a.db"
    add(db, sources(tmp_path / "in", {"a.html": page(tweet(1, "Full words."), "https://a.example/")}))
    key = "twitter:1477067045991350273"
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("UPDATE posts SET state = 'deleted', checked_at = '2026-02-03T04:05:06Z'")
        connection.execute(
            "INSERT INTO copies (post, archive, url, archived_at, found_at) VALUES (?, ?, ?, ?, ?)",
            (key, "wayback", "https://web.example/c", "2022-01-02T00:00:00Z", "2026-02-03T04:05:06Z"),
        )
    new = run("-", "--db", str(db), stdin=page(tweet(1, None)).encode()).stdout
    assert (
        "Full words." in new and "The post was deleted (2026-02-03)" in new and "https://web.example/c" in new
    )


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: make browser"
    )
    path = shutil.which("chromium")
    if not path:
        pytest.skip("no chromium: apt-get install chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def test_a_healed_page_loads_nothing(chromium: Any, tmp_path: Path) -> None:
    """What the golden articles' embeds ask of others, and what their static quotes do: nothing."""
    asked: list[str] = []
    opened = chromium.new_page()
    opened.route("**/*", lambda route: (asked.append(route.request.url), route.abort()))
    before = page(tweet(1) + SCRIPT)
    opened.set_content(before)
    assert asked == ["https://platform.twitter.com/widgets.js"], "or the test sees nothing"
    asked.clear()
    for path in golden():
        result = _once(path.name, path.read_bytes())
        figures = re.findall(
            r"<figure class=\"quoted-post\".*?</figure>", result.body.decode("utf-8", "replace")
        )
        opened.set_content("<!doctype html>" + "".join(figures))
    opened.set_content(heal(before, Rules()).body.decode())
    assert asked == []
    opened.close()


@pytest.mark.skipif(not PAGES, reason="the corpus is not beside the project")
def test_real_pages_healed_load_no_embed_code(chromium: Any) -> None:
    """With scripts running: where every embed is static, and no button needs the script of a platform."""
    table = widgets._table()
    pieces = [piece for entry in table for piece in entry["addresses"] if "{" not in piece]
    code = re.compile("|".join(re.escape(piece).replace(r"\*", ".*") for piece in pieces))
    others = [word.encode() for entry in table for word in entry["serves"]]
    counted = 0
    for path in PAGES[::3]:
        body = path.read_bytes()
        result = _once(path.name, body)
        if not result.keys or result.left or path.suffix != ".html" or any(word in body for word in others):
            continue
        counted += 1
        asked = _asked(chromium, result.body, extract(Document(body)).charset or "utf-8")
        assert [url for url in asked if code.search(url)] == [], path.name
    assert counted > 5


def _asked(chromium: Any, body: bytes, charset: str) -> list[str]:
    """What a page asks of others until its markup is read; nobody answers."""
    asked: list[str] = []
    here = "https://article.example/"

    def answer(route: Any) -> None:
        if route.request.url == here:
            route.fulfill(body=body, content_type=f"text/html; charset={charset}")
        else:
            asked.append(route.request.url)
            route.abort()

    opened = chromium.new_page()
    opened.route("**/*", answer)
    opened.goto(here, wait_until="domcontentloaded")
    opened.close()
    return asked


def test_of_a_post_that_is_gone_without_words_its_fate_is_told() -> None:
    body = page(tweet(1, None) + SCRIPT)
    result = heal(body, Rules(known=lambda _: GONE, style=False))
    assert result.left == () and result.scripts == 1 and b"<blockquote" not in result.body
    assert b"The post was deleted (2026-01-02)" in result.body and b"archived copy</a>" in result.body
    (quote,) = extract(Document(result.body)).quotes
    assert (quote.sighting.text, quote.text_state, quote.native_id) == (None, "missing", FIRST)


def test_the_reasons_are_explained() -> None:
    """Every code of an embed that is left stands in the table, and the reverse."""
    sources_of = [Path(module.__file__ or "").read_text("utf-8") for module in (healing, wxr)]
    said_there = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', "".join(sources_of))) - {
        "surrogateescape",
        "utf-8",
        "utf-16",
    }
    told = set(json.loads((ROOT / "data/codes.json").read_text("utf-8"))["left"])
    assert {word for word in said_there if not word.startswith("utf-")} == told


MARKS = (
    "data-platform",
    "data-id",
    "data-state",
    "data-doubts",
    "data-confidence",
    "data-counts",
    "href",
    "data-url",
    "data-basis",
    "data-written",
    "datetime",
    "class",
    "data-kind",
    "data-text",
)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(MARKS),
            st.text(max_size=12)
            | st.sampled_from(
                [
                    "twitter",
                    "instagram",
                    "-1",
                    "9" * 30,
                    "other-text redacted",
                    "nan",
                    "a=1 b=x c=٣",
                    "javascript:x",
                    "deleted",
                ]
            ),
        ),
        max_size=6,
    ),
    st.sampled_from([platform.name for platform in PLATFORMS]),
)
def test_a_static_quote_is_markup_of_a_stranger(marks: list[tuple[str, str]], platform: str) -> None:
    """Whoever writes a page can write a static quote; it may claim nothing that other markup could not."""
    new = heal(page(tweet(1))).body.decode().replace('data-platform="twitter"', f'data-platform="{platform}"')
    for key, value in marks:
        new = re.sub(rf'(?<= ){key}="[^"]*"', lambda _, k=key, v=value: f'{k}="{escape(v)}"', new)
        new = new.replace("<figure ", f'<figure {key}="{escape(value)}" ', 1)
    for quote in extract(Document(new.encode("utf-8", "replace"))).quotes:
        assert 0 <= quote.confidence <= 1
        assert not set(quote.flags) & {"other-text", "other-id", "redacted"}
