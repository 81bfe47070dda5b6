"""Value iteration: the least cost of a frame from every state, swept backwards over its layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask
from dfsrt.governor.optimum import effort
from dfsrt.governor.optimum.budget import Budget
from dfsrt.governor.optimum.goal import Goals
from dfsrt.governor.optimum.parts import Moving, Parts, Places
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
    space = parts.space
    end = np.full((len(goals), parts.states(0)), np.inf)
    settled, moving = _by_rail(parts, 0, end)
    settled[:, point] = 0.0
    moving[:, space.to == point] = 0.0
    return _rows(parts, goals, end, budget, guide=False)


def begin_row(parts: Parts, rows: list[Floats]) -> Floats:
    """Return the costs to go when a frame begins, ``(n_goals, n_states)``.

    With a period, time may have passed since the last frame's end.
    """
    row = rows[0]
    return row if parts.space.view.period_ns is None else rested(parts, row)


def rested(parts: Parts, row: Floats) -> Floats:
    """Let a moving rail settle before a frame begins, where better: ``(n_goals, n_states)``.

    And the memory's clock change, free to do so.
    """
    space, row = parts.space, row.copy()
    if space.memories > 1 and not space.holds:
        locks = row.reshape(
            len(row), -1, parts.free(0) // space.levels, space.memories, space.cores
        )
        locks[:] = locks.min(axis=(1, 3), keepdims=True)
    at_rest, moving = _by_rail(parts, 0, row)
    moving[:] = np.minimum(moving, at_rest[:, space.to][:, :, None, :])
    return row


def _by_rail(parts: Parts, layer: int, row: Floats) -> tuple[Floats, Floats]:
    """A row before a layer as of settled rails and of moving ones, both to be written to.

    ``(n, n_points, n_levels)`` and ``(n, n_moves, n_parts, n_levels)``; n is goals times locks.
    """
    space, settled = parts.space, parts.space.points * parts.space.levels
    rails = row.reshape(-1, parts.free(layer))
    at_rest = rails[:, :settled].reshape(len(rails), space.points, space.levels)
    count = int(parts.parts[layer])
    return at_rest, rails[:, settled:].reshape(len(rails), space.n_moves, count, space.levels)


def begins(parts: Parts) -> Mask:
    """Return in which states a frame may begin, ``(n_states,)``: at a clock that the rail holds."""
    space = parts.space
    moving = np.broadcast_to(
        space.may[np.minimum(space.from_, space.to)][:, None, :],
        (space.n_moves, int(parts.parts[0]), space.levels),
    )
    free = np.concatenate([space.may.ravel(), moving.ravel()])
    return np.tile(free, 1 + int(parts.lock.count[0]))


def _before(parts: Parts, goals: Goals, layer: int, after: Floats, guide: bool) -> Floats:
    """The row before a layer from the one after it."""
    space, worth = parts.space, _Worth(parts, layer, after, guide)
    runs, time_ns = space.settled, space.settled.time_ns[layer]
    cost = goals.of(runs.joules[layer], time_ns[:, None, None, :], runs.over[layer])
    rows = [_from_any(space, *(w.min(axis=-2) for w in worth.from_rest(cost)))]
    moving = parts.moving[layer]
    if moving is not None:
        cost = goals.of(
            moving.joules, time_ns[:, None, None, :], moving.sure if guide else moving.over
        )
        rows.append(_from_any(space, *worth.from_motion(cost, moving)))
    # By goal, lock, rail and clock.
    return np.concatenate([row.reshape(*row.shape[:2], -1) for row in rows], axis=2).reshape(
        len(goals), -1
    )


class _Worth:
    """What runs of a layer cost with all that follows: with the memory as it was, and changed."""

    def __init__(self, parts: Parts, layer: int, after: Floats, guide: bool) -> None:
        self._parts, self._layer, self._guide = parts, layer, guide
        self._after = after
        stays, changed = parts.lock.after(layer, late=guide)
        self._stays, self._changed = (p * parts.free(layer + 1) for p in (stays, changed))

    def from_rest(self, cost: Floats) -> list[Floats]:
        """Costs are ``(n_goals, n_kinds, n_points, n_points, n_levels)``; a lock comes second."""
        places = self._parts.after[self._layer]
        return self._split(cost, lambda at, kinds: self._at(self._after, places[kinds], at))

    def from_motion(self, cost: Floats, moving: Moving) -> list[Floats]:
        """Costs are ``(n_goals, n_kinds, n_moves, n_parts, n_levels)``; a lock comes second."""
        parts, layer = self._parts, self._layer
        many = int(parts.grid.width_ns[layer] // parts.grid.width_ns[layer + 1])
        whole = self._after
        if many > 1 and not self._guide:
            whole = with_sooner(parts, layer + 1, whole, many)

        def both(at: Ints, kinds: slice) -> Floats:
            one = self._at(self._after, moving.one[kinds], at)
            other = self._at(whole, moving.other[kinds], at)
            return (one + other) / 2 if self._guide else np.minimum(one, other)

        return self._split(cost, both)

    def _split(self, cost: Floats, then: Callable[[Ints, slice], Floats]) -> list[Floats]:
        """Costs with what follows, of kinds without and with a change of the memory's clock."""
        core = self._parts.space.core_kinds
        stays = cost[:, None, :core] + then(self._stays, slice(None, core))
        if self._parts.space.memories == 1:
            return [stays]
        changed = cost[:, None, core:] + then(self._changed[None], slice(core, None))
        return [stays, changed]

    @staticmethod
    def _at(row: Floats, places: Ints | Places, lock: Ints) -> Floats:
        """What states are worth, at places by the rail and in locks ``(n, n_kinds, n_levels)``."""
        at = places.astype(np.intp, copy=False)
        if len(lock) == 1 and not lock.any():
            return np.take(row, at[None], axis=1)
        return np.take(row, at[None] + lock[:, :, None, None, :], axis=1)


