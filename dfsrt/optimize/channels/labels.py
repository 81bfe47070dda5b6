"""Labels of channels: one for each place on an axis, joined where places must go together."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from dfsrt.base.arrays import Ints

Axis = Ints | None
"""The label of each place on an axis, 0 where it stays; None where the whole axis does."""
Axes = list[Axis]
"""The axes of a tensor."""

PINNED = 0
"""The label of what stays."""


@dataclass(slots=True)
class Labels:
    """Labels given so far, pairs that were joined, and how many channels stay for which reason."""

    count: int = 1
    reasons: dict[str, int] = field(default_factory=dict)
    _ends: list[tuple[Ints, Ints]] = field(default_factory=list)

    def fresh(self, size: int) -> Axis:
        """Return new labels ``(size,)``; None for an axis of one, which has nothing to lose."""
        if size < 2:
            return None
        self.count += size
        return np.arange(self.count - size, self.count)

    def join(self, one: Axis, other: Axis, why: str = "") -> Axis:
        """Return the axis ``(n,)`` that two are, place by place: they go or stay together."""
        if one is None or other is None:
            self.pin(one, why)
            self.pin(other, why)
            return None
        if one is not other:
            self._ends.append((one, other))
        return one

    def pin(self, axis: Axis, why: str = "") -> None:
        """Let all places of an axis ``(n,)`` stay; those with a reason are counted for it."""
        if axis is None:
            return
        if why:
            self.reasons[why] = self.reasons.get(why, 0) + int(np.count_nonzero(axis))
        self._ends.append((axis, np.zeros_like(axis)))

    def roots(self) -> Ints:
        """Return of each label ``(n_labels,)`` the one that stands for all joined with it."""
        ends = self._ends or [(np.zeros(1, np.int64),) * 2]
        one, other = (np.concatenate(side) for side in zip(*ends, strict=True))
        return components(one, other, self.count)


def components(one: Ints, other: Ints, count: int) -> Ints:
    """Return of each of ``count`` nodes the component ``(count,)``, that of node 0 first.

    The edges lead from ``one`` to ``other``, both ``(n_edges,)``.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges = coo_array((np.ones(one.size, np.bool_), (one, other)), shape=(count, count))
    component: Ints = connected_components(edges, directed=False)[1].astype(np.int64)
    return component
