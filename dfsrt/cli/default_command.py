"""Groups of commands one of which runs where no command is named."""

from __future__ import annotations

from typing import Any, ClassVar

from typer.core import TyperGroup


class WithDefault(TyperGroup):
    """A group whose first word may be what its ``default`` command takes.

    A file that is called like a command is named by its path, like ``./compare``.
    """

    default: ClassVar[str] = "run"

    # Typer's own copy of click has no public name for a context.
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default command before anything that is no command of the group."""
        if args and args[0] not in (*self.commands, "-h", "--help"):
            args = [self.default, *args]
        return super().parse_args(ctx, args)
