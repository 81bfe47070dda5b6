"""Constants as a device's decoders read them: the fewest bytes of the codings that it knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dfsrt.device.convolution import CONVOLUTIONS
from dfsrt.device.npu import Npu
from dfsrt.device.weights import NARROW, Weights, pattern_of
from dfsrt.network.coding import Coding, coded_bytes
from dfsrt.network.layer import Layer
from dfsrt.network.tensor import BITS, Tensor

_WIDER = {
    "int2": ("int4", "int8"),
    "uint2": ("uint4", "uint8"),
    "int4": ("int8",),
    "uint4": ("uint8",),
    "float4e2m1": ("float8e4m3fn",),
}
"""What an element below a byte is stored as where no decoder widens it: the first that is read."""


def decoded(layer: Layer, npu: Npu) -> Layer:
    """Return ``layer`` with its constants as they lie in the DRAM of ``npu``.

    Weights below a byte that no decoder reads are bytes there. What products multiply by has the
    bytes of the best coding that is read, indices, code books and scales counted, and never more
    than plain: a decoder can be passed by.

    Limits: a table of which rows are picked is not coded; what lies in the buffer is decoded.
    """
    if all(t.packing is None and t.dtype not in _WIDER for t in layer.weights):
        return layer
    multiplied = {t.name for t in layer.multiplied}
    return replace(
        layer, weights=tuple(_stored(t, layer, npu, t.name in multiplied) for t in layer.weights)
    )


def decode_cycles(layer: Layer, npu: Npu) -> int:
    """Return the cycles in which decoders give the weights of one pass; 0 where none wait.

    Limits: weights of a recurrent layer are decoded once.
    """
    elements = decoded_elements(layer, npu)
    return -int(-elements // npu.weights.decoded_per_cycle) if elements else 0


def decoded_elements(layer: Layer, npu: Npu) -> int:
    """Return the weights of one pass that decoders give at a pace of their own; 0 without one."""
    if not npu.weights.decoded_per_cycle:
        return 0
    stored = {t.name: t for t in decoded(layer, npu).weights}
    return sum(t.elements for t in layer.multiplied if is_coded(stored.get(t.name)))


def is_coded(tensor: Tensor | None) -> bool:
    """Whether a decoder stands between DRAM and a constant, as ``decoded`` leaves it."""
    return tensor is not None and (tensor.coded_bytes is not None or tensor.dtype in _WIDER)


def reads_narrow(layer: Layer, tensor: Tensor, weights: Weights) -> bool:
    """Whether a device's decoders read a layer's constant in its width, if that is below a byte."""
    name = _width_name(tensor.dtype)
    return name not in NARROW or (name in weights.decode and _serves(layer, weights))


def _serves(layer: Layer, weights: Weights) -> bool:
    """Whether decoders of narrow weights work for a layer of this shape."""
    outputs = max((g.n * g.count for g in layer.gemms), default=0)
    if outputs < weights.least_outputs:
        return False
    if not weights.pointwise_only:
        return True
    axes = layer.window.axes if layer.window is not None else ()
    pointwise = all(a.kernel == 1 and a.stride == 1 for a in axes)
    return bool(layer.gemms) and (layer.op not in CONVOLUTIONS or (bool(axes) and pointwise))


def _width_name(dtype: str) -> str:
    return f"int{BITS[dtype]}"


def _stored(tensor: Tensor, layer: Layer, npu: Npu, is_multiplied: bool) -> Tensor:
    plain = _plain(tensor, layer, npu.weights)
    if plain.packing is None or not is_multiplied:
        return plain
    least = min(_sizes(plain, npu.weights), default=plain.bytes)
    return replace(plain, coded_bytes=least) if least < plain.bytes else plain


def _plain(tensor: Tensor, layer: Layer, weights: Weights) -> Tensor:
    """The constant element by element, each as wide as is read."""
    if tensor.dtype not in _WIDER or reads_narrow(layer, tensor, weights):
        return tensor
    wider = (replace(tensor, dtype=dtype) for dtype in _WIDER[tensor.dtype])
    return next(t for t in wider if reads_narrow(layer, t, weights))


def _sizes(tensor: Tensor, weights: Weights) -> Iterator[int]:
    """Bytes of the whole constant in each of the codings that decoders read."""
    packing = tensor.packing
    for name in weights.decode:
        pattern = pattern_of(name)
        if pattern is not None:
            if packing is not None and packing.follows(*pattern):
                kept = replace(packing, kept=pattern[0], group=pattern[1])
                yield coded_bytes(replace(tensor, packing=kept), Coding.GROUPS)
        elif name not in NARROW:
            for width in weights.gap_bits or (None,):
                yield coded_bytes(tensor, name, width)
