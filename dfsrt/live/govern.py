"""A governor over a board: look, choose, write where the choice is another, wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from dfsrt.base.errors import InputError
from dfsrt.live.backend import Backend, Reading
from dfsrt.live.chooser import Chooser
from dfsrt.live.loads import Load

Ticks = Iterator[int]
"""Nanoseconds from the beginning at which the board is looked at."""


@dataclass(frozen=True, slots=True)
class Decision:
    """At ``time_ns`` the board stood so and ``wish_hz`` was chosen; ``real_hz`` is what it made."""

    time_ns: int
    reading: Reading
    load: float | None
    watts: float | None
    wish_hz: int
    real_hz: int

    @property
    def is_write(self) -> bool:
        """Whether a clock was written."""
        return bool(self.real_hz)


@dataclass(frozen=True, slots=True)
class Governed:
    """What is governed: a board, the meter that shows its power, its load, and who chooses."""

    board: Backend
    meter: Backend
    load: Load
    chooser: Chooser

    def look(self, time_ns: int, freq_hz: int = 0) -> tuple[Reading, float | None, float | None]:
        """Return how it stands: its reading, load and watts.

        Where ``freq_hz`` is said it is taken to be there, with as much to do each second.

        Raises:
            InputError: the governor needs a load or a power that nobody shows.
        """
        reading = self.board.read()
        if freq_hz:
            reading = _moved(reading, freq_hz)
        load = self.load.at(reading, time_ns)
        watts = self.meter.watts() if self.chooser.reads_power else None
        if self.chooser.samples and load is None and not self.chooser.reads_power:
            raise InputError(
                f"{self.board.id} shows no load; say it with --load 60% or --load RECORDING, or "
                "take a governor that needs none, like performance"
            )
        return reading, load, watts


def _moved(reading: Reading, freq_hz: int) -> Reading:
    share = reading.load
    if share is not None:
        share = min(share * reading.freq_hz / freq_hz, 1.0)
    return replace(reading, freq_hz=freq_hz, load=share)


def govern(
    governed: Governed,
    write: Callable[[int], int],
    ticks: Ticks,
    beat: Callable[[], object] = lambda: None,
    assumes: bool = False,
) -> Iterator[Decision]:
    """Yield what is chosen at each tick, and has been written where it is another clock.

    ``assumes``: nothing is really written, and the board is taken to stand where it was told.
    """
    chosen = 0
    for time_ns in ticks:
        beat()
        reading, load, watts = governed.look(time_ns, chosen if assumes else 0)
        wish_hz = governed.chooser.wish(reading.freq_hz, load, watts)
        real_hz = write(wish_hz) if wish_hz != chosen else 0
        chosen = wish_hz
        yield Decision(time_ns, reading, load, watts, wish_hz, real_hz)
