"""Smaller networks, seen: bytes, time, joules, watts and answers after each step."""

from dfsrt.report.optimize.api import optimize
from dfsrt.report.optimize.result import Optimized

__all__ = ["Optimized", "optimize"]
