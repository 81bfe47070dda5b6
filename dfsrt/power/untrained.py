"""Where a network is not what a power model was trained on: narrow numbers, zeros in weights."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.base.units import format_si
from dfsrt.cost.cost import LayerCost
from dfsrt.device.npu import Npu
from dfsrt.power.learned import LearnedPowerModel
from dfsrt.power.model import PowerModel

NARROW = ("int4", "int2", "fp4")
"""Precisions that no shipped model has a sample of."""


def untrained_notes(costs: Sequence[LayerCost], npu: Npu, model: PowerModel) -> list[str]:
    """Return what a reader must know where a learned model leaves what it was trained on.

    Its features are the device's picojoules, so that it scales; nobody measured how well.
    """
    if not isinstance(model, LearnedPowerModel):
        return []
    products = [c for c in costs if c.layer.gemms]
    narrow = sum(c.precision in NARROW and c.precision != npu.precision for c in products)
    sparse = sum(map(_is_sparse, products))
    counts = [(narrow, "compute in less than 8 bits"), (sparse, "have zeros in their weights")]
    of_layers = [
        f"{count} of {len(products)} layers with products {what}, which the power model was not "
        "trained on: it scales by the device's picojoules, and its bound is not proven there"
        for count, what in counts
        if count
    ]
    return [*of_layers, *_other_memory(npu, model)]


def _other_memory(npu: Npu, model: LearnedPowerModel) -> list[str]:
    """Memory points below the highest at which the model has seen nothing."""
    below = [point.freq_hz for point in npu.memory.points[:-1]]
    unseen = [format_si(freq_hz, "Hz") for freq_hz in below if freq_hz not in model.memory_hz]
    if not unseen:
        return []
    return [
        f"the power model was not trained with the memory at {', '.join(unseen)}: it goes by how "
        "long layers take there, and its bound is not proven"
    ]


def _is_sparse(cost: LayerCost) -> bool:
    """Whether zeros are more than rounding leaves, or work is left out because of them."""
    packed = ((t.packing, t.bits) for t in cost.layer.multiplied)
    return cost.zeros.done < 1 or any(p is not None and p.zeros_pay(bits) for p, bits in packed)
