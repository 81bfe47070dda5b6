"""The tables that the loop runs by, flat: arrays for compiled code, lists for plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from dfsrt.base.arrays import Ints
from dfsrt.base.record import laid_out
from dfsrt.device.boundary import rail_times
from dfsrt.power.table import LayerTable
from dfsrt.run.alike import ALIKE_COLUMNS, count_alike
from dfsrt.run.idle_tables import IdlePolicy, idle_tables
from dfsrt.run.machine import Device, Out, Wish
from dfsrt.run.recorder import COLUMNS, IDLE, MOVE_COLUMNS
from dfsrt.run.sleep_state import phase_codes
from dfsrt.run.speeds import Speeds, laid_out_speeds, no_speeds

ROWS, MOVES = 50_000, 50_000
"""Places in the buffers."""
FEW_ROWS = 500
"""Places in the buffers of plain Python, which are laid out anew for every run."""
ALIKE, FEW_ALIKE = 2**16, 2**10
"""Places in which runs on a moving rail are counted, at the most and at first in plain Python."""


class Tables:
    """Device, buffers and plans of one run as the loop takes them.

    In plain Python they are lists, which the loop indexes alike; to a type checker all are arrays.

    ``stalls_ns`` are the distinct stalls, ``(n_kinds,)``.
    """

    def __init__(
        self, table: LayerTable, compiled: bool, policy: IdlePolicy, workloads: int = 1
    ) -> None:
        self._table, self._compiled = table, compiled
        self._policy, self._workloads = policy, workloads
        npu, stall_ns = table.npu, table.stall_ns.ravel()
        self.stalls_ns: Ints = np.unique(stall_ns)
        self.set_points_uv = np.array(npu.opps.set_points_uv, dtype=np.int64)
        self.device = self._device(None)
        self.out = self._buffers()
        self._wish: Wish | None = None

    def compile(self, wish: Wish) -> Wish:
        """Lay out all for machine code, as things stand, and return the plan laid out."""
        self._compiled, counted, idle = True, self.out, self.device.idle
        self.device, self.out = self._device(np.array(idle.rule.memory)), self._buffers()
        self.device.idle.service_ns[:] = idle.service_ns
        for name in ("counts", "idle_ns", "transitions", "sleeps"):
            getattr(self.out, name)[:] = getattr(counted, name)
        self._count_in(counted.alike)
        self._wish = None
        level, rail_uv, memory = (np.asarray(a) for a in (wish.level, wish.rail_uv, wish.memory))
        return self.wish(level, rail_uv, memory, wish.speeds)

    def _device(self, memory: Ints | None) -> Device:
        table, npu = self._table, self._table.npu
        stall_ns = table.stall_ns.ravel()
        return Device(
            duration_ns=self._laid_out(table.duration_ns.ravel()),
            grows=self._laid_out(table.grows),
            stall_ns=self._laid_out(stall_ns),
            stall_kind=self._laid_out(np.searchsorted(self.stalls_ns, stall_ns)),
            needs_uv=self._laid_out(table.levels.rails_uv),
            rail=rail_times(npu.rail),
            set_points=len(self.set_points_uv),
            stall_kinds=len(self.stalls_ns),
            idle=idle_tables(table, self._policy, self._workloads, self._compiled, memory),
            dram_bytes=self._laid_out(table.load.dram_bytes),
            cores=table.levels.n_core,
            memory_delay_ns=npu.memory.change.delay_ns,
        )

    def _buffers(self) -> Out:
        layers, levels = self._table.duration_ns.shape
        points = len(self.set_points_uv)
        counts = layers * levels * points * len(self.stalls_ns)
        states = self.device.idle.states
        idle = phase_codes(states) * levels * points
        sizes = (counts, idle, levels * levels, 3 * states + 3)
        zeros = [np.zeros(n, dtype=np.int64) for n in sizes]
        return Out(
            self._rows(ROWS, len(COLUMNS)),
            self._rows(MOVES, len(MOVE_COLUMNS)),
            self._alike(ALIKE if self._compiled else FEW_ALIKE),
            *(self._laid_out(a) for a in zeros),
        )

    def wish(self, level: Ints, rail_uv: Ints, memory: Ints, speeds: Speeds | None = None) -> Wish:
        """Return clamped plans, ``(n_plans * n_memory * n_layers,)`` each, as the loop takes them.

        ``speeds`` is what a rule picks one by.

        For machine code that is always the same place, so that a call need not be told of another.
        """
        set_point = np.searchsorted(self.set_points_uv, rail_uv)
        arrays = (level, rail_uv, set_point, memory)
        if self._wish is None or speeds is not None:
            given = no_speeds(self._compiled) if speeds is None else speeds
            laid = [self._laid_out(a) for a in arrays]
            speeds = laid_out_speeds(given, self._compiled)
            wish = Wish(laid[0], laid[1], laid[2], laid[3], speeds)
            self._wish = wish if self._compiled else None
            return wish
        for place, values in zip(self._wish[:4], arrays, strict=True):
            place[:] = values
        return self._wish

    def at_memory(self, wish: Wish, speeds: Speeds) -> Wish:
        """Return the same plans with the times of another point of the memory."""
        return wish._replace(speeds=laid_out_speeds(speeds, self._compiled))

    def ask_for(self, wish: Wish, point: int) -> None:
        """Let all plans ask for one memory point."""
        wish.memory[:] = self._laid_out(np.full(len(wish.memory), point))

    def take_counts(self, start_ns: int, cap_step: int) -> tuple[Ints, Ints]:
        """Return what has been counted as rows, and how often each stands for a run.

        ``(n, 10)`` and ``(n,)``; rows begin at ``start_ns`` and are of request 0. Counting then
        begins anew.
        """
        pieces = [self._counted_runs(start_ns), self._counted_idle(), self._counted_alike(start_ns)]
        rows = np.concatenate([rows for rows, _ in pieces])
        rows[:, COLUMNS.index("cap_step")] = cap_step
        for counts in (self.out.counts, self.out.idle_ns):
            counts[:] = self._laid_out(np.zeros(len(counts), dtype=np.int64))
        return rows, np.concatenate([times for _, times in pieces])

    def _counted_runs(self, start_ns: int) -> tuple[Ints, Ints]:
        """Layer runs on a standing rail as rows, and their number."""
        levels = self._table.duration_ns.shape
        shape = (*levels, len(self.set_points_uv), len(self.stalls_ns))
        counts = np.asarray(self.out.counts, dtype=np.int64).reshape(shape)
        layer, level, point, kind = np.nonzero(counts)
        start = start_ns + self.stalls_ns[kind]
        end, uv = start + self._table.duration_ns[layer, level], self.set_points_uv[point]
        rows = _rows_of(layer, start, end, self.stalls_ns[kind], level, uv, uv, start_ns)
        return rows, counts[layer, level, point, kind]

    def _counted_idle(self) -> tuple[Ints, Ints]:
        """Idle time by clock and voltage as rows, once each."""
        idle_ns = np.asarray(self.out.idle_ns, dtype=np.int64)
        (at,) = np.nonzero(idle_ns)
        at_level, point = np.divmod(at, len(self.set_points_uv))
        code, level = np.divmod(at_level, self._table.duration_ns.shape[1])
        uv = self.set_points_uv[point]
        rows = _rows_of(IDLE - code, 0, idle_ns[at], 0, level, uv, uv, 0)
        return rows, np.ones(len(at), dtype=np.int64)

    def _counted_alike(self, start_ns: int) -> tuple[Ints, Ints]:
        """Runs on a moving rail as rows, in an order of their own, and their number."""
        table = np.asarray(self.out.alike, dtype=np.int64)
        used = table[table[:, 0] > 0]
        times, layer, level, stall, span, from_uv, to_uv, unsettled = used[np.lexsort(used.T[1:])].T
        for entry in np.flatnonzero(table[:, 0] > 0).tolist():
            self.out.alike[entry][0] = 0
        start = start_ns + stall
        settled = start + unsettled
        return _rows_of(layer, start, start + span, stall, level, from_uv, to_uv, settled), times

    def make_room(self) -> bool:
        """Enlarge the table of runs on a moving rail; return whether it may be so large."""
        entries, size = self.out.alike, 4 * len(self.out.alike)
        if size > ALIKE:
            return False
        self.out = self.out._replace(alike=self._alike(size))
        self._count_in(entries)
        return True

    def _count_in(self, alike: Sequence[Ints]) -> None:
        """Take over what has been counted on a moving rail."""
        for times, *same in alike:
            if times:
                count_alike(self.out.alike, times, *same)

    def take_transitions(self) -> Ints:
        """Return the changes of level since the last call, ``(n_levels, n_levels)``."""
        matrix = np.array(self.out.transitions, dtype=np.int64)
        self.out.transitions[:] = self._laid_out(np.zeros_like(matrix))
        levels = self._table.duration_ns.shape[1]
        return matrix.reshape(levels, levels)

    def tell_service(self, service_ns: Ints) -> None:
        """Tell how long requests take by the present plan, ``(n_workloads,)``."""
        self.device.idle.service_ns[:] = self._laid_out(service_ns)

    def _laid_out(self, array: ArrayLike) -> Ints:
        return laid_out(np.asarray(array, dtype=np.int64), self._compiled)

    def _alike(self, size: int) -> Sequence[Ints]:
        zeros = np.zeros((size, len(ALIKE_COLUMNS)), dtype=np.int64)
        return cast(Sequence[Ints], laid_out(zeros, self._compiled))

    def _rows(self, rows: int, width: int) -> Ints:
        if self._compiled:
            return np.empty((rows, width), dtype=np.int64)
        return cast(Ints, [[0] * width for _ in range(min(rows, FEW_ROWS))])


def _rows_of(
    layer: Ints | int,
    start_ns: Ints | int,
    end_ns: Ints,
    stall_ns: Ints | int,
    level: Ints,
    from_uv: Ints,
    to_uv: Ints,
    settled_ns: Ints | int,
) -> Ints:
    """Return rows of request 0 under the first cap, ``(n, 10)``."""
    columns = (0, layer, start_ns, end_ns, stall_ns, level, 0, from_uv, to_uv, settled_ns)
    return np.stack(np.broadcast_arrays(*columns), axis=1).astype(np.int64)
