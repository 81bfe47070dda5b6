"""Governors of the memory: at which of its clocks it runs."""

from dfsrt.governor.memory.governor import BusView, MemoryGovernor
from dfsrt.governor.memory.registry import (
    MEMORY_GOVERNORS,
    make_memory_governor,
    memory_governor_names,
    memory_label,
)

__all__ = [
    "MEMORY_GOVERNORS",
    "BusView",
    "MemoryGovernor",
    "make_memory_governor",
    "memory_governor_names",
    "memory_label",
]
