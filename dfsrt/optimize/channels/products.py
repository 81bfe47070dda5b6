"""Products: channels that are summed over go with the weights' inputs, new ones are its outputs."""

from __future__ import annotations

import numpy as np

from dfsrt.network.graph import Node
from dfsrt.optimize.channels.elementwise import broadcast_axes, side_of
from dfsrt.optimize.channels.labels import Axes, Axis
from dfsrt.optimize.channels.walk import Unclear, Walk, title


def conv(walk: Walk, node: Node) -> list[Axes]:
    """Label a convolution; of its groups all lose the same places, or depthwise one each."""
    x, w = walk.operand(node, 0), walk.operand(node, 1)
    groups, channels = node.attribute("group", 1), walk.shape(node.inputs[0])[1]
    walk.pin(x[2:], f"{title(node)} slides along them")
    walk.pin(w[2:])
    if groups == 1:
        walk.labels.join(x[1], w[1])
    elif groups == channels:
        _depthwise(walk, node, x[1], w[0])
    else:
        _alike(walk, x[1], groups)
        _alike(walk, w[0], groups)
        walk.labels.join(_first_of(x[1], groups), w[1])
    out = walk.join_vector(w[0], node, 2)
    return [[x[0], out, *(None for _ in x[2:])]]


def conv_transpose(walk: Walk, node: Node) -> list[Axes]:
    """Label a transposed convolution, whose weights have their inputs first."""
    x, w = walk.operand(node, 0), walk.operand(node, 1)
    groups, channels = node.attribute("group", 1), walk.shape(node.inputs[0])[1]
    walk.pin(x[2:], f"{title(node)} slides along them")
    walk.pin(w[2:])
    into = walk.labels.join(x[1], w[0])
    if 1 < groups == channels:
        walk.pin([w[1]])
        each = walk.shape(node.inputs[1])[1]
        out = None if into is None else np.repeat(into, each)
        walk.fixes.append(lambda cut: cut.set_attribute(node, "group", cut.size(into, groups)))
    else:
        _alike(walk, into, groups)
        out = None if w[1] is None else np.tile(w[1], groups)
    return [[x[0], walk.join_vector(out, node, 2), *(None for _ in x[2:])]]


def gemm(walk: Walk, node: Node) -> list[Axes]:
    """Label a product of two matrices and what is added to it."""
    a, b = walk.operand(node, 0), walk.operand(node, 1)
    a = a[::-1] if node.attribute("transA", 0) else a
    b = b[::-1] if node.attribute("transB", 0) else b
    _summed(walk, node, a[1], b[0])
    out: Axes = [a[0], b[1]]
    if not walk.name(node, 2):
        return [out]
    shape = walk.shape(node.outputs[0])
    product = (out, shape, f"{title(node)} adds to them what stays")
    return [broadcast_axes(walk, [product, side_of(walk, node, 2)], shape)]


def matmul(walk: Walk, node: Node) -> list[Axes]:
    """Label products of matrices in the last two axes.

    Raises:
        Unclear: a vector as one side.
    """
    a, b = walk.operand(node, 0), walk.operand(node, 1)
    if min(len(a), len(b)) < 2:
        raise Unclear("multiplies by a vector")
    _summed(walk, node, a[-1], b[-2])
    sides = (side_of(walk, node, place) for place in (0, 1))
    many = [(axes[:-2], shape[:-2], why) for axes, shape, why in sides]
    return [[*broadcast_axes(walk, many, walk.shape(node.outputs[0])[:-2]), a[-2], b[-1]]]


def recurrent(walk: Walk, node: Node) -> list[Axes]:
    """Label a recurrent layer: its weights lose inputs; its states stay."""
    x, w = walk.operand(node, 0), walk.operand(node, 1)
    walk.labels.join(x[2], w[2])
    walk.pin((*x[:2], *w[:2]))
    for place in range(2, len(node.inputs)):
        walk.pin(walk.operand(node, place), f"{title(node)} takes them as states")
    return [[None] * len(walk.shape(name)) if name else [] for name in node.outputs]


def _summed(walk: Walk, node: Node, one: Axis, other: Axis) -> None:
    """Join what is multiplied and summed: a weight loses inputs, results of layers do not."""
    if any(name in walk.constants for name in node.inputs[:2]):
        walk.labels.join(one, other)
    else:
        walk.pin((one, other), f"{title(node)} sums over them, and neither side is a weight")


def _depthwise(walk: Walk, node: Node, x: Axis, w: Axis) -> None:
    """A channel goes with all filters that read it, and the count of groups with them."""
    groups = node.attribute("group", 1)
    if x is None or w is None:
        walk.pin((x, w))
        return
    for filters in w.reshape(groups, -1).T:
        walk.labels.join(x, filters)
    walk.fixes.append(lambda cut: cut.set_attribute(node, "group", cut.size(x, groups)))


def _alike(walk: Walk, axis: Axis, groups: int) -> None:
    if axis is not None and groups > 1:
        rows = axis.reshape(groups, -1)
        walk.labels.join(np.repeat(rows[:1], groups - 1, axis=0).reshape(-1), rows[1:].reshape(-1))


def _first_of(axis: Axis, groups: int) -> Axis:
    return None if axis is None else axis.reshape(groups, -1)[0]
