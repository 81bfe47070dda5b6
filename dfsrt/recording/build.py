"""Building a recording event by event, as a reader of some file finds them."""

from __future__ import annotations

from array import array
from collections.abc import Mapping

import numpy as np

from dfsrt.recording.recording import Counters, Recording, Slices


class Builder:
    """Collects slices and counter samples in any order; ``done`` sorts them by track and time."""

    def __init__(self) -> None:
        self._texts: dict[str, int] = {}
        self._slices = array("q")
        self._samples = array("q")
        self._values = array("d")

    def __len__(self) -> int:
        return len(self._slices) // 5 + len(self._values)

    def text(self, text: str) -> int:
        """Return the place of ``text``."""
        return self._texts.setdefault(text, len(self._texts))

    def slice(self, track: str, category: str, name: str, start_ns: int, duration_ns: int) -> None:
        """Add a slice."""
        row = (self.text(track), self.text(category), self.text(name), start_ns, duration_ns)
        self._slices.extend(row)

    def sample(self, track: str, unit: str, time_ns: int, value: float) -> None:
        """Add a counter's sample."""
        self._samples.extend((self.text(track), self.text(unit), time_ns))
        self._values.append(value)

    def done(self, about: Mapping[str, str] | None = None) -> Recording:
        """Return the recording; what begins at the same time keeps its order, longer ones first."""
        slices = np.array(self._slices, dtype=np.int64).reshape(-1, 5)
        slices = slices[np.lexsort((-slices[:, 4], slices[:, 3], slices[:, 0]))]
        samples = np.array(self._samples, dtype=np.int64).reshape(-1, 3)
        order = np.lexsort((samples[:, 2], samples[:, 0]))
        values = np.array(self._values, dtype=np.float64)[order]
        return Recording(
            tuple(self._texts),
            Slices(*(np.ascontiguousarray(c) for c in slices.T)),
            Counters(samples[order, 0], samples[order, 1], samples[order, 2], values),
            dict(about or {}),
        )
