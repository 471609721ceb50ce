"""archiver finds the social posts that articles quote, and keeps them.

The public names: ``Document``, ``Quote``, ``Extraction`` and ``extract``; loaded when first asked for,
so that ``archiver --help`` stays quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archiver.extraction import extract
    from archiver.model import Document, Extraction, Quote

__all__ = ["Document", "Extraction", "Quote", "extract"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "extract":
        from archiver.extraction import extract

        return extract
    if name in ("Document", "Extraction", "Quote"):
        from archiver import model

        return getattr(model, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
