"""The command line: reads options, calls one function, prints."""

from __future__ import annotations

import errno
import re
import sys
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import click

from archiver import __version__
from archiver.errors import ArchiverError
from archiver.manners import Manners
from archiver.options import FORMATS, SOURCES, every, option

_ONE_MB = 1_000_000


class _Commands(click.Group):
    """The commands in the order of their making; errors as one line, without a traceback."""

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
        except OSError as error:
            if error.errno in (errno.EPIPE, None):
                raise
            raise click.ClickException(f"cannot write the output: {error.strerror}") from None


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
    results = run.extract(found, _options(given), _jobs(given, len(found)))
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
    results = run.add(given["db"], found, _options(given), _jobs(given, len(found)))
    _follow(results, len(found), given, _print_outcome if given["as_json"] else lambda _: None)


@main.command()
@click.argument("db", metavar="DB")
@click.argument("words", metavar="QUERY", nargs=-1)
@option("--platform", metavar="NAME", help="Posts of one platform.")
@option("--author", metavar="HANDLE", help="Posts of one account.")
@option("--site", metavar="HOST", help="Posts that articles of one site quote.")
@option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Posted on this day or later.")
@option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Posted on this day or earlier.")
@option("--limit", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="How many.")
@every(FORMATS)
def search(db: str, words: tuple[str, ...], as_json: bool, as_csv: bool, **wanted: Any) -> None:
    """Find posts by their words, and by their authors' names and handles.

    \b
      archiver search quotes.db lighthouse
      archiver search quotes.db '"keep west" buoy'
      archiver search quotes.db 灯台 --since 2022-01-01
      archiver search quotes.db --author maraquillon_ex --json

    All words must be there; words in quotation marks stand together; light* finds lighthouse too. Case
    and accents are no matter.
    """
    from archiver import query

    days = {name: f"{wanted[name]:%Y-%m-%d}" if wanted[name] else None for name in ("since", "until")}
    found, total = query.search(db, " ".join(words), query.Wanted(**{**wanted, **days}))
    if as_json or as_csv:
        _print_rows(found, as_csv)
        return
    for row in found:
        _print_found(row)
    more = f", the first {len(found)} shown; see more with --limit" if total > len(found) else ""
    click.echo(f"{total} post{'s' * (total != 1)}{more}.", err=True)


@main.command()
@click.argument("db", metavar="DB")
@click.argument("post", metavar="POST")
@option("--json", "as_json", is_flag=True, help="As JSON.")
def show(db: str, post: str, as_json: bool) -> None:
    """Show one post and all that quotes it.

    \b
      archiver show quotes.db 1532643572627645381
      archiver show quotes.db https://social.example/maraquillon_ex/status/1532643572627645381

    POST is a key as search prints it, an old key, the beginning of one, a number or an address.
    """
    from archiver import query
    from archiver.show import dossier, json_text

    found = query.post(db, post)
    if as_json:
        _write(json_text(found, 2) + "\n")
    else:
        click.echo(dossier(found, _width()))


@main.command()
@click.argument("db", metavar="DB")
@option("--json", "as_json", is_flag=True, help="As JSON.")
def stats(db: str, as_json: bool) -> None:
    """Say what an archive holds.

    \b
      archiver stats quotes.db
      archiver stats quotes.db --json | jq .platforms
    """
    from archiver import query
    from archiver.show import json_text, report

    found = query.figures(db)
    if as_json:
        _write(json_text(found, 2) + "\n")
    else:
        click.echo(report(found))


@main.command()
@click.argument("db", metavar="DB")
@option(
    "--table", default="quoted_posts", show_default=True, metavar="NAME", help="The table or view to export."
)
@option("--csv", "as_csv", is_flag=True, help="CSV, harmless in spreadsheets; else JSON Lines.")
@option("--output", "-o", metavar="FILE", help="Write to FILE instead of standard output.")
@option("--sqlite", metavar="FILE", help="Write a compact copy of the whole archive, for deposit.")
def export(db: str, table: str, as_csv: bool, output: str | None, sqlite: str | None) -> None:
    """Write quotes out: JSON Lines, CSV, or a copy of the archive for deposit.

    \b
      archiver export quotes.db > quotes.jsonl
      archiver export quotes.db --csv -o quotes.csv
      archiver export quotes.db --table posts --csv
      archiver export quotes.db --sqlite deposit.db

    quoted_posts has one wide row a quote. In CSV, text that a spreadsheet would take for a formula gets
    an apostrophe in front; JSON Lines are exact.
    """
    from archiver import export as ways
    from archiver.show import json_text

    if sqlite:
        ways.deposit(db, sqlite)
        return
    found = ways.rows(db, table)
    lines = ways.csv_lines(found) if as_csv else (json_text(row) + "\n" for row in found)
    if output:
        ways.write(output, lines)
    else:
        for line in lines:
            _write(line)


def _print_rows(found: list[dict[str, Any]], as_csv: bool) -> None:
    from archiver.export import csv_lines
    from archiver.show import json_text

    if as_csv:
        flat = [{name: value for name, value in row.items() if name != "articles"} for row in found]
        _write("".join(csv_lines(flat)))
    else:
        _write("".join(json_text(row) + "\n" for row in found))


def _print_found(row: dict[str, Any]) -> None:
    from archiver.show import card, place

    click.echo(card(row, _width(), [place(article) for article in row["articles"]]) + "\n")


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
    from archiver import run

    return run.Options(
        links=given["links"],
        bodies=not given.get("no_bodies"),
        limit=given["max_size"] * _ONE_MB,
        manners=_manners(given),
        wanted=_wanted(given),
        again=given.get("again", False),
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


def _jobs(given: dict[str, Any], sources: int) -> int:
    from archiver import run

    return given["jobs"] or run.default_jobs(sources)


def _follow(results: Iterable[Any], total: int, given: dict[str, Any], show: Callable[[Any], None]) -> None:
    """Prints results as they come; the exit code says whether all were read."""
    from archiver.progress import Progress

    progress = Progress(total, given["silent"], given["verbose"])
    try:
        for result in results:
            show(result)
            progress.seen(result)
    except KeyboardInterrupt:
        raise click.ClickException(
            "interrupted; what was read is kept: give the same command again"
        ) from None
    progress.end()
    if progress.failed:
        click.get_current_context().exit(1)


def _print_json(result: Any) -> None:
    from archiver.show import json_text

    _write("".join(json_text(record) + "\n" for record in result.data))


def _print_card(result: Any) -> None:
    from archiver.show import card

    for record in result.data:
        click.echo(card(record, _width(), [record["source"]]) + "\n")


def _print_outcome(result: Any) -> None:
    from archiver.show import json_text

    names = ("source", "outcome", "reason", "quotes")
    _write(json_text({name: getattr(result, name) for name in names}) + "\n")


def _write(text: str) -> None:
    """Data on standard output: UTF-8 whatever the terminal's encoding."""
    stream = sys.stdout.buffer
    stream.write(text.encode("utf-8", "replace"))
    stream.flush()


def _width() -> int:
    import shutil

    return shutil.get_terminal_size().columns
