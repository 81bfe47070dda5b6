"""The run log: one row per layer execution, with time, clock, voltage, watts and joules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Floats, Ints
from dfsrt.power.components import IN_DOMAIN
from dfsrt.power.table import LayerTable
from dfsrt.run.cap import PowerCap
from dfsrt.run.corrector import Correction
from dfsrt.run.ended import Ended, Repeated, joined_requests
from dfsrt.run.rail_move import RailMove
from dfsrt.run.recorder import IDLE
from dfsrt.run.units import units_of


class HeldBy(IntEnum):
    """What kept a layer from a faster clock."""

    RANGE = 0  # nothing: it ran at the fastest clock there is
    CAP = 1  # the next clock is predicted to exceed the cap
    VOLTAGE = 2  # the next clock needs a voltage that the rail did not have
    MEMORY = 3  # its work waits for memory, or a faster clock would hardly help
    POLICY = 4  # the governor did not ask for more
    IDLE = 5  # nothing ran


ROW_COLUMNS = (
    "times", "frame", "layer", "start_ns", "end_ns", "stall_ns", "level", "freq_hz", "rail_uv",
    "cap_w", "predicted_w", "power_w", "energy_j", "held_by", "cap_unreachable", "phase", "lane",
    "ends",
)  # fmt: skip
"""Fields of a log that have an entry a row."""


@dataclass(frozen=True, slots=True)
class RunLog:
    """Columns of equal length ``n_rows`` in order of time.

    ``energy_j`` is ``(n_rows, n_components)``. A row spans ``start_ns - stall_ns`` to ``end_ns``;
    idle rows have layer -1 and the code of an idle state's ``phase``, 0 where it is up. It
    stands for ``times`` runs: one, unless runs that are alike are counted. ``power_w`` is the true
    average in the capped domain from ``start_ns`` to ``end_ns``, ``predicted_w`` what the governor
    expected at that clock and the rail's voltage.
    ``rail_uv`` is the voltage at the start. ``frame`` is the request's number in its stream,
    ``left`` are requests that have left meanwhile, in pieces, and at the end those still there;
    ``repeated`` stand for many that were not walked. ``moves`` ``(n_moves, 6)`` are all voltage
    transitions, columns ``MOVE_COLUMNS``, where every run is a row; ``moved`` is how many there
    were in any case.
    ``transitions`` counts layer runs by the level before and their own, ``(n_levels, n_levels)``.
    ``correction`` is what a corrector had learned at the end, if there was one.
    Where cores work side by side rows are of their ``lane``, in order of their end, a cap is each
    lane's share, and a layer in which the clock changes has several rows, with the last of which
    it ``ends``; elsewhere all are of lane 0, and end. ``cores`` are the lanes' masks, if any.
    """

    table: LayerTable
    cap: PowerCap
    times: Ints
    frame: Ints
    layer: Ints
    start_ns: Ints
    end_ns: Ints
    stall_ns: Ints
    level: Ints
    freq_hz: Ints
    rail_uv: Ints
    cap_w: Floats
    predicted_w: Floats
    power_w: Floats
    energy_j: Floats
    held_by: Ints
    cap_unreachable: NDArray[np.bool_]
    phase: Ints
    lane: Ints
    ends: Ints
    left: tuple[Ended, ...]
    repeated: tuple[Repeated, ...]
    moves: Ints
    moved: int
    transitions: Ints
    until_ns: int
    correction: Correction | None = None
    cores: tuple[str, ...] = ()

    @property
    def requests(self) -> Ended:
        """The requests that have left, in order of their end, those still there last."""
        return joined_requests(self.left)

    @property
    def finish_ns(self) -> Ints:
        """When each request finished that was served, ``(n_served,)``."""
        return self.requests.done.finish_ns

    @property
    def ran(self) -> NDArray[np.bool_]:
        """Rows in which a layer ran."""
        return np.asarray(self.layer != IDLE)

    @property
    def rail_moves(self) -> tuple[RailMove, ...]:
        """The voltage transitions, one by one."""
        return tuple(RailMove(*move) for move in self.moves.tolist())

    @property
    def executions(self) -> Ints:
        """How many layer executions end in each row, each block of a cache one, ``(n_rows,)``."""
        run_ns = self.end_ns - self.start_ns
        return self.times * self.ends * units_of(self.table, self.layer, self.level, run_ns)

    @property
    def last_frame(self) -> Ints:
        """Indices of the rows in which the last frame's layers ran, idle rows left out."""
        ran = np.flatnonzero(self.ran)
        return ran[self.frame[ran] == self.frame[ran[-1]]] if len(ran) else ran

    @property
    def begin_ns(self) -> Ints:
        """Where each row begins, its stall included."""
        return self.start_ns - self.stall_ns

    @property
    def span_ns(self) -> int:
        """Simulated time from the run's start to the end of this log."""
        return self.until_ns

    def domain_energy_j(self) -> Floats:
        """Energy of each row in the capped domain, ``(n_rows,)``."""
        return np.asarray(self.energy_j[:, : IN_DOMAIN[self.cap.domain]].sum(axis=1))