def with_sooner(parts: Parts, layer: int, row: Floats, many: int) -> Floats:
    """Return a row before a layer, each part the best of so ``many`` up to it, of its move.

    Rows are ``(n_goals, n_states)``. A wide part may lead to any of the narrow ones after it.
    """
    row = row.copy()
    _, moving = _by_rail(parts, layer, row)
    alone = moving.copy()
    for sooner in range(1, min(many, moving.shape[2])):
        np.minimum(moving[:, :, sooner:], alone[:, :, :-sooner], out=moving[:, :, sooner:])
    return row


def _from_any(space: Space, stays: Floats, changed: Floats | None = None) -> Floats:
    """Take the best clocks from those before: ``(n_goals, n_locks, n_core_kinds, ..., n_levels)``.

    The axis of kinds goes. Where the memory's clock is free it may change.
    """
    best = _from_any_core(space, stays)
    if changed is not None:
        other = _from_any_core(space, changed)[:, 0]
        points = other.reshape(*other.shape[:-1], space.memories, space.cores)
        for memory in range(space.memories):
            others = np.delete(points, memory, axis=-2).min(axis=-2)
            at = slice(memory * space.cores, (memory + 1) * space.cores)
            best[:, 0, ..., at] = np.minimum(best[:, 0, ..., at], others)
    return best


def _from_any_core(space: Space, cost: Floats) -> Floats:
    """Take the best core clock from each before, ``(n_goals, n_locks, n_core_kinds, ..., n)``.

    The axis of kinds goes. A clock may stall before itself, too: more than the device allows.
    """
    cost = cost.reshape(*cost.shape[:-1], space.memories, space.cores)
    best = np.empty_like(cost[:, :, 0])
    for levels, stalls in space.kinds:
        if (stalls == stalls[0]).all():
            least = cost[:, :, stalls[0]].min(axis=-1, keepdims=True)
        else:
            each = [cost[:, :, stall, ..., k] for k, stall in enumerate(stalls.tolist())]
            least = np.min(each, axis=0)[..., None]
        best[..., levels] = np.minimum(cost[:, :, 0][..., levels], least)
    return best.reshape(*best.shape[:-2], -1)
