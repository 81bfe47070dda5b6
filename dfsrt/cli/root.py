"""The group of all commands: what holds for each of them."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from dfsrt.base.errors import InputError

QUIET = "quiet"
"""The option that may stand before a command and behind it."""


class Commands(TyperGroup):
    """The commands; where a file ends too early, that is said, and not that somebody gave up."""

    # Typer's own copy of click has no public name for what commands and options are.
    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        quiet = next(option for option in self.params if option.name == QUIET)
        self._give(quiet, self)

    def _give(self, option: Any, group: Any) -> None:
        """Let every command below ``group`` take an option of its own."""
        for command in group.commands.values():
            command.params.append(option)
            if hasattr(command, "commands"):
                self._give(option, command)

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
