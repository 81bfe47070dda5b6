"""The commands, by the names that are typed: only what is called for is imported."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Annotated

import typer

from dfsrt.base.notice import hush
from dfsrt.base.version import __version__
from dfsrt.cli.root import Commands
from dfsrt.cli.table import COMMANDS, GROUPS

EXIT_CODES = (
    "Exit codes: 0 done; 1 done, and something checked is not as it should be; 2 wrong input, in "
    "one line; 130 Ctrl-C; 141 who reads the output has gone; 143 SIGTERM."
)


def make_app(words: Sequence[str] | None = None) -> typer.Typer:
    """Return the command line that ``words`` call for: one command's; without ``words`` all of it.

    To import all commands takes longer than most need to begin: of those that are not called for
    there is the name, and where no word is a command what the help says of each.
    """
    app = typer.Typer(
        cls=Commands,
        help="A clock for every layer of a neural network, under a power cap, on a simulated NPU.",
        epilog=EXIT_CODES,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    named = None if words is None else next((w for w in words if not w.startswith("-")), "")
    for name, (place, what) in COMMANDS.items():
        if named in (None, name):
            module, function = place.split(":")
            app.command(name)(getattr(_module(module), function))
        else:
            app.command(name, help=what)(_nothing)
    for name, what in GROUPS.items():
        if named in (None, name):
            app.add_typer(_module(name).app, name=name, help=what)
        else:
            app.command(name, help=what)(_nothing)
    return app


def _nothing() -> None:
    """In place of a command that was not called for."""


def _module(name: str) -> ModuleType:
    return import_module(f"dfsrt.cli.{name}")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"dfsrt {__version__}")
        raise typer.Exit


def _be_quiet(wanted: bool) -> None:
    if wanted:
        hush()


def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet",
            callback=_be_quiet,
            is_eager=True,
            expose_value=False,
            help="Neither notices nor progress on standard error; results and errors stay.",
        ),
    ] = False,
) -> None:
    pass
