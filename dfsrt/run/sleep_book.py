"""The book of sleep: time, energy and entries of each idle state, and what the oracle had spent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.device.idle import IdleState
from dfsrt.power.components import COMPONENTS
from dfsrt.run.log import RunLog
from dfsrt.run.meter import Meter
from dfsrt.run.sleep_state import phase_codes


@dataclass(slots=True)
class SleepBook:
    """Sums over a run of an NPU with idle ``states``; a state's phases are entry, stay and exit.

    ``time_ns`` ``(n_codes,)`` and ``energy_j`` ``(n_codes, n_components)`` are by phase, see
    ``phase_code``; ``sleeps`` ``(3 * n_states + 3,)`` is what the loop counted, as in ``Out``.
    """

    states: tuple[IdleState, ...]
    time_ns: Ints
    energy_j: Floats
    sleeps: Ints

    @property
    def up(self) -> tuple[int, Floats]:
        """Time and joules ``(n_components,)`` with the clock stopped and no more."""
        return int(self.time_ns[0]), self.energy_j[0]

    @property
    def entries(self) -> Ints:
        """How often each state was entered, ``(n_states,)``."""
        return self.sleeps[: len(self.states)]

    @property
    def too_early(self) -> Ints:
        """How often each was woken before it had paid, ``(n_states,)``."""
        return self.sleeps[len(self.states) : 2 * len(self.states)]

    @property
    def waited_ns(self) -> Ints:
        """How long requests waited for each to be left, ``(n_states,)``; one a stretch counts."""
        return self.sleeps[2 * len(self.states) : 3 * len(self.states)]

    @property
    def spent_j(self) -> float:
        """What rail and uncore gave in all stretches that have ended."""
        return float(self.sleeps[-3]) * 1e-12

    @property
    def oracle_j(self) -> float:
        """What an oracle that delays nobody had spent on stretches of the same lengths."""
        return float(self.sleeps[-2]) * 1e-12

    @property
    def stretches(self) -> int:
        """How many stretches of idle time have ended."""
        return int(self.sleeps[-1])

    def of_phases(self, state: int) -> Ints:
        """Return the codes of all ways down into a state, its stay and its way up."""
        n = len(self.states)
        return np.array([1 + before * n + state for before in range(n + 3)], dtype=np.int64)

    def add(self, log: RunLog) -> None:
        """Take the idle rows of the next piece of the log."""
        idle = ~log.ran
        spans = (log.end_ns - log.begin_ns) * log.times
        np.add.at(self.time_ns, log.phase[idle], spans[idle])
        np.add.at(self.energy_j, log.phase[idle], log.energy_j[idle] * log.times[idle, None])


def empty_sleep_book(states: tuple[IdleState, ...]) -> SleepBook:
    """Return a book in which nothing is booked."""
    n = len(states)
    codes = phase_codes(n)
    return SleepBook(
        states,
        np.zeros(codes, dtype=np.int64),
        np.zeros((codes, len(COMPONENTS))),
        np.zeros(3 * n + 3, dtype=np.int64),
    )


def read_meter(book: SleepBook, meter: Meter, share: Floats, idle_share: float) -> None:
    """Take in what a meter booked by phase; ``share`` ``(n_components,)`` of it counts."""
    book.energy_j[:] = np.asarray(meter.phase_j).reshape(-1, len(COMPONENTS)) * share
    book.time_ns[:] = np.rint(book.time_ns * idle_share)
