"""A small archive that shows every page at its best and its worst, and pictures of it.

``python -m tests.exhibit FILE.db`` makes it; ``python -m tests.exhibit --pictures docs/pictures`` serves
it and takes the pictures of the documents with Debian's chromium. All posts are invented.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path

from archiver import ids
from tests.archives import LATER, READ_AT, add, page, sources, tweet
from tests.modules import ROOT

ARABIC = "لا ضوء الليلة في المنارة.<br>ابقوا غرب العوامة من فضلكم! #CorbelPoint"
JAPANESE = "今夜は灯台の光が消えています。<br>岬の西側を通ってください。"
LONG = "The council met for nine hours. " * 12
HOSTILE = "&lt;script&gt;alert(1)&lt;/script&gt; &lt;img src=x onerror=alert(1)&gt; is what she typed."


def _post(number: int, *said: str | None, printed: str | None = None) -> str:
    """An embed that prints its own day, unless another is given."""
    on = datetime.fromtimestamp(1_640_995_200 + number, timezone.utc)
    return tweet(number, *said).replace("January 1, 2022", printed or f"{on:%B} {on.day}, {on.year}")  # type: ignore[arg-type]


def _town(number: int, body: str, title: str) -> str:
    site = ("gazette.example", "harbour-times.example", "coast.example")[number % 3]
    head = page(
        f"<p>The town waited for word from the point.</p>{body}<p>By midnight the quay was full.</p>",
        f"https://{site}/{number}",
        title,
    )
    return head.replace(
        "</head>",
        f'<meta property="article:published_time" content="2022-0{1 + number % 9}-1{number % 9}"></head>',
    )


def make(path: Path) -> None:
    """Writes the archive."""
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        mara = ("Mara Quillon", "maraquillon_ex")
        files = {
            "1.html": _town(
                1,
                _post(86_400, "Never did we say the lamp would burn for ever.", *mara)
                + _post(90_000, ARABIC, "منى القليعي", "mona_ex"),
                "Corbel Point goes dark",
            ),
            "2.html": _town(
                2,
                _post(
                    86_400,
                    "Gladly did we say the lamp would burn for ever!",
                    *mara,
                    printed="January 5, 2022",
                ),
                "The keeper speaks",
            ),
            "3.html": _town(
                3,
                _post(
                    86_400,
                    "Never did we say the lamp would burn for ever.",
                    "Mara Q. (keeper)",
                    "maraquillon_ex",
                ),
                "A keeper and her lamp",
            ),
            "4.html": _town(
                4,
                _post(2_600_000, JAPANESE, "望月", "mochi_ex")
                + _post(2_700_000, LONG, "Port Council", "portcouncil_ex"),
                "What the council said",
            ),
            "5.html": _town(
                5,
                _post(5_000_000, HOSTILE, "<b>Eve</b>", "eve_ex")
                + _post(5_100_000, None, "Port Council", "portcouncil_ex"),
                "Strange words on the quay",
            ),
            "6.html": _town(
                6, _post(9_000_000, "The lamp burns. https://lamp.example/now #light", *mara), "Light at last"
            ),
        }
        add(path, [*sources(where / "in", files), str(ROOT / "data/samples")], READ_AT)
        files["6.html"] = _town(
            6,
            "<p>This paragraph was removed.</p>" + _post(9_500_000, "Two lamps now.", *mara),
            "Light at last",
        )
        add(path, sources(where / "in", {"6.html": files["6.html"]}), LATER)
    with closing(sqlite3.connect(path)) as conn, conn:
        _what_later_commands_write(conn)


def _what_later_commands_write(conn: sqlite3.Connection) -> None:
    """Checks, copies, and the flags of disagreeing quotes."""
    posts = [row[0] for row in conn.execute("SELECT id FROM posts WHERE native_id IS NOT NULL ORDER BY id")]
    states = ("deleted", "live", "suspended", "live", "unknown", "deleted")
    for at, key in enumerate(posts[:8]):
        state = states[at % len(states)]
        for day, then in (("2026-01-15", "live"), ("2026-01-31", state)):
            conn.execute(
                "INSERT OR IGNORE INTO checks (post, checked_at, method, state, http_status, because)"
                " VALUES (?, ?, 'page', ?, ?, ?)",
                (
                    key,
                    f"{day}T09:00:00Z",
                    then,
                    404 if then == "deleted" else 200,
                    "the address answers with 404" if then == "deleted" else None,
                ),
            )
        conn.execute(
            "UPDATE posts SET state = ?, checked_at = '2026-01-31T09:00:00Z' WHERE id = ?", (state, key)
        )
        if state == "deleted":
            conn.execute(
                "INSERT OR IGNORE INTO copies (post, archive, url, archived_at, found_at)"
                " VALUES (?, 'Web archive', ?, '2022-01-04T11:20:00Z', ?)",
                (key, f"https://archive.example/2022/{at}", READ_AT),
            )
    for quote, post, code, detail in conn.execute(
        "SELECT quotes.id, posts.id, 'other-text', '“Gladly” instead of “Never”' FROM quotes"
        " JOIN posts ON posts.id = quotes.post"
        " WHERE quotes.text <> posts.text"
    ).fetchall():
        conn.execute(
            "INSERT OR IGNORE INTO flags VALUES (?, ?, ?, ?, ?)",
            (ids.digest("flag", quote, code), quote, post, code, detail),
        )
    conn.execute("INSERT OR IGNORE INTO aliases SELECT 'old:1', id FROM posts ORDER BY id LIMIT 1")


def shoot(address: str, out: Path, width: int = 1200, height: int = 1000, dark: bool = False) -> None:
    """A picture of a page."""
    chromium = shutil.which("chromium") or "chromium"
    with tempfile.TemporaryDirectory() as profile:
        words = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"]
        words += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
        words += [f"--user-data-dir={profile}", f"--window-size={width},{height}", f"--screenshot={out}"]
        words += (
            ["--blink-settings=preferredColorScheme=0"]
            if dark
            else ["--blink-settings=preferredColorScheme=1"]
        )
        subprocess.run([chromium, *words, address], check=True, capture_output=True, timeout=120)


PICTURES = {
    "home": ("/", 1200, 1250, False),
    "post": ("/exhibit/posts/POST", 1200, 1500, False),
    "search": ("/exhibit/-/search?q=lamp", 1200, 900, False),
    "questions": ("/exhibit/-/questions", 1200, 900, False),
    "post-dark-phone": ("/exhibit/posts/POST", 500, 1000, True),
}


def pictures(folder: Path) -> None:
    """The pictures of the documents."""
    from tests.large import serve

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as where:
        path = Path(where) / "exhibit.db"
        make(path)
        with closing(sqlite3.connect(path)) as conn:
            (key,) = conn.execute("SELECT id FROM posts ORDER BY quote_count DESC, id LIMIT 1").fetchone()
        server, root, _ = serve(str(path), sys.executable)
        try:
            for name, (address, width, height, dark) in PICTURES.items():
                shoot(
                    root + address.replace("POST", key.replace(":", "~3A")),
                    folder / f"{name}.png",
                    width,
                    height,
                    dark,
                )
        finally:
            server.terminate()
            server.wait()


def main() -> None:
    reader = argparse.ArgumentParser(prog="python -m tests.exhibit", description=__doc__)
    reader.add_argument("db", nargs="?", type=Path)
    reader.add_argument("--pictures", type=Path)
    given = reader.parse_args()
    if given.db:
        make(given.db)
    if given.pictures:
        pictures(given.pictures)


if __name__ == "__main__":
    main()
