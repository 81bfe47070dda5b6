"""Conformance tests for plug-ins: what dfsrt's own pass, and yours should too."""

from dfsrt.testing.governors import GovernorConformance
from dfsrt.testing.idle_governors import IdleGovernorConformance
from dfsrt.testing.mappers import MapperConformance
from dfsrt.testing.memory_governors import MemoryGovernorConformance
from dfsrt.testing.schedules import ScheduleConformance
from dfsrt.testing.transforms import TransformConformance
from dfsrt.testing.tried import tried

__all__ = [
    "GovernorConformance",
    "IdleGovernorConformance",
    "MapperConformance",
    "MemoryGovernorConformance",
    "ScheduleConformance",
    "TransformConformance",
    "tried",
]
