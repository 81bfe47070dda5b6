"""What of a run is written down, and who takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from dfsrt.run.log import RunLog
from dfsrt.run.stream import NEVER_NS

CHUNK = 200_000
"""Rows and requests, together, over which the books are closed at once: about 60 MB."""


class Consumer(Protocol):
    """Anything that takes a run's log piece by piece, in order."""

    def add(self, log: RunLog) -> None:
        """Take the next piece."""
        ...


@dataclass(frozen=True, slots=True)
class Detail:
    """What is written down, and how.

    ``every_row``: each layer run is a row; else runs that are alike are counted, but for those of
    requests from number ``rows_from`` on. ``compiled``: machine code, else plain Python, with the
    same results to the last bit; it takes over after ``plain_runs`` layer runs in plain Python.
    Books are closed over ``chunk`` rows and requests at once.
    ``multiplies``: laps that repeat are not walked, for nobody asks for each of their requests.
    """

    every_row: bool = True
    rows_from: int = NEVER_NS
    compiled: bool = False
    chunk: int = CHUNK
    multiplies: bool = False
    plain_runs: int = 0

    @property
    def begins_compiled(self) -> bool:
        """Whether it is machine code from the first layer on."""
        return self.compiled and self.plain_runs == 0
