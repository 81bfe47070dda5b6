"""Plans where the memory has several points: at each of them, and when a change is asked for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.governor.plan import Plan, highest_that_fits
from dfsrt.governor.view import View


def asked_ahead(memory: Ints, spent_ns: Ints, delay_ns: int, period_ns: int | None) -> Ints:
    """Return the memory point to ask for at each layer, ``(n_layers,)``, for those wished.

    A change wished at a layer is asked for at the latest boundary from which the planned time,
    ``spent_ns`` ``(n_layers,)`` by layer, is ``delay_ns`` at least: frames follow one another, back
    to back or every ``period_ns``, so that is in the frame before where need be, and a whole frame
    ahead at the most.

    Limits: of two that would be asked for at the same boundary the later one is.
    """
    changes = np.flatnonzero(memory != np.roll(memory, 1))
    if not len(changes) or delay_ns == 0:
        return memory
    n, begin = len(memory), np.cumsum(spent_ns) - spent_ns
    frame_ns = max(int(spent_ns.sum()), period_ns or 0)
    boundaries = np.concatenate([begin - frame_ns, begin])
    latest = np.searchsorted(boundaries, begin[changes] - delay_ns, side="right") - 1
    latest = np.clip(latest, changes, changes + n)
    asked = np.empty_like(memory)
    for change, first, stop in zip(changes, latest, [*latest[1:], latest[0] + n], strict=True):
        asked[np.arange(first, stop) % n] = memory[change]
    return asked


def held_back(memory: Ints, asked: Ints) -> Ints:
    """Return ``asked`` as the loop takes it: -1 less it where a change that is due has to wait.

    Both are ``(n_layers,)``. That is where a layer wishes another point than was asked for last.
    Layers' boundaries are no ticks of a clock: a change asked for at one of them might come a few
    layers before its own. A driver has timers, and asks later.
    """
    return np.where(memory != np.roll(asked, 1), -1 - asked, asked)


def at_point(plan: Plan, view_at: Callable[[int], View], point: int) -> Plan:
    """Return a plan of core and memory as it is while the memory is at ``point``.

    A layer that wishes another has its clock, or the highest below that keeps the cap there.
    """
    if plan.memory is None:
        return plan
    view = view_at(point)
    layers = np.arange(view.n_layers)
    rail = np.searchsorted(view.set_points_uv, plan.rail_uv)
    fits = view.fits()[layers, :, rail] & (np.arange(view.top + 1) <= plan.level[:, None])
    level = np.where(plan.memory == point, plan.level, highest_that_fits(fits))
    return Plan(level, plan.rail_uv, plan.memory)
