"""Rooms that are functions, too: ``dfsrt.run`` is a package, and ``dfsrt.run(load)`` runs it."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inspect import Signature


class Verb(ModuleType):
    """A room that can be called: the call goes to ``function`` of ``module``, imported then."""

    module: str
    function: str

    @property
    def __signature__(self) -> Signature:
        """That of the function: a notebook shows it, and completes its keywords."""
        from inspect import signature

        return signature(getattr(import_module(self.module), self.function))

    def __call__(self, *positional: object, **named: object) -> object:
        """Call the function that the room is, too."""
        return getattr(import_module(self.module), self.function)(*positional, **named)


def make_verb(room: str, module: str, function: str) -> None:
    """Let the imported package ``room`` be called as ``function`` of ``module``, above it."""
    package = sys.modules[room]
    package.__class__ = Verb
    said = f"{room}(...) is a function, too: see help({module}.{function})."
    package.__doc__ = f"{package.__doc__ or ''}\n\n{said}".strip()
    setattr(package, "module", module)  # noqa: B010 - it was no Verb a line before
    setattr(package, "function", function)  # noqa: B010
