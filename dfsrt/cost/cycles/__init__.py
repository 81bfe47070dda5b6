"""Cycles of matrix layers from the reports of other simulators and of NPUs' own compilers."""

from dfsrt.cost.cycles.match import Matched, match
from dfsrt.cost.cycles.report import CycleReport, load_cycles

__all__ = ["CycleReport", "Matched", "load_cycles", "match"]
