"""Cycles of the vector unit, which stands beside the multipliers of every engine."""

from __future__ import annotations

from dfsrt.device.npu import Npu
from dfsrt.network.layer import Layer


def vector_cycles(layer: Layer, npu: Npu, precision: str) -> int:
    """Return the cycles of a layer's lane operations; a copy takes as long as its bytes need.

    Each step of a layer begins with free lanes.
    """
    lanes, steps = npu.vector.lanes[precision], layer.steps
    cycles = -(-layer.vector_ops // (lanes * steps)) * steps
    if not layer.gemms:
        cycles = max(cycles, -(-layer.moved_bytes // npu.vector.bytes_per_cycle))
    return cycles
