"""DRAM traffic of a layer, and what a network keeps on chip."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.cost.tiling import Tiling
from dfsrt.device.npu import Memory
from dfsrt.network.layer import Kind, Layer
from dfsrt.network.network import Network
from dfsrt.network.tensor import Tensor


@dataclass(frozen=True, slots=True)
class Residency:
    """What stays on chip: all weights, and the activations between layers.

    ``outer`` names the tensors that come from or go to the outside and so cross in any case.
    """

    weights: bool
    activations: bool
    outer: frozenset[str]


def residency(network: Network, memory: Memory) -> Residency:
    """Return what ``memory.resident_bytes`` can keep of ``network``.

    Weights come first, all or none; activations stay if the widest layer's inputs and outputs
    fit in what is left.
    """
    weights = 0 < network.weight_bytes <= memory.resident_bytes
    left = memory.resident_bytes - (network.weight_bytes if weights else 0)
    widest = max((a.input_bytes + a.output_bytes for a in network.layers), default=0)
    activations = memory.resident_bytes > 0 and widest <= left
    return Residency(weights, activations, _outer(network))


def _outer(network: Network) -> frozenset[str]:
    """Names of tensors that come from or go to the caller, under every view's name too."""
    inputs, outputs = set(network.inputs), set(network.outputs)
    views = [layer for layer in network.layers if layer.kind is Kind.VIEW]
    for view in views:
        if any(t.name in inputs for t in view.inputs):
            inputs.update(t.name for t in view.outputs)
    for view in reversed(views):
        if any(t.name in outputs for t in view.outputs):
            outputs.update(t.name for t in view.inputs)
    return frozenset(inputs | outputs)


def dram_bytes(layer: Layer, tiling: Tiling, kept: Residency) -> int:
    """Return the bytes a layer moves to and from DRAM; a view moves none."""
    if layer.kind is Kind.VIEW:
        return 0
    inputs = _crossing(layer.inputs, kept)
    outputs = _crossing(layer.outputs, kept)
    weights = () if kept.weights else layer.weights
    fetched = _reads(layer, inputs, tiling)
    fetched += sum(t.touched_bytes for t in weights) * tiling.weight_fetches
    return fetched + sum(t.touched_bytes for t in outputs)


def _reads(layer: Layer, inputs: tuple[Tensor, ...], tiling: Tiling) -> int:
    """Bytes of run-time operands; only those of the product itself are fetched again."""
    total = 0
    for index, tensor in enumerate(layer.inputs):
        if tensor in inputs:
            fetches = 1
            if index == 0:
                fetches = tiling.input_fetches
            elif not layer.weights:
                fetches = tiling.weight_fetches
            total += tensor.touched_bytes * fetches
    return total


def _crossing(tensors: tuple[Tensor, ...], kept: Residency) -> tuple[Tensor, ...]:
    if not kept.activations:
        return tensors
    return tuple(t for t in tensors if t.name in kept.outer)
