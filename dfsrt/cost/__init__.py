"""Cycles, bytes and actions of a layer on a device."""

from dfsrt.cost.cost import Actions, LayerCost, cost_network
from dfsrt.cost.precision import at_device_precision
from dfsrt.cost.tiling import HalfBuffer, Tiling, TilingPolicy

__all__ = [
    "Actions",
    "HalfBuffer",
    "LayerCost",
    "Tiling",
    "TilingPolicy",
    "at_device_precision",
    "cost_network",
]
