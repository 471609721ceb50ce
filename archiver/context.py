"""The words around an element, as a reader sees them."""

from __future__ import annotations

from collections.abc import Iterator

from archiver import html
from archiver.html import Element

__all__ = ["after", "before"]

# Pieces of text that are looked at; what it costs does not depend on the size of the page.
_MOST_STEPS = 120


def before(element: Element, length: int) -> str:
    """About ``length`` characters of what a reader sees before the element, on one line."""
    return _around(element, length, forward=False)[-length:]


def after(element: Element, length: int) -> str:
    """About ``length`` characters of what a reader sees after the element, on one line."""
    return _around(element, length, forward=True)[:length]


def _around(element: Element, length: int, forward: bool) -> str:
    """Walks outward until there are enough words; what it costs does not depend on the page's size."""
    found: list[str] = []
    size = 0
    for steps, piece in enumerate(_outward(element, forward)):
        if piece:
            found.append(piece)
            size += len(piece.strip())
        if size > 2 * length or steps > _MOST_STEPS:
            break
    return " ".join("".join(found if forward else reversed(found)).split())


def _outward(element: Element, forward: bool) -> Iterator[str]:
    """Text from the element towards the end or the start of the page, nearest first."""
    node: Element | None = element
    if forward:
        yield element.tail or ""
    while node is not None:
        for sibling in node.itersiblings(preceding=not forward):
            if not forward:
                yield sibling.tail or ""
            yield from _pieces(sibling, forward)
            if forward:
                yield sibling.tail or ""
        node = node.getparent()
        if node is not None:
            yield _edge(node)
            yield (node.tail if forward else node.text) or ""
            yield _edge(node)


def _edge(node: Element) -> str:
    return " " if html.is_block(node) or node.tag == "br" else ""


def _pieces(top: Element, forward: bool) -> Iterator[str]:
    """The visible text of an element, piece by piece, in either direction."""
    waiting: list[tuple[Element, Iterator[Element]]] = []
    child: Element | None = top
    while True:
        if child is not None and not html.is_silent(child):
            yield _edge(child)
            yield (child.text or "") if forward else ""
            waiting.append((child, child.iterchildren(reversed=not forward)))
        elif child is not None and forward and waiting:
            yield child.tail or ""
        if not waiting:
            return
        node, children = waiting[-1]
        child = next(children, None)
        if child is not None and not forward:
            yield child.tail or ""
        elif child is None:
            waiting.pop()
            yield "" if forward else (node.text or "")
            yield _edge(node)
            yield (node.tail or "") if forward and waiting else ""
