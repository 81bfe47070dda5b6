"""The clock law of a card that holds its own power limit: the highest clock under the cap."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.power.card import ClockLaw

Predicted = Mapping[str, Floats]
"""Quantities by name: ``power_w`` always; ``latency_s`` and ``clock_hz`` for a real device."""

HELD_BELOW = 0.99
"""A settled clock below this share of the highest was held down: readings average over steps."""


def settled(law: ClockLaw, demand_w: Floats) -> tuple[Floats, Floats]:
    """Return (watts, clock in Hz) at which firmware settles a layer that asks for ``demand_w``.

    ``demand_w`` is what each layer would draw at the highest clock; all are ``(n_layers,)``. Above
    the limit the firmware lowers the clock until the limit is met:
    P = demand · (f / highest)^exponent.
    """
    share = np.minimum(1.0, law.limit_w / demand_w)
    return np.minimum(demand_w, law.limit_w), law.highest_hz * share ** (1.0 / law.exponent)


def demand_w(law: ClockLaw, power_w: Floats, clock_hz: Floats) -> Floats:
    """Return what layers measured at ``clock_hz`` would draw at the highest clock, ``(n_layers,)``.

    Clocks that were not held down count as the highest.
    """
    share = clock_hz / law.highest_hz
    return np.where(share < HELD_BELOW, power_w * share**-law.exponent, power_w)


def compose(law: ClockLaw, raw: Predicted, scale_s: Floats) -> Predicted:
    """Return watts, seconds and clock, each ``(n_layers,)``, as are the model's outputs ``raw``.

    ``scale_s`` are the roofline times, ``(n_layers,)``.
    """
    watts, clock = settled(law, np.exp(raw["log_demand"]) + law.rest_w)
    return {
        "power_w": watts,
        "latency_s": np.exp(raw["log_slowdown"]) * scale_s,
        "clock_hz": clock,
    }
