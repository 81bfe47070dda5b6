"""Aims beyond a price: energy times a power of time, with the idle time of a period counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.governor.expected_run import ExpectedFrame
from dfsrt.governor.optimum.solution import Solution
from dfsrt.governor.rest import Rest
from dfsrt.governor.view import View

Line = tuple[float, float]
"""A price in watts and joules: no plan's energy + price · time is below them."""
Place = tuple[int, int]
"""A set point at which a frame ends, and a memory point at which the next begins."""


def standby(view: View) -> tuple[float, ...]:
    """Return the watts that idle time takes at each memory point of a view, over the view's own.

    That one's are in ``rest``.
    """
    if view.memory is None or not view.joint:
        return (0.0,)
    idle_w = view.memory.idle_w
    return tuple((idle_w - idle_w[view.memory.level]).tolist())


@dataclass(frozen=True, slots=True)
class Aim:
    """Least E · T ** ``power`` over plans that take ``limit_ns`` or less.

    E is a frame's energy; with ``rest`` that of a whole period of ``period_ns``, idle time
    counted: by ``rest``, and ``standby_w``, what the memory draws beside it at each of its points.
    T is the time of the frame's work, in seconds.
    """

    view: View
    power: int
    limit_ns: float = np.inf
    rest: Rest | None = None
    period_ns: float = np.inf
    standby_w: tuple[float, ...] = (0.0,)

    def of(self, solution: Solution) -> float:
        """Return what a plan reaches; infinite where it takes too long."""
        if solution.time_ns > self.limit_ns:
            return np.inf
        joules = self.energy_j(solution.frame)
        return joules * float(solution.time_ns * 1e-9) ** self.power

    def energy_j(self, frame: ExpectedFrame) -> float:
        """Return the energy that counts of a frame, that of its idle time included."""
        if self.rest is None:
            return frame.energy_j
        stands = int(np.searchsorted(self.view.set_points_uv, frame.rests_uv))
        gap_ns = max(0.0, self.period_ns - frame.time_ns)
        return frame.energy_j + self.gap_j((stands, frame.rests_memory), gap_ns)

    def gap_j(self, place: Place | None, gap_ns: float) -> float:
        """Return what idle time takes at a place, the least of all without one."""
        if self.rest is None:
            return 0.0
        standby_w = min(self.standby_w) if place is None else self.standby_w[place[1]]
        rest_j = self.rest.least_j(gap_ns) if place is None else self.rest.gap_j(place[0], gap_ns)
        return rest_j + standby_w * gap_ns * 1e-9

    @property
    def anywhere(self) -> bool:
        """Whether idle time takes the same wherever the rail and the memory's clock stand."""
        return self.rest is None or (self.rest.anywhere and len(set(self.standby_w)) == 1)

    def slopes_w(self) -> list[float]:
        """Return the watts that idle time may take, above 0."""
        slopes = set() if self.rest is None else self.rest.slopes_w()
        return [w for w in {a + b for a in slopes for b in self.standby_w} if w > 0]

    def bound(
        self, lines: Sequence[Line], least_ns: float, place: Place | None = None
    ) -> tuple[float, float]:
        """Return what no plan is below, and the time at which that is reached.

        With a place, of plans that rest there.

        Every plan takes ``least_ns`` or more and keeps to all lines, so its energy lies above the
        highest of them. With idle time's least, which is a line from bend to bend, that is a line
        (a + b · T) from corner to corner. Such a line times T ** power first rises and then falls
        on what is positive, or only rises, so that it is least at a corner.
        """
        prices, joules = (np.array(column) for column in zip(*lines, strict=True))
        times = self._corners(prices, joules, least_ns)
        above = (joules - prices * 1e-9 * times[:, None]).max(axis=1)
        if self.rest is not None:
            above = above + [self.gap_j(place, self.period_ns - ns) for ns in times.tolist()]
        reached = above * (times * 1e-9) ** self.power
        at = int(np.argmin(reached))
        return float(reached[at]), float(times[at])

    def _corners(self, prices: Floats, joules: Floats, least_ns: float) -> Floats:
        """Times between which the bound is one line: where two lines meet, or idle time bends."""
        i, j = np.triu_indices(len(prices), 1)
        apart = prices[i] != prices[j]
        i, j = i[apart], j[apart]
        meet_ns = (joules[i] - joules[j]) / (prices[i] - prices[j]) * 1e9
        rest = [] if self.rest is None else [self.period_ns - ns for ns in self.rest.bends_ns()]
        last = [self.limit_ns] if np.isfinite(self.limit_ns) else []
        times = np.array([least_ns, *last, *meet_ns.tolist(), *rest])
        return times[(times >= least_ns) & (times <= self.limit_ns)]
