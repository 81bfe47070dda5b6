"""Execution in time: the layer table, the SimPy runtime and the run log."""

from dfsrt.runtime.arrivals import Arrivals
from dfsrt.runtime.cap import CapStep, PowerCap, constant_cap
from dfsrt.runtime.corrector import Correction, Corrector
from dfsrt.runtime.engine import KernelRuntime
from dfsrt.runtime.log import HeldBy, RunLog
from dfsrt.runtime.runtime import Runtime
from dfsrt.runtime.table import LayerTable, build_table

__all__ = [
    "Arrivals",
    "CapStep",
    "Correction",
    "Corrector",
    "HeldBy",
    "KernelRuntime",
    "LayerTable",
    "PowerCap",
    "RunLog",
    "Runtime",
    "build_table",
    "constant_cap",
]
