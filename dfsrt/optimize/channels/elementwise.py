"""Element by element: channels that meet at one place go or stay together."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.network.graph import Node
from dfsrt.optimize.channels.labels import Axes, Axis
from dfsrt.optimize.channels.walk import Unclear, Walk, title

UNARY = {
    *("Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Ceil", "Cos", "Cosh", "Erf"),
    *("Exp", "Floor", "IsInf", "IsNaN", "Log", "Neg", "Not", "Reciprocal", "Round", "Sign"),
    *("Sin", "Sinh", "Sqrt", "Tan", "Tanh", "BitwiseNot", "Identity", "Cast", "Clip", "Dropout"),
    *("Celu", "Elu", "Gelu", "HardSigmoid", "HardSwish", "LeakyRelu", "Mish", "Relu", "Selu"),
    *("Shrink", "Sigmoid", "Softplus", "Softsign", "Swish", "ThresholdedRelu"),
}
"""What works on its first operand's elements, each for itself; other operands are settings."""
BROADCAST = {
    *("Add", "Sub", "Mul", "Div", "Pow", "Mod", "Min", "Max", "Sum", "Mean", "PRelu", "Where"),
    *("And", "Or", "Xor", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"),
    *("BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor"),
}
"""What takes elements of all operands at one place."""

Side = tuple[Axes, tuple[int, ...], str]
"""The axes of an operand, its shape, and why they stay where those that they meet do."""


def unary(walk: Walk, node: Node) -> list[Axes]:
    """Label what works on each element of one operand."""
    x = walk.operand(node, 0)
    for place in range(1, len(node.inputs)):
        walk.pin(walk.operand(node, place))
    return [x] * len(node.outputs)


def broadcast(walk: Walk, node: Node) -> list[Axes]:
    """Label what works on elements of several operands at one place."""
    sides = [side_of(walk, node, place) for place in range(len(node.inputs))]
    return [broadcast_axes(walk, sides, walk.shape(node.outputs[0]))]


def side_of(walk: Walk, node: Node, place: int) -> Side:
    """Return an operand as it meets others; a constant's own places are no channels to count."""
    name = node.inputs[place]
    why = "" if name in walk.constants else f"they meet what stays at {title(node)}"
    return walk.operand(node, place), walk.shape(name), why


def broadcast_axes(walk: Walk, sides: Sequence[Side], shape: tuple[int, ...]) -> Axes:
    """Return the axes of a result of ``shape`` from those of operands, aligned on the right."""
    return [_meet(walk, sides, n - len(shape), size) for n, size in enumerate(shape)]


def _meet(walk: Walk, sides: Sequence[Side], place: int, size: int) -> Axis:
    meeting = [
        (axes[place], why)
        for axes, shape, why in sides
        if -place <= len(shape) and shape[place] == size
    ]
    if any(axis is None for axis, _why in meeting):
        for axis, why in meeting:
            walk.labels.pin(axis, why)
        return None
    axes = [axis for axis, _why in meeting]
    for other in axes[1:]:
        walk.labels.join(axes[0], other)
    return axes[0] if axes else None


def quantize(walk: Walk, node: Node) -> list[Axes]:
    """Label a change of scale; scales and zero points of channels go with them."""
    x = walk.operand(node, 0)
    if node.attribute("block_size", 0):
        for place in (1, 2):
            _join_blocks(walk, node, x, place)
        return [x]
    axis = node.attribute("axis", 1)
    for place in (1, 2):
        if len(walk.operand(node, place)) == 1 and -len(x) <= axis < len(x):
            x[axis] = walk.join_vector(x[axis], node, place)
    return [x]


def _join_blocks(walk: Walk, node: Node, x: Axes, place: int) -> None:
    scale = walk.operand(node, place)
    if not scale:
        return
    if len(scale) != len(x):
        raise Unclear("has scales of another rank")
    blocked = node.attribute("axis", 1) % len(x)
    walk.pin(scale[blocked : blocked + 1])
    walk.labels.pin(x[blocked], f"{title(node)} scales them in blocks: remove channels before that")
    x[blocked] = None
    for number, own in enumerate(scale):
        if number != blocked:
            x[number] = walk.labels.join(x[number], own)
