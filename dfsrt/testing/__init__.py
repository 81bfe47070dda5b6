"""Conformance tests for plug-ins: what dfsrt's own governors pass, and yours should too."""

from dfsrt.testing.governors import GovernorConformance
from dfsrt.testing.schedules import ScheduleConformance

__all__ = ["GovernorConformance", "ScheduleConformance"]
