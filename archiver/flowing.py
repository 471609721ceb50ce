"""Text as a browser shows it, written piece by piece: white space collapsed, breaks where blocks begin."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Writer"]

_SPACES = re.compile(r"[ \t\r\n\f]+")
_BLANK_LINES = re.compile(r"(?<![ \t\r\f])[ \t\r\f]*\n[ \t\r\f]*")


@dataclass(slots=True)
class Writer:
    """Gathers a flow; line breaks and blanks wait until something visible follows."""

    raw: bool
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    breaks: int = 0
    blank: bool = False
    starts_block: bool = False
    blocks: list[int] = field(default_factory=list)
    anchors: list[Any] = field(default_factory=list)
    pictures: list[Any] = field(default_factory=list)

    def write(self, text: str | None) -> None:
        if not text:
            return
        words = _BLANK_LINES.sub("\n", text) if self.raw else _SPACES.sub(" ", text)
        bare = words.strip(" \n") if self.raw else words.strip(" ")
        if self.raw:
            self.breaks = max(self.breaks, _leading(words))
        self.blank = self.blank or words[:1] == " "
        if bare:
            self.put(bare)
            self.blank = words[-1:] == " "
        if self.raw and bare:
            self.breaks = _leading(words[::-1])

    def put(self, text: str) -> None:
        if self.length and self.breaks:
            self._append("\n" * self.breaks)
        elif self.length and self.blank:
            self._append(" ")
        if self.starts_block or not self.length:
            self.blocks.append(self.length)
        self.breaks, self.blank, self.starts_block = 0, False, False
        self._append(text)

    def _append(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)

    def block(self) -> None:
        self.breaks, self.starts_block = max(1, self.breaks), True

    def next_at(self) -> int:
        """Where the next visible character will stand."""
        if not self.length:
            return 0
        return self.length + (self.breaks or int(self.blank))


def _leading(words: str) -> int:
    return len(words) - len(words.lstrip("\n"))
