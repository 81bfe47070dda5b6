"""The commands, by the names that are typed: only what is called for is imported."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Annotated

import typer
from typer.core import TyperGroup

from dfsrt import __version__
from dfsrt.base.errors import InputError

COMMANDS = {
    "run": "verbs:run",
    "compare": "verbs:compare",
    "replay": "verbs:replay",
    "budget": "budget:budget",
    "frontier": "frontier:frontier",
    "layers": "layers:layers",
    "levers": "levers:levers",
    "measure": "measure:measure",
    "train": "train:train",
    "tune": "tune:tune",
    "sweep": "sweep:sweep",
    "predict": "predict:predict",
    "capture": "capture:capture",
    "activity": "activity:activity",
    "import": "importing:import_recording",
    "list": "listing:list_names",
}
"""Where each command stands, in the order of the help."""
GROUPS = (
    *("battery", "device", "live", "memory", "models", "trace", "network", "optimize"),
    "reproduce",
)
"""Modules of commands that have commands of their own."""


def make_app(words: Sequence[str] = ()) -> typer.Typer:
    """Return the command line that ``words`` call for: one command's, or else all of them.

    To import and to describe all of them takes longer than most commands need to begin.
    """
    app = typer.Typer(
        cls=_Commands,
        help="A clock for every layer of a neural network, under a power cap, on a simulated NPU.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    named = words[0] if words else ""
    known = named in COMMANDS or named in GROUPS
    for name, place in COMMANDS.items():
        if not known or name == named:
            module, function = place.split(":")
            app.command(name)(getattr(_module(module), function))
    for name in GROUPS:
        if not known or name == named:
            app.add_typer(_module(name).app, name=name)
    return app


class _Commands(TyperGroup):
    """The commands; where a file ends too early, that is said, and not that somebody gave up."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]
        """Run the command that was called for.

        Raises:
            InputError: a library met the end of a file that it did not expect.
        """
        try:
            return super().invoke(ctx)
        except EOFError as error:
            raise InputError(
                f"a file that is read ends too early ({str(error) or 'cut off'}); give whole files"
            ) from error


def _module(name: str) -> ModuleType:
    return import_module(f"dfsrt.cli.{name}")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"dfsrt {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass
