"""The hash tree of RFC 6962, section 2.1: its root, the path of a leaf, and where a path leads.

The root is a function of all leaves in their order; a path of some twenty digests shows that one leaf is
among a million, without the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

__all__ = ["climb", "leaf", "path", "root"]


def leaf(data: bytes) -> bytes:
    """The digest of an entry."""
    return hashlib.sha256(b"\x00" + data).digest()


def root(digests: Iterable[bytes]) -> bytes:
    """The root over the leaves' digests; keeps no more of them than the tree is high."""
    peaks: list[tuple[int, bytes]] = []
    for digest in digests:
        height, top = 0, digest
        while peaks and peaks[-1][0] == height:
            top = _node(peaks.pop()[1], top)
            height += 1
        peaks.append((height, top))
    if not peaks:
        return hashlib.sha256(b"").digest()
    total = peaks.pop()[1]
    while peaks:
        total = _node(peaks.pop()[1], total)
    return total


def path(at: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The digests that lead from the leaf at ``at`` (from 0) up to the root."""
    found = []
    low, high = 0, len(leaves)
    while high - low > 1:
        middle = low + (1 << (high - low - 1).bit_length() - 1)
        if at < middle:
            found.append(root(leaves[middle:high]))
            high = middle
        else:
            found.append(root(leaves[low:middle]))
            low = middle
    return found[::-1]


def climb(digest: bytes, at: int, size: int, path: Iterable[bytes]) -> bytes | None:
    """The root to which a path leads from the leaf at ``at`` of ``size``; None where the path does not
    fit the place (RFC 9162, 2.1.3.2)."""
    last = size - 1
    if not 0 <= at <= last:
        return None
    for other in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            digest = _node(other, digest)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            digest = _node(digest, other)
        at, last = at >> 1, last >> 1
    return digest if last == 0 else None


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
