"""dfsrt: a clock for every layer of a neural network, under a power cap.

>>> import dfsrt
>>> run = dfsrt.run("resnet50", device="rk3588-npu", cap="1 W", governor="dfs")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dfsrt.errors import DeviceError, DfsrtError, InputError, NetworkError, OutputError

if TYPE_CHECKING:
    from dfsrt.api import Comparison, Job, Run, compare, run
    from dfsrt.device import load_device
    from dfsrt.governor import Plan, View
    from dfsrt.network import load_network

__version__ = "0.1.0"

# Imported when first used, so that `import dfsrt` costs next to nothing.
_LAZY = {
    "Comparison": "dfsrt.api",
    "Job": "dfsrt.api",
    "Run": "dfsrt.api",
    "compare": "dfsrt.api",
    "run": "dfsrt.api",
    "load_device": "dfsrt.device",
    "load_network": "dfsrt.network",
    "Plan": "dfsrt.governor",
    "View": "dfsrt.governor",
}

__all__ = [
    "Comparison",
    "DeviceError",
    "DfsrtError",
    "InputError",
    "Job",
    "NetworkError",
    "OutputError",
    "Plan",
    "Run",
    "View",
    "__version__",
    "compare",
    "load_device",
    "load_network",
    "run",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'dfsrt' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LAZY[name]), name)
