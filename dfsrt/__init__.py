"""dfsrt: a clock for every layer of a neural network, under a power cap.

>>> import dfsrt
>>> done = dfsrt.run("resnet50", device="rk3588-npu", cap="1 W", governor="dfs")
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Unpack

from dfsrt.base.errors import DeviceError, DfsrtError, InputError, NetworkError, OutputError

if TYPE_CHECKING:
    from dfsrt.device import load_device
    from dfsrt.governor import Plan, View
    from dfsrt.network import load_network
    from dfsrt.report.api import Comparison, Job, Result, compare, run
    from dfsrt.report.memory import Memory, MemoryComparison, compare_memory, memory
    from dfsrt.run.fields import RunFields
    from dfsrt.run.source import Runnable
else:
    import dfsrt.run as run

__version__ = "0.1.0"

# Imported when first used, so that `import dfsrt` costs next to nothing.
_LAZY = {
    "Comparison": "dfsrt.report.api",
    "Job": "dfsrt.report.api",
    "Memory": "dfsrt.report.memory",
    "MemoryComparison": "dfsrt.report.memory",
    "Plan": "dfsrt.governor",
    "Result": "dfsrt.report.api",
    "View": "dfsrt.governor",
    "compare": "dfsrt.report.api",
    "compare_memory": "dfsrt.report.memory",
    "load_device": "dfsrt.device",
    "load_network": "dfsrt.network",
    "memory": "dfsrt.report.memory",
}

__all__ = [
    "Comparison",
    "DeviceError",
    "DfsrtError",
    "InputError",
    "Job",
    "Memory",
    "MemoryComparison",
    "NetworkError",
    "OutputError",
    "Plan",
    "Result",
    "View",
    "__version__",
    "compare",
    "compare_memory",
    "load_device",
    "load_network",
    "memory",
    "run",
]


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module 'dfsrt' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LAZY[name]), name)


class _Verb(ModuleType):
    """The room ``dfsrt.run``, which is a function too: ``dfsrt.run(load, ...)`` runs a load."""

    def __call__(self, load: Runnable, **fields: Unpack[RunFields]) -> Result:
        """Run ``load``; keywords are those of ``dfsrt.report.api.run``."""
        from dfsrt.report import api

        return api.run(load, **fields)


sys.modules["dfsrt.run"].__class__ = _Verb
