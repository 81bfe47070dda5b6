"""Cycles, bytes and actions of a layer on a device."""

from dfsrt.cost.cost import Actions, LayerCost, cost_network
from dfsrt.cost.layer_traffic import LayerTraffic
from dfsrt.cost.precision import at_device_precision, multiplies_in_training_format
from dfsrt.cost.unused import unused_steps

__all__ = [
    "Actions",
    "LayerCost",
    "LayerTraffic",
    "at_device_precision",
    "cost_network",
    "multiplies_in_training_format",
    "unused_steps",
]
