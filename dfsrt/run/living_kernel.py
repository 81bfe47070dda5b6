"""The fast engine of a scenario: layers and ticks in machine code until a limit changes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from dfsrt.base.compiled import compiled
from dfsrt.device import rules
from dfsrt.device.rail import Rail
from dfsrt.governor.governor import Governor
from dfsrt.power.table import LayerTable
from dfsrt.run import kernel, living, metering, queue, queue_kernel
from dfsrt.run.cap import PowerCap
from dfsrt.run.engine import FOR_EVER_NS, RUNS
from dfsrt.run.kernel import (
    FROM_UV,
    N_MOVES,
    N_REQUESTS,
    N_ROWS,
    NOW,
    SETTLED,
    TO_UV,
    Array,
    Device,
    Out,
    Wish,
    is_full,
)
from dfsrt.run.living import Living, Met, host_seconds
from dfsrt.run.metering import Meter
from dfsrt.run.queue import N_DONE, Queue
from dfsrt.run.queue_kernel import QueueDemand, run_queue, stand_until
from dfsrt.run.rail_state import RailMove
from dfsrt.run.replay_engine import KernelReplay
from dfsrt.run.runtime import Steps
from dfsrt.world import tick
from dfsrt.world.state import End
from dfsrt.world.tick import close_tick
from dfsrt.world.world import World, for_compiled

TICKS_A_CALL = 20_000
"""Ticks of one call at most, so that an interrupt is heard and a bar moves."""


def run_world(
    state: Array,
    device: Device,
    wish: Wish,
    demand: QueueDemand,
    q: Queue,
    out: Out,
    meter: Meter,
    world: World,
    ticks: int,
) -> int:
    """Run until a limit changes (5), the world ends (0) or a ``Stop``, and return which."""
    for _ in range(ticks):
        until = world.state.next_ns
        asked = QueueDemand(
            demand.horizon_ns, until, demand.runs, demand.cap_step, False, demand.stale
        )
        while True:
            stop = run_queue(state, device, wish, asked, q, out, meter)
            if stop != 2 or not is_full(state, out):
                break
            _let_rows_go(state)
        if stop != 0:  # a control event, a plan to make, or runs used up
            return stop
        stand_until(state, device, asked, out, meter, until)
        changed = close_tick(world, meter, state[NOW], q.now[N_DONE], host_seconds(q))
        if world.state.end != End.GOES_ON:
            return 0
        if changed:
            return 5
    return 2


def _let_rows_go(state: Array) -> None:
    """Forget rows and moves: the meter has booked them."""
    state[N_ROWS] = state[N_MOVES] = state[N_REQUESTS] = 0


LIMITS = 5


class LivingKernel(Living, KernelReplay):
    """A ``Living`` replay that hands ticks to the kernel until a limit changes.

    It works on a world and a meter of its own, with the same arrays as those that it is given.
    """

    def __init__(
        self,
        table: LayerTable,
        governor: Governor,
        cap: PowerCap,
        requests: Queue,
        world: World,
        meter: Meter,
        on_time: Callable[[float], None] | None = None,
    ) -> None:
        own = for_compiled(world), metering.for_compiled(meter)
        super().__init__(table, governor, cap, requests, *own, on_time)

    def _execute(self) -> Steps:
        self._wishes: dict[Met, Wish] = {}
        self._prepare()
        while not self._ended:
            if self._stretch_of_ticks() == LIMITS:
                self._take_limits()
            yield from self._catch_up()
            self._say()
        self.transitions += self._recorder.transitions

    def _load_kernel(self) -> Any:
        return compiled_kernel()

    def _plan_anew(self) -> None:
        """Make a plan, or take the laid-out wish of one that was made before."""
        key = self._met()
        if key in self._wishes:
            self._wish, self._stale = self._wishes[key], False
            return
        super()._plan_anew()
        if key is not None:
            self._wishes[key] = self._wish

    def _stretch_of_ticks(self) -> int:
        """Let the kernel run up to the next control event, and return why it stopped."""
        if self._stale and self.queue.now[queue.CURRENT] != queue.NOBODY:
            self._plan_anew()
        peek = self._env.peek()
        horizon_ns = FOR_EVER_NS if math.isinf(peek) else int(peek)
        demand = QueueDemand(horizon_ns, 0, RUNS, self._cap_step, False, self._stale)
        tables = self._device, self._wish, demand, self.queue, self._out, self.meter, self.world
        stop = int(self._kernel(self._state, *tables, TICKS_A_CALL))
        self._stand_where_it_stands()
        return stop

    def _stand_where_it_stands(self) -> None:
        """Take over the kernel's clock and rail; its rows are booked and not wanted."""
        state = self._state
        _let_rows_go(state)
        self._level, self._moves = int(state[kernel.LEVEL]), int(state[kernel.ALL_MOVES])
        self._rail.move = last_move(state, self.table.npu.rail)


def last_move(state: Array, rail: Rail) -> RailMove:
    """Return the rail's last move as the kernel's state tells it."""
    settled, from_uv, to_uv = (int(state[place]) for place in (SETTLED, FROM_UV, TO_UV))
    stop = settled - rail.settle_ns
    start = stop - int(rules.ramp_ns(from_uv, to_uv, rail.slew_uv_per_us))
    return RailMove(start - rail.command_ns, start, stop, settled, from_uv, to_uv)


def compiled_kernel() -> Any:
    """Return ``run_world`` as machine code, compiled on the first call of all."""
    helpers = (*queue_kernel.HELPERS, *tick.HELPERS, *living.HELPERS, _let_rows_go, run_queue)
    return compiled(run_world, helpers, queue_kernel.INLINED, allocates=False)
