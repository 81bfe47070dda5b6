"""Weights in 4 bits, block by block, behind a DequantizeLinear of the standard.

onnxruntime's own tool for blocks takes MatMul alone. This one takes convolutions and Gemm, too, in
the same form, so that one reader is enough: codes of 4 bits, two a byte, a scale for each block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dfsrt.optimize.arrays import Array
from dfsrt.optimize.quantize.axes import channel_axis, input_axis
from dfsrt.optimize.weights import Weight, weights_of

if TYPE_CHECKING:
    import onnx

Codes = NDArray[np.int8]
LOWEST, HIGHEST = -8, 7
STEPS = 7.5
"""Steps from zero to the largest weight: rounded, and cut at 7, none is off by more than a half."""


def stored_in_blocks(model: onnx.ModelProto, block: int) -> onnx.ModelProto:
    """Return ``model``, changed in place, with every weight of a product in blocks of 4 bits.

    A scale belongs to ``block`` neighbouring input channels at one tap of a convolution, or to so
    many inputs of a matrix; to a whole row where they are no multiple.
    """
    for weight in list(weights_of(model)):
        _store(model, weight, block)
    return model


def coded(array: Array, axis: int, block: int) -> tuple[Codes, Array]:
    """Return codes and scales of an array of any shape, blocks lying along ``axis``.

    Scales have the array's shape with ``axis`` shorter by ``block``.
    """
    split = (*array.shape[:axis], -1, block, *array.shape[axis + 1 :])
    parts = array.reshape(split)
    codes, scales = _rounded(parts, (axis + 1,))
    return codes.reshape(array.shape), np.squeeze(scales, axis + 1)


def coded_rows(array: Array, axis: int) -> tuple[Codes, Array]:
    """Return codes and scales of an array of any shape, one scale for each place on ``axis``."""
    others = tuple(a for a in range(array.ndim) if a != axis)
    codes, scales = _rounded(array, others)
    return codes, scales.reshape(-1)


def _rounded(array: Array, axes: tuple[int, ...]) -> tuple[Codes, Array]:
    """Return codes, and a scale for all along ``axes``: at most ``STEPS`` of it are the largest."""
    scales = (np.abs(array).max(axis=axes, keepdims=True) / np.float32(STEPS)).astype(array.dtype)
    scales = np.where(scales > 0, scales, 1).astype(array.dtype)
    return np.rint(array / scales).clip(LOWEST, HIGHEST).astype(np.int8), scales


def packed(codes: Codes) -> bytes:
    """Return codes of any shape as the file holds them: two a byte, the first in the lower half."""
    flat = codes.reshape(-1).view(np.uint8) & 0xF
    if flat.size % 2:
        flat = np.append(flat, np.uint8(0))
    return bytes((flat[0::2] | flat[1::2] << 4).tobytes())


def _store(model: onnx.ModelProto, weight: Weight, block: int) -> None:
    from onnx import TensorProto, helper, numpy_helper

    array, axis, name = weight.array, input_axis(weight), weight.name
    inputs = array.shape[axis] // (weight.groups if weight.layout == "conv-transpose" else 1)
    if inputs % block == 0:
        codes, scales = coded(array, axis, block)
    else:
        block, axis = 0, channel_axis(weight)
        codes, scales = coded_rows(array, axis)
    code = helper.make_tensor(
        f"{name}_quantized", TensorProto.INT4, array.shape, packed(codes), raw=True
    )
    scale = numpy_helper.from_array(scales, f"{name}_scale")
    _replace(model, name, code, scale)
    node = helper.make_node("DequantizeLinear", [code.name, scale.name], [name], f"{name}_decoded")
    settings = {"axis": axis, **({"block_size": block} if block else {})}
    node.attribute.extend(helper.make_attribute(key, value) for key, value in settings.items())
    model.graph.node.insert(0, node)


def _replace(model: onnx.ModelProto, name: str, *others: onnx.TensorProto) -> None:
    place = next(i for i, t in enumerate(model.graph.initializer) if t.name == name)
    del model.graph.initializer[place]
    model.graph.initializer.extend(others)
