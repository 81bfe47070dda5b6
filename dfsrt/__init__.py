"""dfsrt: a clock for every layer of a neural network, under a power cap.

>>> import dfsrt
>>> done = dfsrt.run("resnet50", device="rk3588-npu", cap="1 W", governor="dfs")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfsrt.base.errors import DeviceError, DfsrtError, InputError, NetworkError, OutputError
from dfsrt.base.version import __version__

if TYPE_CHECKING:
    from dfsrt.device import load_device
    from dfsrt.governor import MemoryView, Plan, View
    from dfsrt.governor.idle import IdleView, Sleep
    from dfsrt.governor.memory import BusView
    from dfsrt.network import load_network
    from dfsrt.report.api import Comparison, Job, Result, run
    from dfsrt.report.devices import compare
    from dfsrt.report.memory import Memory, MemoryComparison, compare_memory, memory
    from dfsrt.report.optimize import Optimized, optimize
    from dfsrt.report.saved import read_report
    from dfsrt.study.api import budget, calibrate, frontier, levers, sweep, tune
else:
    import dfsrt.run as run
    from dfsrt.base.verb import make_verb

    make_verb("dfsrt.run", "dfsrt.report.api", "run")

# Imported when first used, so that `import dfsrt` costs next to nothing.
_LAZY = {
    "BusView": "dfsrt.governor.memory",
    "Comparison": "dfsrt.report.api",
    "IdleView": "dfsrt.governor.idle",
    "Job": "dfsrt.report.api",
    "Memory": "dfsrt.report.memory",
    "MemoryComparison": "dfsrt.report.memory",
    "MemoryView": "dfsrt.governor",
    "Optimized": "dfsrt.report.optimize",
    "Plan": "dfsrt.governor",
    "Result": "dfsrt.report.api",
    "Sleep": "dfsrt.governor.idle",
    "View": "dfsrt.governor",
    "budget": "dfsrt.study.api",
    "calibrate": "dfsrt.study.api",
    "compare": "dfsrt.report.devices",
    "compare_memory": "dfsrt.report.memory",
    "frontier": "dfsrt.study.api",
    "levers": "dfsrt.study.api",
    "load_device": "dfsrt.device",
    "load_network": "dfsrt.network",
    "memory": "dfsrt.report.memory",
    "read_report": "dfsrt.report.saved",
    "sweep": "dfsrt.study.api",
    "tune": "dfsrt.study.api",
}

__all__ = [
    "BusView",
    "Comparison",
    "DeviceError",
    "DfsrtError",
    "IdleView",
    "InputError",
    "Job",
    "Memory",
    "MemoryComparison",
    "MemoryView",
    "NetworkError",
    "Optimized",
    "OutputError",
    "Plan",
    "Result",
    "Sleep",
    "View",
    "__version__",
    "budget",
    "calibrate",
    "compare",
    "compare_memory",
    "frontier",
    "levers",
    "load_device",
    "load_network",
    "memory",
    "optimize",
    "read_report",
    "run",
    "sweep",
    "tune",
]


def __dir__() -> list[str]:
    return __all__  # what is imported when first used, too: a notebook completes it


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name == "optimize":  # the room, which is a function, too
        return import_module("dfsrt.optimize")
    if name not in _LAZY:
        raise AttributeError(f"module 'dfsrt' has no attribute {name!r}")

    return getattr(import_module(_LAZY[name]), name)
