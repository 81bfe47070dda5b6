"""So many operations of the vector unit, and nothing else."""

from __future__ import annotations

import onnx

from dfsrt.network.kit.builder import Builder


def build_cycles(*, n: int, precision: str = "fp32") -> onnx.ModelProto:
    """Return a network of one layer, ``n`` operations of a lane."""
    b = Builder("cycles", 1, precision)
    b.output(b.node("Neg", [b.input("x", (n,))], "work"), "y", (n,))
    return b.model()
