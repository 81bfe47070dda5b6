"""Rows of a layer: what a product reads for one place of its output, and what it shall give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask, Singles
from dfsrt.network.samples import Feed
from dfsrt.optimize.refit.windows import Windows, windows_of
from dfsrt.optimize.weight import Weight

if TYPE_CHECKING:
    import onnx


@dataclass(frozen=True, slots=True)
class Rows:
    """Of places of a layer's output: inputs ``(n_groups, n_rows, n_inputs)`` of the already smaller
    network, and outputs ``(n_groups, n_rows, n_group_outputs)`` of the original one."""

    inputs: Singles
    outputs: Singles

    @property
    def count(self) -> int:
        """Rows of one group."""
        return int(self.inputs.shape[1])

    @property
    def are_finite(self) -> bool:
        """Whether all are numbers."""
        return bool(np.isfinite(self.inputs).all() and np.isfinite(self.outputs).all())

    def halves(self) -> tuple[Rows, Rows]:
        """Return four of five rows, and each fifth."""
        fifth = np.arange(self.count) % 5 == 4
        return self._of(~fifth), self._of(fifth)

    def _of(self, chosen: Mask) -> Rows:
        return Rows(self.inputs[:, chosen], self.outputs[:, chosen])

    def rest(self, matrix: Floats, offset: Floats) -> Singles:
        """Return what ``matrix`` ``(n_outputs, n_inputs)`` and ``offset`` ``(n_outputs,)`` leave
        of the outputs, ``(n_groups, n_rows, n_group_outputs)``."""
        groups = len(self.inputs)
        weights = matrix.astype(np.float32).reshape(groups, -1, matrix.shape[1])
        starts = offset.astype(np.float32).reshape(groups, 1, -1)
        return self.outputs - starts - self.inputs @ np.swapaxes(weights, 1, 2)

    def error(self, matrix: Floats, offset: Floats) -> float:
        """Return the mean square of what ``matrix`` ``(n_outputs, n_inputs)`` and ``offset``
        ``(n_outputs,)`` leave of the outputs."""
        rest = self.rest(matrix, offset)
        return float(np.einsum("gij,gij->", rest, rest, dtype=np.float64) / max(rest.size, 1))


@dataclass(frozen=True, slots=True)
class Reader:
    """Takes rows out of the tensors around a product: a convolution, or a product of matrices."""

    node: onnx.NodeProto
    groups: int
    windows: Windows | None

    def places(self, output: Feed) -> int:
        """Places of the output of one sample: rows that could be taken."""
        if self.windows is None:
            return int(output.size // max(output.shape[-1], 1))
        return int(output.size // max(output.shape[1], 1))

    def targets(self, output: Feed, places: Ints) -> Singles:
        """Return the outputs ``(n_places, n_outputs)`` at flat ``places`` ``(n_places,)``."""
        if self.windows is None:
            return output.reshape(-1, output.shape[-1])[places].astype(np.float32)
        maps = np.moveaxis(output.reshape(*output.shape[:2], -1), 1, -1)
        return maps.reshape(-1, output.shape[1])[places].astype(np.float32)

    def inputs(self, read: Feed, output: Feed, places: Ints) -> Singles:
        """Return what is summed at ``places`` ``(n_places,)``: ``(n_groups, n_places, n_inputs)``.

        Inputs lie as in ``Weight.matrix``: tap by tap, channels innermost.
        """
        if self.windows is None:
            return self._matrix(read)[None, places].astype(np.float32)
        each = int(np.prod(output.shape[2:]))
        elements = self.windows.elements(read.shape[2:], output.shape[2:], places % each)
        maps = read.reshape(*read.shape[:2], -1)
        maps = np.concatenate([maps, np.zeros((*maps.shape[:2], 1), maps.dtype)], axis=2)
        taken = maps[(places // each)[:, None], :, elements]  # (places, taps, channels)
        grouped = taken.reshape(*taken.shape[:2], self.groups, -1)
        rows = np.moveaxis(grouped, 2, 0).reshape(self.groups, len(places), -1)
        return rows.astype(np.float32)

    def _matrix(self, read: Feed) -> Feed:
        attributes = {a.name: a for a in self.node.attribute}
        if self.node.op_type != "Gemm":
            return read.reshape(-1, read.shape[-1])
        turned = read.T if "transA" in attributes and attributes["transA"].i else read
        times = attributes["alpha"].f if "alpha" in attributes else 1.0
        return turned if times == 1 else turned.astype(np.float32) * np.float32(times)


def reader_of(weight: Weight) -> Reader | None:
    """Return how to take the rows of a weight's product; None for batches of matrices."""
    dims = tuple(weight.tensor.dims)
    if weight.layout in ("conv", "conv-transpose"):
        return Reader(weight.node, weight.groups, windows_of(weight.node, dims[2:]))
    return Reader(weight.node, 1, None) if len(dims) == 2 else None
