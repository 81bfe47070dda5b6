"""The sampler: what telemetry a governor is given, and what it counts from."""

from __future__ import annotations

import numpy as np

from dfsrt.device.npu import Domain
from dfsrt.governor.view import Telemetry
from dfsrt.power.components import IN_DOMAIN
from dfsrt.power.table import LayerTable
from dfsrt.run.energy import row_energy
from dfsrt.run.recorder import Recorder, Rows
from dfsrt.run.stretch import board_meter

READINGS = 3
"""Power readings that telemetry holds: what a PID in its velocity form needs."""


class Sampler:
    """Counts busy time from sample to sample; with a table, reads a power meter too.

    The meter is the board's monitor on the NPU rail. A reading is the mean over the rows that
    have ended since the last sample, stalls and idle time included; None where none has ended.
    """

    def __init__(self, table: LayerTable | None = None, recorder: Recorder | None = None) -> None:
        self._table, self._recorder = table, recorder
        self._meter = None if table is None else board_meter(table)
        self.last: Telemetry | None = None
        self.busy_ns = 0
        self.busy_since_ns: int | None = None
        self._busy_before = 0
        self._seen_rows = 0
        self._taken = np.zeros(2)  # joules, seconds of rows that are about to be dropped
        self._readings_w: tuple[float, ...] = ()

    @property
    def reads_power(self) -> bool:
        """Whether rows are needed, one by one, to read power from."""
        return self._meter is not None

    def end_busy(self, spent_ns: int) -> None:
        """Count a layer that has ended."""
        self.busy_ns += spent_ns
        self.busy_since_ns = None

    def sample(self, now_ns: int, period_ns: int, level: int) -> None:
        """Take a sample; a layer under way counts up to now."""
        since = now_ns if self.busy_since_ns is None else self.busy_since_ns
        busy_ns = self.busy_ns + now_ns - since
        self._read_power(now_ns)
        readings = self._readings_w
        self.last = Telemetry(busy_ns - self._busy_before, period_ns, level, readings)
        self._busy_before = busy_ns

    def take(self) -> None:
        """Add up the rows not looked at yet: they are about to be dropped."""
        if self._recorder is not None:
            self._add_up(self._recorder.rows(self._seen_rows).until(None))

    def _read_power(self, now_ns: int) -> None:
        if self._meter is None or self._recorder is None:
            return
        self._add_up(self._recorder.rows(self._seen_rows).until(now_ns))
        joules, seconds = self._taken.tolist()
        if seconds > 0:
            reading = self._meter.read_w(joules / seconds)
            self._readings_w = (reading, *self._readings_w[: READINGS - 1])
            self._taken = np.zeros(2)

    def _add_up(self, rows: Rows) -> None:
        if self._table is None or len(rows.times) == 0:
            return
        energy_j, _, _ = row_energy(self._table, rows)
        npu_j = energy_j[:, : IN_DOMAIN[Domain.NPU]].sum(axis=1)
        spans = rows["end_ns"] - rows["start_ns"] + rows["stall_ns"]
        # Row by row: the same sum, to the last bit, however the rows are cut.
        for joules, span in zip(npu_j.tolist(), spans.tolist(), strict=True):
            self._taken += (joules, span * 1e-9)
        self._seen_rows += len(rows.times)
