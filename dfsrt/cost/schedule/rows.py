"""Layers row by row: which rows of their inputs they need for each row of results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import mul
from typing import NamedTuple

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.network.axis import Axis
from dfsrt.network.layer import Kind, Layer
from dfsrt.network.rules.lane_ops import ELEMENTWISE, VARIADIC
from dfsrt.network.tensor import Tensor

POINTWISE = ELEMENTWISE.keys() | VARIADIC.keys() | {"BatchNormalization"}
ALONG_LAST = {
    *("LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization"),
    *("SkipLayerNormalization", "SkipSimplifiedLayerNormalization", "Softmax", "LogSoftmax"),
}
_JOINS = {"Concat", "Split"}


class Rows(NamedTuple):
    """``number`` rows of a tensor: of each of its images, or of all its leading axes together."""

    of_images: bool
    number: int

    def are_of(self, tensor: Tensor) -> bool:
        """Whether a tensor has such rows: images of so many, or leading axes that multiply up."""
        if self.of_images:
            return len(tensor.shape) >= 3 and tensor.shape[2] == self.number
        return self.number in (1, *accumulate(tensor.shape[:-1], mul))

    def bytes_of(self, tensor: Tensor) -> int:
        """Bytes of one row, as it is stored."""
        images = tensor.shape[0] if self.of_images else 1
        return -(-max(tensor.bytes, tensor.touched_bytes) // max(images * self.number, 1))


class RowInput(NamedTuple):
    """An input of which each row of results needs rows ``first`` to below ``stop``, ``(n_out,)``.

    A ``stop`` beyond the last row is padding: that row of results waits as if there were more.
    ``alike`` ones need just the row in their place.
    """

    tensor: Tensor
    rows: Rows
    first: Ints
    stop: Ints
    alike: bool = True

    @property
    def most(self) -> int:
        """Rows that one row of results needs at most."""
        return int((np.minimum(self.stop, self.rows.number) - self.first).max(initial=1))


@dataclass(frozen=True, slots=True)
class RowLayer:
    """A layer that makes its results in ``rows``: what it needs of each row, and what whole."""

    rows: Rows
    inputs: tuple[RowInput, ...]
    whole: tuple[Tensor, ...]


class RowLayers:
    """How the layers of a network run row by row, each worked out once."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = layers
        self._known: dict[tuple[int, Rows | None], RowLayer | None] = {}

    def __getitem__(self, index: int) -> Layer:
        return self._layers[index]

    def by_rows(self, index: int, like: Rows | None = None) -> RowLayer | None:
        """Return how layer number ``index`` runs row by row, as ``row_layer`` does."""
        key = (index, like)
        if key not in self._known:
            self._known[key] = row_layer(self._layers[index], like)
        return self._known[key]


def row_layer(layer: Layer, like: Rows | None = None) -> RowLayer | None:
    """Return how ``layer`` runs row by row, None where it cannot; ``like`` are its input's rows.

    Convolutions, pools and resizes go through the rows of images; products with one matrix, and
    what works along the last axis, through those of the leading axes; pointwise layers and joints
    of channels through either.

    Limits: normalisations and softmax are taken to work along the last axis. What moves its data
    otherwise, reduces, or needs all of a map first is none; a product of a group runs in one step.
    """
    if any(gemm.steps > 1 for gemm in layer.gemms) or not layer.outputs or not layer.inputs:
        return None
    if not POINTWISE.issuperset(layer.joined):
        return None
    if layer.window is not None:
        return _windowed(layer)
    if layer.gemms:
        return _product(layer)
    if layer.op in POINTWISE or layer.op in ALONG_LAST:
        return _alike(layer, like)
    return _joint(layer, like) if layer.op in _JOINS and layer.kind is Kind.MOVE else None


def _windowed(layer: Layer) -> RowLayer | None:
    window = layer.window
    if window is None or len(window.axes) > 2 or len(layer.outputs) != 1:
        return None
    axis, main = window.axes[0], layer.operands[0].a if layer.gemms else (layer.inputs[0].name,)
    read, written = Rows(True, axis.size_in), Rows(True, axis.size_out)
    if not written.are_of(layer.outputs[0]):
        return None
    return _with_sides(layer, main, _needs(axis), read, written)


def _needs(axis: Axis) -> tuple[Ints, Ints]:
    first, stop = axis.windows()
    return first, np.maximum(stop, 1)


def _product(layer: Layer) -> RowLayer | None:
    gemm, operands = layer.gemms[0], layer.operands[0]
    if len(layer.gemms) > 1 or gemm.count > 1 or len(layer.outputs) != 1:
        return None
    rows, out = Rows(False, gemm.m), layer.outputs[0]
    if out.elements != gemm.m * gemm.n or not rows.are_of(out):
        return None
    return _with_sides(layer, operands.a, _same(gemm.m), rows, rows)


def _same(count: int) -> tuple[Ints, Ints]:
    return np.arange(count), np.arange(1, count + 1)


def _with_sides(
    layer: Layer, main: tuple[str, ...], needs: tuple[Ints, Ints], read: Rows, made: Rows
) -> RowLayer | None:
    """Return a layer whose ``main`` inputs come through a window, all others as they are made."""
    out, inputs, whole = layer.outputs[0], [], []
    if not all(any(t.name == name for t in layer.inputs) for name in main):
        return None  # constants slide over what comes
    alike = read == made and np.array_equal(needs[1], np.arange(1, made.number + 1))
    for tensor in layer.inputs:
        if tensor.name in main:
            if not read.are_of(tensor):
                return None
            inputs.append(RowInput(tensor, read, *needs, alike=alike))
        elif tensor.elements == out.elements and made.are_of(tensor):
            inputs.append(RowInput(tensor, made, *_same(made.number)))
        else:
            whole.append(tensor)
    return RowLayer(made, tuple(inputs), tuple(whole))


def _alike(layer: Layer, like: Rows | None) -> RowLayer | None:
    """Return a layer whose results have the rows of its inputs."""
    out = layer.outputs[0]
    rows = like or _own_rows(out, images=layer.op in POINTWISE)
    if (rows.of_images and layer.op not in POINTWISE) or not rows.number:
        return None
    if any(not rows.are_of(t) or t.elements != out.elements for t in layer.outputs):
        return None
    return _with_sides(layer, (), _same(rows.number), rows, rows)


def _joint(layer: Layer, like: Rows | None) -> RowLayer | None:
    """Return a layer that joins or parts channels, or what else lies within rows."""
    tensors = (*layer.inputs, *layer.outputs)
    rows = like or _own_rows(layer.outputs[0], images=True)
    around = [(t.shape[:1], t.shape[2:]) if rows.of_images else t.shape[:-1] for t in tensors]
    if len(set(around)) > 1 or not rows.number or not all(rows.are_of(t) for t in tensors):
        return None
    needs = _same(rows.number)
    return RowLayer(rows, tuple(RowInput(t, rows, *needs) for t in layer.inputs), ())


def _own_rows(tensor: Tensor, images: bool) -> Rows:
    """Return the rows of a tensor of which nothing else tells: images where it has four axes."""
    if images and len(tensor.shape) == 4:
        return Rows(True, tensor.shape[2])
    return Rows(False, int(np.prod(tensor.shape[:-1], dtype=np.int64)))
