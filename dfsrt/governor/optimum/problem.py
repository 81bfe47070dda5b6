"""The search problem: what each layer costs at each point, and how long clock and rail take."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask, packed
from dfsrt.governor.allowed import allowed_points
from dfsrt.governor.view import View

TIE_NS = 0.4
"""Times are whole nanoseconds, so less than half of one never outweighs a shorter time."""


class Tables(NamedTuple):
    """A problem's arrays: costs, times, and how clock and rail change.

    ``run`` is ``(n_layers, n_levels, n_set_points)``, ``wait`` ``(n_layers, n_set_points)``,
    ``duration`` ``(n_layers, n_levels)``, ``least`` ``(n_layers,)``. ``kind`` ``(n_levels,)`` and
    ``stalls`` ``(n_kinds, n_levels)`` are as ``stall_kinds`` gives them, ``moves`` is
    ``(n_set_points, n_set_points)``.
    """

    run: Floats
    wait: Floats
    duration: Ints
    kind: Ints
    stalls: Ints
    moves: Ints
    least: Ints


@dataclass(frozen=True)
class Problem:
    """A view, with ``price`` saying what is minimised: energy + price · time, or time alone.

    ``price_w`` is in watts, infinite for time alone. Costs are then joules, or nanoseconds; with
    ``tied`` energy decides between equal times, and adds less than ``TIE_NS`` to any frame. A
    point that is not allowed costs so much more that no number of layers makes up for it.
    """

    view: View
    price_w: float = np.inf
    tied: bool = False

    @property
    def in_time(self) -> bool:
        """Whether costs are nanoseconds."""
        return bool(np.isinf(self.price_w))

    @property
    def price(self) -> float:
        """Cost of a nanosecond."""
        return 1.0 if self.in_time else self.price_w * 1e-9

    @cached_property
    def _barred(self) -> Mask:
        return ~np.isfinite(self.view.predicted_w)

    @cached_property
    def _joules(self) -> tuple[Floats, Floats]:
        """What energy adds to the cost of a run of each layer, and of a stalled nanosecond."""
        watts = np.where(self._barred, 0.0, self.view.predicted_w) * 1e-9
        running, stalled = watts * self.view.duration_ns[:, :, None], watts[:, 0, :]
        weight = 1.0
        if self.in_time:
            weight = TIE_NS / max(self._most(running, stalled), 1e-300) if self.tied else 0.0
        return running * weight, stalled * weight

    @cached_property
    def run(self) -> Floats:
        """Cost of running, ``(n_layers, n_levels, n_set_points)``; infinite where barred."""
        cost = self._joules[0] + self.price * self.view.duration_ns[:, :, None]
        penalty = 4.0 * self._most(cost, self.wait) + 1.0
        cost = cost + np.where(allowed_points(self.view), 0.0, penalty)
        return np.ascontiguousarray(np.where(self._barred, np.inf, cost))

    @cached_property
    def wait(self) -> Floats:
        """Cost of a stalled nanosecond, ``(n_layers, n_set_points)``."""
        return np.ascontiguousarray(self._joules[1] + self.price)

    def _most(self, running: Floats, stalled: Floats) -> float:
        """At least the cost of any frame: each layer at its dearest, after the longest stall."""
        longest = float(self.view.stall_ns.max())
        return float((running.max(axis=(1, 2)) + stalled.max(axis=1) * longest).sum())

    @cached_property
    def move_ns(self) -> Ints:
        """How long a move takes from command to settled, ``(n_set_points, n_set_points)``."""
        return self.view.move_ns()

    @cached_property
    def least_ns(self) -> Ints:
        """Least time of each layer at any clock, ``(n_layers,)``."""
        return np.asarray(self.view.duration_ns.min(axis=1))

    @cached_property
    def tables(self) -> Tables:
        """What the compiled searches take."""
        kind, stalls = stall_kinds(self.view.stall_ns)
        duration = packed(self.view.duration_ns)
        return Tables(self.run, self.wait, duration, kind, stalls, self.move_ns, self.least_ns)


def stall_kinds(stall_ns: Ints) -> tuple[Ints, Ints]:
    """Return the kind of each level, and the stalls from a kind to each other level.

    From ``stall_ns``, ``(n_levels, n_levels)``, come ``(n_levels,)`` and ``(n_kinds, n_levels)``.
    Two levels are of one kind where their rows agree for all other levels, and the stall between
    them is the same both ways.
    """
    kind: list[int] = []
    rows: list[Ints] = []
    for level, row in enumerate(stall_ns):
        for index, (known, member) in enumerate(zip(rows, _first_members(kind), strict=True)):
            same = row == known
            same[[level, member]] = True
            if same.all() and stall_ns[member][level] == row[member]:
                known[member] = row[member]
                kind.append(index)
                break
        else:
            kind.append(len(rows))
            rows.append(row.copy())
    return np.array(kind, dtype=np.int64), np.ascontiguousarray(np.stack(rows), dtype=np.int64)


def _first_members(kind: list[int]) -> list[int]:
    return [kind.index(k) for k in range(max(kind, default=-1) + 1)]
