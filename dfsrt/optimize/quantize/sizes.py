"""What quantization leaves of a network without values: types, and bytes of scales."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dfsrt.network import Network
from dfsrt.network.layer import Layer
from dfsrt.network.precision import convert_layer, count_converted
from dfsrt.network.tensor import BITS, INDEX_TYPES, PRECISION_OF, Tensor
from dfsrt.optimize.quantize.prepare import already_quantized, applies_nowhere

Choice = Callable[[Layer, Tensor], str]
"""The element type that a layer's weight is stored as."""
Sides = Callable[[Layer, Tensor, str], int]
"""Bytes of the scales and zero points beside a weight of that type."""

PRODUCTS = {"Conv", "ConvTranspose", "Gemm", "MatMul"}
"""Operators whose weights are quantized; an LSTM's stay as they are."""
_WITH_BIAS = {"Conv", "ConvTranspose", "Gemm"}


def sized(network: Network, step: str, choose: Choice, maps: str, sides: Sides) -> Network:
    """Return the network with weights as ``choose`` says and maps as ``maps``; empty: as they are.

    Limits: what onnxruntime leaves in fp32, such as an error function, is counted as ``maps``.

    Raises:
        InputError: no layer has such weights, or they are quantized already.
    """
    if not any(quantizable(layer) for layer in network.layers):
        raise applies_nowhere(step)
    for layer in network.layers:
        narrow = next((t for t in quantizable(layer) if PRECISION_OF[t.dtype][0] == "i"), None)
        if narrow is not None:
            raise already_quantized(step, f"'{narrow.name}' is in {narrow.dtype}")
    layers = tuple(_layer(layer, choose, maps, sides) for layer in network.layers)
    return replace(network, layers=layers, converted=count_converted(network.layers, layers))


def channel_sides(layer: Layer, weight: Tensor, dtype: str) -> int:
    """Bytes of a scale and a zero point for each output channel, as onnxruntime stores them."""
    rows = channels(layer, weight)
    if layer.op == "ConvTranspose" and layer.gemms[0].count > 1:
        return 0  # one scale, as onnxruntime needs it
    return 0 if rows == 1 else rows * scale_bytes(weight) + -(-rows * BITS[dtype] // 8)


def scale_bytes(weight: Tensor) -> int:
    """Bytes of a scale: it is of the type that its weight had."""
    return BITS[weight.dtype] // 8


def channels(layer: Layer, weight: Tensor) -> int:
    """How many scales a weight has that has one for each channel of its outputs."""
    if layer.op in ("Conv", "ConvTranspose"):
        return weight.shape[0 if layer.op == "Conv" else 1]
    return layer.gemms[0].n


def quantizable(layer: Layer) -> tuple[Tensor, ...]:
    """Constants that the layer's product multiplies by, where they can be quantized."""
    if layer.op not in PRODUCTS or not layer.gemms:
        return ()
    own = {name for o in layer.operands for name in o.b}
    return tuple(
        t
        for t in layer.weights
        if t.name in own and t.dtype not in INDEX_TYPES and len(t.shape) > 1
    )


def _layer(layer: Layer, choose: Choice, maps: str, sides: Sides) -> Layer:
    quantized = {
        t.name: replace(t, dtype=dtype, side_bytes=sides(layer, t, dtype))
        for t in quantizable(layer)
        if (dtype := choose(layer, t))
    }
    if not maps:
        weights = tuple(quantized.get(t.name, t) for t in layer.weights)
        return replace(layer, weights=weights)
    converted = convert_layer(layer, maps) if layer.op in PRODUCTS or not layer.gemms else layer
    pairs = zip(layer.weights, converted.weights, strict=True)
    return replace(
        converted,
        weights=tuple(quantized.get(t.name) or _bias(layer, t) or own for t, own in pairs),
    )


def _bias(layer: Layer, tensor: Tensor) -> Tensor | None:
    """Return a bias as the sums that it is added to; None for any other constant."""
    if layer.op not in _WITH_BIAS or len(tensor.shape) != 1 or tensor.dtype in INDEX_TYPES:
        return None
    return replace(tensor, dtype="int32", side_bytes=0)
