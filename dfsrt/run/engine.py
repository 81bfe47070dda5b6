"""The fast engine: the same runtime, with the stretches between control events compiled."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dfsrt.device.boundary import rail_times
from dfsrt.run import kernel
from dfsrt.run.kernel import Demand, Device, Out, Stop, Wish
from dfsrt.run.order import Moment, Order
from dfsrt.run.rail_state import MOVE_COLUMNS, RailMove
from dfsrt.run.recorder import COLUMNS, IDLE, STANDS
from dfsrt.run.runtime import Runtime, Steps

ROWS, MOVES, REQUESTS = 50_000, 50_000, 100_000
"""Places in the kernel's buffers."""
RUNS = 10_000_000
"""Layer runs of one call at most, so that an interrupt is heard within a second."""
FOR_EVER_NS = 2**62


class KernelRuntime(Runtime):
    """A ``Runtime`` that hands each stretch between two control events to the kernel.

    With ``every_row`` each layer execution is a row of its own; else rows that are alike are
    counted, all but those of the last frame. Times and levels are those of ``Runtime`` to the
    last bit.
    """

    def _execute(self) -> Steps:
        self._prepare()
        plain = self.frames if self._needs_rows else self.frames - 1
        yield from self._run_until(plain, self._needs_rows)
        yield from self._run_until(self.frames, True)
        yield from self._idle(self.frames - 1, self.arrivals.end_ns(self.frames))

    @property
    def _needs_rows(self) -> bool:
        return bool(
            self.every_row or self.cap.window_ns or self._learns or self._sampler.reads_power
        )

    def _run_until(self, requests: int, every_row: bool) -> Steps:
        """Run until ``requests`` have finished; a corrector learns after each."""
        state = self._state
        while state[kernel.REQUEST] < requests:
            goal = int(state[kernel.REQUEST]) + 1 if self._learns else requests
            finished = self._stretch(goal, every_row)
            yield from self._catch_up()
            if finished:
                self._after_frame(int(state[kernel.REQUEST]))

    def _stretch(self, requests: int, every_row: bool) -> bool:
        """Let the kernel run up to the next control event; return whether requests finished."""
        state, out = self._state, self._out
        if self._stale and state[kernel.ARRIVED]:
            self._plan_anew()
        peek = self._env.peek()
        demand = Demand(
            requests,
            self.arrivals.coded_period_ns,
            self.arrivals.coded_times_ns,
            FOR_EVER_NS if math.isinf(peek) else int(peek),
            RUNS,
            self._cap_step,
            every_row,
            self._stale,
        )
        stop = Stop(self._kernel(state, self._device, self._wish, demand, out))
        finished = int(state[kernel.N_REQUESTS])
        self._take_out()
        self._fold_if_due(stop)
        return finished > 0

    @property
    def _next_cap_ns(self) -> float:
        """When the cap changes next."""
        later = self.cap.steps[self._cap_step + 1 :]
        return later[0].start_ns if later else math.inf

    def _catch_up(self) -> Steps:
        """Let simulated time pass up to where the kernel has got."""
        now, state = self._env.now_ns, self._state
        begin = int(state[kernel.LAST_BEGIN])
        self._sampler.busy_ns = int(state[kernel.BUSY])
        if begin >= 0 and state[kernel.NOW] > now:  # a layer is under way until then
            self._sampler.busy_ns -= int(state[kernel.NOW]) - begin
            self._sampler.busy_since_ns = begin
        # Even where no time has passed: what else happens in this nanosecond comes first.
        yield Moment(self._env, int(state[kernel.NOW]) - now, Order.LAYER_BOUNDARY)
        self._sampler.busy_ns = int(state[kernel.BUSY])
        self._sampler.busy_since_ns = None

    def _prepare(self) -> None:
        """Lay out the kernel's tables, buffers and first state."""
        npu, table = self.table.npu, self.table
        kinds = np.unique(table.stall_ns)
        self._stalls: list[int] = kinds.tolist()
        self._device = Device(
            np.ascontiguousarray(table.duration_ns),
            table.stall_ns.ravel(),
            np.searchsorted(kinds, table.stall_ns.ravel()),
            np.array(self._needs, dtype=np.int64),
            rail_times(npu.rail),
        )
        layers, levels = table.duration_ns.shape
        self._out = Out(
            np.empty((ROWS, len(COLUMNS)), dtype=np.int64),
            np.empty((MOVES, len(MOVE_COLUMNS)), dtype=np.int64),
            np.empty((REQUESTS, 3), dtype=np.int64),
            np.zeros((layers, levels, len(self._set_points), len(kinds)), dtype=np.int64),
            np.zeros(len(self._set_points), dtype=np.int64),
            self._recorder.transitions,
        )
        self._state = state = np.zeros(kernel.STATE_SIZE, dtype=np.int64)
        state[kernel.LEVEL] = self._level
        state[kernel.FROM_UV] = state[kernel.TO_UV] = self._rail.move.to_uv
        state[kernel.SET_POINT] = self._set_points.index(self._rail.move.to_uv)
        state[kernel.LAST_BEGIN] = -1
        self._kernel: Any = self._load_kernel()
        self._lay_out_wish()

    def _load_kernel(self) -> Any:
        return kernel.compiled_kernel()

    def _plan_anew(self) -> None:
        self._make_plan()
        self._lay_out_wish()

    def _lay_out_wish(self) -> None:
        rail_uv = np.array(self._wish_uv, dtype=np.int64)
        set_point = np.searchsorted(np.array(self._set_points), rail_uv)
        self._wish = Wish(np.array(self._wish_level, dtype=np.int64), rail_uv, set_point)

    def _take_out(self) -> None:
        """Move what the kernel wrote to the recorder; stand where it stands."""
        state, out = self._state, self._out
        rows, moves, requests = (
            int(state[place]) for place in (kernel.N_ROWS, kernel.N_MOVES, kernel.N_REQUESTS)
        )
        self._recorder.add_many(out.rows[:rows], out.moves[:moves], out.requests[:requests])
        if moves:
            self._rail.move = RailMove(*out.moves[moves - 1].tolist())
        state[[kernel.N_ROWS, kernel.N_MOVES, kernel.N_REQUESTS]] = 0
        self._level, self._moves = int(state[kernel.LEVEL]), int(state[kernel.ALL_MOVES])

    def _fold_if_due(self, stop: Stop) -> None:
        """Fold at the end, and before time passes over a cap change: idle time may reach far."""
        if stop is Stop.DONE or self._state[kernel.NOW] >= self._next_cap_ns:
            self._fold_counts()

    def _fold_counts(self) -> None:
        """Turn counts into rows that stand for many runs; all were under the present cap."""
        counts, idle_ns = self._out.counts, self._out.idle_ns
        layer, level, set_point, kind = np.nonzero(counts)
        times = counts[layer, level, set_point, kind]
        held_uv, stall = np.array(self._set_points)[set_point], np.array(self._stalls)[kind]
        start = self.cap.steps[self._cap_step].start_ns + stall
        end = start + self.table.duration_ns[layer, level]
        self._add_counted([layer, start, end, stall, level, held_uv], times)
        (at,) = np.nonzero(idle_ns)
        zero = np.zeros_like(at)
        held_uv = np.array(self._set_points)[at]
        self._add_counted([zero + IDLE, zero, idle_ns[at], zero, zero, held_uv], zero + 1)
        counts[:], idle_ns[:] = 0, 0

    def _add_counted(self, columns: list[Any], times: Any) -> None:
        """Write rows of frame 0 in which the rail stands; ``columns`` are layer to voltage."""
        zero = np.zeros_like(times)
        rows = np.stack([zero, *columns, zero + self._cap_step, zero + STANDS], axis=1)
        none = np.empty((0, 0), dtype=np.int64)
        self._recorder.add_many(rows, none, none, times)
