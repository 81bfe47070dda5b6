"""Bounds of a run's energy: what no governor can go below."""

from dfsrt.report.bound.bound import check_bound, energy_bounds, why_none
from dfsrt.report.bound.notes import bound_notes

__all__ = ["bound_notes", "check_bound", "energy_bounds", "why_none"]
