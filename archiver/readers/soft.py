"""Pages that stand in the place of an article though the server says that all is well."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from archiver import html, resources
from archiver.charsets import decode
from archiver.model import Document

__all__ = ["StandIn", "stand_in"]

_HEADS = "//title | //h1 | //h2"
_MOST_HEADS = 4
_LARGEST = 2_000_000


@dataclass(frozen=True, slots=True)
class StandIn:
    """``name``: a login page, a page that says …; ``gone``: it says that the article is."""

    name: str
    gone: bool = False


def stand_in(document: Document) -> StandIn | None:
    """What a fetched page without quotes is in truth; None where it may well be the article.

    >>> stand_in(Document(b"<title>Page not found</title><p>Sorry.", http_status=200)).gone
    True
    """
    if document.http_status is None or document.kind != "html" or len(document.body) > _LARGEST:
        return None
    markup = decode(document.body, document.charset).text
    root = html.parse(markup).root
    if root is None:
        return None
    text = _folded(html.flow(root).text)
    heads = [_folded(html.words(head)) for head in html.select(root, _HEADS)[:_MOST_HEADS]]
    for kind in _table()["kinds"]:
        if len(text) <= kind["longest"] and _is(kind, markup.lower(), heads, text, root):
            return StandIn(kind["name"], kind.get("gone", False))
    return None


@cache
def _table() -> Any:
    return resources.read_json("soft.json")


def _is(kind: dict[str, Any], markup: str, heads: list[str], text: str, root: html.Element) -> bool:
    if kind.get("password"):
        return bool(html.select(root, "//input[translate(@type, 'PASWORD', 'pasword') = 'password']"))
    noscript = kind.get("noscript") and " ".join(map(html.words, html.select(root, "//noscript"))).lower()
    return (
        any(mark in markup for mark in kind.get("marks", ()))
        or any(word in head for word in kind.get("heads", ()) for head in heads)
        or any(head.startswith(tuple(kind.get("starts", ()))) for head in heads)
        or any(word in text for word in kind.get("words", ()))
        or bool(noscript and any(word in noscript for word in kind["noscript"]))
    )


def _folded(text: str) -> str:
    return " ".join(text.lower().split()).replace("’", "'")
