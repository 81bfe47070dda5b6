"""Collecting a recording piece by piece, in flat arrays that grow as a reader goes on."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.base.numbering import Numbering
from dfsrt.recording.recording import Counters, Recording, Slices

MAX_PIECES = 20_000_000
"""Slices and samples that one recording may hold in memory; about 40 bytes each."""


class Collector:
    """Takes slices and samples in any order; ``recording`` puts them in order of time.

    Raises, on adding:
        InputError: more than ``MAX_PIECES`` in all.
    """

    def __init__(self) -> None:
        self._texts: Numbering[str] = Numbering()
        self._slices = tuple(array("q") for _ in range(5))
        self._samples = tuple(array("q") for _ in range(3))
        self._values = array("d")

    def __len__(self) -> int:
        """Slices and samples so far."""
        return len(self._slices[0]) + len(self._values)

    def add_slice(
        self, track: str, name: str, start_ns: int, duration_ns: int, category: str = ""
    ) -> None:
        """Add a stretch of time with a name."""
        self._check_room()
        texts = (self._texts[track], self._texts[category], self._texts[name])
        for column, value in zip(self._slices, (*texts, start_ns, duration_ns), strict=True):
            column.append(value)

    def add_sample(self, track: str, unit: str, time_ns: int, value: float) -> None:
        """Add a counter's value, which holds until its next one."""
        self._check_room()
        row = (self._texts[track], self._texts[unit], time_ns)
        for column, number in zip(self._samples, row, strict=True):
            column.append(number)
        self._values.append(value)

    def recording(self, about: Mapping[str, str], zero_ns: int = 0) -> Recording:
        """Return all that was added, in order of time, counted from ``zero_ns``.

        Where two slices start together the longer, outer one comes first.
        """
        track, category, name, start_ns, duration_ns = (_ints(c) for c in self._slices)
        order = np.lexsort((-duration_ns, start_ns))
        slices = (track, category, name, start_ns - zero_ns, duration_ns)
        counter, unit, time_ns = (_ints(column) for column in self._samples)
        value = np.array(self._values, dtype=np.float64)
        by_time = np.argsort(time_ns, kind="stable")
        return Recording(
            texts=tuple(self._texts),
            slices=Slices(*(column[order] for column in slices)),
            counters=Counters(
                counter[by_time], unit[by_time], time_ns[by_time] - zero_ns, value[by_time]
            ),
            about=dict(about),
        )

    def _check_room(self) -> None:
        if len(self) >= MAX_PIECES:
            raise InputError(
                f"the recording holds more than {MAX_PIECES:,} slices and samples, the most that "
                "is read; cut it into shorter ones"
            )


def _ints(column: array[int]) -> Ints:
    return np.array(column, dtype=np.int64)
