"""Keeping a GPU busy with one graph, and looking at it now and then meanwhile."""

from __future__ import annotations

import math
import time
from collections import deque
from types import ModuleType
from typing import TYPE_CHECKING

from dfsrt.power.measure.errors import CannotRunError
from dfsrt.power.measure.nvml import Card

if TYPE_CHECKING:
    from torch.cuda import CUDAGraph, Event

AHEAD_S = 60e-3
"""Work queued ahead of the card, so that it never waits for the host, NVML calls included."""
LOOK_S = 10e-3
"""Time between two looks at clock and reasons: each costs the host about a millisecond."""


class Glance:
    """Looks at clock and reasons now and then, and keeps their means."""

    def __init__(self, card: Card) -> None:
        self._card = card
        self._next_s = 0.0
        self._clocks: list[float] = []
        self._reasons: list[tuple[bool, bool]] = []

    def take(self) -> None:
        """Look, unless the last look was just now."""
        now = time.perf_counter()
        if now >= self._next_s:
            self._next_s = now + LOOK_S
            self._clocks.append(self._card.sm_clock_hz())
            self._reasons.append(self._card.held_by())

    @property
    def clock_hz(self) -> float:
        """Mean clock."""
        return sum(self._clocks) / len(self._clocks)

    @property
    def held_share(self) -> float:
        """Share of looks at which power held the clock down."""
        return sum(power for power, _ in self._reasons) / len(self._reasons)

    @property
    def hot_share(self) -> float:
        """Share of looks at which heat held the clock down."""
        return sum(heat for _, heat in self._reasons) / len(self._reasons)


class Queue:
    """Keeps replays of one graph queued and knows when each was done.

    ``gaps`` counts how often the card was found with nothing left to do: a reading with gaps
    shows a layer longer, and drawing less, than it is.
    """

    def __init__(self, torch: ModuleType, graph: CUDAGraph, graph_s: float) -> None:
        self._torch, self._graph = torch, graph
        self._ahead = max(2, math.ceil(AHEAD_S / graph_s))
        self._marks: list[Event] = []
        self._waiting: deque[Event] = deque()
        self.done = 0
        self.gaps = 0

    def advance(self) -> None:
        """Count what has finished and queue what is missing, without waiting."""
        while self._waiting and self._waiting[0].query():
            self._marks.append(self._waiting.popleft())
            self.done += 1
        self.gaps += not self._waiting and self.done > 0
        while len(self._waiting) < self._ahead:
            self._graph.replay()
            event = self._torch.cuda.Event(enable_timing=True)
            event.record()
            self._waiting.append(event)

    def elapsed_s(self, first: int, last: int) -> float:
        """Return the seconds between the ends of two replays, by count.

        Raises:
            CannotRunError: fewer than two replays have ended.
        """
        if not 0 < first < last:
            raise CannotRunError("one run takes longer than the measuring window")
        return float(self._marks[first - 1].elapsed_time(self._marks[last - 1])) * 1e-3
