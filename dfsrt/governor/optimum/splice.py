"""Two plans made into those between: where both come to the same state, either may go on."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.governor.plan import Plan
from dfsrt.governor.ramps import mean_w, running_shares, stalled_shares
from dfsrt.governor.view import View
from dfsrt.governor.walk import Walk, walk


def spliced(view: View, fast: Plan, slow: Plan, deadline_ns: float) -> Plan | None:
    """Return the slow plan, made fast where that costs least, to end within a deadline.

    Frames are cut where both plans are in one state, the rail settled. Pieces are taken from the
    fast plan while the frame is too long, those of least joules a nanosecond first, and given
    back where time is left. None where a plan has no single frame that repeats.
    """
    walks = [walk(view, plan) for plan in (fast, slow)]
    if any(one.frames != 1 for one in walks):
        return None
    states = np.stack([_states(one, view.rail.settle_ns) for one in walks])
    same = (states[0] == states[1]).all(axis=1) & (states[0][:, 0] >= 0)
    piece = np.cumsum(same)
    piece[piece == 0] = piece[-1]  # the last goes on in the next frame
    costs = [_costs(view, one) for one in walks]
    count = int(piece.max()) + 1
    longer, saved = (np.bincount(piece, costs[1][i] - costs[0][i], count) for i in (0, 1))
    saved = -saved
    taken = np.zeros(count, dtype=bool)
    over_ns = costs[1][0].sum() - deadline_ns
    order = np.argsort(np.where(longer > 0, saved / np.maximum(longer, 1e-9), np.inf))
    for at in order.tolist():
        if over_ns <= 0:
            break
        if longer[at] > 0:
            taken[at], over_ns = True, over_ns - longer[at]
    for at in order[::-1].tolist():
        if taken[at] and over_ns + longer[at] <= 0 and saved[at] > 0:
            taken[at], over_ns = False, over_ns + longer[at]
    from_fast = taken[piece]
    return Plan(
        np.where(from_fast, fast.level, slow.level), np.where(from_fast, fast.rail_uv, slow.rail_uv)
    )


def _states(one: Walk, settle_ns: int) -> Ints:
    """The state before each layer of the frame that repeats: clock and voltage; -1 in motion."""
    part = one.repeating
    before = np.roll(one.level[part], 1)
    moves, end_ns = one.moves, one.end_ns
    still = (moves.from_uv == moves.to_uv) | (moves.ramp_end_ns + settle_ns <= end_ns)
    rail = np.roll(moves.to_uv[part], 1)
    return np.stack([np.where(np.roll(still[part], 1), before, -1), rail], axis=1)


def _costs(view: View, one: Walk) -> tuple[Floats, Floats]:
    """Time and energy of each layer of the frame that repeats, its stall included."""
    part = one.repeating
    layer, level = one.layer[part], one.level[part]
    ran, stall = (one.end_ns - one.start_ns)[part], (one.start_ns - one.begin_ns)[part]
    joules = mean_w(view.predicted_w, layer, level, running_shares(view, one)[part]) * ran
    joules += (
        mean_w(view.predicted_w, layer, view.calm(level), stalled_shares(view, one)[part]) * stall
    )
    return (ran + stall).astype(np.float64), joules * 1e-9
