"""How far a step has come, told to whoever asked for it: steps have no argument of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

OnPart = Callable[[int, int], None]
"""Told after each part of a step: parts done, of how many."""

_ASKED: ContextVar[OnPart | None] = ContextVar("asked", default=None)


def tell_part(done: int, total: int) -> None:
    """Tell whoever asked that ``done`` of ``total`` parts of the step at work are done."""
    on_part = _ASKED.get()
    if on_part is not None:
        on_part(done, total)


@contextmanager
def parts_told_to(on_part: OnPart) -> Iterator[None]:
    """Have the parts of all steps told to ``on_part`` within a ``with`` block."""
    token = _ASKED.set(on_part)
    try:
        yield
    finally:
        _ASKED.reset(token)
