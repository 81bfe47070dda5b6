"""The expected run: what a plan does frame after frame, on predicted watts alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask, packed
from dfsrt.base.compiled import compiled
from dfsrt.device import rules
from dfsrt.device.boundary import (
    NO_COMMAND,
    RailTimes,
    guaranteed_at,
    highest_level,
    move_ns,
    rail_times,
    start_layer,
)
from dfsrt.governor.allowed import allowed_points
from dfsrt.governor.plan import Plan
from dfsrt.governor.view import View

MOST_FRAMES = 64
"""Frames that are walked in search of the steady state; all of them count where there is none."""


@dataclass(frozen=True, slots=True)
class ExpectedFrame:
    """The steady frame of a plan, or the mean of several that repeat in turn.

    ``time_ns`` leaves idle time out. ``energy_j`` is in the capped domain, by prediction.
    ``over_cap`` is how many layers a frame break the cap though one of their points would keep
    it, or run above the lowest point where none does.
    """

    time_ns: float
    energy_j: float
    over_cap: float


def expected_frame(view: View, plan: Plan) -> ExpectedFrame:
    """Return what one frame of ``plan`` takes, once frames repeat.

    The run starts as the runtime's does, settled at what the first layer asks for, and goes on
    until a frame begins as an earlier one did. The plan must be one that needs no clamping.
    Limits: watts are those of the voltage that the rail guarantees when the layer starts, so a
    ramp is counted as the lower of its two ends. What a stall draws is assumed: the layer's
    lowest clock at that voltage. Idle time between frames has no energy here.
    """
    boundary = (start_layer, move_ns, guaranteed_at, highest_level)
    walk = compiled(_walk, (*boundary, rules.ramp_ns, rules.guaranteed_uv, _like_it, _index_of))
    frame = walk(
        packed(np.asarray(plan.level, dtype=np.int64)),
        packed(np.asarray(plan.rail_uv, dtype=np.int64)),
        packed(view.duration_ns),
        packed(view.predicted_w),
        packed(allowed_points(view)),
        packed(view.stall_ns.ravel()),
        packed(view.rails_uv),
        packed(view.set_points_uv),
        rail_times(view.rail),
        0 if view.period_ns is None else view.period_ns,
        MOST_FRAMES,
    )
    return ExpectedFrame(*(float(value) for value in frame))


def _walk(
    level_of: Ints,
    rail_of: Ints,
    duration_ns: Ints,
    predicted_w: Floats,
    allowed: Mask,
    stall_ns: Ints,
    needs_uv: Ints,
    set_points_uv: Ints,
    rail: RailTimes,
    period_ns: int,
    most: int,
) -> tuple[float, float, float]:
    """Walk frames until one begins like an earlier one; return means over those that repeat."""
    begin = np.zeros((most + 1, 4), np.int64)  # level, from, to, ns until settled
    total = np.zeros((most + 1, 3))  # time, energy and layers over the cap so far
    now, level = 0, level_of[0]
    low, to, settled = rail_of[0], rail_of[0], 0
    for frame in range(most + 1):
        now = max(now, frame * period_ns)
        left = max(settled - now, 0)
        begin[frame, 0], begin[frame, 1] = level, low if left > 0 else to
        begin[frame, 2], begin[frame, 3] = to, left
        before = _like_it(begin, frame)
        if before < frame or frame == most:
            first = before if before < frame else 0
            frames = frame - first
            mean = (total[frame, 0] - total[first, 0]) / frames
            energy_j = (total[frame, 1] - total[first, 1]) / frames
            return mean, energy_j, (total[frame, 2] - total[first, 2]) / frames
        start, energy_j, over = now, 0.0, 0
        for layer in range(len(level_of)):
            wish_uv = rail_of[layer]
            level, stall, command = start_layer(
                now, level, low, to, settled, level_of[layer], wish_uv, stall_ns, needs_uv, rail
            )
            if command != NO_COMMAND:
                settled = move_ns(command, to, wish_uv, rail)[2]
                low, to = to, wish_uv
            at = _index_of(set_points_uv, guaranteed_at(now + stall, low, to, settled))
            ran = duration_ns[layer, level]
            energy_j += predicted_w[layer, level, at] * ran * 1e-9
            energy_j += predicted_w[layer, 0, at] * stall * 1e-9
            over += not allowed[layer, level, at]
            now += stall + ran
        total[frame + 1, 0] = total[frame, 0] + (now - start)
        total[frame + 1, 1] = total[frame, 1] + energy_j
        total[frame + 1, 2] = total[frame, 2] + over
    return 0.0, 0.0, 0.0  # never reached: the last frame returns


def _like_it(begin: Ints, frame: int) -> int:
    """Return the first frame that began as ``frame`` does; itself where none did."""
    for before in range(frame):
        alike = True
        for column in range(begin.shape[1]):
            alike = alike and begin[before, column] == begin[frame, column]
        if alike:
            return before
    return frame


def _index_of(ascending: Ints, value: int) -> int:
    index = 0
    while ascending[index] < value:
        index += 1
    return index
