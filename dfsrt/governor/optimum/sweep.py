"""Value iteration: the least cost of a frame from every state, swept backwards over its layers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats, Mask
from dfsrt.governor.optimum import effort
from dfsrt.governor.optimum.budget import Budget
from dfsrt.governor.optimum.goal import Goals
from dfsrt.governor.optimum.parts import Parts
from dfsrt.governor.optimum.space import Space


@dataclass(frozen=True, slots=True)
class ToGo:
    """Costs to go, by goal: ``rows[layer]`` is ``(n_goals, n_states)`` before a layer.

    The last row is what the frame after is worth; ``bound`` ``(n_goals,)`` is below the cost of
    a frame of any plan that goes on for ever.
    """

    rows: list[Floats]
    bound: Floats


def swept(parts: Parts, goals: Goals, end: Floats, budget: Budget) -> ToGo | None:
    """Sweep a frame once from what its end is worth, ``(n_goals, n_states)`` as the last row.

    Around any frames that repeat what states are worth cancels out, so their mean cost is no
    less than the least difference that one frame makes to a state. None where time runs out.
    """
    rows = _rows(parts, goals, end, budget, guide=False)
    if rows is None:
        return None
    gain = begin_row(parts, rows) - end
    return ToGo(rows, gain[:, begins(parts)].min(axis=1))


def guide(parts: Parts, goals: Goals, end: Floats, budget: Budget) -> list[Floats] | None:
    """Return costs to go that are no bounds, but nearer to the truth: good to be followed.

    Rows are ``(n_goals, n_states)``, as of ``ToGo``.
    A bound lets each part of the rail's time end as soon as any nanosecond in it does, so that
    ramps look short. Here it ends between the soonest and the latest.
    """
    return _rows(parts, goals, end, budget, guide=True)


def _rows(
    parts: Parts, goals: Goals, end: Floats, budget: Budget, guide: bool
) -> list[Floats] | None:
    rows = [end] * (parts.space.n + 1)
    for layer in range(parts.space.n - 1, -1, -1):
        budget.work(effort.SWEEP_ROW_NS + effort.SWEEP_CELL_NS * len(goals) * parts.runs(layer))
        if budget.spent:
            return None
        rows[layer] = _before(parts, goals, layer, rows[layer + 1], guide)
    return rows


def round_trip(parts: Parts, goals: Goals, point: int, budget: Budget) -> list[Floats] | None:
    """Return costs to go of frames that end at rest at a set point, ``(n_goals, n_states)`` each.

    The first row is before the first layer, as in ``ToGo``. What moves there when a frame ends has
    the time to settle. None where time runs out.
    """
    space, settled = parts.space, parts.space.points * parts.space.levels
    end = np.full((len(goals), parts.states(0)), np.inf)
    end[:, :settled].reshape(len(goals), space.points, space.levels)[:, point] = 0.0
    moving = end[:, settled:].reshape(len(goals), space.n_moves, -1, space.levels)
    moving[:, space.to == point] = 0.0
    return _rows(parts, goals, end, budget, guide=False)


def begin_row(parts: Parts, rows: list[Floats]) -> Floats:
    """Return the costs to go when a frame begins, ``(n_goals, n_states)``.

    With a period, time may have passed since the last frame's end.
    """
    row = rows[0]
    return row if parts.space.view.period_ns is None else rested(parts, row)


def rested(parts: Parts, row: Floats) -> Floats:
    """Let a moving rail settle before a frame begins, where better: ``(n_goals, n_states)``."""
    space = parts.space
    settled = space.points * space.levels
    row = row.copy()
    moving = row[:, settled:].reshape(len(row), space.n_moves, -1, space.levels)
    at_rest = row[:, :settled].reshape(len(row), space.points, space.levels)
    moving[:] = np.minimum(moving, at_rest[:, space.to][:, :, None, :])
    return row


def begins(parts: Parts) -> Mask:
    """Return in which states a frame may begin, ``(n_states,)``: at a clock that the rail holds."""
    space, levels = parts.space, np.arange(parts.space.levels)
    settled = levels <= space.most[:, None]
    held = space.most[np.minimum(space.from_, space.to)]
    moving = np.broadcast_to(
        (levels <= held[:, None])[:, None, :],
        (space.n_moves, int(parts.parts[0]), space.levels),
    )
    return np.concatenate([settled.ravel(), moving.ravel()])


def _before(parts: Parts, goals: Goals, layer: int, after: Floats, guide: bool) -> Floats:
    """The row before a layer from the one after it."""
    space = parts.space
    runs, time_ns = space.settled, space.settled.time_ns[layer]
    cost = goals.of(runs.joules[layer], time_ns[:, None, None, :], runs.over[layer])
    cost += np.take(after, parts.after[layer], axis=1)
    best = cost.min(axis=3)
    row = [_from_any(best, space).reshape(len(goals), -1)]
    moving = parts.moving[layer]
    if moving is not None:
        cost = goals.of(
            moving.joules, time_ns[:, None, None, :], moving.sure if guide else moving.over
        )
        many = int(parts.grid.width_ns[layer] // parts.grid.width_ns[layer + 1])
        whole = after if many == 1 or guide else with_sooner(parts, layer + 1, after, many)
        one = np.take(after, moving.one.astype(np.intp), axis=1)
        other = np.take(whole, moving.other.astype(np.intp), axis=1)
        cost += (one + other) / 2 if guide else np.minimum(one, other)
        row.append(_from_any(cost, space).reshape(len(goals), -1))
    return np.concatenate(row, axis=1)


def with_sooner(parts: Parts, layer: int, row: Floats, many: int) -> Floats:
    """Return a row before a layer, each part the best of so ``many`` up to it, of its move.

    Rows are ``(n_goals, n_states)``. A wide part may lead to any of the narrow ones after it.
    """
    space = parts.space
    row, settled = row.copy(), space.points * space.levels
    moving = row[:, settled:].reshape(len(row), space.n_moves, -1, space.levels)
    alone = moving.copy()
    for sooner in range(1, min(many, moving.shape[2])):
        np.minimum(moving[:, :, sooner:], alone[:, :, :-sooner], out=moving[:, :, sooner:])
    return row


def _from_any(cost: Floats, space: Space) -> Floats:
    """Take the best clock from each clock before: ``(n_goals, n_stalls, ..., n_levels)``.

    The axis of stalls goes. A clock may stall before itself, too: more than the device allows.
    """
    best = np.empty_like(cost[:, 0])
    for levels, stalls in space.kinds:
        if (stalls == stalls[0]).all():
            least = cost[:, stalls[0]].min(axis=-1, keepdims=True)
        else:
            each = [cost[:, stall, ..., k] for k, stall in enumerate(stalls.tolist())]
            least = np.min(each, axis=0)[..., None]
        best[..., levels] = np.minimum(cost[:, 0][..., levels], least)
    return best
