"""Tables and columns in plain words, out of data/columns.json; which columns people want first."""

from __future__ import annotations

from functools import cache
from typing import Any

from archiver import resources

__all__ = ["columns_of", "described", "hidden", "metadata", "ordered"]

_PEOPLE = (
    *("post", "author_name", "author_handle", "text", "posted_on", "posted_at", "state", "title"),
    *(
        "article_title",
        "site",
        "published_on",
        "byline",
        "quote_count",
        "author",
        "platform",
        "difference",
        "code",
    ),
    *("detail", "text_written", "name_written", "handle_written", "date_written", "name", "handle", "url"),
    *("post_url", "article_url", "context_before", "context_after", "captured_at", "outcome", "reason"),
)
"""The columns that people want, in the order in which they want them."""

_TECHNICAL = frozenset(
    (
        *("native_id", "id_earliest", "id_latest", "posted_earliest", "posted_latest", "text_state"),
        *("post_key", "media_key", "text_key", "fragment", "span_start", "span_end", "place", "post_url"),
        *("extractor_version", "article_key", "record_offset", "warc_record_id", "charset", "records"),
        *(
            "first_seen",
            "last_seen",
            "sha256",
            "posted_at",
            "time_written",
            "written_on",
            "url_written",
            "native_id",
        ),
        *("text_sites", "author_sites", "date_sites", "read_at", "time_basis", "media_type", "origin"),
    )
)
"""The columns that a table's page leaves out until all are asked for."""


@cache
def described() -> dict[str, dict[str, Any]]:
    """Table -> {"meaning": …, "columns": {column: meaning}}, tables and views in the order of telling."""
    told = resources.read_json("columns.json")["tables"]
    return {
        name: {
            "meaning": table["meaning"],
            "columns": {column: what["meaning"] for column, what in table["columns"].items()},
        }
        for name, table in told.items()
    }


def columns_of(table: str) -> dict[str, str]:
    """Column -> meaning."""
    found: dict[str, str] = described().get(table, {}).get("columns", {})
    return found


def ordered(names: list[str]) -> list[int]:
    """The places of columns in the order in which people want them: keys first, then known ones."""
    rank = {name: at for at, name in enumerate(_PEOPLE)}
    return sorted(range(len(names)), key=lambda at: (at > 0, rank.get(names[at], len(rank)), at))


def hidden(table: str, name: str) -> bool:
    """Whether a column is left out of a table's page."""
    return table in described() and name in _TECHNICAL


def metadata() -> dict[str, dict[str, Any]]:
    """The tables as Datasette 0.65 wants to be told of them."""
    found: dict[str, dict[str, Any]] = {
        name: {"description": table["meaning"], "columns": table["columns"]}
        for name, table in described().items()
    }
    found["posts"]["label_column"] = "author_name"
    return found
