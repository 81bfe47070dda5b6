"""Channels of images as they lie in DRAM: padded to a multiple."""

from __future__ import annotations

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
    if channel_pad == 1 or (layer.gemms and layer.op not in (*CONVOLUTIONS, "ConvTranspose")):
        return layer

    def pad(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return tuple(_padded_image(t, channel_pad) if t.name not in raw else t for t in tensors)

    return replace(layer, inputs=pad(layer.inputs), outputs=pad(layer.outputs))


def _padded_image(tensor: Tensor, channel_pad: int) -> Tensor:
    if len(tensor.shape) < 4 or tensor.touched is not None or not tensor.elements:
        return tensor
    channels = tensor.shape[1]
    stored = -(-channels // channel_pad) * channel_pad
    return replace(tensor, touched=tensor.elements // channels * stored)
