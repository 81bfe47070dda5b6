"""What of a layer its time on unknown hardware may hang on: plain numbers, one row a layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.network.layer import Gemm, Layer
from dfsrt.network.layout import CHANNELS_LAST
from dfsrt.network.tensor import Tensor

FACTS: Final = (
    "operator", "is_fp32", "is_bf16", "is_wide", "is_last", "operands",
    "bytes_in", "bytes_out", "bytes_largest", "bytes_second", "widest", "narrowest",
    "macs", "lane_ops", "fused_ops", "elements_out", "elements_first",
    "m", "k", "n", "count", "steps", "is_conv", "is_image", "has_bias", "is_joined",
    "rank", "first", "channels", "pixels", "last", "channels_out", "pixels_out", "last_out",
    "height", "height_out", "kernel", "smallest_kernel", "rows", "middle",
)  # fmt: skip
"""Names of the columns; sizes are plain counts, flags are 0 or 1."""

_ROWS_OF_LAST_AXIS = ("Softmax", "LogSoftmax", "LayerNormalization")
ALIKE = {"Sum": "Add"}
"""Operators that run as another one does, where they have two operands."""
_NONE = Gemm(0, 0, 0, 0)


class Facts:
    """Columns of ``FACTS`` by attribute, each ``(n_layers,)``."""

    def __init__(self, layers: Sequence[Layer], layouts: Sequence[str], names: Sequence[str]):
        """Read ``layers``, each in the layout at its place; none named is that of ONNX.

        ``names`` are the operators that ``operator`` counts from 0; any other has -1.
        """
        place = {name: i for i, name in enumerate(names)}
        told = layouts or ("",) * len(layers)
        rows = [_row(a, b == CHANNELS_LAST, place) for a, b in zip(layers, told, strict=True)]
        self._table = np.array(rows, dtype=np.float64).reshape(len(rows), len(FACTS)).T

    def __getattr__(self, name: str) -> Floats:
        """Return one column, ``(n_layers,)``."""
        try:
            return np.asarray(self._table[_PLACE[name]])
        except KeyError:
            raise AttributeError(name) from None


_PLACE = {name: i for i, name in enumerate(FACTS)}


def _row(layer: Layer, is_last: bool, place: dict[str, int]) -> tuple[float, ...]:
    operands = (*layer.inputs, *layer.weights) or layer.outputs
    first = next((t for t in operands if not t.dtype.startswith("int")), operands[0])
    out = layer.outputs[0]
    shape, made = first.shape, out.shape
    sizes = [t.elements for t in operands]
    touched = sorted((t.touched_bytes for t in operands), reverse=True)
    read = sum(t.touched_bytes for t in (*layer.inputs, *layer.weights))
    g = layer.gemms[0] if layer.gemms else _NONE
    is_conv = layer.op.startswith("Conv")
    kernel = _kernel(operands) if is_conv else (1,)
    is_image = len(shape) == len(made) == 4
    return (
        place.get(ALIKE.get(layer.op, layer.op), -1),
        out.dtype == "float32",
        out.dtype == "bfloat16",
        layer.precision == "fp32",
        is_last,
        len(operands),
        read,
        layer.output_bytes,
        touched[0],
        touched[1] if len(touched) > 1 else 1,
        max(sizes),
        min(sizes),
        layer.macs,
        layer.vector_ops,
        layer.fused_ops,
        out.elements,
        first.elements,
        g.m,
        g.k,
        g.n,
        g.count,
        layer.steps,
        is_conv,
        is_image,
        bool(layer.gemms) and len(operands) > 2,
        bool(layer.joined),
        len(shape),
        shape[0] if shape else 1,
        shape[1] if len(shape) > 1 else 1,
        math.prod(shape[2:]),
        shape[-1] if shape else 1,
        made[1] if len(made) > 1 else 1,
        math.prod(made[2:]),
        made[-1] if made else 1,
        shape[2] if is_image else 1,
        made[2] if is_image else 1,
        math.prod(kernel),
        min(kernel),
        _rows(layer, first, out),
        _middle(first, out),
    )


def _kernel(operands: Sequence[Tensor]) -> tuple[int, ...]:
    """Spatial size of a convolution's weights."""
    return next((t.shape[2:] for t in operands[1:] if len(t.shape) > 2), (1,))


def _rows(layer: Layer, first: Tensor, out: Tensor) -> int:
    """How many rows a norm, a softmax or a reduction has, 0 for any other operator."""
    if layer.op in _ROWS_OF_LAST_AXIS:
        return math.prod(first.shape[:-1])
    if layer.op == "InstanceNormalization":
        return math.prod(first.shape[:2])
    if layer.op == "GroupNormalization":
        return first.shape[0] * 32  # groups are an attribute; nearly all networks have 32
    if layer.op.startswith(("Reduce", "Global")):
        return out.elements
    return 0


def _middle(first: Tensor, out: Tensor) -> int:
    """Elements that lie together in both first operand and result: the axes that both end with."""
    count = 1
    for a, b in zip(reversed(first.shape), reversed(out.shape), strict=False):
        if a != b:
            break
        count *= a
    return count
