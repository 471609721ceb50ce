"""How fast every page of a large archive is.

``python -m tests.large make big.db --posts 1000000`` writes one of invented posts; ``python -m tests.large
time big.db`` asks every page of it, cold and warm, and prints the table. Nothing here is timed by a test.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

from tests.modules import ROOT
from tests.world import make

WARM, COLD = 300, 1000
"""Milliseconds that a page may take."""


def pages(path: str) -> dict[str, str]:
    """Every page and question by a name, with parameters out of the archive: the heaviest ones."""
    conn = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    root = "/" + Path(path).stem
    author, handle = conn.execute(
        "SELECT author, author_handle FROM posts GROUP BY author ORDER BY count(*) DESC LIMIT 1"
    ).fetchone()
    (site,) = conn.execute(
        "SELECT site FROM articles GROUP BY site ORDER BY count(*) DESC LIMIT 1"
    ).fetchone()
    (post,) = conn.execute("SELECT id FROM posts ORDER BY quote_count DESC LIMIT 1").fetchone()
    (article,) = conn.execute("SELECT article FROM quotes LIMIT 1").fetchone()
    (rare,) = conn.execute("SELECT platform FROM posts GROUP BY 1 ORDER BY count(*) LIMIT 1").fetchone()
    conn.close()
    search = f"{root}/-/search"
    tilde = {key: quote(key).replace("%", "~").replace("_", "_") for key in (author, post, article)}
    found = {
        "home": "/",
        "post, the most quoted": f"{root}/posts/{tilde[post]}",
        "article": f"{root}/articles/{tilde[article]}",
        "author, the most posts": f"{root}/authors/{tilde[author]}",
        "search: nothing": search,
        "search: a word in every post": f"{search}?q=the",
        "search: two common words": f"{search}?q=the+of",
        "search: a rare word": f"{search}?q={quote(handle)}",
        "search: a beginning": f"{search}?q=ba*",
        "search: common word, rare platform": f"{search}?q=the&platform={rare}",
        "search: common word, site": f"{search}?q=the&site={site}",
        "search: common word, year": f"{search}?q=the&since=2015&until=2015",
        "search: platform": f"{search}?platform=twitter",
        "search: gone": f"{search}?state=gone",
        "search: month": f"{search}?since=2015-03&until=2015-03",
        "search: site": f"{search}?site={site}",
        "search: author": f"{search}?author={handle}",
        "search: page 50": f"{search}?q=the&start=1000",
        "search: by date": f"{search}?q=the&sort=latest",
        "search: by quotes": f"{search}?q=the&sort=quoted",
        "search: rare word by date": f"{search}?q={quote(handle)}&sort=latest",
        "search: rare platform by quotes": f"{search}?platform={rare}&sort=quoted",
        "search: site by quotes": f"{search}?site={site}&sort=quoted",
        "feed of a search": f"{search}.atom?q=the",
        "tables": f"{root}/-/tables",
        "questions": f"{root}/-/questions",
    }
    values = {
        "who-quotes": f"?handle={handle}",
        "suspects": f"?handles={handle},nobody",
        "site-sources": f"?site={site}",
        "on-a-day": "?day=2015-03-04",
    }
    told = json.loads((ROOT / "data/datasette/questions.json").read_text("utf-8"))
    for one in told["questions"]:
        found[f"question: {one['name']}"] = f"{root}/-/questions/{one['name']}{values.get(one['name'], '')}"
    tables = json.loads((ROOT / "data/columns.json").read_text("utf-8"))["tables"]
    for table in tables:
        if not table.startswith("posts_"):
            found[f"table: {table}"] = f"{root}/{table}"
    known = {"author": quote(author), "site": site, "handle": handle, "post": quote(post), "rare": rare}
    for table, given in TABLES:
        asked = given.format(**known)
        found[f"table: {table}?{asked[:60]}"] = f"{root}/{table}?{asked}"
    return found


TABLES = (
    ("posts", "platform=twitter"),
    ("posts", "platform={rare}"),
    ("posts", "state=deleted"),
    ("posts", "author={author}"),
    ("posts", "author={author}&_sort_desc=posted_earliest"),
    ("posts", "_sort_desc=quote_count"),
    ("posts", "_sort_desc=posted_on"),
    ("posts", "_sort=posted_earliest"),
    ("posts", "posted_on__isnull=1"),
    ("posts", "posted_on__gte=2024-06-01"),
    ("posts", "posted_on=2015-03-04"),
    ("posts", "_search=the"),
    ("posts", "_search={handle}"),
    ("articles", "site={site}"),
    ("articles", "_facet=site"),
    ("authors", "_sort_desc=quote_count"),
    ("authors", "handle={handle}"),
    ("quotes", "post={post}"),
    ("quotes", "form=text"),
    ("quotes", "author_handle={handle}"),
    ("flags", "code=other-text"),
    ("captures", "outcome=partial"),
    ("quoted_posts", "site={site}"),
    ("quoted_posts", "site=nowhere.example"),
    ("quoted_posts", "author_handle={handle}"),
    ("quoted_posts", "author_handle=nobody"),
    ("quoted_posts", "platform={rare}"),
    ("quoted_posts", "state=deleted"),
    ("quoted_posts", "posted_on=2015-03-04"),
    ("conflicting_quotes", "code=other-day"),
    ("lost_posts", "platform={rare}"),
    ("most_quoted", "platform={rare}"),
)
"""Tables as a researcher narrows them."""


def serve(path: str, python: str) -> tuple[subprocess.Popen[bytes], str, float]:
    """A server of its own; its address, and how long it took to answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = f"from archiver.datasette.serving import serve; serve([{path!r}], '127.0.0.1', {port}, False)"
    start = time.monotonic()
    server = subprocess.Popen([python, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    root = f"http://127.0.0.1:{port}"
    for _ in range(1200):
        try:
            urllib.request.urlopen(root + "/-/versions.json").read()
            return server, root, time.monotonic() - start
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server does not answer")


def timed(address: str) -> tuple[float, int]:
    start = time.monotonic()
    try:
        with urllib.request.urlopen(address) as answer:
            answer.read()
            status = answer.status
    except urllib.error.HTTPError as error:
        status = error.code
    return (time.monotonic() - start) * 1000, status


def measure(path: str, python: str, cold: bool, only: str) -> bool:
    """Prints the table, and whether all pages keep their limits. Cold: a server just started, the file taken
    out of the system's cache; warm: the second fastest of four more."""
    asked = {name: address for name, address in pages(path).items() if only in name}
    print(f"{Path(path).stat().st_size / 1e9:.2f} GB, load {os.getloadavg()[0]:.1f}\n")
    first = {name: alone(path, python, address) for name, address in asked.items()} if cold else {}
    server, root, start = serve(path, python)
    print("| page | cold ms | warm ms | status |\n| --- | ---: | ---: | --- |")
    late = []
    try:
        for name, address in asked.items():
            begun, status = timed(root + address)
            warm = sorted(timed(root + address)[0] for _ in range(4))[1]
            begun = first.get(name, begun)
            print(f"| {name} | {begun:.0f} | {warm:.0f} | {status} |", flush=True)
            if begun > COLD or warm > WARM or status != 200:
                late.append(name)
    finally:
        server.terminate()
        server.wait()
    print(
        f"\nThe server took {start:.1f} s to start. {len(asked) - len(late)} of {len(asked)} pages keep"
        f" {WARM} ms warm and {COLD} ms cold."
    )
    print("".join(f"Late: {name}\n" for name in late), end="")
    return not late


def alone(path: str, python: str, address: str) -> float:
    """How long a page takes that is the first one of a server, with nothing of the file in memory."""
    server, root, _ = serve(path, python)
    try:
        forget(path)
        return timed(root + address)[0]
    finally:
        server.terminate()
        server.wait()


def forget(path: str) -> None:
    """Takes a file out of the system's cache."""
    handle = os.open(path, os.O_RDONLY)
    os.fsync(handle)
    os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(handle)


def main() -> None:
    reader = argparse.ArgumentParser(prog="python -m tests.large", description=__doc__)
    what = reader.add_subparsers(dest="what", required=True)
    making = what.add_parser("make")
    making.add_argument("db")
    making.add_argument("--posts", type=int, default=1_000_000)
    timing = what.add_parser("time")
    timing.add_argument("db")
    timing.add_argument(
        "--python", default=sys.executable, help="with archiver and the Datasette to be timed"
    )
    timing.add_argument(
        "--cold", action="store_true", help="ask each page of a new server first, the file out of the cache"
    )
    timing.add_argument("--only", default="", help="pages with this in their name")
    given = reader.parse_args()
    if given.what == "make":
        make(given.db, given.posts)
    else:
        sys.exit(not measure(given.db, given.python, given.cold, given.only))


if __name__ == "__main__":
    main()
