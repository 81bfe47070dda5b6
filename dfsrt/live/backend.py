"""The contract of a board: what clocks it has, how it stands, one of them set, all undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from dfsrt.live.errors import BoardError


@dataclass(frozen=True, slots=True)
class Reading:
    """A board at one moment: its clock in Hz, 0 where it shows none.

    ``load`` is the busy share of the last stretch that the board itself counted, None where it
    shows none.
    """

    freq_hz: int
    load: float | None = None


class Backend(Protocol):
    """A board, or a meter, which has no points.

    ``id`` is its kind and name, as in ``devfreq:fdab0000.npu``.

    Raises, on use:
        BoardError: it has gone, refuses, or may not be touched.
    """

    @property
    def id(self) -> str:
        """What it is called on the command line."""
        ...

    def points(self) -> tuple[int, ...]:
        """Return the clocks that it offers, in Hz, ascending."""
        ...

    def read(self) -> Reading:
        """Return how it stands."""
        ...

    def write(self, freq_hz: int) -> int:
        """Set a clock of ``points``; return the one that it then runs at, which it may round."""
        ...

    def restore(self) -> None:
        """Put back what was there before the first write."""
        ...

    def watts(self) -> float | None:
        """Return what it draws, in W; None where it does not show it (yet)."""
        ...


class ReadOnly:
    """The half of a backend that never sets anything."""

    id: str = ""

    def write(self, freq_hz: int) -> int:
        """Refuse.

        Raises:
            BoardError: always.
        """
        raise BoardError(f"{self.id} is only read here; those that are set are called devfreq:NAME")

    def restore(self) -> None:
        """Do nothing: nothing was written."""
