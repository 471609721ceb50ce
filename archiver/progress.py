"""What a long run tells on standard error: how far it is, what failed, and the sum at the end."""

from __future__ import annotations

import sys
import time

import click

from archiver.run import Result
from archiver.show import one_line

__all__ = ["Progress"]

_QUIET_SECONDS = 1.0
_REDRAW_SECONDS = 0.2
_CLEAR = "\r\x1b[K"


class Progress:
    """Counts results and says what a person wants to know. A line that is redrawn shows the way, on a
    terminal and after the first second; ``silent`` leaves the errors only; ``verbose`` names all."""

    def __init__(self, total: int, silent: bool = False, verbose: bool = False) -> None:
        self.failed = 0
        self._total = total
        self._silent = silent
        self._verbose = verbose
        self._live = sys.stderr.isatty() and not silent and total > 1
        self._start = self._drawn = time.monotonic()
        self._read = self._quoting = self._quotes = self._unchanged = self._minor = self._lists = 0

    def seen(self, result: Result) -> None:
        """One more result: counted, and named where it is worth a line."""
        if result.records is not None:
            self._lists += 1
            self._total += result.records - 1
            self._name(result)
            return
        self._read += 1
        self._quotes += result.quotes
        self._quoting += result.quotes > 0
        self._unchanged += result.outcome == "unchanged"
        self._minor += result.minor
        self._name(result)
        if self._live:
            self._draw()

    def end(self) -> None:
        """The sum, on one line."""
        self._say("")
        if self._silent:
            return
        good = self._read - self.failed - self._minor
        parts = [f"Read {_count(good, 'article')}: {_count(self._quotes, 'quote')} in {self._quoting}"]
        parts += [f"{good - self._quoting} without"]
        parts += [f"named by {_count(self._lists, 'feed or sitemap', 'feeds and sitemaps')}"] * bool(
            self._lists
        )
        parts += [f"{self._unchanged} unchanged since the last time"] if self._unchanged else []
        parts += [
            f"{_count(self._minor, 'picture, font or the like', 'pictures, fonts and the like')} left aside"
        ] * bool(self._minor)
        parts += [click.style(f"{self.failed} failed", fg="red")] if self.failed else []
        self._say(", ".join(parts) + ".")

    def _name(self, result: Result) -> None:
        source = one_line(result.source)
        if result.outcome == "failed":
            self.failed += 1
            self._say(f"{click.style('Error:', fg='red')} {source}: {one_line(result.reason, 400)}")
        elif result.outcome == "partial":
            self._say(f"{click.style('Warning:', fg='yellow')} {source}: {one_line(result.reason, 400)}")
        elif result.reason and not result.minor and result.records is None and not self._silent:
            self._say(f"Note: {source}: {one_line(result.reason, 400)}")
        elif self._verbose and result.records is not None:
            self._say(f"{result.reason}: {source}")
        elif self._verbose:
            self._say(f"{result.outcome}, {_count(result.quotes, 'quote')}: {source}")
        if result.trace and self._verbose:
            self._say(result.trace)

    def _say(self, line: str) -> None:
        clear = _CLEAR if self._live else ""
        if line or clear:
            click.echo(f"{clear}{line}", err=True, nl=bool(line))

    def _draw(self) -> None:
        time_now = time.monotonic()
        if time_now - self._start < _QUIET_SECONDS or time_now - self._drawn < _REDRAW_SECONDS:
            return
        self._drawn = time_now
        rate = self._read / (time_now - self._start)
        left = round((self._total - self._read) / rate)
        text = f"{self._read} of {self._total} · {rate:.1f}/s · {left // 60}:{left % 60:02} left"
        click.echo(f"{_CLEAR}{text} · {_count(self._quotes, 'quote')}", err=True, nl=False)


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
