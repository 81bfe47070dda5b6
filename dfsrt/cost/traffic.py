"""DRAM traffic of a layer, and what a network keeps on chip."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.cost.tiling import Tiling, fetched_bytes
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
    passes = (layer.one_pass for layer in network.layers)
    widest = max((a.input_bytes + a.output_bytes for a in passes), default=0)
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


def dram_bytes(layer: Layer, tiling: Tiling, resident: Residency) -> int:
    """Return the bytes a layer moves to and from DRAM; a view moves none."""
    if layer.kind is Kind.VIEW:
        return 0
    weights = () if resident.weights else layer.weights
    reads = (*_crossing(layer.inputs, resident), *weights)
    fetched = sum(fetched_bytes(layer, tensor, tiling) for tensor in reads)
    return fetched + sum(t.touched_bytes for t in _crossing(layer.outputs, resident))


def _crossing(tensors: tuple[Tensor, ...], resident: Residency) -> tuple[Tensor, ...]:
    if not resident.activations:
        return tensors
    return tuple(t for t in tensors if t.name in resident.outer)
