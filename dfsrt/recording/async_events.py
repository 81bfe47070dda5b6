"""Asynchronous slices: begun and ended under an id, on whatever thread; they may overlap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from dfsrt.recording.collect import Collector
from dfsrt.recording.lanes import free_lanes
from dfsrt.recording.processes import Pid


@dataclass(frozen=True, slots=True)
class _Begin:
    time_ns: int
    pid: Pid
    name: str
    category: str


_Slice = tuple[_Begin, int]
"""A begin and the time of its end."""


class AsyncEvents:
    """Takes begins and ends in any order; those of one id nest, those of several have lanes."""

    def __init__(self) -> None:
        self._events: list[tuple[int, Hashable, _Begin | None]] = []
        self.unclosed = self.unopened = 0

    def begin(self, key: Hashable, time_ns: int, pid: Pid, name: str, category: str) -> None:
        """Add the begin of a slice under the id ``key``."""
        self._events.append((time_ns, key, _Begin(time_ns, pid, name, category)))

    def end(self, key: Hashable, time_ns: int) -> None:
        """Add the end of what began last under the id ``key``."""
        self._events.append((time_ns, key, None))

    def collect(
        self,
        collector: Collector,
        owned: Callable[[Pid, str], str],
        lane: Callable[[str], str],
    ) -> None:
        """Add the slices to ``collector``.

        A track is called as the category of its outer slices, or their name; ``owned`` puts the
        process before it, ``lane`` gives the name of the next lane of a track.
        """
        groups: defaultdict[str, list[list[_Slice]]] = defaultdict(list)
        for tree in self._trees():
            outer = tree[-1][0]
            groups[owned(outer.pid, outer.category or outer.name)].append(tree)
        for track, trees in groups.items():
            trees.sort(key=lambda tree: tree[-1][0].time_ns)
            lanes = free_lanes([t[-1][0].time_ns for t in trees], [t[-1][1] for t in trees])
            names = [lane(track) for _ in range(max(lanes.tolist()) + 1)]
            for tree, number in zip(trees, lanes.tolist(), strict=True):
                for begin, end_ns in tree:
                    lasts_ns = end_ns - begin.time_ns
                    collector.add_slice(
                        names[number], begin.name, begin.time_ns, lasts_ns, begin.category
                    )

    def _trees(self) -> list[list[_Slice]]:
        """Each outer slice, as the last of those in it."""
        open_: defaultdict[Hashable, list[_Begin]] = defaultdict(list)
        inside: defaultdict[Hashable, list[_Slice]] = defaultdict(list)
        trees = []
        for time_ns, key, begin in sorted(self._events, key=lambda event: event[0]):
            if begin is not None:
                open_[key].append(begin)
            elif open_[key]:
                inside[key].append((open_[key].pop(), time_ns))
                if not open_[key]:
                    trees.append(inside.pop(key))
            else:
                self.unopened += 1
        self.unclosed = sum(map(len, open_.values()))
        return trees
