"""The bias of a product: where it stands, and what a row of outputs starts from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.optimize.arrays import Array
from dfsrt.optimize.refit.stored import Stored, stored_constant

if TYPE_CHECKING:
    import onnx

    from dfsrt.network.samples import Tensors


@dataclass(frozen=True, slots=True)
class Bias:
    """A constant that is added to each output of a product, ``times`` a factor.

    ``inside`` says that the product itself adds it. One without ``stored`` is none at all; one that
    others read too, or that is no number a output, is not ``free``.
    """

    outputs: int
    stored: Stored | None = None
    inside: bool = True
    times: float = 1.0
    free: bool = False

    def offset(self) -> Floats:
        """Return what the product itself adds, ``(n_outputs,)``."""
        if self.stored is None or not self.inside:
            return np.zeros(self.outputs)
        return np.broadcast_to(self.times * self.stored.real().reshape(-1), (self.outputs,))

    def coded(self, change: Floats) -> Array:
        """Return the constant, of any shape, after a ``change`` ``(n_outputs,)`` of the offset.

        Raises:
            ValueError: there is no constant.
        """
        if self.stored is None:
            raise ValueError("a product without a bias has none to change")
        real = self.stored.real()
        return self.stored.coded(real + (change / self.times).reshape(real.shape))

    def change(self, coded: Array) -> Floats:
        """Return the change ``(n_outputs,)`` of the offset that the constant ``coded`` makes."""
        if self.stored is None:
            return np.zeros(self.outputs)
        return self.times * (self.stored.real_of(coded) - self.stored.real()).reshape(-1)


def bias_of(
    node: onnx.NodeProto, outputs: int, tensors: Tensors, alone: Callable[[str], bool]
) -> Bias | None:
    """Return the bias of a product with so many ``outputs``; None where its addend is no constant.

    ``alone`` says of a constant whether one node alone reads it. A MatMul's is in the Add behind.
    """
    if node.op_type == "MatMul":
        return _added_behind(node, outputs, tensors, alone)
    if len(node.input) < 3 or not node.input[2]:
        return Bias(outputs)
    stored = stored_constant(node.input[2], tensors)
    times = next((a.f for a in node.attribute if a.name == "beta"), 1.0)
    if stored is None or not _of_outputs(stored, outputs, 1):
        return None
    free = stored.size == outputs and times != 0 and alone(stored.name)
    return Bias(outputs, stored, True, times, free)


def _added_behind(
    node: onnx.NodeProto, outputs: int, tensors: Tensors, alone: Callable[[str], bool]
) -> Bias:
    readers = [n for n in tensors.graph.node if node.output[0] in n.input]
    shown = node.output[0] in {o.name for o in tensors.graph.output}
    if shown or len(readers) != 1 or readers[0].op_type != "Add":
        return Bias(outputs)
    other = next((name for name in readers[0].input if name != node.output[0]), "")
    stored = stored_constant(other, tensors)
    if stored is None or not _of_outputs(stored, outputs, outputs) or not alone(stored.name):
        return Bias(outputs)
    return Bias(outputs, stored, inside=False, free=True)


def _of_outputs(stored: Stored, outputs: int, least: int) -> bool:
    """Whether a constant has one number an output, or one for all, along its last axis."""
    dims = tuple(stored.tensor.dims)
    return stored.size in {outputs, least} and (dims[-1:] == (stored.size,) or stored.size == 1)
