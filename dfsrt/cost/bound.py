"""The least bytes that a layer needs."""

from __future__ import annotations

from dfsrt.cost.traffic.buffer import Buffer
from dfsrt.network.layer import Kind, Layer


def layer_bound_bytes(layer: Layer, buffer: Buffer) -> int:
    """Return the bytes that one pass of ``layer`` moves at least: every operand once."""
    if layer.kind is Kind.VIEW or not buffer.total_bytes:
        return 0
    return sum(t.touched_bytes for t in (*layer.reads, *layer.outputs))
