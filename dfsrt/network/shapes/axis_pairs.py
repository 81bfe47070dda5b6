"""Axes of a node's operands that must have one size, by operator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dfsrt.network.graph import Node
from dfsrt.network.rules.lane_ops import ELEMENTWISE
from dfsrt.network.shapes.large_windows import Shape


@dataclass(frozen=True, slots=True)
class Place:
    """An axis of an operand, and how often its size counts."""

    operand: int
    axis: int
    times: int = 1


Pairs = Iterator[tuple[Place, Place]]


def axis_pairs(node: Node, shapes: Sequence[Shape]) -> Pairs:
    """Yield the places of ``node`` that must have one size."""
    pairs = _PAIRS.get(node.op, _broadcast if node.op in _ALIKE else None)
    return pairs(node, shapes) if pairs else iter(())


def size_at(shapes: Sequence[Shape], place: Place) -> int | None:
    """Return the size of an axis; None where it or its operand is absent."""
    shape = shapes[place.operand] if place.operand < len(shapes) else None
    if shape is None or not -len(shape) <= place.axis < len(shape):
        return None
    return shape[place.axis] * place.times


def _matmul(a: int, b: int) -> Callable[[Node, Sequence[Shape]], Pairs]:
    def pairs(node: Node, shapes: Sequence[Shape]) -> Pairs:
        right = shapes[b] if b < len(shapes) else None
        yield Place(a, -1), Place(b, -1 if right is not None and len(right) == 1 else -2)

    return pairs


def _gemm(node: Node, shapes: Sequence[Shape]) -> Pairs:
    turned = node.attribute("transA", 0), node.attribute("transB", 0)
    yield Place(0, 0 if turned[0] else 1), Place(1, 1 if turned[1] else 0)
    added = Place(2, -1)
    if size_at(shapes, added) not in (None, 1):
        yield Place(1, 0 if turned[1] else 1), added


def _conv(x: int, w: int, axis: int = 1) -> Callable[[Node, Sequence[Shape]], Pairs]:
    def pairs(node: Node, shapes: Sequence[Shape]) -> Pairs:
        groups = node.attribute("group", 1) if axis == 1 else 1
        yield Place(x, 1), Place(w, axis, max(groups, 1))

    return pairs


def _per_channel(node: Node, shapes: Sequence[Shape]) -> Pairs:
    yield from ((Place(0, 1), Place(i, 0)) for i in range(1, len(shapes)))


def _layer_norm(node: Node, shapes: Sequence[Shape]) -> Pairs:
    for i in range(1, len(shapes)):
        if size_at(shapes, Place(i, -1)) != 1:
            yield Place(0, -1), Place(i, -1)


def _broadcast(node: Node, shapes: Sequence[Shape]) -> Pairs:
    """Axes from the right, where neither size is 1."""
    for i, shape in enumerate(shapes):
        for j in range(i):
            for axis in range(-1, -1 - min(len(shape or ()), len(shapes[j] or ())), -1):
                pair = Place(i, axis), Place(j, axis)
                if not {size_at(shapes, p) for p in pair} & {1, None}:
                    yield pair


def _concat(node: Node, shapes: Sequence[Shape]) -> Pairs:
    rank = len(shapes[0] or ()) if shapes else 0
    joined = node.attribute("axis", 1) % max(rank, 1)
    for i in range(1, len(shapes)):
        yield from ((Place(0, axis), Place(i, axis)) for axis in range(rank) if axis != joined)


_PAIRS: Mapping[str, Callable[[Node, Sequence[Shape]], Pairs]] = {
    "BatchNormalization": _per_channel,
    "Concat": _concat,
    "Conv": _conv(0, 1),
    "ConvInteger": _conv(0, 1),
    "ConvTranspose": _conv(0, 1, axis=0),
    "Gemm": _gemm,
    "InstanceNormalization": _per_channel,
    "LayerNormalization": _layer_norm,
    "MatMul": _matmul(0, 1),
    "MatMulInteger": _matmul(0, 1),
    "QLinearConv": _conv(0, 3),
    "QLinearMatMul": _matmul(0, 3),
}
_ALIKE = {"Max", "Mean", "Min", "Sum"} | (
    ELEMENTWISE.keys() - {"CastLike", "Clip", "DequantizeLinear", "QuantizeLinear"}
)
"""Operators whose operands are broadcast to one shape."""
