"""``archiver serve``: Datasette on archives, with the settings that large ones need."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing

from datasette.cli import cli as datasette_commands

from archiver.database import open_reader

__all__ = ["arguments", "serve"]

_SETTINGS = {
    "suggest_facets": "off",
    "facet_time_limit_ms": "1000",
    "sql_time_limit_ms": "5000",
    "default_page_size": "50",
    "cache_size_kb": "64000",
    "num_sql_threads": "4",
}
"""Suggesting facets reads every column of a table: seconds at a million posts. Time limits are for SQL of
one's own; our pages keep to shorter ones."""


def serve(paths: Sequence[str], host: str, port: int, opens: bool) -> None:
    """Serves archives until it is interrupted. ArchiverError where one is none; nothing is written."""
    for path in paths:
        with closing(open_reader(path).conn):
            pass
    datasette_commands.main(arguments(paths, host, port, opens), prog_name="datasette")


def arguments(paths: Sequence[str], host: str, port: int, opens: bool) -> list[str]:
    """What Datasette is called with. An archive that lies where nothing may be written beside it is
    opened as one that does not change."""
    found = ["serve"]
    for path in paths:
        found += [path] if os.access(os.path.dirname(os.path.abspath(path)), os.W_OK) else ["-i", path]
    found += ["--host", host, "--port", str(port)]
    for name, value in _SETTINGS.items():
        found += ["--setting", name, value]
    return [*found, *(["--open"] if opens else [])]
