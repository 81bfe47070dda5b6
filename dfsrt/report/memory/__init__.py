"""The memory of a network: what crosses to DRAM and back, why, and how near the least it is."""

from dfsrt.report.memory.api import compare_memory, memory
from dfsrt.report.memory.result import Memory, MemoryComparison

__all__ = ["Memory", "MemoryComparison", "compare_memory", "memory"]
