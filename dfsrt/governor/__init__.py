"""Which clock, which voltage: governors plan, the runtime clamps."""

from dfsrt.governor.governor import BaseGovernor, Governor
from dfsrt.governor.memory_view import MemoryView
from dfsrt.governor.plan import Plan
from dfsrt.governor.queue_view import QueuedRequest, QueueView, QueueWorkload, WorkStep
from dfsrt.governor.registry import governor_names, make_governor
from dfsrt.governor.view import Telemetry, View

__all__ = [
    "BaseGovernor",
    "Governor",
    "MemoryView",
    "Plan",
    "QueueView",
    "QueueWorkload",
    "QueuedRequest",
    "Telemetry",
    "View",
    "WorkStep",
    "governor_names",
    "make_governor",
]
