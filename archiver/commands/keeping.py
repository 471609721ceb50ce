"""Commands that keep an archive alive: what is still online, what can be got back, what is new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import click

from archiver.commands.printing import write
from archiver.errors import ArchiverError
from archiver.manners import Manners
from archiver.options import every, option

__all__ = ["COMMANDS"]

_FEW = 3


def _age(value: str) -> timedelta:
    """A span of time: 30m, 12h, 7d, 2w, 1y; a number alone counts days."""
    from archiver.schedule import span

    try:
        return span(value)
    except ArchiverError as error:
        raise click.BadParameter(str(error)) from None


def _instead(value: str) -> tuple[str, str]:
    """One beginning of an address for another: FROM=TO."""
    here, mark, there = value.partition("=")
    if not mark or not all(part.startswith(("http://", "https://")) for part in (here, there)):
        raise click.BadParameter(f"{value!r}: write two addresses with = between them")
    return here, there


_WHICH = (
    option("--platform", metavar="NAME", help="Posts of one platform."),
    option("--post", "posts", metavar="POST", multiple=True, help="This post only; may be given again."),
    option("--limit", type=click.IntRange(1), metavar="N", help="At most so many posts."),
)
_MANNERS = (
    option("--contact", metavar="ADDRESS", help="Mail or web address told to the servers asked."),
    option(
        "--delay",
        type=click.FloatRange(0, 60),
        default=1.0,
        show_default=True,
        metavar="SECONDS",
        help="Between two questions to one host.",
    ),
    option("--no-robots", is_flag=True, help="Ask for pages that robots.txt forbids: the decision is yours."),
    option(
        "--instead",
        type=_instead,
        multiple=True,
        metavar="FROM=TO",
        help="Ask another server: an address that begins with FROM, with TO in its place.",
    ),
    option("--warc", metavar="FILE", help="Record what is said to servers and heard from them, as WARC."),
    option("--json", "as_json", is_flag=True, help="Print what became of each post as JSON Lines."),
    option("--silent", is_flag=True, help="Say nothing but errors."),
)


@click.command()
@click.argument("db", metavar="DB")
@option(
    "--older-than",
    type=_age,
    default="1d",
    show_default=True,
    metavar="AGE",
    help="Posts not asked about for so long: 12h, 7d, 2w.",
)
@every(_WHICH)
@every(_MANNERS)
def check(**given: Any) -> None:
    """Ask which quoted posts are still online; keep every answer.

    \b
      archiver check quotes.db
      archiver check quotes.db --older-than 30d --limit 500
      archiver check quotes.db --platform NAME --json

    Each platform is asked in its gentlest public way, without a login: posts never asked about first, then
    those whose answer is the oldest. A login, a block or a page that says nothing is "unknown", never
    "deleted". A host that refuses is left alone until the next run. Give the same command again to go on
    where it ended.

    Exit code: 0 when every post was asked about, 1 when some were left, 2 when the command was not
    understood.
    """
    from archiver import plugins, run
    from archiver.life import Asker, Wanted, check

    wanted = Wanted(given["platform"], given["older_than"], given["limit"], _keys(given))
    asker = Asker(_fetcher(given), dict(given["instead"]))
    counts: Counter[str] = Counter()
    whys: Counter[str] = Counter()
    for answer in _until_interrupted(check(given["db"], wanted, asker, plugins.platforms(), run.now)):
        counts["left" if answer.left else str(answer.state)] += 1
        if answer.state == "unknown" and not answer.left:
            whys[str(answer.because)] += 1
        if given["as_json"]:
            _print(asdict(answer))
        elif answer.state != answer.before and not answer.left and answer.state != "unknown":
            _tell(answer)
    _end(counts, whys, asker, given["silent"])


@click.command()
@click.argument("db", metavar="DB")
@option("--all", "everything", is_flag=True, help="Copies of all posts, not of the gone and incomplete only.")
@option("--media", metavar="DIR", help="Keep pictures and videos in DIR, each under the digest of its bytes.")
@option(
    "--max-media",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    metavar="MB",
    help="Largest picture or video.",
)
@option("--copy", "given_copies", metavar="URL", multiple=True, help="A copy that you know of.")
@option("--save", is_flag=True, help="Ask the web archive for new copies of articles, and of posts.")
@option(
    "--save-delay",
    type=click.FloatRange(0, 600),
    default=12.0,
    show_default=True,
    metavar="SECONDS",
    help="Between two requests for new copies.",
)
@option(
    "--older-than",
    type=_age,
    default="30d",
    show_default=True,
    metavar="AGE",
    help="Look again for what was looked for so long ago.",
)
@every(_WHICH)
@option(
    "--timegates",
    metavar="URL",
    multiple=True,
    help="Another web archive to ask for single copies (Memento, RFC 7089); may be given again.",
)
@every(_MANNERS)
def rescue(**given: Any) -> None:
    """Look for copies of posts, and for what is missing, in web archives and public endpoints.

    \b
      archiver rescue quotes.db
      archiver rescue quotes.db --media pictures/
      archiver rescue quotes.db --copy https://archive.ph/AbCdE
      archiver rescue quotes.db --save --limit 20

    Of posts that are gone or incomplete: copies with their dates; text, author and time where no quote
    prints them; the id of a quote that carries none, where exactly one of the author's archived posts of
    that time says the same; where short links led. What is printed is never changed, and each value keeps
    the address that it is from. Give the same command again to go on where it ended.

    Exit code: 0 when every search was made, 1 when some failed, 2 when the command was not understood.
    """
    from archiver import plugins, run
    from archiver.life import Asker
    from archiver.rescue import Archives, Endpoints, Search, Wanted, rescue
    from archiver.rescue.given import given_copy

    fetcher, instead, platforms = _fetcher(given), dict(given["instead"]), plugins.platforms()
    saver = _fetcher({**given, "delay": given["save_delay"]}) if given["save"] else None
    archives = Archives(fetcher, Endpoints(timegates=given["timegates"]), instead, saver)
    search = Search(
        archives, Asker(fetcher, instead), run.now(), given["media"], given["max_media"] * 1_000_000
    )
    names = {name: given[name] for name in ("platform", "older_than", "limit", "save")}
    wanted = Wanted(**names, posts=_keys(given), all=given["everything"], files=bool(given["media"]))
    results = [given_copy(given["db"], url, search, platforms) for url in given["given_copies"]]
    counts: Counter[str] = Counter()
    for found in (*results, *_until_interrupted(rescue(given["db"], wanted, search, platforms))):
        counts[found.outcome] += 1
        counts.update({f"of {table}": number for table, number in found.found.items()})
        _say_found(found, given["as_json"])
    _sum_up(counts, archives.left, given["silent"])


def _say_found(found: Any, as_json: bool) -> None:
    from archiver.show import one_line

    if as_json:
        _print(asdict(found))
        return
    if found.outcome == "found":
        values = ", ".join(f"{name}: {one_line(value, 80)}" for name, value in found.values.items())
        counts = ", ".join(f"{number} {table}" for table, number in found.found.items())
        click.echo(f"{one_line(found.post)}: {values or counts}")
    elif found.outcome in ("failed", "ambiguous"):
        click.echo(f"{found.outcome}: {one_line(found.post)}: {one_line(found.because, 300)}", err=True)


def _sum_up(counts: Counter[str], left: dict[str, str], silent: bool) -> None:
    from archiver.show import one_line

    tables = {name[3:]: number for name, number in counts.items() if name.startswith("of ")}
    outcomes = {name: number for name, number in counts.items() if not name.startswith("of ")}
    if not silent:
        told = ", ".join(f"{number} {name}" for name, number in sorted(outcomes.items()))
        rows = ", ".join(f"{number} in {name}" for name, number in sorted(tables.items()))
        total = sum(outcomes.values())
        click.echo(f"{total} search{'es' * (total != 1)}{': ' * bool(told)}{told}.", err=True)
        if rows:
            click.echo(f"Kept: {rows}.", err=True)
    for why in left.values():
        click.echo(f"Left alone for now: {one_line(why, 400)}", err=True)
    if outcomes.get("failed"):
        click.get_current_context().exit(1)


@click.command()
@click.argument("file", metavar="FILE")
@option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@option("--silent", is_flag=True, help="Say only what is gone or back, and what failed.")
def watch(file: str, as_json: bool, silent: bool) -> None:
    """Keep an archive alive: new articles in, old posts asked about, a short report.

    \b
      archiver watch watch.toml
      7 * * * *  archiver watch /home/desk/watch.toml --silent     (a line of crontab)

    FILE is TOML: the archive, its sources and how often each is read, how often posts are asked about.
    docs/watch.md has an example. Nothing stays running: each run does what is due, within its minutes, and
    the next one goes on. Two runs at once do no harm: the second ends at once.

    Exit code: 0 when all was done, 1 when sources failed or hosts refused, 2 when the command was not
    understood.
    """
    from archiver import plugins, watching
    from archiver.troubles import kept_alive
    from archiver.watch import watch

    report = watch(watching.read(file), plugins.platforms())
    if as_json:
        _print(asdict(report))
    elif text := kept_alive(report, silent):
        click.echo(text)
    if report.failed or report.left:
        click.get_current_context().exit(1)


def _end(counts: Counter[str], whys: Counter[str], asker: Any, silent: bool) -> None:
    from archiver.show import one_line

    left = counts.pop("left", 0)
    if not silent:
        told = ", ".join(f"{number} {state}" for state, number in sorted(counts.items()))
        total = counts.total()
        click.echo(f"Asked about {total} post{'s' * (total != 1)}{': ' * bool(told)}{told}.", err=True)
        for why, number in whys.most_common(_FEW):
            click.echo(f"Unknown, {number} times: {one_line(why, 300)}", err=True)
    for why in asker.left.values():
        click.echo(f"Left alone for now: {one_line(why, 400)}", err=True)
    if left:
        click.echo(f"{left} post{'s' * (left != 1)} left: give the same command again later.", err=True)
        click.get_current_context().exit(1)


def _tell(answer: Any) -> None:
    from archiver.show import one_line

    gone = answer.state not in ("live", "unknown")
    state = click.style(answer.state, fg="red" if gone else "green")
    before = f" (was {answer.before})" if answer.before else ""
    click.echo(f"{state}{before}: {one_line(answer.post)}: {one_line(answer.because, 300)}")


def _keys(given: dict[str, Any]) -> tuple[str, ...]:
    from archiver import query

    return tuple(query.post(given["db"], name)["id"] for name in given["posts"])


def _fetcher(given: dict[str, Any]) -> Any:
    from archiver.fetch import Fetcher, prepare

    if given["warc"]:
        prepare(given["warc"])
    manners = Manners(
        contact=given["contact"], delay=given["delay"], robots=not given["no_robots"], warc=given["warc"]
    )
    return Fetcher(manners=manners)


def _until_interrupted(answers: Iterable[Any]) -> Iterable[Any]:
    try:
        yield from answers
    except KeyboardInterrupt:
        raise click.ClickException("interrupted; every answer is kept: give the same command again") from None


def _print(row: dict[str, Any]) -> None:
    from archiver.show import json_text

    write(json_text(row) + "\n")


COMMANDS = (check, rescue, watch)
