"""The expected run: what a plan does frame after frame, on predicted watts alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.governor.joint import chooses, joined, joint_view
from dfsrt.governor.plan import Plan
from dfsrt.governor.ramps import breaks_at_rest, mean_w, over_limit, running_shares, stalled_shares
from dfsrt.governor.view import View
from dfsrt.governor.walk import Walk, walk


@dataclass(frozen=True, slots=True)
class ExpectedFrame:
    """The steady frame of a plan, or the mean of several that repeat in turn.

    ``time_ns`` leaves idle time out. ``energy_j`` is in the capped domain, by prediction.
    ``over_cap`` is how many layers a frame break the cap though one of their points would keep
    it, or draw more than at the lowest point where none does; with the first layer of a run, which
    begins at rest. ``rests_uv`` is where the rail stands, or goes, when a frame has ended, and
    ``rests_memory`` the memory's point then: that of the first layer, where idle time takes it.
    ``hasty`` is how many changes of the memory's clock come before its delay has passed since the
    one before.
    """

    time_ns: float
    energy_j: float
    over_cap: float
    rests_uv: int = 0
    rests_memory: int = 0
    hasty: int = 0


def expected_frame(view: View, plan: Plan) -> ExpectedFrame:
    """Return what one frame of ``plan`` takes, once frames repeat.

    A plan that says memory points is judged with them.

    The run starts as the runtime's does, settled at what the first layer asks for, and goes on
    until a frame begins as an earlier one did. The plan must be one that needs no clamping.
    While the rail moves, watts are those of the voltage that it has, in closed form.
    Limits: what a stall draws is assumed: the layer's lowest clock at the rail's voltage and the
    memory's new point. Idle time between frames has no energy here.
    """
    if plan.memory is not None:
        view = joint_view(view)
        plan = joined(view, plan)
    runs = walk(view, plan)
    part, frames = runs.repeating, runs.frames
    layer, level = runs.layer[part], runs.level[part]
    running, stalled = running_shares(view, runs)[part], stalled_shares(view, runs)[part]
    ran, stall = (runs.end_ns - runs.start_ns)[part], (runs.start_ns - runs.begin_ns)[part]
    energy_j = (mean_w(view.predicted_w, layer, level, running) * ran).sum()
    energy_j += (mean_w(view.predicted_w, layer, view.calm(level), stalled) * stall).sum()
    over = over_limit(view, layer, level, running)
    # A run begins at rest at what its first layer asks for, whatever frames do later.
    first = Plan(runs.level[:1], runs.moves.to_uv[:1])
    start = breaks_at_rest(view, first) and not over[layer == 0].any()
    time_ns, broken = float((ran + stall).sum()) / frames, float(over.sum()) / frames + start
    stays = view.memory.level if view.memory is not None and chooses(view) else 0
    rests = int(runs.moves.to_uv[-1]), stays + int(level[0]) // view.n_core
    joules = float(energy_j) * 1e-9 / frames
    return ExpectedFrame(time_ns, joules, broken, *rests, _hasty(view, runs))


def _hasty(view: View, runs: Walk) -> int:
    """Changes of the memory's clock that come too soon after one another, in frames that repeat."""
    if not view.joint or view.memory is None:
        return 0
    point = runs.level[runs.repeating] // view.n_core
    at_ns = runs.begin_ns[runs.repeating][point != np.roll(point, 1)]
    apart_ns = np.diff(at_ns, append=at_ns[:1] + runs.round_ns)
    return int((apart_ns < view.memory.delay_ns).sum())
