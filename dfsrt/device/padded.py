"""Channels of images as they lie in DRAM: padded to a multiple."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dfsrt.device.convolution import CONVOLUTIONS
from dfsrt.network.layer import Layer
from dfsrt.network.tensor import Tensor


def padded(layer: Layer, raw: frozenset[str], channel_pad: int) -> Layer:
    """Return ``layer`` with the channels of its images padded, but of those in ``raw``.

    ``raw`` names what comes from the caller and lies as the caller has it.

    Limits: axis 1 of tensors with four axes or more is taken for channels; tensors of matrix
    products are stored as they are.
    """
    if channel_pad == 1 or _is_product(layer):
        return layer

    def pad(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return tuple(_padded_image(t, channel_pad) if t.name not in raw else t for t in tensors)

    return replace(layer, inputs=pad(layer.inputs), outputs=pad(layer.outputs))


def unpadded(layers: Iterable[Layer]) -> frozenset[str]:
    """Return the names of tensors that matrix products read or make, and no convolution.

    They lie as they are for every layer: what a softmax reads of scores is what a product wrote.

    Limits: a view of such a tensor with four axes of its own is padded.
    """
    products: set[str] = set()
    convolved: set[str] = set()
    for layer in layers:
        if layer.gemms:
            names = products if _is_product(layer) else convolved
            names.update(t.name for t in (*layer.inputs, *layer.outputs))
    return frozenset(products - convolved)


def _is_product(layer: Layer) -> bool:
    return bool(layer.gemms) and layer.op not in (*CONVOLUTIONS, "ConvTranspose")


def _padded_image(tensor: Tensor, channel_pad: int) -> Tensor:
    if len(tensor.shape) < 4 or tensor.touched is not None or not tensor.elements:
        return tensor
    channels = tensor.shape[1]
    stored = -(-channels // channel_pad) * channel_pad
    return replace(tensor, touched=tensor.elements // channels * stored)
