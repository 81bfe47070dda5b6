"""The optimum: exact dynamic programming over layers, clocks and the rail's state."""

from dfsrt.governor.optimum.cycle import PASSES_IN_TIME, QUICK_IN_TIME
from dfsrt.governor.optimum.solution import Solution
from dfsrt.governor.optimum.tradeoff import Tradeoff

__all__ = ["PASSES_IN_TIME", "QUICK_IN_TIME", "Solution", "Tradeoff"]
