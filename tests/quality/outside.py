"""The figures of the corpora beside the project, by their own scorers. Nothing of them is copied."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.quality import HERE, Figures, digest, percent

SHARED = HERE.parent.parent.parent / "shared"
CORPORA = {"html": "html", "text": "text", "negatives": "text/negatives"}
_FALSE_PAGES = re.compile(r"^negative pages with a false embed: (\d+) of \d+", re.MULTILINE)
_FALSE = re.compile(r"^FALSE ", re.MULTILINE)
_FIELDS = {"handle": "author_handle", "name": "author_name", "text": "text", "date": "date", "id": "id"}
_LONGEST_SECONDS = 600


def is_there(corpus: str) -> bool:
    """Whether a corpus lies beside the project."""
    return (SHARED / "corpus" / CORPORA[corpus]).is_dir() and (SHARED / "eval" / "run.py").is_file()


def outside_digest(corpus: str) -> str:
    """The digest of a corpus: its files and its labels."""
    root = SHARED / "corpus" / CORPORA[corpus]
    return digest((path for path in root.rglob("*") if path.is_file()), root)


def measured(corpus: str, show: int = 0) -> tuple[Figures, str]:
    """The figures of a corpus, and what its scorer printed (with ``show`` mistakes)."""
    with tempfile.TemporaryDirectory() as folder:
        scores = Path(folder) / "scores.json"
        extra = [] if corpus == "negatives" else ["--", "--json", str(scores), "--show", str(show)]
        printed = _run([corpus, "--out", str(Path(folder) / "found.jsonl"), *extra])
        found = json.loads(scores.read_text("utf-8")) if scores.exists() else {}
    if corpus == "negatives":
        return {"all": {"false": float(len(_FALSE.findall(printed)))}}, printed
    return (_of_text(found) if corpus == "text" else _of_html(found, printed)), printed


def _run(words: list[str]) -> str:
    command = [sys.executable, "-m", "tests.quality.command"]
    run = [sys.executable, str(SHARED / "eval" / "run.py"), *words[:1], "--command", shlex.join(command)]
    done = subprocess.run(
        [*run, *words[1:]],
        capture_output=True,
        text=True,
        timeout=_LONGEST_SECONDS,
        cwd=HERE.parent.parent,
        check=False,
    )
    if done.returncode or "exit " in done.stderr:
        raise RuntimeError(f"the scorer failed: {done.stderr.strip() or done.stdout[-500:]}")
    return done.stdout


def _of_html(scores: dict[str, Any], printed: str) -> Figures:
    """By platform/form; ``*`` for all forms of a platform, ``ALL/*`` for everything."""
    found: Figures = {}
    for group, row in scores.items():
        if group in ("occurrences", "links"):
            continue
        named = {
            "recall": percent(row.get("tp", 0), row.get("gold", 0)),
            "precision": percent(row.get("ptp", 0), row.get("pred", 0)),
        }
        for name, key in _FIELDS.items():
            if row.get(f"{key}_n"):
                named[name] = percent(row.get(f"{key}_ok", 0), row[f"{key}_n"])
        if row.get("text_n"):
            named["lines"] = percent(row.get("nl_ok", 0), row["text_n"])
        found[group] = named
    pages = _FALSE_PAGES.search(printed)
    found["negative pages"] = {"false": float(pages[1])} if pages else {}
    found["links"] = {"recall": percent(scores["links"]["found"], scores["links"]["gold"])}
    return found


def _of_text(scores: dict[str, Any]) -> Figures:
    """By extractor."""
    return {
        group: {
            **{name: percent(row.get(name, 0), row["n"]) for name in ("found", "exact", "name", "date")},
            "sure": percent(row.get("sure_exact", 0), row.get("sure", 0)),
            "false": float(row.get("false", 0)),
        }
        for group, row in scores.items()
        if row.get("n")
    }
