"""The optimum: exact dynamic programming over layers, clocks and the rail's state."""

from dfsrt.governor.optimum.cycle import QUICK, USUAL
from dfsrt.governor.optimum.solution import Solution
from dfsrt.governor.optimum.tradeoff import Tradeoff

__all__ = ["QUICK", "USUAL", "Solution", "Tradeoff"]
