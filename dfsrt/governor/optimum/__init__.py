"""The optimum: value iteration over layers, clocks and the rail's state, and exact search."""

from dfsrt.governor.optimum.budget import Budget
from dfsrt.governor.optimum.recent import tradeoff_of
from dfsrt.governor.optimum.solution import Solution
from dfsrt.governor.optimum.tradeoff import Tradeoff

__all__ = ["Budget", "Solution", "Tradeoff", "tradeoff_of"]
