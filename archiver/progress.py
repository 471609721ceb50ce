"""What a long run tells on standard error: how far it is, what failed, and the sum at the end."""

from __future__ import annotations

import sys
import time
from collections import Counter

import click

from archiver.run import Result
from archiver.show import one_line
from archiver.text import file_name

__all__ = ["Progress"]

_QUIET_SECONDS = 1.0
_REDRAW_SECONDS = 0.2
_LINE_SECONDS = 10.0
_CLEAR = "\r\x1b[K"


class Progress:
    """Counts results and says what a person wants to know. A line that is redrawn shows the way, on a
    terminal and after the first second; elsewhere a line now and then. ``silent`` leaves the errors only;
    ``verbose`` names all."""

    def __init__(self, total: int, silent: bool = False, verbose: bool = False) -> None:
        self.failed = self.damaged = 0
        self._total = total
        self._silent = silent
        self._verbose = verbose
        self._live = sys.stderr.isatty() and not silent
        self._start = self._drawn = time.monotonic()
        self._read = self._quoting = self._quotes = self._unchanged = self._minor = self._lists = 0
        self._done = 0.0
        self._outcomes: Counter[str] = Counter()
        self._counted: dict[str, int] = {}
        self._contained = False

    def seen(self, result: Result) -> None:
        """One more result: counted, and named where it is worth a line."""
        if result.records is not None:
            self._lists += 1
            self._total += result.records
        self._quotes += result.quotes
        self._quoting += result.quotes > 0
        self._read += self._articles(result)
        self._minor += result.minor
        self._done += 0 if result.record else result.share
        if not result.record and not _goes_on(result):
            self._outcomes[result.outcome] += 1
            self._unchanged += result.outcome == "unchanged" and result.records is None
        self._name(result)
        if not self._silent:
            self._draw()

    def end(self) -> None:
        """The sum, on one line, and one more where a source is not an article."""
        self._say("")
        if self._silent:
            return
        parts = [f"Read {_count(self._read, 'article')}: {_count(self._quotes, 'quote')} in {self._quoting}"]
        parts += [f"{self._read - self._quoting} without"]
        parts += [f"named by {_count(self._lists, 'feed or sitemap', 'feeds and sitemaps')}"] * bool(
            self._lists
        )
        parts += [f"{self._unchanged} unchanged since the last time"] if self._unchanged else []
        parts += [
            f"{_count(self._minor, 'picture, font or the like', 'pictures, fonts and the like')} left aside"
        ] * bool(self._minor)
        parts += [click.style(f"{self.failed} failed", fg="red")] if self.failed else []
        self._say(", ".join(parts) + ".")
        if self._contained or self._lists:
            given = "given or named" if self._lists else "given"
            self._say(f"{_count(self._outcomes.total(), 'source')} {given}: {self._told()}.")

    def _told(self) -> str:
        return ", ".join(f"{number} {outcome}" for outcome, number in sorted(self._outcomes.items()))

    def _articles(self, result: Result) -> int:
        """How many articles were read since the last result; those of a container are counted with it."""
        if result.sum is None:
            is_other = result.record or result.minor or result.records is not None
            return not (is_other or result.outcome == "failed")
        self._contained = True
        before = self._counted.get(result.source, result.before)
        self._counted[result.source] = result.sum.articles
        return result.sum.articles - before

    def _name(self, result: Result) -> None:
        source = one_line(file_name(result.source))
        if _goes_on(result):
            return
        if result.outcome == "failed":
            self.failed += 1
            self._say(f"{click.style('Error:', fg='red')} {source}: {one_line(result.reason, 400)}")
        elif result.outcome == "partial":
            self.damaged += result.sum is not None
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
        pause = _REDRAW_SECONDS if self._live else _LINE_SECONDS
        if time_now - self._start < _QUIET_SECONDS or time_now - self._drawn < pause:
            return
        self._drawn = time_now
        passed = time_now - self._start
        left = round(passed * (self._total - self._done) / self._done) if self._done else 0
        text = f"{self._done / max(1, self._total):.0%} · {self._read} read · {self._read / passed:.0f}/s"
        text += f" · {_count(self._quotes, 'quote')} · {self.failed} failed"
        text += f" · {left // 60}:{left % 60:02} left" if self._done else ""
        click.echo(f"{_CLEAR}{text}" if self._live else text, err=True, nl=not self._live)


def _goes_on(result: Result) -> bool:
    """Whether more of the same container is still to come."""
    return bool(result.sum and result.sum.end is not None and not result.sum.broken_off)


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
