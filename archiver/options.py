"""The options that several commands share; each can be set in the environment too."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from archiver import metadata

__all__ = ["FORMATS", "SOURCES", "every", "option"]

Command = TypeVar("Command", bound=Callable[..., Any])


def option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    """An option that can be set as ARCHIVER_NAME too, for all commands at once; ARCHIVER_COMMAND_NAME
    sets it for one."""
    long = next(name for name in names if name.startswith("--")).split("/")[0]
    variable = "ARCHIVER_" + long.strip("-").replace("-", "_").upper()
    return click.option(*names, envvar=variable, **settings)


def every(options: Iterable[Callable[[Command], Command]]) -> Callable[[Command], Command]:
    """Several options as one decorator, in the order of the help."""

    def decorate(command: Command) -> Command:
        for one in reversed(tuple(options)):
            command = one(command)
        return command

    return decorate


SOURCES = (
    click.argument("sources", nargs=-1, metavar="SOURCE..."),
    option("--list", "list_file", metavar="FILE", help="Read the sources that FILE names too, one a line."),
    option(
        "--as",
        "kind",
        type=click.Choice(["html", "text", "feed", "sitemap"]),
        help="Take every source for this kind.",
    ),
    option(
        "--since",
        type=click.DateTime(["%Y-%m-%d"]),
        metavar="DAY",
        help="Of feeds and sitemaps: articles published or changed on this day or later.",
    ),
    option("--match", metavar="REGEX", help="Of feeds and sitemaps: articles whose address it finds."),
    option("--url", metavar="URL", help="Where a single file or standard input came from."),
    option("--links", is_flag=True, help="Citations of posts in running prose too."),
    option(
        "--metadata",
        type=click.Choice(metadata.WAYS),
        default=metadata.HEAD,
        show_default=True,
        help="Title, byline, day of articles that quote: by their head, or by all of the page (slow).",
    ),
    option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Processes; default: one a core."),
    option(
        "--max-size",
        type=click.IntRange(1),
        default=64,
        show_default=True,
        metavar="MB",
        help="Largest article.",
    ),
    option("--contact", metavar="ADDRESS", help="Mail or web address told to the servers asked."),
    option(
        "--delay",
        type=click.FloatRange(0, 60),
        default=1.0,
        show_default=True,
        metavar="SECONDS",
        help="Between two pages of one host.",
    ),
    option(
        "--per-host",
        type=click.IntRange(1, 16),
        default=1,
        show_default=True,
        metavar="N",
        help="Pages of one host asked for at once.",
    ),
    option("--no-robots", is_flag=True, help="Ask for what robots.txt forbids: the decision is yours."),
    option("--wayback", is_flag=True, help="Read the archived copy of a page that is gone."),
    option(
        "--timegate",
        default="https://web.archive.org/web/",
        show_default=True,
        metavar="URL",
        help="The web archive that --wayback asks (Memento, RFC 7089).",
    ),
    option("--warc", metavar="FILE", help="Record what is said to servers and heard from them, as WARC."),
    option("--silent", is_flag=True, help="Say nothing but errors."),
    option("-v", "--verbose", is_flag=True, help="Say what became of each source."),
)
FORMATS = (
    option("--json", "as_json", is_flag=True, help="As JSON."),
    option("--csv", "as_csv", is_flag=True, help="As CSV, harmless in spreadsheets."),
)
