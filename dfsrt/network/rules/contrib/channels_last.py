"""Images whose channels come last, seen as the standard operators see them."""

from __future__ import annotations

from dataclasses import replace

import onnx

from dfsrt.network.graph import Node
from dfsrt.network.rules.contrib.domains import CHANNELS_LAST
from dfsrt.network.rules.work import Call, Rule, Work
from dfsrt.network.tensor import Tensor


def channels_first(proto: onnx.TypeProto) -> onnx.TypeProto:
    """Return the type of an image with its last axis behind the first."""
    return _moved(proto, -1, 1)


def channels_last(proto: onnx.TypeProto) -> onnx.TypeProto:
    """Return the type of an image with its second axis at the end."""
    return _moved(proto, 1, -1)


def _moved(proto: onnx.TypeProto, source: int, target: int) -> onnx.TypeProto:
    dims = list(proto.tensor_type.shape.dim)
    if len(dims) < 3:
        return proto
    dim = dims.pop(source)
    dims.insert(len(dims) if target == -1 else target, dim)
    moved = onnx.TypeProto()
    moved.tensor_type.elem_type = proto.tensor_type.elem_type
    moved.tensor_type.shape.dim.extend(dims)
    return moved


def on_channels_last(rule: Rule) -> Rule:
    """Return the rule of an operator whose first operand and result have their channels last."""

    def work(call: Call) -> Work:
        inputs = (_first(call.inputs[0]), *call.inputs[1:])
        outputs = tuple(map(_first, call.outputs))
        return rule(replace(call, inputs=inputs, outputs=outputs))

    return work


def images_first(node: Node, tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Return what a layer reads or writes with its channels where engines look for them.

    Limits: layers that only add or scale such images keep the file's order.
    """
    if node.domain != CHANNELS_LAST:
        return tensors
    return tuple(map(_turned, tensors))


def _first(tensor: Tensor | None) -> Tensor | None:
    return None if tensor is None else _turned(tensor)


def _turned(tensor: Tensor) -> Tensor:
    if len(tensor.shape) < 3:
        return tensor
    batch, *sizes, channels = tensor.shape
    return replace(tensor, shape=(batch, channels, *sizes))
