"""Lanes: tracks of one name and kind, told apart as ``X``, ``X #2``, ``X #3``."""

from __future__ import annotations

import heapq
import re
from collections.abc import Hashable, Sequence

import numpy as np

from dfsrt.base.arrays import Ints

_LANE = re.compile(r"(.*) #([2-9]|[1-9][0-9]{1,8})", re.DOTALL)


def split(name: str) -> tuple[str, int]:
    """Return the name that all lanes share and the lane's number; 1 where ``name`` has none."""
    match = _LANE.fullmatch(name)
    return (match[1], int(match[2])) if match else (name, 1)


class Lanes:
    """Hands out lanes; the tracks of one ``kind`` never get the same name twice."""

    def __init__(self) -> None:
        self._count: dict[tuple[str, Hashable], int] = {}
        self._taken: set[tuple[str, Hashable]] = set()

    def next(self, name: str, kind: Hashable = None) -> str:
        """Return ``X``, and ``X #2`` for the next track of that name and kind."""
        lane = self._count.get((name, kind), 0) + 1
        while (full := name if lane == 1 else f"{name} #{lane}", kind) in self._taken:
            lane += 1
        self._count[name, kind] = lane
        self._taken.add((full, kind))
        return full

    def shared(self, name: str, kind: Hashable = None) -> str:
        """Return the name under which ``next`` finds ``name`` again, and count it.

        That is ``X`` for ``X #3`` where ``X`` and ``X #2`` came before, else ``name`` itself.
        """
        base, lane = split(name)
        written = base if lane == self._count.get((base, kind), 0) + 1 else name
        self.next(written, kind)
        return written


def free_lanes(start_ns: Sequence[int], end_ns: Sequence[int]) -> Ints:
    """Return the lowest free lane for each stretch of time, ``(n_stretches,)``; starts ascend."""
    lanes = np.empty(len(start_ns), dtype=np.int64)
    free: list[int] = []
    taken: list[tuple[int, int]] = []
    for i, (start, end) in enumerate(zip(start_ns, end_ns, strict=True)):
        while taken and taken[0][0] <= start:
            heapq.heappush(free, heapq.heappop(taken)[1])
        lanes[i] = heapq.heappop(free) if free else len(taken)
        heapq.heappush(taken, (end, int(lanes[i])))
    return lanes
