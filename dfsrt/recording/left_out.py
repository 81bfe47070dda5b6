"""What a reader leaves out: how many, and where and why the first."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class LeftOut:
    """Counts pieces of a file, called ``what`` (``events``, ``rows``), that cannot be read."""

    what: str
    count: int = 0
    first: str = ""

    def add(self, where: str, reason: object) -> None:
        """Count the piece at ``where``, like ``event 3``."""
        self.first = self.first or f"{where}: {reason}"
        self.count += 1

    def about(self) -> dict[str, str]:
        """Return what a recording tells of it: nothing where nothing was left out."""
        return {f"{self.what} left out": f"{self.count} ({self.first})"} if self.count else {}
