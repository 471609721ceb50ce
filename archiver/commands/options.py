"""What the commands share: options that are variables of the environment too, and the way to print."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

__all__ = ["FORMATS", "all_of", "option", "width", "write"]

Command = TypeVar("Command", bound=Callable[..., Any])


def option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    """An option that can be set as ARCHIVER_NAME too, for all commands at once; ARCHIVER_COMMAND_NAME
    sets it for one."""
    long = next(name for name in names if name.startswith("--")).split("/")[0]
    variable = "ARCHIVER_" + long.strip("-").replace("-", "_").upper()
    return click.option(*names, envvar=variable, **settings)


def all_of(options: Iterable[Callable[[Command], Command]]) -> Callable[[Command], Command]:
    """Several options as one decorator, in the order of the help."""

    def decorate(command: Command) -> Command:
        for option in reversed(tuple(options)):
            command = option(command)
        return command

    return decorate


FORMATS = (
    option("--json", "as_json", is_flag=True, help="As JSON."),
    option("--csv", "as_csv", is_flag=True, help="As CSV, harmless in spreadsheets."),
)


def write(text: str) -> None:
    """Data on standard output: UTF-8 whatever the terminal's encoding."""
    stream = sys.stdout.buffer
    stream.write(text.encode("utf-8", "replace"))
    stream.flush()


def width() -> int:
    from shutil import get_terminal_size

    return get_terminal_size().columns
