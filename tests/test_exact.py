"""A web archive gives exactly the quotes that its pages give one by one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from archiver import prefilter
from tests import exact
from tests.archives import page, tweet, warc


@pytest.mark.parametrize("jobs", [1, 2])
def test_real_pages_in_a_web_archive(shared: Path, tmp_path: Path, jobs: int) -> None:
    path = tmp_path / "a.warc.gz"
    command = [sys.executable, str(shared / "bench/make_warc.py"), str(path), "--records", "400"]
    mix = ["--share", "0.2", "--traps", "0.2", "--seed", "5"]
    subprocess.run([*command, *mix], check=True, capture_output=True)
    found = exact.compared(path, jobs)
    assert found.pages == 400 and found.quotes > 100
    assert found.wrong == ()


def test_a_difference_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.warc.gz"
    pages = {"https://news.example/1": page(tweet(1)), "https://news.example/2": page(tweet(2))}
    path.write_bytes(warc(pages))
    assert exact.compared(path) == exact.Compared(2, 2, ())
    monkeypatch.setattr(prefilter, "sieve", lambda *_: lambda body: body != pages[f"{URL}2"].encode())
    [(url, alone, together)] = exact.compared(path).wrong
    assert (url, len(alone), together) == (f"{URL}2", 1, [])


URL = "https://news.example/"
