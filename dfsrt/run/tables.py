"""The tables that the loop runs by, flat: arrays for compiled code, lists for plain Python."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from dfsrt.base.arrays import Ints
from dfsrt.device.boundary import rail_times
from dfsrt.power.table import LayerTable
from dfsrt.run.machine import Device, Out, Wish
from dfsrt.run.recorder import COLUMNS, IDLE, MOVE_COLUMNS, STANDS

ROWS, MOVES = 50_000, 50_000
"""Places in the buffers."""
FEW_ROWS = 2_000
"""Places in the buffers of plain Python, which are laid out anew for every run."""


class Tables:
    """Device, buffers and plans of one run as the loop takes them.

    In plain Python they are lists, which the loop indexes alike; to a type checker all are arrays.

    ``stalls_ns`` are the distinct stalls, ``(n_kinds,)``.
    """

    def __init__(self, table: LayerTable, compiled: bool) -> None:
        self._table, self._compiled = table, compiled
        npu, stall_ns = table.npu, table.stall_ns.ravel()
        self.stalls_ns: Ints = np.unique(stall_ns)
        self.set_points_uv = np.array(npu.opps.set_points_uv, dtype=np.int64)
        self.device = Device(
            duration_ns=self._laid_out(table.duration_ns.ravel()),
            stall_ns=self._laid_out(stall_ns),
            stall_kind=self._laid_out(np.searchsorted(self.stalls_ns, stall_ns)),
            needs_uv=self._laid_out(npu.opps.rails_uv),
            rail=rail_times(npu.rail),
            set_points=len(self.set_points_uv),
            stall_kinds=len(self.stalls_ns),
        )
        self.out = self._buffers()

    def _buffers(self) -> Out:
        layers, levels = self._table.duration_ns.shape
        points = len(self.set_points_uv)
        counts = layers * levels * points * len(self.stalls_ns)
        zeros = [np.zeros(n, dtype=np.int64) for n in (counts, levels * points, levels * levels)]
        return Out(
            self._rows(ROWS, len(COLUMNS)),
            self._rows(MOVES, len(MOVE_COLUMNS)),
            *(self._laid_out(a) for a in zeros),
        )

    def wish(self, level: Ints, rail_uv: Ints) -> Wish:
        """Return a clamped plan, ``(n_layers,)`` each, as the loop takes it."""
        set_point = np.searchsorted(self.set_points_uv, rail_uv)
        return Wish(*(self._laid_out(a) for a in (level, rail_uv, set_point)))

    def take_counts(self, start_ns: int, cap_step: int) -> tuple[Ints, Ints]:
        """Return what has been counted as rows, and how often each stands for a run.

        ``(n, 9)`` and ``(n,)``; rows begin at ``start_ns``, are of request 0, and the rail stands
        in all of them. Counting then begins anew.
        """
        runs, times = self._counted_runs(start_ns)
        idle = self._counted_idle()
        rows = np.concatenate([runs, idle])
        zero = np.zeros(len(rows), dtype=np.int64)
        columns = [zero, *rows.T, zero + cap_step, zero + STANDS]
        times = np.concatenate([times, np.ones(len(idle), dtype=np.int64)])
        for counts in (self.out.counts, self.out.idle_ns):
            counts[:] = self._laid_out(np.zeros(len(counts), dtype=np.int64))
        return np.stack(columns, axis=1), times

    def _counted_runs(self, start_ns: int) -> tuple[Ints, Ints]:
        """Columns layer to voltage of layer runs that are alike, ``(n, 6)``, and their number."""
        levels = self._table.duration_ns.shape
        shape = (*levels, len(self.set_points_uv), len(self.stalls_ns))
        counts = np.asarray(self.out.counts, dtype=np.int64).reshape(shape)
        layer, level, point, kind = np.nonzero(counts)
        stall = self.stalls_ns[kind]
        end = start_ns + stall + self._table.duration_ns[layer, level]
        columns = [layer, start_ns + stall, end, stall, level, self.set_points_uv[point]]
        return np.stack(columns, axis=1), counts[layer, level, point, kind]

    def _counted_idle(self) -> Ints:
        """Columns layer to voltage of idle time by clock and voltage, ``(n, 6)``."""
        idle_ns = np.asarray(self.out.idle_ns, dtype=np.int64)
        (at,) = np.nonzero(idle_ns)
        level, point = np.divmod(at, len(self.set_points_uv))
        zero = np.zeros_like(at)
        columns = [zero + IDLE, zero, idle_ns[at], zero, level, self.set_points_uv[point]]
        return np.stack(columns, axis=1)

    def take_transitions(self) -> Ints:
        """Return the changes of level since the last call, ``(n_levels, n_levels)``."""
        matrix = np.array(self.out.transitions, dtype=np.int64)
        self.out.transitions[:] = self._laid_out(np.zeros_like(matrix))
        levels = self._table.duration_ns.shape[1]
        return matrix.reshape(levels, levels)

    def _laid_out(self, array: ArrayLike) -> Ints:
        if not self._compiled:
            return cast(Ints, np.asarray(array).tolist())
        return np.array(array, dtype=np.int64)

    def _rows(self, rows: int, width: int) -> Ints:
        if self._compiled:
            return np.empty((rows, width), dtype=np.int64)
        return cast(Ints, [[0] * width for _ in range(min(rows, FEW_ROWS))])
