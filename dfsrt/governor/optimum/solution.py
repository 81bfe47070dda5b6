"""What the optimum returns: a plan, what it is expected to do, and how good it is for certain."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.governor.expected_run import ExpectedFrame
from dfsrt.governor.plan import Plan


@dataclass(frozen=True, slots=True)
class Solution:
    """A plan and its steady frame.

    ``bound`` is in the unit of what was minimised, nanoseconds or joules: no plan whose frames
    all repeat does better. ``gap`` is how far ``goal`` lies above it, as a share; 0 is optimal
    for certain.
    """

    plan: Plan
    frame: ExpectedFrame
    goal: float
    bound: float

    @property
    def gap(self) -> float:
        """Distance from the bound as a share of what was reached."""
        return max(0.0, 1.0 - self.bound / self.goal) if self.goal > 0 else 0.0

    @property
    def time_ns(self) -> float:
        """Time of the steady frame."""
        return self.frame.time_ns

    @property
    def energy_j(self) -> float:
        """Predicted energy of the steady frame."""
        return self.frame.energy_j
