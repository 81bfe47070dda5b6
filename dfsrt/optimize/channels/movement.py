"""Movement: channels that are put behind others, turned, or found under another shape."""

from __future__ import annotations

import numpy as np

from dfsrt.network.graph import Node
from dfsrt.optimize.channels.cut import Cut
from dfsrt.optimize.channels.labels import Axes, Axis
from dfsrt.optimize.channels.regroup import regroup
from dfsrt.optimize.channels.walk import Unclear, Walk, title


def concat(walk: Walk, node: Node) -> list[Axes]:
    """Label tensors behind each other."""
    sides = [walk.operand(node, place) for place in range(len(node.inputs))]
    axis = node.attribute("axis", 1) % len(sides[0])
    out = list(sides[0])
    for side in sides[1:]:
        for number, own in enumerate(side):
            if number != axis:
                why = f"they meet what stays at {title(node)}"
                out[number] = walk.labels.join(out[number], own, why)
    parts = [
        (side[axis], walk.shape(name)[axis]) for side, name in zip(sides, node.inputs, strict=True)
    ]
    out[axis] = _behind(parts)
    return [out]


def _behind(parts: list[tuple[Axis, int]]) -> Axis:
    if all(own is None for own, _size in parts):
        return None
    return np.concatenate([np.zeros(n, np.int64) if own is None else own for own, n in parts])


def transpose(walk: Walk, node: Node) -> list[Axes]:
    """Label a tensor with its axes in another order."""
    x = walk.operand(node, 0)
    order = node.attribute("perm", ()) or tuple(reversed(range(len(x))))
    return [[x[axis] for axis in order]]


def reshape(walk: Walk, node: Node) -> list[Axes]:
    """Label a tensor under another shape, which is stated.

    Raises:
        Unclear: a shape that is an attribute.
    """
    if len(node.inputs) < 2:
        raise Unclear("states its shape in a way of old")
    walk.setting(node, 1)
    before, old = walk.operand(node, 0), walk.shape(node.inputs[0])
    out, new = regroup(walk, node)[0], walk.shape(node.outputs[0])
    copies = not node.attribute("allowzero", 0)

    def fix(cut: Cut) -> None:
        sizes = [cut.size(axis, n) for axis, n in zip(out, new, strict=True)]
        for place in range(min(len(old), len(new)) if copies else 0):
            if before[place] is None and out[place] is None and old[place] == new[place]:
                sizes[place] = 0  # as before: so a size that is open stays so
        cut.set_operand(node, 1, np.array(sizes, np.int64))

    if any(axis is not None for axis in (*before, *out)):
        walk.fixes.append(fix)
    return [out]
