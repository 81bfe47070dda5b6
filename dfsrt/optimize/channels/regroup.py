"""Reshapes: which place of a new axis holds which channel, where axes are merged and split."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.network.graph import Node
from dfsrt.optimize.channels.labels import Axes, Axis, components
from dfsrt.optimize.channels.walk import Unclear, Walk, title

MOST = 2**23
"""Elements of merged axes up to which each is looked at."""

Shape = tuple[int, ...]


def regroup(walk: Walk, node: Node) -> list[Axes]:
    """Label the same elements in the same order under another shape.

    Of merged axes one may lose channels, and one of those that it is split into: that with most.

    Raises:
        Unclear: an empty tensor, or one too large to look at.
    """
    before, after = walk.shape(node.inputs[0]), walk.shape(node.outputs[0])
    x = walk.operand(node, 0)
    if math.prod(before) != math.prod(after) or not math.prod(before):
        raise Unclear("has no elements, or changes their number")
    out: Axes = [None] * len(after)
    for old, new in _groups(before, after):
        if len(old) == len(new) == 1:
            out[new[0]] = x[old[0]]
        elif any(x[axis] is not None for axis in old):
            place, axis = _carried(walk, node, [x[a] for a in old], (before, old), (after, new))
            out[place] = axis
    return [out]


def _groups(before: Shape, after: Shape) -> Iterator[tuple[list[int], list[int]]]:
    """Yield axes that hold the same elements before and after; axes of one are left out."""
    sides = [[a for a, n in enumerate(shape) if n > 1] for shape in (before, after)]
    while sides[0]:
        old, new = [sides[0].pop(0)], [sides[1].pop(0)]
        sizes = [before[old[0]], after[new[0]]]
        while sizes[0] != sizes[1]:
            less = int(sizes[1] < sizes[0])
            axis = sides[less].pop(0)
            (old, new)[less].append(axis)
            sizes[less] *= (before, after)[less][axis]
        yield old, new


def _carried(
    walk: Walk,
    node: Node,
    axes: Axes,
    old: tuple[Shape, list[int]],
    new: tuple[Shape, list[int]],
) -> tuple[int, Axis]:
    """Return the new axis on which channels lie, and its labels."""
    shape, sizes = [old[0][a] for a in old[1]], [new[0][a] for a in new[1]]
    if math.prod(shape) > MOST:
        raise Unclear(f"merges more than {MOST:,} elements")
    carrier = max((n for n, axis in enumerate(axes) if axis is not None), key=shape.__getitem__)
    others = (axis for n, axis in enumerate(axes) if n != carrier)
    walk.pin(others, f"{title(node)} merges them with others")
    labels = axes[carrier]
    if labels is None:
        return new[1][0], None
    spread = [1] * len(shape)
    spread[carrier] = -1
    flat = np.broadcast_to(labels.reshape(spread), shape).reshape(sizes)
    rows = [np.moveaxis(flat, n, 0).reshape(size, -1) for n, size in enumerate(sizes)]
    best = max(range(len(rows)), key=lambda n: _classes(rows[n]))
    return new[1][best], _joined(walk, rows[best])


def _pairs(rows: Ints) -> tuple[Ints, Ints]:
    """Which label stands in which row, each once: ``(n_pairs,)`` of rows and of labels."""
    if (rows == rows[:, :1]).all():
        return np.arange(len(rows)), rows[:, 0]
    width = int(rows.max()) + 1
    number = np.arange(len(rows))[:, None]
    row, label = np.divmod(np.unique(number * width + rows), width)
    return row, label


def _classes(rows: Ints) -> int:
    """How many parts are left once all labels of a row go together."""
    row, label = _pairs(rows)
    known, place = np.unique(label, return_inverse=True)
    ends = components(row, len(rows) + place.reshape(-1), len(rows) + known.size)
    return int(ends.max()) + 1


def _joined(walk: Walk, rows: Ints) -> Axis:
    row, label = _pairs(rows)
    first = rows[:, 0].copy()
    walk.labels.join(first[row], label)
    return first
