"""Folding into weights: batch norms and per-channel constants right behind a matrix layer."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dfsrt.network.lower import Step
from dfsrt.network.rules.contrib import CHANNELS_LAST
from dfsrt.network.tensor import Tensor

_CHANNEL_AXIS = {
    "BatchNormalization": 1,
    "Conv": 1,
    "ConvTranspose": 1,
    "FusedMatMul": -1,
    "Gemm": -1,
    "MatMul": -1,
}
_BIAS_OPERAND = {"BatchNormalization": 2, "Conv": 2, "ConvTranspose": 2, "Gemm": 2}


@dataclass(frozen=True, slots=True)
class Folding:
    """What a matrix layer's constants have taken in so far.

    ``open`` until something other than a per-channel scale or shift follows; ``bias`` is the
    vector that had to be added, if the node had none. With ``encoded`` weights are integers, into
    which no scale folds.
    """

    open: bool
    axis: int = 0
    has_bias: bool = False
    bias: Tensor | None = None
    encoded: bool = False

    def take(self, step: Step, tensor: Tensor) -> Folding | None:
        """Return the folding after ``step``, which reads ``tensor``; ``None`` if it cannot fold."""
        if not self.open or (self.encoded and _is_vector_scale(step)):
            return None
        shift = _shift(step, tensor, self.axis)
        if shift is None:
            return None
        if self.has_bias or shift.elements == 0:
            return self
        channels = tensor.shape[self.axis]
        return replace(self, has_bias=True, bias=replace(shift, shape=(channels,)))


def start(step: Step) -> Folding:
    """Return the folding of a fresh layer; only known weights can take anything in."""
    node = step.node
    if node.op not in _CHANNEL_AXIS or not _has_constant_weight(step):
        return Folding(open=False)
    bias = _BIAS_OPERAND.get(node.op, len(node.inputs))
    has_bias = len(node.inputs) > bias and bool(node.inputs[bias])
    axis = -1 if node.domain == CHANNELS_LAST else _CHANNEL_AXIS[node.op]
    encoded = any(t.name == node.inputs[1] and "int" in t.dtype for t in step.weights)
    return Folding(True, axis, has_bias, encoded=encoded)


def _has_constant_weight(step: Step) -> bool:
    """Whether the second operand is constant; a lone vector in a product has no channels."""
    weight = next((t for t in step.weights if t.name == step.node.inputs[1]), None)
    is_norm = step.node.op == "BatchNormalization"
    return weight is not None and (is_norm or len(weight.shape) > 1)


def _is_vector_scale(step: Step) -> bool:
    return step.node.op in ("Mul", "Div") and any(t.elements > 1 for t in step.weights)


def _shift(step: Step, tensor: Tensor, axis: int) -> Tensor | None:
    """Return the constant that ends in the bias (empty for a pure scale), if ``step`` folds."""
    if not tensor.shape or step.writes[0].shape != tensor.shape or len(step.reads) != 1:
        return None
    if step.node.op == "BatchNormalization":
        return _shift_of_norm(step, tensor, axis)
    return _shift_of_binary(step, tensor, axis)


def _shift_of_norm(step: Step, tensor: Tensor, axis: int) -> Tensor | None:
    if len(step.weights) != 4 or axis % len(tensor.shape) != 1:
        return None
    return next((t for t in step.weights if t.name == step.node.inputs[2]), None)


def _shift_of_binary(step: Step, tensor: Tensor, axis: int) -> Tensor | None:
    node = step.node
    if node.op not in ("Add", "Sub", "Mul", "Div", "Sum") or len(step.weights) != 1:
        return None
    if len(node.inputs) != 2 or (node.op in ("Sub", "Div") and node.inputs[0] != tensor.name):
        return None
    constant = step.weights[0]
    if not _per_channel(constant.shape, tensor.shape, axis):
        return None
    return replace(constant, shape=(0,)) if node.op in ("Mul", "Div") else constant


def _per_channel(constant: tuple[int, ...], shape: tuple[int, ...], axis: int) -> bool:
    """Whether a constant differs along the channel axis only, or nowhere."""
    padded = (1,) * (len(shape) - len(constant)) + constant
    channel = axis % len(shape)
    return all(size == 1 for i, size in enumerate(padded) if i != channel)
