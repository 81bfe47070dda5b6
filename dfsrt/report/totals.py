"""Totals: all that a report says of a run, added up piece by piece in constant memory."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.power.table import LayerTable
from dfsrt.report.cap_stats import Excess, RunningAverage, layer_excess, layers_over
from dfsrt.report.latencies import Latencies
from dfsrt.run.cap import PowerCap
from dfsrt.run.corrector import Correction
from dfsrt.run.log import COMPONENTS, HeldBy, RunLog


class Totals:
    """Sums over the pieces of one run's log, given in order."""

    def __init__(self, table: LayerTable, cap: PowerCap) -> None:
        levels = len(table.npu.opps)
        self.table, self.cap = table, cap
        self.energy_j: Floats = np.zeros(len(COMPONENTS))
        self.level_ns: Ints = np.zeros(levels + 1, dtype=np.int64)  # idle last
        self.held_ns: Ints = np.zeros(len(HeldBy), dtype=np.int64)
        self.transitions: Ints = np.zeros((levels, levels), dtype=np.int64)
        self.latencies = Latencies()
        self.span_ns = self.stall_ns = self.moves = 0
        self.runs = self.layers_over = self.unreachable = 0
        self.power_max_w = 0.0
        self.layer_excess = Excess(0.0, 0.0)
        self._average = RunningAverage(cap) if cap.window_ns else None
        self._drew = self._under = 0
        self._error = 0.0
        self.correction: Correction | None = None

    @property
    def frames(self) -> int:
        """Frames that have finished."""
        return len(self.latencies)

    @property
    def window_excess(self) -> Excess:
        """Excess of the running average; with window 0, of each layer's own."""
        return self.layer_excess if self._average is None else self._average.excess

    @property
    def prediction_error(self) -> tuple[float, float]:
        """Mean absolute relative error of predictions, and the share that was too low."""
        if not self._drew:
            return 0.0, 0.0
        return self._error / self._drew, self._under / self._drew

    def add(self, log: RunLog) -> None:
        """Take the next piece of the log."""
        self.span_ns, self.correction = log.until_ns, log.correction
        self.latencies.add(log.finish_ns - log.arrival_ns)
        self.transitions += log.transitions
        self.moves += len(log.moves)
        self.energy_j += (log.energy_j * log.times[:, None]).sum(axis=0)
        self.stall_ns += int((log.stall_ns * log.times).sum())
        self._add_time(log)
        self._add_power(log)
        self._add_prediction(log)

    def _add_time(self, log: RunLog) -> None:
        spans = (log.end_ns - log.begin_ns) * log.times
        np.add.at(self.level_ns, np.where(log.ran, log.level, -1), spans)
        np.add.at(self.held_ns, log.held_by[log.ran], spans[log.ran])

    def _add_power(self, log: RunLog) -> None:
        self.runs += int(log.times[log.ran].sum())
        self.layers_over += layers_over(log)
        self.unreachable += int(log.times[log.cap_unreachable].sum())
        self.layer_excess = self.layer_excess.joined(layer_excess(log))
        if self._average is not None:
            self._average.add(log)
        if log.ran.any():
            self.power_max_w = max(self.power_max_w, float(np.max(log.power_w[log.ran])))

    def _add_prediction(self, log: RunLog) -> None:
        drew = log.ran & (log.end_ns > log.start_ns) & (log.power_w > 0)
        true, predicted, times = log.power_w[drew], log.predicted_w[drew], log.times[drew]
        self._drew += int(times.sum())
        self._error += float((np.abs(predicted / true - 1) * times).sum())
        self._under += int(times[predicted < true].sum())


def totals_of(log: RunLog) -> Totals:
    """Return the totals of a whole log."""
    totals = Totals(log.table, log.cap)
    totals.add(log)
    return totals
