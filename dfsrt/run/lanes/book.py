"""The book of lanes: the ledger of a run whose cores work side by side, and each core's own."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.power.components import COMPONENTS
from dfsrt.power.table import LayerTable
from dfsrt.run.book import Book
from dfsrt.run.cap import PowerCap
from dfsrt.run.excess import Excess
from dfsrt.run.lanes.total import TotalPower
from dfsrt.run.log import RunLog
from dfsrt.run.masks import Lanes


class LaneBook(Book):
    """Sums over a run on lanes; time is that of all lanes together, power what they draw at once.

    ``of_lanes`` are the lanes. By lane there are ``lane_busy_ns``, stalls included, and
    ``lane_work_ns`` without them; of the layers that have ended their number ``lane_runs``, what
    they would have taken alone, ``lane_alone_ns``, and their bytes ``lane_bytes``: all
    ``(n_lanes,)``; and ``lane_j`` ``(n_lanes, n_components)``.
    """

    def __init__(self, table: LayerTable, cap: PowerCap, workloads: int, lanes: Lanes) -> None:
        super().__init__(table, cap, workloads)
        self.lanes, self.of_lanes = len(lanes), lanes
        self.lane_busy_ns: Ints = np.zeros(self.lanes, dtype=np.int64)
        self.lane_work_ns: Ints = np.zeros(self.lanes, dtype=np.int64)
        self.lane_alone_ns: Ints = np.zeros(self.lanes, dtype=np.int64)
        self.lane_runs: Ints = np.zeros(self.lanes, dtype=np.int64)
        self.lane_bytes: Ints = np.zeros(self.lanes, dtype=np.int64)
        self.lane_j: Floats = np.zeros((self.lanes, len(COMPONENTS)))
        self._total = TotalPower(cap, self.lanes)

    @property
    def stretch(self) -> float | None:
        """Time in layers over what they take alone; None where none has ended."""
        alone = int(self.lane_alone_ns.sum())
        return int(self.lane_work_ns.sum()) / alone if alone else None

    def add(self, log: RunLog) -> None:
        """Take the next piece of the log."""
        super().add(log)
        ran, ended = log.ran, log.ran & (log.ends > 0)
        np.add.at(self.lane_busy_ns, log.lane[ran], (log.end_ns - log.begin_ns)[ran])
        np.add.at(self.lane_work_ns, log.lane[ran], (log.end_ns - log.start_ns)[ran])
        np.add.at(self.lane_j, log.lane, log.energy_j)
        lane, layer = log.lane[ended], log.layer[ended]
        np.add.at(self.lane_runs, lane, 1)
        np.add.at(self.lane_bytes, lane, self.table.load.dram_bytes[layer])
        np.add.at(self.lane_alone_ns, lane, self.table.duration_ns[layer, log.level[ended]])

    def _add_power(self, log: RunLog) -> None:
        self.unreachable += int(log.executions[log.cap_unreachable].sum())
        self._total.add(log)
        self.layers_over, self.power_max_w = self._total.layers_over, self._total.max_w
        self.layer_excess = Excess(self._total.excess.time_s, self._total.excess.max_w)
