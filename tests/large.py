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

from tests.world import make


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
        "feed of a search": f"{search}.atom?q=the",
        "tables": f"{root}/-/tables",
        "questions": f"{root}/-/questions",
    }
    given = {
        "who-quotes": f"?handle={handle}",
        "suspects": f"?handles={handle},nobody",
        "site-sources": f"?site={site}",
        "on-a-day": "?day=2015-03-04",
    }
    told = json.loads((Path(__file__).parent.parent / "data/datasette/questions.json").read_text("utf-8"))
    for one in told["questions"]:
        found[f"question: {one['name']}"] = f"{root}/-/questions/{one['name']}{given.get(one['name'], '')}"
    for table in (
        "posts",
        "quotes",
        "authors",
        "articles",
        "captures",
        "flags",
        "quoted_posts",
        "most_quoted",
        "lost_posts",
        "conflicting_quotes",
    ):
        found[f"table: {table}"] = f"{root}/{table}"
    found["table: posts of a platform"] = f"{root}/posts?platform=twitter"
    found["table: posts of an author"] = f"{root}/posts?author={quote(author)}"
    found["table: posts, search"] = f"{root}/posts?_search=the"
    found["table: quoted_posts of a site"] = f"{root}/quoted_posts?site={site}"
    return found


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


def measure(path: str, python: str, cold: bool) -> None:
    """Prints the table: each page asked first (cold: after the file was taken out of the system's cache),
    then four times more (warm: the second fastest)."""
    asked = pages(path)
    print(f"{Path(path).stat().st_size / 1e9:.2f} GB, load {os.getloadavg()[0]:.1f}\n")
    server, root, start = serve(path, python)
    print(f"| page | {'cold' if cold else 'first'} ms | warm ms | status |\n| --- | ---: | ---: | --- |")
    try:
        for name, address in asked.items():
            if cold:
                forget(path)
            first, status = timed(root + address)
            warm = sorted(timed(root + address)[0] for _ in range(4))[1]
            print(f"| {name} | {first:.0f} | {warm:.0f} | {status} |", flush=True)
    finally:
        server.terminate()
        server.wait()
    print(f"\nThe server took {start:.1f} s to start.")


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
        "--cold", action="store_true", help="take the file out of the system's cache before each page"
    )
    given = reader.parse_args()
    if given.what == "make":
        make(given.db, given.posts)
    else:
        measure(given.db, given.python, given.cold)


if __name__ == "__main__":
    main()
