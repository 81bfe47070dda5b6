"""Calibration data as onnxruntime's tools read them."""

from __future__ import annotations

import numpy as np

from dfsrt.network.samples import Feed, Feeds
from dfsrt.optimize.calibration import Calibration


class Reader:
    """Hands out the samples of calibration data one after another, all or a range of them.

    Those of large numbers come first: a histogram grows by bins as wide as its first samples made
    them, however far the next ones go.
    """

    def __init__(self, data: Calibration) -> None:
        self._samples = sorted(data.samples, key=_largest, reverse=True)
        self.set_range(0, len(data.samples))

    def __len__(self) -> int:
        return len(self._samples)

    def set_range(self, start_index: int, end_index: int) -> None:
        """Hand out the samples from ``start_index`` to below ``end_index``."""
        self._left = iter(self._samples[start_index:end_index])

    def get_next(self) -> dict[str, Feed] | None:
        """Return the next sample's inputs, arrays of any shape by name; None after the last."""
        sample = next(self._left, None)
        return None if sample is None else dict(sample)


def _largest(sample: Feeds) -> float:
    return max((float(np.abs(a).max(initial=0)) for a in sample.values()), default=0.0)
