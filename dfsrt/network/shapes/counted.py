"""How many an operator can make whose result is as long as the data say."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from dfsrt.network.file.constants import Array
from dfsrt.network.graph import Node

Shapes = Sequence[tuple[int, ...] | None]
Values = Sequence[Array | None]


@dataclass(frozen=True, slots=True)
class Open:
    """An axis of an output that is as long as a run says: ``most`` at most, None where open.

    ``named`` by its node, by its tensor and axis, or not at all: then it is ``most``.
    """

    output: int
    axis: int
    most: int | None
    named: Literal["node", "axis", "no"] = "node"


def open_sizes_of(node: Node, shapes: Shapes, values: Values) -> tuple[Open, ...]:
    """Return the sizes of a node's outputs that hang on data, from its operands' shapes.

    None are returned for an operator whose sizes follow from shapes, and where operands do not fit.
    """
    rule = _RULES.get(node.op) if not node.domain else None
    if rule is None or not shapes or shapes[0] is None:
        return ()
    return rule(node, shapes[0], shapes, values)


Rule = Callable[[Node, tuple[int, ...], Shapes, Values], tuple[Open, ...]]


def _non_zero(
    _node: Node, data: tuple[int, ...], _shapes: Shapes, _values: Values
) -> tuple[Open, ...]:
    return (Open(0, 1, math.prod(data)),)


def _suppressed(
    _node: Node, _boxes: tuple[int, ...], shapes: Shapes, values: Values
) -> tuple[Open, ...]:
    """As many boxes of each class as are asked for; all of them where that is not known."""
    scores = shapes[1] if len(shapes) > 1 else None
    if scores is None or len(scores) != 3:
        return ()
    batch, classes, boxes = scores
    kept = 0  # of each class, where nothing is asked for
    if len(shapes) > 2 and shapes[2] is not None:
        asked = values[2]
        kept = boxes if asked is None else min(boxes, max(int(asked.reshape(-1)[0]), 0))
    return Open(0, 0, batch * classes * kept), Open(0, 1, 3, named="no")


def _compressed(
    node: Node, data: tuple[int, ...], shapes: Shapes, values: Values
) -> tuple[Open, ...]:
    axis = _axis(node, data)
    marks = shapes[1] if len(shapes) > 1 else None
    if axis is None or marks is None:
        return ()
    known = values[1]
    marked = math.prod(marks) if known is None else int((known != 0).sum())
    return (Open(0, axis, min(_along(node, data, axis), marked)),)


def _distinct(
    node: Node, data: tuple[int, ...], _shapes: Shapes, _values: Values
) -> tuple[Open, ...]:
    axis = _axis(node, data)
    if axis is None:
        return ()
    most = _along(node, data, axis)
    return Open(0, axis, most), Open(1, 0, most), Open(2, 0, most, named="no"), Open(3, 0, most)


def _axis(node: Node, data: tuple[int, ...]) -> int | None:
    """The axis that is picked from; 0 of a list where there is none, None where it does not fit."""
    axis = node.attribute("axis", 0)
    fits = "axis" not in node.attributes or -len(data) <= axis < len(data)
    return axis if fits else None


def _along(node: Node, data: tuple[int, ...], axis: int) -> int:
    return data[axis] if "axis" in node.attributes else math.prod(data)


def _largest(
    node: Node, data: tuple[int, ...], _shapes: Shapes, _values: Values
) -> tuple[Open, ...]:
    axis = node.attribute("axis", -1)
    if not -len(data) <= axis < len(data):
        return ()
    others = [i for i in range(len(data)) if i != axis % len(data)]
    return tuple(
        size
        for output in (0, 1)
        for size in (
            Open(output, axis, data[axis]),
            *(Open(output, i, data[i], named="no") for i in others),
        )
    )


def _range(
    _node: Node, _first: tuple[int, ...], _shapes: Shapes, _values: Values
) -> tuple[Open, ...]:
    return (Open(0, 0, None),)


def _sliced(
    _node: Node, data: tuple[int, ...], _shapes: Shapes, _values: Values
) -> tuple[Open, ...]:
    return tuple(Open(0, axis, size, named="axis") for axis, size in enumerate(data))


def _normalized(
    _node: Node, data: tuple[int, ...], _shapes: Shapes, _values: Values
) -> tuple[Open, ...]:
    """Words that are no stop words, of the last axis."""
    others = (Open(0, i, size, named="no") for i, size in enumerate(data[:-1]))
    return (*others, Open(0, len(data) - 1, data[-1])) if data else ()


_RULES: dict[str, Rule] = {
    "Compress": _compressed,
    "NonMaxSuppression": _suppressed,
    "NonZero": _non_zero,
    "Range": _range,
    "Slice": _sliced,
    "StringNormalizer": _normalized,
    "TopK": _largest,
    "Unique": _distinct,
}

COUNTED = frozenset(_RULES) - {"Slice"}
"""Operators whose size is named by their node."""
