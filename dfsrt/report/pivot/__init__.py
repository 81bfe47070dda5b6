"""Many runs on one page: pivots, small multiples and Pareto fronts of points with several sides."""

from dfsrt.report.pivot.page import write_pivot
from dfsrt.report.pivot.points import Column, Points

__all__ = ["Column", "Points", "write_pivot"]
