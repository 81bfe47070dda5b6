"""What a worker keeps between the tasks of one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class AtWork(Generic[Kept]):
    """Keeps one thing for the call that a worker works for: files may change from call to call."""

    def __init__(self) -> None:
        self._call = ""
        self._kept: Kept | None = None

    def of(self, call: str, make: Callable[[], Kept]) -> Kept:
        """Return what is kept for ``call``; the first of its tasks makes it."""
        if self._kept is None or self._call != call:
            self._call, self._kept = call, make()
        return self._kept
