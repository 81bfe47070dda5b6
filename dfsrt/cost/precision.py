"""Which numbers a network's tensors become on a device, tensor by tensor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

from dfsrt.device.npu import Npu
from dfsrt.network.layer import Layer
from dfsrt.network.network import Network
from dfsrt.network.precision import PRECISIONS, TRAINING, count_converted, stored_in
from dfsrt.network.tensor import INDEX_TYPES, PRECISION_OF, Tensor

_INSTEAD = {
    "fp64": ("fp16", "bf16"),
    "fp32": ("fp16", "bf16"),
    "fp16": ("bf16", "fp32"),
    "bf16": ("fp16", "fp32"),
    "int16": ("fp16", "bf16"),
    "int4": ("int8",),
}
"""What a device computes in that lacks a precision, or keeps none to spare: the first it has."""

_ANY_DEVICE = ("int8", "fp16", "bf16")
"""Precisions that are so common that a device without them has them converted to its own."""


def at_device_precision(network: Network, npu: Npu, precision: str = "auto") -> Network:
    """Return ``network`` as the device's compiler would store it.

    ``auto`` converts a network that multiplies in fp32, the training format, to the device's own
    precision. In one that is quantized or in half precision every layer keeps its own, what is
    left in fp32 goes to fp16 or the nearest that the device has, and constants keep their bits.
    What the device lacks is converted only where that is what compilers do: the network says in
    ``converted`` how many layers were. Weights in blocks with scales of their own stay so.

    Raises:
        InputError: ``precision`` is unknown.
    """
    if precision != "auto":
        return network.as_precision(precision)
    has, main = npu.array.cycles_per_step.keys(), _main_precision(network)
    whole = main in _ANY_DEVICE and main not in has and _instead(main, npu) == npu.precision
    if whole and not _in_blocks(network):
        return network.as_precision(npu.precision)
    wide = npu.precision if main in TRAINING else _instead("fp32", npu)
    to = {name: _target(name, npu, has, wide) for name in PRECISION_OF.values()}
    layers = tuple(_converted(layer, to, has) for layer in network.layers)
    return replace(network, layers=layers, converted=count_converted(network.layers, layers))


def _in_blocks(network: Network) -> bool:
    """Whether weights have a scale for each block of a column, as no int8 network for NPUs has."""
    return any(layer.op == "MatMulNBits" for layer in network.layers)


def multiplies_in_training_format(network: Network) -> bool:
    """Whether most multiplications are in fp32 or fp64, which no compiler for an NPU keeps."""
    return _main_precision(network) in TRAINING


def _main_precision(network: Network) -> str:
    """The precision of most multiplications, or where there are none, of most of the work.

    A layer whose weights are stored in fewer bits than it computes in is no training format.
    """
    work, multiplies = Counter[str](), network.macs > 0
    for layer in network.layers:
        if layer.computes:
            work[_told_precision(layer)] += layer.macs if multiplies else layer.moved_bytes
    return max(work, key=work.__getitem__, default="fp32")


def _told_precision(layer: Layer) -> str:
    multiplied = {PRECISION_OF[t.dtype] for t in layer.multiplied if t.dtype not in INDEX_TYPES}
    return "quantized" if multiplied - TRAINING and layer.precision in TRAINING else layer.precision


def _target(name: str, npu: Npu, has: Collection[str], wide: str) -> str:
    if name in TRAINING:
        return wide
    return name if name in has else _instead(name, npu)


def _instead(name: str, npu: Npu) -> str:
    """Return what the device has in place of a precision; itself where that cannot be said."""
    has = npu.array.cycles_per_step
    nearest = next((other for other in _INSTEAD.get(name, ()) if other in has), None)
    return nearest or (npu.precision if name in (*_ANY_DEVICE, *TRAINING) else name)


def _converted(layer: Layer, to: dict[str, str], has: Collection[str]) -> Layer:
    """Return ``layer`` with its tensors in the precisions that they become.

    Integers and other narrow constants are decoded on their way in, so they keep their bits.
    """
    narrow = set(PRECISION_OF.values()) - {*TRAINING, "fp16", "bf16"}

    def typed(tensor: Tensor, is_constant: bool) -> Tensor:
        source = PRECISION_OF.get(tensor.dtype)
        if source is None or to[source] == source or (is_constant and source in narrow):
            return tensor
        return stored_in(tensor, PRECISIONS[to[source]])

    return replace(
        layer,
        inputs=tuple(typed(t, False) for t in layer.inputs),
        weights=tuple(typed(t, True) for t in layer.weights),
        outputs=tuple(typed(t, False) for t in layer.outputs),
    )
