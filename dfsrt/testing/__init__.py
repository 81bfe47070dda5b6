"""Conformance tests for plug-ins: what dfsrt's own governors pass, and yours should too."""

from dfsrt.testing.governors import GovernorConformance

__all__ = ["GovernorConformance"]
