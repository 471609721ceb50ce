"""Evidence at a boundary that more than its two lines tell: addresses behind words, echoes elsewhere."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice, pairwise
from urllib.parse import urlsplit

from archiver.flattened.anchors import Anchor
from archiver.flattened.layout import Layout
from archiver.flattened.lines import begins_marked, ends_marked, goes_on_surely
from archiver.flattened.view import View

__all__ = ["marks"]

_OWN = re.compile(r"[#@＃＠]\w|https?://|(?:[\w-]{1,40}\.){1,4}[a-z]{2,12}(?:/\S{0,300})?…?\Z|\W{0,80}\Z")
_MOST_LINKS = 8


def marks(shown: View, anchor: Anchor, known: Layout, above: tuple[int, int], begin: int) -> Iterator[str]:
    """Names of features of the boundary between the place ``above`` (start and end) and ``begin``."""
    if shown.targets:
        yield from _linked(shown, anchor, *above, "above")
    if known.fragmented and _is_broken(shown, *above):
        yield "above: broken at words"
    if not known.joined and shown.text[above[1] : above[1] + 1] == " ":
        yield "above: a blank at its end"
    twin = known.echoes.twins.get(anchor.start)
    if twin is not None and begin >= twin:
        yield "below: stands twice" if above[0] < twin else "both: stand twice"
    if known.echoes.quoted:
        words = shown.text[slice(*above)]
        if known.echoes.quotes(words, above[0], shown.text[begin : anchor.start]):
            yield "above: quotes what stands below"
        elif known.echoes.is_quoted(words, above[0], anchor.start):
            yield "above: is quoted elsewhere"


def _linked(shown: View, anchor: Anchor, start: int, end: int, where: str) -> Iterator[str]:
    """Links of a post show addresses, tags and mentions; an article's stand over words."""
    at = bisect_left(shown.targets, start, key=lambda target: target.start)
    own = False
    for target in islice(shown.targets, at, at + _MOST_LINKS):
        if target.start >= end:
            break
        words = shown.text[target.start : target.end].strip()
        if not _OWN.match(words):
            yield f"{where}: a link over words"
            return
        own = own or bool(anchor.url and words and _host(target.url) == _host(anchor.url))
    if own:
        yield f"{where}: a link to where the post is"


def _is_broken(shown: View, start: int, end: int) -> bool:
    """Whether lines break inside a sentence where no tag, mention or address stands: a post has no other
    links."""
    first, last = shown.line_at(start), shown.line_at(max(start, end - 1))
    pieces = [shown.text[line.start : line.end] for line in shown.lines[first : last + 1] if not line.blank]
    joints = [other for one, other in pairwise(pieces) if not (ends_marked(one) or begins_marked(other, 0))]
    return len(joints) > 1 or any(map(goes_on_surely, joints))


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.casefold()
    except ValueError:
        return ""
