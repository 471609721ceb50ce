"""The command that makes articles independent of anyone's script."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

import click

from archiver.commands.printing import write
from archiver.options import every, option

__all__ = ["COMMANDS"]

_ONE_MB = 1_000_000
_OPTIONS = (
    option("--db", metavar="DB", help="An archive that knows words, states and copies of posts."),
    option("--in-place", is_flag=True, help="Change the files; what they were is kept beside them (.orig)."),
    option("--no-backup", is_flag=True, help="With --in-place: keep nothing beside them."),
    option("--diff", is_flag=True, help="Print what would change, for patch."),
    option("--check", is_flag=True, help="Change nothing; exit code 1 where an embed can be healed."),
    option("--only", multiple=True, metavar="PLATFORM", help="Heal the embeds of this platform only."),
    option("--no-style", is_flag=True, help="Leave the stylesheet out: the site has it."),
    option("--css", is_flag=True, help="Print the stylesheet, for the site."),
    option("--language", metavar="CODE", help="Of the notes; default: the article's."),
    option("--as", "kind", type=click.Choice(["html", "markdown", "export"]), help="Take it for this kind."),
    option("--url", metavar="URL", help="Where a single article came from."),
    option(
        "--max-size",
        type=click.IntRange(1),
        default=64,
        show_default=True,
        metavar="MB",
        help="Largest article.",
    ),
    option("--json", "as_json", is_flag=True, help="With --in-place or --check: JSON Lines of what became."),
    option("--silent", is_flag=True, help="Say nothing but errors."),
)


@click.command()
@click.argument("names", nargs=-1, metavar="ARTICLE...")
@every(_OPTIONS)
def heal(**given: Any) -> None:
    """Replace the embeds of articles by static quotes.

    \b
      archiver heal page.html > healed.html
      archiver heal page.html --db quotes.db --diff
      archiver heal site/ --in-place --db quotes.db
      archiver heal site/ --check
      archiver heal --css > quoted-post.css

    ARTICLE is a file (HTML, Markdown, a WordPress export), a folder, or - for standard input. A static
    quote is a figure with the post's words, author, date and address; it runs no script and loads
    nothing. With --db it says too that a post is gone and where a copy is, and embeds without words take
    them from the archive. All else in the file stays as it is, byte for byte. An embed is left, and named,
    where it is not certain what it is.

    Exit code: 0 when all articles were read, 1 when one was not (or, with --check, when there is something
    to heal), 2 when the command was not understood.
    """
    from archiver import healed

    if given["css"]:
        write(healed.style())
        return
    _understood(given)
    with ExitStack() as stack:
        _heal_all(given, _rules(given, stack))


def _understood(given: dict[str, Any]) -> None:
    ways = [f"--{name.replace('_', '-')}" for name in ("in_place", "diff", "check") if given[name]]
    if not given["names"]:
        raise click.UsageError("Name an ARTICLE: a file, a folder, or - for standard input.")
    if len(ways) > 1:
        raise click.UsageError(f"{' and '.join(ways)}: choose one.")
    if "-" in given["names"] and (len(given["names"]) > 1 or given["in_place"]):
        raise click.UsageError("Standard input is healed alone, and not in place.")
    if given["as_json"] and not (given["in_place"] or given["check"]):
        raise click.UsageError("--json goes with --in-place or --check: else the article is printed.")
    if given["url"] and len(given["names"]) > 1:
        raise click.UsageError("--url says where one article came from: give it one.")


def _rules(given: dict[str, Any], stack: ExitStack) -> Any:
    from archiver import plugins, query, rewriting
    from archiver.heal import Rules

    known = {platform.name for platform in plugins.platforms()}
    strange = sorted(set(given["only"]) - known)
    if strange:
        raise click.UsageError(f"--only {strange[0]}: no such platform; see archiver platforms")
    rules = Rules(
        only=frozenset(given["only"]),
        style=not given["no_style"],
        language=given["language"],
    )
    if not given["db"]:
        return rules
    ask = stack.enter_context(query.known(given["db"]))
    return Rules(rewriting.knowing(ask), rules.only, rules.style, rules.language)


def _heal_all(given: dict[str, Any], rules: Any) -> None:
    from archiver import plugins, rewriting
    from archiver.errors import ArchiverError
    from archiver.readers.source import Failure
    from archiver.show import one_line

    done = _done(given)
    sums = {"articles": 0, "healed": 0, "left": 0, "failed": 0}
    for article in _articles(given):
        if isinstance(article, Failure):
            sums["failed"] += 1
            click.echo(f"{one_line(article.source)}: {one_line(article.reason)}", err=True)
            continue
        result = rewriting.healed(article, rules, plugins.platforms(), given["kind"], given["url"])
        try:
            done(article, result)
        except ArchiverError as error:
            sums["failed"] += 1
            click.echo(one_line(str(error)), err=True)
            continue
        sums["articles"] += 1
        sums["healed"] += len(result.keys)
        sums["left"] += len(result.left)
        _report(article, result, given)
    if not given["silent"]:
        click.echo(_sum(sums, given["check"] or given["diff"]), err=True)
    if sums["failed"] or (given["check"] and sums["healed"]):
        click.get_current_context().exit(1)


def _articles(given: dict[str, Any]) -> Iterable[Any]:
    from archiver import rewriting

    limit = given["max_size"] * _ONE_MB
    if given["names"] == ("-",):
        body = sys.stdin.buffer.read(limit + 1)
        if len(body) > limit:
            raise click.ClickException("-: larger than --max-size")
        return [rewriting.Article("-", body)]
    return rewriting.articles(given["names"], limit)


def _done(given: dict[str, Any]) -> Callable[[Any, Any], None]:
    """What is done with a healed article."""
    from archiver import rewriting

    if given["check"]:
        return lambda article, result: None
    if given["diff"]:
        return lambda article, result: _out(rewriting.difference(article, result.body))
    if given["in_place"]:
        return lambda article, result: _put(article, result, not given["no_backup"])
    if len(given["names"]) != 1 or os.path.isdir(given["names"][0]):
        raise click.UsageError("Several articles: choose --in-place, --diff or --check.")
    return lambda article, result: _out(result.body)


def _out(body: bytes) -> None:
    sys.stdout.buffer.write(body)
    sys.stdout.buffer.flush()


def _put(article: Any, result: Any, backup: bool) -> None:
    from archiver import rewriting

    if result.body != article.body:
        rewriting.write(article, result.body, backup)


def _report(article: Any, result: Any, given: dict[str, Any]) -> None:
    from dataclasses import asdict

    from archiver.show import json_text, one_line

    if given["as_json"]:
        left = [asdict(one) for one in result.left]
        told = {"source": article.name, "healed": result.keys, "left": left, "scripts": result.scripts}
        write(json_text(told) + "\n")
    elif not given["silent"]:
        for one in result.left:
            where = ", ".join(filter(None, (one.place, one.key)))
            click.echo(f"{one_line(article.name)}: left: {one_line(where)}: {one.reason}", err=True)


def _sum(sums: dict[str, int], would: bool) -> str:
    failed = f", {sums['failed']} not read or written" if sums["failed"] else ""
    embeds = "embed" if sums["healed"] == 1 else "embeds"
    healed = "can be static" if would else "made static"
    many = "s" * (sums["articles"] != 1)
    return (
        f"{sums['articles']} article{many}: {sums['healed']} {embeds} {healed}, {sums['left']} left{failed}."
    )


COMMANDS = (heal,)
