"""Layers that overlap: what may be fetched ahead, and the least time of any order of fetches."""

from dfsrt.cost.overlap.ahead import checked_prefetch, with_ahead
from dfsrt.cost.overlap.ahead_time import ahead_ns
from dfsrt.cost.overlap.flow_shop import flow_shop_ns, least_ns
from dfsrt.device.npu import PREFETCHES

__all__ = [
    "PREFETCHES",
    "ahead_ns",
    "checked_prefetch",
    "flow_shop_ns",
    "least_ns",
    "with_ahead",
]
