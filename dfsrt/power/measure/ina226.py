"""A shunt monitor as boards have it: currents and voltages in steps, with errors of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

SHUNT_STEP_V = 2.5e-6
BUS_STEP_V = 1.25e-3
FULL_SCALE_V = 81.92e-3
CONVERSION_S = 1.1e-3
"""One conversion, shunt or bus, at the power-on setting. Source: TI INA226 data sheet, SBOS547."""


@dataclass(frozen=True, slots=True)
class Errors:
    """Spread of one monitor's errors from specimen to specimen, and noise of one conversion.

    Source: offsets and gain after the INA226 data sheet, SBOS547: shunt offset 2.5 uV typical, bus
    offset 1.25 mV typical, gain error 0.02 % typical; the shunt resistor's 0.5 % and one step of
    noise a conversion are assumed.
    """

    shunt_offset_v: float = 2.5e-6
    bus_offset_v: float = 1.25e-3
    gain: float = 2e-4
    shunt_tolerance: float = 5e-3
    noise_steps: float = 1.0


class ShuntMonitor:
    """One monitor on a supply of ``bus_v``, its shunt sized for twice ``most_w``.

    A reading is the mean of ``averages`` conversions of current times that of voltage. Errors of
    the specimen are drawn once, from ``seed``; noise is drawn anew for each reading.
    """

    def __init__(
        self,
        most_w: float,
        seed: int,
        bus_v: float = 5.0,
        averages: int = 16,
        errors: Errors | None = None,
    ) -> None:
        self._errors = errors or Errors()
        self._rng = np.random.default_rng(seed)
        self.averages = averages
        self.bus_v = bus_v
        self.shunt_ohm = FULL_SCALE_V / (2 * most_w / bus_v)
        draw = self._rng.standard_normal
        self._shunt_gain = (1 + self._errors.gain * draw()) * (
            1 + self._errors.shunt_tolerance * draw()
        )
        self._bus_gain = 1 + self._errors.gain * draw()
        self._shunt_offset_v = self._errors.shunt_offset_v * draw()
        self._bus_offset_v = self._errors.bus_offset_v * draw()

    @property
    def window_s(self) -> float:
        """Time of one reading: shunt and bus are converted in turn."""
        return 2 * CONVERSION_S * self.averages

    def runs(self, latency_s: float) -> int:
        """Return how often a layer must run back to back to fill one reading."""
        return max(1, math.ceil(self.window_s / latency_s))

    def read_w(self, true_w: float) -> float:
        """Return what the monitor shows while ``true_w`` is drawn, never negative."""
        shunt_v = true_w / self.bus_v * self.shunt_ohm * self._shunt_gain + self._shunt_offset_v
        bus_v = self.bus_v * self._bus_gain + self._bus_offset_v
        current_a = self._convert(shunt_v, SHUNT_STEP_V) / self.shunt_ohm
        return max(current_a * self._convert(bus_v, BUS_STEP_V), 0.0)

    def _convert(self, volts: float, step_v: float) -> float:
        """Mean of several conversions, each noisy and in whole steps."""
        noise = self._errors.noise_steps * self._rng.standard_normal(self.averages)
        return float(np.rint(volts / step_v + noise).mean() * step_v)
