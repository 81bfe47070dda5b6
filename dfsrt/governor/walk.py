"""A walk: what a plan does layer by layer, frame after frame, to the nanosecond."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Ints, Mask
from dfsrt.device.boundary import NO_COMMAND, move_ns, rail_times, start_layer
from dfsrt.device.ramp_shares import Moves
from dfsrt.governor.plan import Plan
from dfsrt.governor.view import View

MOST_FRAMES = 64
"""Frames that are walked in search of the steady state; all of them count where there is none."""
_COLUMNS = 10


@dataclass(frozen=True, slots=True)
class Walk:
    """Layer runs in order of time, every array ``(n_runs,)``, ``n_layers`` of them a frame.

    A run stalls from ``begin_ns``, runs from ``start_ns`` to ``end_ns``, and ``commanded`` is the
    layer at which the rail's last move was given. ``moves`` is that move. Frames from number
    ``first`` on repeat for ever: each is walked once; where none is alike, all count. After
    ``round_ns``, idle time included, they begin anew.
    """

    layer: Ints
    level: Ints
    begin_ns: Ints
    start_ns: Ints
    end_ns: Ints
    moves: Moves
    commanded: Ints
    first: int
    n_layers: int
    round_ns: int = 0

    @property
    def moving(self) -> Mask:
        """Where the voltage is not that of the rail's target from begin to end."""
        moves = self.moves
        return np.asarray((self.begin_ns < moves.ramp_end_ns) & (moves.from_uv != moves.to_uv))

    @property
    def repeating(self) -> slice:
        """The runs of the frames that repeat."""
        return slice(self.first * self.n_layers, None)

    @property
    def frames(self) -> int:
        """How many frames repeat in turn."""
        return len(self.layer) // self.n_layers - self.first


def walk(view: View, plan: Plan, most: int = MOST_FRAMES) -> Walk:
    """Return the runs of a plan until a frame begins as an earlier one did, ``most`` at most.

    It starts as the runtime's does, settled at what the first layer asks for. The plan must be
    one that needs no clamping. A change of the memory's clock that fits into the idle time before
    a frame stalls nothing.
    """
    levels, wishes = np.asarray(plan.level).tolist(), np.asarray(plan.rail_uv).tolist()
    duration, stalls = view.duration_ns.tolist(), view.stall_ns.ravel().tolist()
    needs, times, period = view.rails_uv.tolist(), rail_times(view.rail), view.period_ns or 0
    rows: list[tuple[int, ...]] = []
    seen: dict[tuple[int, ...], int] = {}
    now, level, low, to = 0, levels[0], wishes[0], wishes[0]
    ramp, stop, settled, commanded = 0, 0, 0, 0
    first, starts, n_core = 0, [], view.n_core
    change_ns = view.memory.stall_ns if view.joint and view.memory is not None else 0
    for frame in range(most + 1):
        gap, now = frame * period - now, max(now, frame * period)
        if change_ns and gap >= change_ns:
            level = level % n_core + levels[0] - levels[0] % n_core
        starts.append(now)
        left = max(settled - now, 0)
        state = (level, low if left else to, to, left)
        first = seen.setdefault(state, frame)
        if first < frame:
            break
        first = 0
        if frame == most:
            break
        for layer, (wish_level, wish) in enumerate(zip(levels, wishes, strict=True)):
            begin = now
            level, stall, command = start_layer(
                now, level, low, to, settled, wish_level, wish, stalls, needs, times
            )
            if command != NO_COMMAND:
                low, to, commanded = to, wish, layer
                ramp, stop, settled = move_ns(command, low, to, times)
            start = begin + stall
            now = start + duration[layer][level]
            rows.append((layer, level, begin, start, now, ramp, stop, low, to, commanded))
    table = np.array(rows, dtype=np.int64).reshape(-1, _COLUMNS).T
    moves = Moves(*table[5:9])
    layer, run_level, begin_ns, start_ns, end_ns = table[:5]
    round_ns = starts[-1] - starts[first]
    return Walk(
        layer, run_level, begin_ns, start_ns, end_ns, moves, table[9], first, len(levels), round_ns
    )
