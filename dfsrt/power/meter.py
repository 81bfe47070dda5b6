"""A virtual meter: what an instrument on the NPU's supply shows of the plant."""

from __future__ import annotations

import numpy as np

from dfsrt.power.workload import Floats


class VirtualMeter:
    """Readings of true power with a gain error, noise and a step size, all seeded.

    Source: assumed; 0.5 % gain and 0.5 % noise are in the class of board shunt monitors.
    """

    def __init__(self, seed: int, gain_sigma: float = 0.005, noise_sigma: float = 0.005) -> None:
        self._rng = np.random.default_rng(seed)
        self._gain = 1.0 + gain_sigma * self._rng.standard_normal()
        self._noise_sigma = noise_sigma

    def read_w(self, true_w: Floats, step_w: float) -> Floats:
        """Return one reading for each true value, rounded to ``step_w``, never negative."""
        noise = 1.0 + self._noise_sigma * self._rng.standard_normal(true_w.shape)
        steps = np.rint(true_w * self._gain * noise / step_w)
        return np.asarray(np.maximum(steps, 0.0) * step_w)
