"""The pace of a layer's streams: how fast its bytes cross, by what it reads and what it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfsrt.device.npu import Memory, Npu
from dfsrt.network.layer import Layer
from dfsrt.network.tensor import Tensor

if TYPE_CHECKING:
    from dfsrt.cost.cost import LayerCost
    from dfsrt.cost.layer_traffic import LayerTraffic

_ATTENTIONS = ("Attention", "GroupQueryAttention")
"""Operators whose caches lie by sequence, head, token and width."""
_CACHE_AXES = 4


def stream_bytes_per_s(cost: LayerCost, npu: Npu) -> float:
    """Return what a layer's cores take of the memory, its own part of DRAM left out.

    What is read and what is written take their times one after the other on a bus that turns
    around, and each row of a key-value cache takes a time of its own beside its bytes.

    Limits: what one core can take binds both ways alike.
    """
    share = stream_share(cost.traffic, npu.memory)
    pace = npu.bandwidth_bytes_per_s(cost.cores, share) / cost.slowdown
    rows_s = cache_rows(cost.layer) * npu.memory.cache_row_ns * 1e-9
    return pace if rows_s == 0 else cost.dram_bytes / (cost.dram_bytes / pace + rows_s)


def stream_share(traffic: LayerTraffic, memory: Memory) -> float:
    """Return how much of the bandwidth a layer's mix of reads and writes gets, together."""
    if memory.read_share == 1 == memory.write_share or not traffic.dram_bytes:
        return 1.0
    reads, writes = traffic.read_bytes / memory.read_share, traffic.write_bytes / memory.write_share
    return traffic.dram_bytes / (reads + writes)


def cache_rows(layer: Layer) -> int:
    """Return the rows that a layer reads of caches: one head's key or value of one token each.

    Caches are what an attention's products multiply that lies by sequence, head, token and width.

    Limits: a prompt whose queries do not fit on chip reads its cache several times, and rows once.
    """
    multiplied = {name for o in layer.operands for name in o.b}
    caches = (t for t in layer.inputs if t.name in multiplied and len(t.shape) == _CACHE_AXES)
    if layer.op not in _ATTENTIONS:
        return 0
    return layer.times * sum(_touched(t) // t.shape[-1] for t in caches if t.elements)


def _touched(tensor: Tensor) -> int:
    return tensor.elements if tensor.touched is None else tensor.touched
