"""Picking: channels of which a part is split off, cut out between bounds, or picked by number."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.network.graph import Node
from dfsrt.optimize.channels.cut import Cut
from dfsrt.optimize.channels.labels import Axes
from dfsrt.optimize.channels.walk import Unclear, Walk, title


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
    out, dtype = list(x), _bounds_type(walk, node)
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
            starts[place], ends[place] = cut.size(before, 0), cut.size(whole, 0)
        cut.set_bounds(node, np.array(starts, dtype), np.array(ends, dtype))

    if cuts:
        walk.fixes.append(fix)
    return [out]


def _bounds_type(walk: Walk, node: Node) -> np.dtype[np.signedinteger]:
    value = None if len(node.inputs) < 3 else walk.setting(node, 1)
    return np.dtype(np.int32 if value is not None and value.dtype == np.int32 else np.int64)


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
