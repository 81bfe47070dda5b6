"""Sizing: tensors that are filled, padded, repeated, scaled, or traded for depth."""

from __future__ import annotations

import numpy as np

from dfsrt.network.graph import Node
from dfsrt.optimize.channels.labels import Axes, Axis
from dfsrt.optimize.channels.walk import Unclear, Walk, title


def filled(walk: Walk, node: Node) -> list[Axes]:
    """Label a tensor that is filled with one number: a weight without values."""
    shape, is_known = walk.shape(node.outputs[0]), node.inputs[0] in walk.sizes
    walk.setting(node, 0)
    if is_known:
        return [[None] * len(shape)]
    axes = [walk.labels.fresh(n) for n in shape]
    sizes = list(zip(axes, shape, strict=True))
    walk.fixes.append(
        lambda cut: cut.set_operand(
            node, 0, np.array([cut.size(axis, n) for axis, n in sizes], np.int64)
        )
    )
    return [axes]


def pad(walk: Walk, node: Node) -> list[Axes]:
    """Label a tensor with what is put around it; zeros beside channels stay."""
    x, given, chosen = walk.operand(node, 0), walk.numbers(node, 1), walk.numbers(node, 3)
    pads = node.attribute("pads", ()) if given is None else given
    axes = range(len(x)) if chosen is None else [axis % len(x) for axis in chosen]
    constant = node.attribute("mode", "constant") == "constant"
    for place, axis in enumerate(axes):
        before, after, labels = pads[place], pads[place + len(axes)], x[axis]
        if labels is None or before == after == 0:
            continue
        if not constant or min(before, after) < 0:
            walk.labels.pin(labels, f"{title(node)} repeats or cuts them")
            x[axis] = None
        else:
            x[axis] = np.pad(labels, (before, after))
    return [x]


def expand(walk: Walk, node: Node) -> list[Axes]:
    """Label a tensor that is repeated along axes of one."""
    walk.setting(node, 1)
    x, shape, own = walk.operand(node, 0), walk.shape(node.outputs[0]), walk.shape(node.inputs[0])
    out: Axes = [*(None for _ in shape[len(x) :]), *x]
    sizes = (1,) * (len(shape) - len(x)) + own
    if any(axis is not None for axis in x):
        kept = [1 if n == old else n for n, old in zip(shape, sizes, strict=True)]
        walk.fixes.append(lambda cut: cut.set_operand(node, 1, np.array(kept, np.int64)))
    return [out]


def tile(walk: Walk, node: Node) -> list[Axes]:
    """Label a tensor that is repeated whole.

    Raises:
        Unclear: repeats that are no list of one for each axis.
    """
    x, counts = walk.operand(node, 0), walk.numbers(node, 1)
    if counts is None or len(counts) != len(x):
        raise Unclear("repeats in a way of old")
    return [[None if a is None else np.tile(a, n) for a, n in zip(x, counts, strict=True)]]


def resize(walk: Walk, node: Node) -> list[Axes]:
    """Label a tensor whose positions are scaled; a scaled axis stays.

    Raises:
        Unclear: a part that is cut out first.
    """
    x, before, after = _scaled_axes(walk, node)
    if node.attribute("coordinate_transformation_mode", "") == "tf_crop_and_resize":
        raise Unclear("crops while it scales")
    values = [walk.setting(node, place) for place in range(1, len(node.inputs))]
    out: Axes = []
    for axis, old, new in zip(x, before, after, strict=True):
        if old != new:
            walk.labels.pin(axis, f"{title(node)} scales them")
        out.append(axis if old == new else None)
    chosen = node.attribute("axes", ()) or range(len(x))
    sizes = [(out[axis], after[axis]) for axis in chosen]
    if len(values) > 2 and values[2] is not None and any(axis is not None for axis in out):
        walk.fixes.append(
            lambda cut: cut.set_operand(
                node, 3, np.array([cut.size(axis, n) for axis, n in sizes], np.int64)
            )
        )
    return [out]


def _scaled_axes(walk: Walk, node: Node) -> tuple[Axes, tuple[int, ...], tuple[int, ...]]:
    return walk.operand(node, 0), walk.shape(node.inputs[0]), walk.shape(node.outputs[0])


def depth_to_space(walk: Walk, node: Node) -> list[Axes]:
    """Label channels that become positions: those of one block go together."""
    x, block = walk.operand(node, 0), node.attribute("blocksize", 1)
    walk.pin(x[2:], f"{title(node)} spreads them")
    out: Axis = None
    if x[1] is not None:
        crd = node.attribute("mode", "DCR") == "CRD"
        rows = x[1].reshape(-1, block**2) if crd else x[1].reshape(block**2, -1).T
        for other in rows.T[1:]:
            walk.labels.join(rows[:, 0].copy(), other.copy())
        out = rows[:, 0].copy()
    return [[x[0], out, None, None]]


def space_to_depth(walk: Walk, node: Node) -> list[Axes]:
    """Label positions that become channels: each channel is found in every block of them."""
    x, block = walk.operand(node, 0), node.attribute("blocksize", 1)
    walk.pin(x[2:], f"{title(node)} gathers them")
    return [[x[0], None if x[1] is None else np.tile(x[1], block**2), None, None]]
