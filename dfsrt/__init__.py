"""dfsrt: a clock for every layer of a neural network, under a power cap.

>>> import dfsrt
>>> run = dfsrt.run("resnet50", device="rk3588-npu", cap="1 W", governor="dfs")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

# The room is loaded before the function of its name is there, so that the function stays.
import dfsrt.run  # noqa: F401
from dfsrt.base.errors import DeviceError, DfsrtError, InputError, NetworkError, OutputError

if TYPE_CHECKING:
    from dfsrt.device import load_device
    from dfsrt.governor import Plan, View
    from dfsrt.network import load_network
    from dfsrt.run.api import Comparison, Job, Run

__version__ = "0.1.0"

# Imported when first used, so that `import dfsrt` costs next to nothing.
_LAZY = {
    "Comparison": "dfsrt.run.api",
    "Job": "dfsrt.run.api",
    "Run": "dfsrt.run.api",
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


def run(load: Any, **fields: Any) -> Run:
    """Run ``load``; keywords are the fields of ``dfsrt.run.api.Job`` and ``governor``."""
    from dfsrt.run.api import run as run_job

    return run_job(load, **fields)


def compare(load: Any, *governors: Any, **fields: Any) -> Comparison:
    """Run ``load`` under several governors."""
    from dfsrt.run.api import compare as compare_jobs

    return compare_jobs(load, *governors, **fields)
