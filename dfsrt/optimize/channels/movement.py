"""Movement: channels that are joined, split, cut out, picked, turned or put beside others."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Ints
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


def split(walk: Walk, node: Node) -> list[Axes]:
    """Label parts of a tensor.

    Raises:
        Unclear: a part that is left out of channels.
    """
    x = walk.operand(node, 0)
    walk.setting(node, 1)
    axis = node.attribute("axis", 0) % len(x)
    labels = x[axis]
    if labels is None:
        return [x] * len(node.outputs)
    if not all(node.outputs):
        raise Unclear("leaves out a part")
    sizes = [walk.shape(name)[axis] for name in node.outputs]
    parts: list[Ints] = np.split(labels, np.cumsum(sizes)[:-1])
    walk.fixes.append(
        lambda cut: cut.set_split(
            node, [cut.size(p, n) for p, n in zip(parts, sizes, strict=True)], walk.opset
        )
    )
    return [[*x[:axis], part, *x[axis + 1 :]] for part in parts]


def slice_(walk: Walk, node: Node) -> list[Axes]:
    """Label a part of a tensor that is cut out between bounds."""
    x, shape = walk.operand(node, 0), walk.shape(node.inputs[0])
    starts, ends, axes, steps = _bounds(walk, node)
    out, new_starts, new_ends = list(x), list(starts), list(ends)
    cuts: list[tuple[int, Ints, Ints]] = []
    for place, (start, end, axis, step) in enumerate(zip(starts, ends, axes, steps, strict=True)):
        labels = x[axis]
        if labels is None:
            continue
        if step != 1:
            walk.labels.pin(labels, f"{title(node)} takes every {step}th")
            out[axis] = None
            continue
        first, last, _step = slice(start, end).indices(shape[axis])
        out[axis] = labels[first:last]
        cuts.append((place, labels[:first], labels[: max(first, last)]))

    def fix(cut: Cut) -> None:
        for place, before, whole in cuts:
            new_starts[place] = cut.size(before, 0)
            new_ends[place] = cut.size(whole, 0)
        cut.set_bounds(node, new_starts, new_ends)

    if cuts:
        walk.fixes.append(fix)
    return [out]


def _bounds(walk: Walk, node: Node) -> tuple[list[int], list[int], list[int], list[int]]:
    if len(node.inputs) < 3:
        starts, ends = list(node.attribute("starts", ())), list(node.attribute("ends", ()))
        axes, steps = list(node.attribute("axes", ())) or None, None
    else:
        starts, ends = walk.numbers(node, 1) or [], walk.numbers(node, 2) or []
        axes, steps = walk.numbers(node, 3), walk.numbers(node, 4)
    rank, count = len(walk.shape(node.inputs[0])), len(starts)
    places = range(count) if axes is None else (axis % rank for axis in axes)
    return starts, ends, list(places), steps or [1] * count


def gather(walk: Walk, node: Node) -> list[Axes]:
    """Label places of one axis that are picked by known numbers."""
    x, shape = walk.operand(node, 0), walk.shape(node.inputs[0])
    axis = node.attribute("axis", 0) % len(x)
    labels, rank = x[axis], len(walk.shape(node.inputs[1]))
    known = walk.constants.get(node.inputs[1])
    if labels is None or known is None or known.value is None:
        stored = node.inputs[0] in walk.constants  # rows of a table are no channels
        walk.pin([labels], "" if stored else f"{title(node)} picks what only a run knows")
        walk.pin(walk.operand(node, 1))
        return [[*x[:axis], *[None] * rank, *x[axis + 1 :]]]
    places = np.asarray(walk.setting(node, 1)).astype(np.int64) % shape[axis]
    picked = labels[places.reshape(-1)]
    if rank != 1:
        walk.labels.pin(picked, f"{title(node)} picks them one by one")
    walk.fixes.append(lambda cut: cut.set_operand(node, 1, cut.places(labels, places)))
    new = [picked] if rank == 1 and picked.size > 1 else [None] * rank
    return [[*x[:axis], *new, *x[axis + 1 :]]]


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
