"""Normalizations, pools and reductions: what is averaged over stays, all else passes."""

from __future__ import annotations

from dfsrt.network.graph import Node
from dfsrt.optimize.channels.labels import Axes
from dfsrt.optimize.channels.walk import Unclear, Walk, title


def batch_norm(walk: Walk, node: Node) -> list[Axes]:
    """Label a normalization with parameters for each channel."""
    x = walk.operand(node, 0)
    for place in range(1, len(node.inputs)):
        x[1] = walk.join_vector(x[1], node, place)
    return [x]


def instance_norm(walk: Walk, node: Node) -> list[Axes]:
    """Label a normalization of each channel over its positions."""
    x = batch_norm(walk, node)[0]
    return [_averaged(walk, node, x, range(2, len(x)))]


def group_norm(walk: Walk, node: Node) -> list[Axes]:
    """Label a normalization over groups of channels: whole groups go, or none of one."""
    x, channels = walk.operand(node, 0), walk.shape(node.inputs[0])[1]
    groups = node.attribute("num_groups", 1)
    scales = walk.shape(node.inputs[1])[0]
    if x[1] is not None:
        rows = x[1].reshape(groups, -1)
        for other in rows.T[1:]:
            walk.labels.join(rows[:, 0].copy(), other)
    for place in (1, 2):
        own = walk.operand(node, place)[0]
        fits = x[1] if scales == channels or x[1] is None else x[1].reshape(groups, -1)[:, 0]
        walk.labels.join(fits, own)
    first = None if x[1] is None else x[1].reshape(groups, -1)[:, 0]
    walk.fixes.append(lambda cut: cut.set_attribute(node, "num_groups", cut.size(first, groups)))
    return [_averaged(walk, node, x, range(2, len(x)))]


def layer_norm(walk: Walk, node: Node) -> list[Axes]:
    """Label a normalization over the last axes: a mean over fewer channels is another mean."""
    x = walk.operand(node, 0)
    first = node.attribute("axis", -1) % len(x)
    for place in range(1, len(node.inputs)):
        walk.pin(walk.operand(node, place))
    return [_averaged(walk, node, x, range(first, len(x)))]


def softmax(walk: Walk, node: Node) -> list[Axes]:
    """Label shares of a sum over an axis; before operator set 13 over all that follow, too."""
    x = walk.operand(node, 0)
    first = node.attribute("axis", -1 if walk.opset >= 13 else 1) % len(x)
    last = first + 1 if walk.opset >= 13 else len(x)
    return [_averaged(walk, node, x, range(first, last))]


def running(walk: Walk, node: Node) -> list[Axes]:
    """Label running sums along one axis."""
    x = walk.operand(node, 0)
    axis = (walk.numbers(node, 1) or [0])[0]
    return [_averaged(walk, node, x, (axis % len(x),))]


def local_response(walk: Walk, node: Node) -> list[Axes]:
    """Label a normalization over neighbouring channels."""
    return [_averaged(walk, node, walk.operand(node, 0), (1,))]


def pool(walk: Walk, node: Node) -> list[Axes]:
    """Label a pool over positions.

    Raises:
        Unclear: places of what was picked, which count all channels.
    """
    if len([name for name in node.outputs if name]) > 1:
        raise Unclear("tells places across all channels")
    x = walk.operand(node, 0)
    return [_averaged(walk, node, x, range(2, len(x)))]


def reduce(walk: Walk, node: Node) -> list[Axes]:
    """Label a reduction over some axes, or over all."""
    x, given = walk.operand(node, 0), walk.numbers(node, 1)
    axes = node.attribute("axes", ()) if given is None else given
    if not axes and node.attribute("noop_with_empty_axes", 0):
        return [x]
    over = {axis % len(x) for axis in axes} or set(range(len(x)))
    return _reduced(walk, node, x, over)


def arg_reduce(walk: Walk, node: Node) -> list[Axes]:
    """Label the place of the largest or the smallest along one axis."""
    x = walk.operand(node, 0)
    return _reduced(walk, node, x, {node.attribute("axis", 0) % len(x)})


def _reduced(walk: Walk, node: Node, x: Axes, over: set[int]) -> list[Axes]:
    x = _averaged(walk, node, x, over)
    if node.attribute("keepdims", 1):
        return [x]
    return [[axis for number, axis in enumerate(x) if number not in over]]


def _averaged(walk: Walk, node: Node, x: Axes, over: range | tuple[int, ...] | set[int]) -> Axes:
    walk.pin((x[number] for number in over), f"{title(node)} works across them")
    return [None if number in over else axis for number, axis in enumerate(x)]
