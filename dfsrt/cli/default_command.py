"""Groups of commands one of which runs where no command is named."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar

from typer.core import TyperGroup

from dfsrt.base.names import is_there

QUIET = "--quiet"
"""The option of every command, which may stand before it, too."""


class WithDefault(TyperGroup):
    """A group whose first word may be what its ``default`` command takes.

    A file that is called like a command is named by its path, like ``./compare``.
    """

    default: ClassVar[str] = "run"

    # Typer's own copy of click has no public name for a context.
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default command before anything that is no command of the group."""
        first = next((word for word in args if word != QUIET), None)
        if first is not None and first not in (*self.commands, "-h", "--help"):
            self._check_first(ctx, first)
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def _check_first(self, ctx: Any, word: str) -> None:
        """Refuse a word that is a command but for a letter, and no file."""
        near = get_close_matches(word, self.commands, n=1, cutoff=0.8)
        if near and not (ctx.resilient_parsing or is_there(Path(word))):
            ctx.fail(f"No such command '{word}'. Did you mean '{near[0]}'?")

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """Return what the first word may be: a command, or what the default one takes first."""
        takes = self.commands[self.default].params
        first = next(option for option in takes if option.param_type_name == "argument")
        return [*super().shell_complete(ctx, incomplete), *first.shell_complete(ctx, incomplete)]
