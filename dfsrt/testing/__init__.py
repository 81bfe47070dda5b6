"""Conformance tests for plug-ins: what dfsrt's own governors and mappers pass, and yours should."""

from dfsrt.testing.governors import GovernorConformance
from dfsrt.testing.mappers import MapperConformance

__all__ = ["GovernorConformance", "MapperConformance"]
