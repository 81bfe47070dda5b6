"""The weights of a network without values: what products multiply by, by its sizes alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from dfsrt.network import Network
from dfsrt.network.layer import Gemm, Layer
from dfsrt.network.packed import packed
from dfsrt.network.packing import Packing
from dfsrt.network.tensor import Tensor
from dfsrt.optimize.weights import OPERATORS


@dataclass(frozen=True, slots=True)
class SizedWeight:
    """A stored constant that products multiply by: ``outputs`` rows of ``inputs`` in ``groups``."""

    name: str
    bits: int
    outputs: int
    inputs: int
    groups: int
    depthwise: bool
    packing: Packing


def sized_weights(network: Network) -> list[SizedWeight]:
    """Return the weights of the products that ``weights_of`` knows, each stored constant once."""
    each = (weight for layer in network.layers for weight in _of_layer(layer))
    return list({weight.name: weight for weight in each}.values())


def with_packings(network: Network, packings: Mapping[str, Packing]) -> Network:
    """Return ``network`` with other packings, by the names constants are stored as."""
    return replace(network, layers=packed(network.layers, packings))


def _of_layer(layer: Layer) -> Iterator[SizedWeight]:
    if layer.op not in OPERATORS:
        return
    constants = {tensor.name: tensor for tensor in layer.weights}
    for gemm, operands in zip(layer.gemms, layer.operands, strict=True):
        for name in operands.b:
            weight = constants.get(name)
            if weight is not None and len(weight.shape) > 1:
                yield _sized(layer.op, gemm, weight)


def _sized(op: str, gemm: Gemm, tensor: Tensor) -> SizedWeight:
    taps = math.prod(tensor.shape[2:]) if op == "ConvTranspose" else 1
    inputs = max(gemm.k * taps, 1)
    channels = gemm.k if op == "ConvTranspose" else tensor.shape[1]
    return SizedWeight(
        name=tensor.stored_as,
        bits=tensor.bits,
        outputs=tensor.elements // inputs,
        inputs=inputs,
        groups=gemm.count if "Conv" in op else 1,
        depthwise="Conv" in op and gemm.count > 1 and channels == 1,
        packing=tensor.packing or Packing(),
    )
