"""The bound: the least energy of work with releases and deadlines, whoever decides."""

from dfsrt.governor.bound.frontier import Frontier, frontier_of, joined
from dfsrt.governor.bound.gaps import longest_gaps
from dfsrt.governor.bound.prices import bound_j, group_prices_w, is_even
from dfsrt.governor.bound.program import program_prices_w
from dfsrt.governor.bound.tasks import Tasks, tasks_of
from dfsrt.governor.bound.yds import Speeds, yds

__all__ = [
    "Frontier",
    "Speeds",
    "Tasks",
    "bound_j",
    "frontier_of",
    "group_prices_w",
    "is_even",
    "joined",
    "longest_gaps",
    "program_prices_w",
    "tasks_of",
    "yds",
]
