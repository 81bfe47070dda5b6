"""Groups: channels that lie on the same axes, of which each group loses its share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask
from dfsrt.optimize.channels.axes import Labelled

MULTIPLE = 8
"""Groups of at least twice as many keep a multiple of it: arrays of NPUs have such sides."""


def groups_of(model: Labelled) -> list[Ints]:
    """Return the groups that can lose channels, each as labels ``(n_channels,)`` in order.

    A channel is everything that must go together, on all axes; those of a group lie on the same
    axes, so that one that stays of each leaves none of them empty.
    """
    signature = _signatures(model)
    known = np.flatnonzero(signature)
    values, group = np.unique(signature[known], return_inverse=True)
    order = np.argsort(group.reshape(-1), kind="stable")
    counts = np.bincount(group.reshape(-1), minlength=values.size)
    members = np.split(known[order], np.cumsum(counts)[:-1]) if values.size else []
    return [channels for channels in members if channels.size > 1]


def _signatures(model: Labelled) -> Ints:
    """Which axes each label ``(n_labels,)`` lies on, as the sum of a random number for each."""
    roots = model.roots
    signature = np.zeros(roots.size, np.int64)
    numbers = np.random.default_rng(0)
    for axis in distinct_axes(model):
        number = numbers.integers(1, 2**62)
        signature[np.unique(roots[axis])] += number
    signature[roots[0]] = 0
    return signature


def distinct_axes(model: Labelled) -> Iterable[Ints]:
    """Return all axes with labels, each ``(n,)`` once."""
    every = (axis for axes in model.walk.axes.values() for axis in axes)
    return {id(axis): axis for axis in every if axis is not None}.values()


def kept_count(channels: int, share: float) -> int:
    """Return how many of ``channels`` stay where ``share`` of them shall go: one at least.

    Limits: of ``2 * MULTIPLE`` and more all stay, or a multiple of ``MULTIPLE``: what is nearest,
    more of two alike.
    """
    exact = channels * (1 - share)
    if channels < 2 * MULTIPLE:
        return max(1, round(exact))
    allowed: list[int] = [channels, *range(channels - channels % MULTIPLE, 0, -MULTIPLE)]
    return min(allowed, key=lambda count: abs(count - exact))


def kept_channels(groups: Sequence[Ints], share: float, weight: Floats) -> Mask:
    """Return which channels ``(n_labels,)`` stay: of each group ``(n_channels,)`` those of most.

    ``weight`` is that of each channel ``(n_labels,)``; of equals the first stay.
    """
    kept = np.ones(weight.size, np.bool_)
    for channels in groups:
        order = np.argsort(-weight[channels], kind="stable")
        kept[channels[order[kept_count(channels.size, share) :]]] = False
    return kept
