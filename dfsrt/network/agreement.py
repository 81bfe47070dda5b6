"""Which sizes of a node's operands must be equal, by operator."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dfsrt.network.constants import Array
from dfsrt.network.graph import Node
from dfsrt.network.mismatch import Apart, mismatch
from dfsrt.network.rules.lane_ops import ELEMENTWISE
from dfsrt.network.windows import Shape, window_apart

Values = Mapping[int, Array]


@dataclass(frozen=True, slots=True)
class Place:
    """An axis of an operand, and how often its size counts."""

    operand: int
    axis: int
    times: int = 1


Pairs = Iterator[tuple[Place, Place]]


def check_agreement(
    node: Node, shapes: Sequence[Shape], constant: Collection[int], values: Values
) -> None:
    """Check that the operands of ``node`` fit each other; ``constant`` are those of the file.

    ``values`` are operands whose values are known, by their place.

    Raises:
        MismatchError: two sizes contradict, or a window is larger than what it slides over.
    """
    apart = window_apart(node, shapes) or _sizes_apart(node, shapes, constant, values)
    if apart is not None:
        raise mismatch(node, apart)


def _sizes_apart(
    node: Node, shapes: Sequence[Shape], constant: Collection[int], values: Values
) -> Apart | None:
    """Return the first two sizes of ``node`` that must be equal and are not.

    Those of a constant operand are wanted: nothing can change them.
    """
    if node.op == "Squeeze":
        return _squeezed(node, shapes, values)
    if node.op == "Reshape":
        return _reshaped(node, shapes, values)
    pairs = _PAIRS.get(node.op, _broadcast if node.op in _ALIKE else None)
    for place, (one, other) in enumerate(pairs(node, shapes) if pairs else ()):
        a, b = (one, other) if one.operand not in constant else (other, one)
        size, wanted = _size(shapes, a), _size(shapes, b)
        if size is not None and wanted is not None and size != wanted:
            both = "both are the input's channels" if "Conv" in node.op else "both must be equal"
            what = f"{_text(node, shapes, a)}, and {_text(node, shapes, b)}, where {both}"
            return Apart(size, wanted, what, place)
    return None


def _size(shapes: Sequence[Shape], place: Place) -> int | None:
    shape = shapes[place.operand] if place.operand < len(shapes) else None
    if shape is None or not -len(shape) <= place.axis < len(shape):
        return None
    return shape[place.axis] * place.times


def _text(node: Node, shapes: Sequence[Shape], place: Place) -> str:
    shape = shapes[place.operand] or ()
    often = f" in {place.times} groups" if place.times > 1 else ""
    size = f"{shape[place.axis]}{often}"
    return f"axis {place.axis % len(shape)} of '{node.inputs[place.operand]}' is {size}"


def _matmul(a: int, b: int) -> Callable[[Node, Sequence[Shape]], Pairs]:
    def pairs(node: Node, shapes: Sequence[Shape]) -> Pairs:
        right = shapes[b] if b < len(shapes) else None
        yield Place(a, -1), Place(b, -1 if right is not None and len(right) == 1 else -2)

    return pairs


def _gemm(node: Node, shapes: Sequence[Shape]) -> Pairs:
    turned = node.attribute("transA", 0), node.attribute("transB", 0)
    yield Place(0, 0 if turned[0] else 1), Place(1, 1 if turned[1] else 0)
    added = Place(2, -1)
    if _size(shapes, added) not in (None, 1):
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
        if _size(shapes, Place(i, -1)) != 1:
            yield Place(0, -1), Place(i, -1)


def _broadcast(node: Node, shapes: Sequence[Shape]) -> Pairs:
    """Axes from the right, where neither size is 1."""
    for i, shape in enumerate(shapes):
        for j in range(i):
            for axis in range(-1, -1 - min(len(shape or ()), len(shapes[j] or ())), -1):
                pair = Place(i, axis), Place(j, axis)
                if not {_size(shapes, p) for p in pair} & {1, None}:
                    yield pair


def _concat(node: Node, shapes: Sequence[Shape]) -> Pairs:
    rank = len(shapes[0] or ()) if shapes else 0
    joined = node.attribute("axis", 1) % max(rank, 1)
    for i in range(1, len(shapes)):
        yield from ((Place(0, axis), Place(i, axis)) for axis in range(rank) if axis != joined)


def _squeezed(node: Node, shapes: Sequence[Shape], values: Values) -> Apart | None:
    axes = values[1].reshape(-1).tolist() if 1 in values else node.attribute("axes", ())
    for place, axis in enumerate(axes):
        size = _size(shapes, Place(0, int(axis)))
        if size is not None and size != 1:
            what = _text(node, shapes, Place(0, int(axis)))
            return Apart(size, 1, f"{what}, and only an axis of 1 can be taken away", place)
    return None


def _reshaped(node: Node, shapes: Sequence[Shape], values: Values) -> Apart | None:
    """As many elements as before; with an open axis, a whole number of rows."""
    shape = shapes[0] if shapes else None
    if shape is None or 1 not in values:
        return None
    target = [int(size) for size in values[1].reshape(-1)]
    if not node.attribute("allowzero", 0):
        target = [shape[i] if size == 0 and i < len(shape) else size
                  for i, size in enumerate(target)]  # fmt: skip
    elements, kept = math.prod(shape), math.prod(size for size in target if size != -1)
    if elements == kept or (target.count(-1) == 1 and kept > 0 and elements % kept == 0):
        return None
    what = f"{elements:,} elements of '{node.inputs[0]}' {list(shape)} do not fill {target}"
    return Apart(elements, kept, what)


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
