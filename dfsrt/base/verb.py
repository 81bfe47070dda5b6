"""Rooms that are functions, too: ``dfsrt.run`` is a package, and ``dfsrt.run(load)`` runs it."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType


class Verb(ModuleType):
    """A room that can be called: the call goes to ``function`` of ``module``, imported then."""

    module: str
    function: str

    def __call__(self, *positional: object, **named: object) -> object:
        """Call the function that the room is, too."""
        return getattr(import_module(self.module), self.function)(*positional, **named)


def make_verb(room: str, module: str, function: str) -> None:
    """Let the imported package ``room`` be called as ``function`` of ``module``, above it."""
    package = sys.modules[room]
    package.__class__ = Verb
    setattr(package, "module", module)  # noqa: B010 - it was no Verb a line before
    setattr(package, "function", function)  # noqa: B010
