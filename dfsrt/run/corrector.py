"""The corrector: learns online how predicted power must be corrected, from a meter's readings."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dfsrt.base.arrays import Floats
from dfsrt.base.errors import InputError

FORGETTING = 0.98
"""Weight of the past against each new reading: a memory of about 50 readings."""
PRIOR_SD = 0.2
"""How far gain is expected from 1 and bias from 0, the latter in shares of the typical power."""
NOISE_SD = 0.02
"""How far a reading is expected from gain and bias at their best, in shares of typical power.

Mostly the model's own scatter from layer to layer, not the meter's noise.
"""
GAIN_RANGE = (0.5, 2.0)
BIAS_SHARE = 0.5
"""Bias stays within this share of the typical power, up or down."""
FLOOR_SHARE = 0.01
"""A corrected prediction is never below this share of the typical power."""


@dataclass(frozen=True, slots=True)
class Correction:
    """Watts = gain * predicted + bias, and never below the floor.

    ``readings`` is how many readings it was learned from; with none it is the prior.
    """

    gain: float
    bias_w: float
    floor_w: float
    readings: int = 0

    def apply(self, predicted_w: ArrayLike) -> Floats:
        """Return corrected watts, of any shape: positive, and finite where the prediction is."""
        watts = self.gain * np.asarray(predicted_w, dtype=np.float64) + self.bias_w
        return np.maximum(watts, self.floor_w)


class Corrector:
    """Gain and bias by recursive least squares that forgets.

    ``typical_w`` is the power that this device usually draws; it gives bias, its range and the
    prior their scale. The prior is gain 1 and bias 0, each with standard deviation ``PRIOR_SD``
    (bias in shares of ``typical_w``), independent. A corrector belongs to one run.

    Raises:
        InputError: a typical power that is not positive, or forgetting outside (0, 1].
    Limits: gain and bias are the same for all layers, clocks and voltages. It corrects the mean,
    so a margin that the predictions carry is learned away like any other error.
    """

    def __init__(self, typical_w: float, forgetting: float = FORGETTING) -> None:
        if not (math.isfinite(typical_w) and typical_w > 0):
            raise InputError(
                f"typical power {typical_w} W gives the corrector no scale; give watts above 0"
            )
        if not 0 < forgetting <= 1:
            raise InputError(f"forgetting {forgetting} is out of range; allowed is above 0 to 1")
        self.typical_w = typical_w
        self.forgetting = forgetting
        self.readings = 0
        # Everything in shares of typical power and of reading noise, so that neither has units.
        self._most = (PRIOR_SD / NOISE_SD) ** 2
        self._state = np.array([1.0, 0.0])
        self._covariance = self._most * np.eye(2)

    def update(self, predicted_w: float, measured_w: float) -> None:
        """Learn from one reading and the uncorrected prediction for the same stretch.

        A reading that is negative or no finite number is a meter's hiccup and is ignored.

        Raises:
            InputError: a prediction that is negative or not finite.
        """
        if not (math.isfinite(predicted_w) and predicted_w >= 0):
            raise InputError(f"prediction {predicted_w} W is no power; give finite watts from 0")
        if not (math.isfinite(measured_w) and measured_w >= 0):
            return
        seen = np.array([predicted_w / self.typical_w, 1.0])
        spread = self._covariance @ seen
        step = spread / (self.forgetting + seen @ spread)
        self._state = self._state + step * (measured_w / self.typical_w - seen @ self._state)
        self._covariance = self._forget(self._covariance - np.outer(step, spread))
        self.readings += 1

    def _forget(self, covariance: Floats) -> Floats:
        """Return the covariance after forgetting, in no direction wider than the prior.

        Without that limit it grows for ever where readings teach nothing, as they do when every
        stretch draws much the same, and their noise would then be taken for gain and bias.
        """
        width, axes = np.linalg.eigh(covariance / self.forgetting)
        return np.asarray((axes * np.minimum(width, self._most)) @ axes.T)

    @property
    def correction(self) -> Correction:
        """What is known now, with gain and bias in their ranges.

        One that has to stay at the edge of its range is made up for by the other, as well as
        the readings so far allow; the memory of them stays whole.
        """
        bias = np.clip(self._state[1], -BIAS_SHARE, BIAS_SHARE)
        gain = np.clip(self._refit(0, 1, bias), *GAIN_RANGE)
        bias = np.clip(self._refit(1, 0, gain), -BIAS_SHARE, BIAS_SHARE)
        floor_w = FLOOR_SHARE * self.typical_w
        return Correction(float(gain), float(bias) * self.typical_w, floor_w, self.readings)

    def _refit(self, of: int, other: int, value: float) -> float:
        """Return the best state ``of`` if the ``other`` had ``value``."""
        cov = self._covariance
        slope = cov[of, other] / cov[other, other]
        return float(self._state[of] + slope * (value - self._state[other]))

    @property
    def gain(self) -> float:
        """What predictions are multiplied by, within ``GAIN_RANGE``."""
        return self.correction.gain

    @property
    def bias_w(self) -> float:
        """Watts that are added, within ``BIAS_SHARE`` of typical power."""
        return self.correction.bias_w

    def correct(self, predicted_w: ArrayLike) -> Floats:
        """Return corrected watts, of any shape: positive, and finite where the prediction is."""
        return self.correction.apply(predicted_w)
