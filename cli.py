"""The command line: reads options, calls one function, prints."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from typing import Any

import click

from archiver import __version__
from archiver.commands import healing, keeping, proving, reading
from archiver.commands.printing import width, write
from archiver.errors import ArchiverError
from archiver.manners import Manners
from archiver.options import SOURCES, every, option

_ONE_MB = 1_000_000


class _Commands(click.Group):
    """The commands in the order of their making; errors as one line, without a traceback."""

    def main(self, *args: Any, **more: Any) -> Any:
        _fill_closed()
        try:
            return super().main(*args, **more)
        except OSError as error:
            if error.errno is None:
                raise
            with suppress(OSError):
                sys.stdout.close()  # or Python would try again to write what is left
            where = "cannot write the output" if error.filename is None else str(error.filename)
            click.ClickException(_plain(f"{where}: {error.strerror}")).show()
            sys.exit(1)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        try:
            value = super().invoke(ctx)
            sys.stdout.flush()
            return value
        except ArchiverError as error:
            raise click.ClickException(_plain(str(error))) from None


def _fill_closed() -> None:
    """Standard streams that were closed before the start (``>&-``): ones that refuse to be read and written,
    so that no file of ours gets their numbers; what is said on standard error goes nowhere."""
    for name, way, mode in (
        ("stdin", os.O_WRONLY, "r"),
        ("stdout", os.O_RDONLY, "w"),
        ("stderr", os.O_WRONLY, "w"),
    ):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, way), mode))  # it stays open


def _plain(text: str) -> str:
    from archiver.show import one_line

    return one_line(text, 1000)


@click.group(
    cls=_Commands,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "auto_envvar_prefix": "ARCHIVER",
        "max_content_width": 100,
    },
)
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
def main() -> None:
    """Find the social posts that articles quote, and keep them: who said what, when, quoted where.

    \b
      archiver add quotes.db https://news.example/story saved-pages/
      archiver search quotes.db lighthouse
      archiver extract page.html | jq .text

    A SOURCE is a web address, a file (HTML, Markdown, plain text; any text with markup), a folder, or -
    for standard input. "archiver COMMAND -h" shows examples of each command. Every option can be set in
    the environment: ARCHIVER_JOBS=4.
    """


@main.command()
@every(SOURCES)
@option("--cards", is_flag=True, help="For reading, instead of JSON Lines.")
@option("--evidence", is_flag=True, help="Say of each field where it is from, with W3C selectors.")
def extract(**given: Any) -> None:
    """Print the quotes found as JSON Lines; no database.

    \b
      archiver extract page.html
      archiver extract --cards page.html
      archiver extract saved-pages/ > quotes.jsonl
      curl -s https://news.example/story | archiver extract - --url https://news.example/story
      archiver extract --list addresses.txt --jobs 4

    Exit code: 0 when every source was read, 1 when some failed (each is named, the rest is printed),
    2 when the command was not understood.
    """
    from archiver import run

    found = _sources(given)
    results = run.extract(found, _options(given), _jobs(given, found))
    _follow(results, len(found), given, _print_card if given["cards"] else _print_json)


@main.command()
@click.argument("db", metavar="DB")
@every(SOURCES)
@option("--again", is_flag=True, help="Read pages again that have not changed since the last visit.")
@option("--no-bodies", is_flag=True, help="Keep the quotes only, not the articles themselves.")
@option("--json", "as_json", is_flag=True, help="Print what became of each source as JSON Lines.")
def add(**given: Any) -> None:
    """Archive the quotes found in the sources. DB is made where there is none.

    \b
      archiver add quotes.db page.html
      archiver add quotes.db saved-pages/ notes.txt
      archiver add quotes.db https://news.example/story
      archiver add quotes.db --list addresses.txt --jobs 4

    Each source is written whole or not at all. An interrupted run loses nothing: give the same command
    again and it goes on. What is there already stays as it is.
    """
    from archiver import run

    own = [given["db"] + end for end in ("", "-wal", "-shm", "-journal")]
    found = _sources(given, skip=[*own, given["warc"] or ""])
    results = run.add(given["db"], found, _options(given), _jobs(given, found))
    _follow(results, len(found), given, _print_outcome if given["as_json"] else lambda _: None)


def _sources(given: dict[str, Any], skip: Iterable[str] = ()) -> list[Any]:
    from archiver import run

    named = given["sources"]
    if not named and given["list_file"] is None:
        raise click.UsageError("Name a SOURCE: a web address, a file, a folder, or - for standard input.")
    if given["url"] and (len(named) != 1 or given["list_file"]):
        raise click.UsageError("--url says where one source came from: give it one.")
    if [*named, given["list_file"]].count("-") > 1:
        raise click.UsageError("Standard input (-) can be read once only.")
    limit = given["max_size"] * _ONE_MB
    return run.sources(
        named, given["list_file"], kind=given["kind"], url=given["url"], limit=limit, skip=skip
    )


def _options(given: dict[str, Any]) -> Any:
    from archiver import metadata, run

    if given["metadata"] == metadata.FULL:
        metadata.ready()
    return run.Options(
        links=given["links"],
        evidence=given.get("evidence", False),
        bodies=not given.get("no_bodies"),
        limit=given["max_size"] * _ONE_MB,
        manners=_manners(given),
        wanted=_wanted(given),
        again=given.get("again", False),
        metadata=given["metadata"],
        read_at=run.now(),
    )


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def _wanted(given: dict[str, Any]) -> Any:
    from archiver.readers import Wanted

    try:
        match = _pattern(given["match"]) if given["match"] else None
    except re.error as error:
        raise click.UsageError(f"--match is no regular expression: {error}") from None
    return Wanted(f"{given['since']:%Y-%m-%d}" if given["since"] else None, match)


def _manners(given: dict[str, Any]) -> Manners:
    return Manners(
        contact=given["contact"],
        delay=given["delay"],
        per_host=given["per_host"],
        robots=not given["no_robots"],
        timegate=given["timegate"] if given["wayback"] else None,
        warc=given["warc"],
    )


def _jobs(given: dict[str, Any], found: list[Any]) -> int:
    from archiver import run

    return given["jobs"] or run.default_jobs(found)


def _follow(results: Iterable[Any], total: int, given: dict[str, Any], show: Callable[[Any], None]) -> None:
    """Prints results as they come; the exit code says whether all were read."""
    from archiver.progress import Progress

    progress = Progress(total, given["silent"], given["verbose"])
    try:
        for result in results:
            show(result)
            progress.seen(result)
    except KeyboardInterrupt:
        progress.end()
        raise click.ClickException(
            "interrupted; what was read is kept: give the same command again"
        ) from None
    progress.end()
    if progress.failed or progress.damaged:
        click.get_current_context().exit(1)


def _print_json(result: Any) -> None:
    from archiver.show import json_text

    write("".join(json_text(record) + "\n" for record in result.data))


def _print_card(result: Any) -> None:
    from archiver.show import card

    for record in result.data:
        click.echo(card(record, width(), [record["source"]]) + "\n")


def _print_outcome(result: Any) -> None:
    from archiver.show import json_text
    from archiver.text import file_name

    told = {name: getattr(result, name) for name in ("outcome", "reason", "quotes")}
    write(json_text({"source": file_name(result.source), **told}) + "\n")


for _command in (*reading.COMMANDS, *keeping.COMMANDS, *proving.COMMANDS, *healing.COMMANDS):
    main.add_command(_command)
