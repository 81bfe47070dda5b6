"""Stretches: layer runs put together until a meter has had the time for one reading of them."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.device.npu import Domain
from dfsrt.power.components import IN_DOMAIN
from dfsrt.power.measure.ina226 import CONVERSION_S, ShuntMonitor
from dfsrt.power.table import LayerTable
from dfsrt.run.corrector import Corrector
from dfsrt.run.energy import row_energy
from dfsrt.run.recorder import IDLE, Rows

MONITOR_SEED = 226
"""Fixed: the same board, so the same specimen of a monitor, in every run."""
LEAST_W = 1e-6
"""Full scale of the monitor at least, even for a device that draws nothing."""


class Meter(Protocol):
    """Anything that shows watts for true watts, with whatever error it has."""

    def read_w(self, true_w: float) -> float:
        """Return what the meter shows while ``true_w`` is drawn."""
        ...


class Stretches:
    """Feeds a corrector: one meter reading for every ``CONVERSION_S`` of layer runs.

    A stretch goes on over frames until it is long enough. Its predicted watts are those of the
    model, uncorrected, averaged over the same time as the reading.

    Limits: stalls and idle time are left out of both, since nobody predicts them.
    """

    def __init__(self, table: LayerTable, corrector: Corrector, meter: Meter | None = None) -> None:
        self._table = table
        self._corrector = corrector
        self._meter = meter or board_meter(table)
        self._set_points = np.array(table.npu.opps.set_points_uv)
        self._sum: Floats = np.zeros(3)  # seconds, predicted joules, true joules

    def add(self, rows: Rows) -> None:
        """Add the rows of a finished frame; the corrector learns from each full stretch."""
        _, power, _ = row_energy(self._table, rows)
        true_w = power[:, : IN_DOMAIN[Domain.NPU]].sum(axis=1)
        set_point = np.searchsorted(self._set_points, rows.guaranteed_uv)
        predicted_w = self._table.predicted_w[rows["layer"], rows["level"], set_point]
        seconds = (rows["end_ns"] - rows["start_ns"]) * 1e-9
        columns = np.stack([seconds, predicted_w * seconds, true_w * seconds], axis=1)
        for row in columns[rows["layer"] != IDLE]:
            self._add_layer(row)

    def _add_layer(self, row: Floats) -> None:
        self._sum = self._sum + row
        seconds, predicted_j, true_j = self._sum.tolist()
        if seconds >= CONVERSION_S:
            self._corrector.update(predicted_j / seconds, self._meter.read_w(true_j / seconds))
            self._sum = np.zeros(3)


def board_meter(table: LayerTable) -> ShuntMonitor:
    """Return the monitor on this board's NPU rail, one conversion a reading."""
    most_w = float(table.predicted_w[np.isfinite(table.predicted_w)].max())
    return ShuntMonitor(max(most_w, LEAST_W), MONITOR_SEED, averages=1)
