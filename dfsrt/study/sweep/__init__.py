"""Sweeps: every combination of what is varied, or points spread over ranges, each a run."""

from dfsrt.study.sweep.session import Swept, sweep
from dfsrt.study.sweep.study import SweepStudy, read_sweep, sweep_of

__all__ = ["SweepStudy", "Swept", "read_sweep", "sweep", "sweep_of"]
