"""Begins and ends of slices as a trace has them, and the slices that they make."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.base.numbering import Numbering
from dfsrt.recording.collect import Collector

MAX_EVENTS = 20_000_000
"""Begins and ends that are kept until all are known; about 32 bytes each."""
_END = -1
_AT_ONCE = 100_000


class SliceEvents:
    """Takes begins and ends of slices on numbered tracks, in the order of the file.

    Only in order of time, and of the file where times are equal, an end closes what began last on
    its track: writers on several threads do not write in order.

    Raises, on adding:
        InputError: more than ``MAX_EVENTS``.
    """

    def __init__(self) -> None:
        self._time, self._track, self._name, self._category = (array("q") for _ in range(4))
        self._texts: Numbering[str] = Numbering()
        self._tracks: Numbering[int] = Numbering()
        self.unclosed = self.unopened = 0

    def begin(self, track: int, time_ns: int, name: str, category: str) -> None:
        """Add the begin of a slice."""
        self._add(track, time_ns, self._texts[name], self._texts[category])

    def end(self, track: int, time_ns: int) -> None:
        """Add the end of the slice that is open on ``track``."""
        self._add(track, time_ns, _END, _END)

    def collect(self, collector: Collector, name_of: Callable[[int], str]) -> None:
        """Add the slices to ``collector``; count begins without an end, ends without a begin."""
        texts, uuids = tuple(self._texts), tuple(self._tracks)
        names = [name_of(uuid) for uuid in uuids]
        open_: list[list[tuple[int, int, int]]] = [[] for _ in uuids]
        for time_ns, track, name, category in self._in_order():
            if name != _END:
                open_[track].append((time_ns, name, category))
            elif open_[track]:
                start_ns, name, category = open_[track].pop()
                lasts_ns = time_ns - start_ns
                collector.add_slice(names[track], texts[name], start_ns, lasts_ns, texts[category])
            else:
                self.unopened += 1
        self.unclosed = sum(map(len, open_))

    def _in_order(self) -> Iterator[tuple[int, int, int, int]]:
        order = np.argsort(np.array(self._time, dtype=np.int64), kind="stable")
        for first in range(0, len(order), _AT_ONCE):
            for i in order[first : first + _AT_ONCE].tolist():
                yield self._time[i], self._track[i], self._name[i], self._category[i]

    def _add(self, track: int, time_ns: int, name: int, category: int) -> None:
        if len(self._time) >= MAX_EVENTS:
            raise InputError(
                f"the recording holds more than {MAX_EVENTS:,} begins and ends of slices, the most "
                "that is read; cut it into shorter ones"
            )
        self._time.append(time_ns)
        self._track.append(self._tracks[track])
        self._name.append(name)
        self._category.append(category)
