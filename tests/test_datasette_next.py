"""The same walk on the newest pre-release of Datasette, in an environment of its own (``make next``)."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.modules import ROOT

PYTHON = Path(os.environ.get("DATASETTE_NEXT", ROOT / ".venv-next/bin/python"))


@pytest.mark.skipif(not PYTHON.exists(), reason="no environment with the next Datasette: make next")
def test_the_next_datasette_shows_the_same() -> None:
    done = subprocess.run(
        [PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_datasette.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout or "100%" in done.stdout
