"""Our own transforms pass the conformance tests that we publish."""

from __future__ import annotations

from dfsrt.testing import TransformConformance


class TestPrune(TransformConformance):
    transform = "prune:ratio=0.5"
