"""Aims beyond a price: energy times a power of time, with the idle time of a period counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.governor.expected_run import ExpectedFrame
from dfsrt.governor.optimum.solution import Solution
from dfsrt.governor.rest import Rest
from dfsrt.governor.view import View

Line = tuple[float, float]
"""A price in watts and joules: no plan's energy + price · time is below them."""


@dataclass(frozen=True, slots=True)
class Aim:
    """Least E · T ** ``power`` over plans that take ``limit_ns`` or less.

    E is a frame's energy; with ``rest`` that of a whole period of ``period_ns``, idle time
    counted. T is the time of the frame's work, in seconds.
    """

    view: View
    power: int
    limit_ns: float = np.inf
    rest: Rest | None = None
    period_ns: float = np.inf

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
        return frame.energy_j + self.rest.gap_j(stands, max(0.0, self.period_ns - frame.time_ns))

    def bound(
        self, lines: Sequence[Line], least_ns: float, point: int | None = None
    ) -> tuple[float, float]:
        """Return what no plan is below, and the time at which that is reached.

        With a set point, of plans that rest there.

        Every plan takes ``least_ns`` or more and keeps to all lines, so its energy lies above the
        highest of them. With idle time's least, which is a line from bend to bend, that is a line
        (a + b · T) from corner to corner. Such a line times T ** power first rises and then falls
        on what is positive, or only rises, so that it is least at a corner.
        """
        prices, joules = (np.array(column) for column in zip(*lines, strict=True))
        times = self._corners(prices, joules, least_ns)
        above = (joules - prices * 1e-9 * times[:, None]).max(axis=1)
        if self.rest is not None:
            gap_j = self.rest.least_j if point is None else partial(self.rest.gap_j, point)
            above = above + [gap_j(self.period_ns - ns) for ns in times.tolist()]
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
