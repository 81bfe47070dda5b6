"""Calibration data as onnxruntime's tools read them."""

from __future__ import annotations

from dfsrt.network.samples import Feed
from dfsrt.optimize.calibration import Calibration


class Reader:
    """Hands out the samples of calibration data one after another, all or a range of them."""

    def __init__(self, data: Calibration) -> None:
        self._samples = data.samples
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
