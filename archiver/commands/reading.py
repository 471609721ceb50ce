"""Commands that read an archive, and what is known of platforms."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from archiver.commands.printing import width, write
from archiver.errors import ArchiverError
from archiver.options import FORMATS, every, option

__all__ = ["COMMANDS"]


@click.command()
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


@click.command()
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
        write(json_text(found, 2) + "\n")
    else:
        click.echo(dossier(found, width()))


@click.command()
@click.argument("db", metavar="DB")
@option("--survival", is_flag=True, help="How long posts stay online, by what checks have found.")
@option(
    "--by",
    type=click.Choice(["platform", "language", "site", "year", "kind"]),
    help="With --survival: a curve for each.",
)
@option("--at-risk", is_flag=True, help="Which posts to save first, and why.")
@option("--limit", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="With --at-risk.")
@every(FORMATS)
def stats(db: str, survival: bool, at_risk: bool, by: str | None, limit: int, **form: bool) -> None:
    """Say what an archive holds.

    \b
      archiver stats quotes.db
      archiver stats quotes.db --json | jq .platforms
      archiver stats quotes.db --survival --by platform
      archiver stats quotes.db --at-risk --csv > save-first.csv

    --survival: the share of posts still online by their age (Kaplan and Meier), with intervals of 95 %.
    --at-risk: posts that are not gone, the greatest and likeliest losses first.
    """
    if survival and at_risk:
        raise click.UsageError("--survival and --at-risk: choose one.")
    if by and not survival:
        raise click.UsageError("--by goes with --survival.")
    if survival:
        _print_survival(db, by, **form)
    elif at_risk:
        _print_at_risk(db, limit, **form)
    else:
        _print_figures(db, **form)


def _print_figures(db: str, as_json: bool, as_csv: bool) -> None:
    from archiver import query
    from archiver.show import json_text, report

    if as_csv:
        raise click.UsageError("--csv goes with --survival or --at-risk.")
    found = query.figures(db)
    if as_json:
        write(json_text(found, 2) + "\n")
    else:
        click.echo(report(found))


def _print_survival(db: str, by: str | None, as_json: bool, as_csv: bool) -> None:
    """All posts, or a curve for each group; as CSV a row for each step."""
    from archiver import query, survival
    from archiver.reports import lasting
    from archiver.show import json_text

    found = [survival.told(curve) for curve in survival.curves(query.lifetimes(db), by)]
    if as_csv:
        _print_rows(
            [{"by": c["by"], "group": c["group"], **step} for c in found for step in c["curve"]], True
        )
    elif as_json:
        write("".join(json_text(curve) + "\n" for curve in found))
    else:
        click.echo(lasting(found))


def _print_at_risk(db: str, limit: int, as_json: bool, as_csv: bool) -> None:
    from archiver import query
    from archiver.reports import endangered

    found = query.at_risk(db, limit)
    if as_csv:
        found = [{**row, "reasons": "; ".join(row["reasons"])} for row in found]
    if as_json or as_csv:
        _print_rows(found, as_csv)
    else:
        click.echo(endangered(found, width()))


@click.command()
@click.argument("db", metavar="DB")
@option("--json", "as_json", is_flag=True, help="As JSON.")
@option(
    "--few", type=click.IntRange(1), default=5, show_default=True, metavar="N", help="Cases of each kind."
)
def audit(db: str, as_json: bool, few: int) -> None:
    """List what disagrees and what was lost.

    \b
      archiver audit quotes.db
      archiver audit quotes.db --json | jq .sites

    Quotes that contradict themselves or one another, quotes that disappeared from their article, posts
    that may be one, what was seen and not understood, what could not be read.
    """
    from archiver.audit import audit as examine
    from archiver.show import json_text
    from archiver.troubles import troubles

    found = examine(db, few)
    click.echo(json_text(found, 2) if as_json else troubles(found, width()))


@click.command()
@click.argument("db", metavar="DB")
@option("--apply", is_flag=True, help="Put what is seen now in the place of what was seen then.")
@option("--json", "as_json", is_flag=True, help="As JSON.")
def reparse(db: str, apply: bool, as_json: bool) -> None:
    """Read the stored evidence again with this version, and say what changes.

    \b
      archiver reparse quotes.db
      archiver reparse quotes.db --apply

    The articles that the archive keeps are read again; of those that it does not keep, the fragments.
    Without --apply nothing is changed.
    """
    from archiver import plugins
    from archiver.reparse import reparse as read_again
    from archiver.reports import changed
    from archiver.show import json_text

    found = read_again(db, apply, plugins.platforms())
    click.echo(json_text(asdict(found), 2) if as_json else changed(found, apply))


@click.command()
@option("--json", "as_json", is_flag=True, help="As JSON.")
def platforms(as_json: bool) -> None:
    """List the platforms that are known, with the forms of their posts.

    \b
      archiver platforms
      archiver platforms --json | jq .[].name
    """
    from archiver import plugins
    from archiver.show import json_text, known

    found = [
        {"name": p.name, "title": p.title, "forms": p.forms, "clock": p.clock} for p in plugins.platforms()
    ]
    click.echo(json_text(found, 2) if as_json else known(found))


@click.command()
@click.argument("db", metavar="DB")
@option(
    "--table", default="quoted_posts", show_default=True, metavar="NAME", help="The table or view to export."
)
@option("--csv", "as_csv", is_flag=True, help="CSV, harmless in spreadsheets; else JSON Lines.")
@option("--cite", metavar="FORM", help="All posts as csl, bib, ris, wiki, atom or rss.")
@option("--output", "-o", metavar="FILE", help="Write to FILE instead of standard output.")
@option("--sqlite", metavar="FILE", help="Write a compact copy of the whole archive, for deposit.")
def export(db: str, table: str, as_csv: bool, cite: str, output: str | None, sqlite: str | None) -> None:
    """Write quotes out: JSON Lines, CSV, or a copy of the archive for deposit.

    \b
      archiver export quotes.db > quotes.jsonl
      archiver export quotes.db --csv -o quotes.csv
      archiver export quotes.db --table posts --csv
      archiver export quotes.db --cite bib -o quotes.bib
      archiver export quotes.db --sqlite deposit.db

    quoted_posts has one wide row a quote. In CSV, text that a spreadsheet would take for a formula gets
    an apostrophe in front; JSON Lines are exact.
    """
    from archiver import export as ways
    from archiver.show import json_text

    if sqlite:
        ways.deposit(db, sqlite)
        return
    found = ways.rows(db, "posts" if cite else table)
    lines = ways.csv_lines(found) if as_csv else (json_text(row) + "\n" for row in found)
    lines = ways.cited(cite, found, db) if cite else lines
    if output:
        ways.write(output, lines)
    else:
        for line in lines:
            write(line)


@click.command()
@click.argument("dbs", metavar="DB...", nargs=-1, required=True)
@option("--open", "-o", "opens", is_flag=True, help="Open the browser.")
@option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, metavar="N", help="Where.")
@option("--host", default="127.0.0.1", show_default=True, help="0.0.0.0 shows it to the whole network.")
def serve(dbs: tuple[str, ...], opens: bool, port: int, host: str) -> None:
    """Show archives in the browser: Datasette with pages for posts, articles, authors and questions.

    \b
      archiver serve quotes.db -o
      archiver serve quotes.db other.db --port 8080

    Needs the extra: pip install "archiver[datasette]". Nothing is written; quotes that are added
    meanwhile appear. "datasette quotes.db" shows the same pages.
    """
    try:
        from archiver.datasette.serving import serve as run_server
    except ModuleNotFoundError as error:
        raise ArchiverError(f'{error.name} is not there: pip install "archiver[datasette]"') from None
    run_server(dbs, host, port, opens)


def _print_rows(found: list[dict[str, Any]], as_csv: bool) -> None:
    from archiver.export import csv_lines
    from archiver.show import json_text

    if as_csv:
        flat = [{name: value for name, value in row.items() if name != "articles"} for row in found]
        write("".join(csv_lines(flat)))
    else:
        write("".join(json_text(row) + "\n" for row in found))


def _print_found(row: dict[str, Any]) -> None:
    from archiver.show import card, place

    click.echo(card(row, width(), [place(article) for article in row["articles"]]) + "\n")


COMMANDS = (search, show, stats, audit, export, serve, reparse, platforms)
