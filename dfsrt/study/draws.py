"""What differs from sample to sample, drawn from its distributions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from dfsrt.base.ranged import Ranged
from dfsrt.device import Npu
from dfsrt.run.scenario import Scenario

DRAWN_APART = ("ambient", "health", "growth")
"""Numbers with a distribution of their own."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One sample: a die, an activity, the air, an age, and assumed numbers by path."""

    bin: str
    leakage: float
    capacitance: float
    activity_seed: int
    values: Mapping[str, float]

    def numbers(self) -> dict[str, float]:
        """Return the drawn numbers by name."""
        return {"leakage scale": self.leakage, "capacitance scale": self.capacitance, **self.values}

    def die(self, npu: Npu) -> Npu:
        """Return the drawn die of a device."""
        hidden = replace(
            npu.hidden,
            leakage_scale=npu.hidden.leakage_scale * self.leakage,
            capacitance_scale=npu.hidden.capacitance_scale * self.capacitance,
        )
        return replace(npu, hidden=hidden)


def draw_sample(scenario: Scenario, seed: int, number: int) -> Draw:
    """Return sample ``number``; it does not depend on how many others there are."""
    rng, vary = np.random.default_rng([seed, number]), scenario.vary
    leakage = math.exp(vary.leakage_sigma * rng.standard_normal())
    capacitance = math.exp(vary.capacitance_sigma * rng.standard_normal())
    activity_seed = int(rng.integers(2**31))
    chosen = vary.bins[int(rng.integers(len(vary.bins)))] if vary.bins else ""
    health = float(rng.triangular(*vary.health))
    values = {
        "ambient": float(rng.triangular(*vary.ambient_c)),
        "health": health,
        "growth": _growth(scenario.setting.growth, health, vary.health),
    }
    if vary.assumed:
        values |= {
            path: float(rng.triangular(n.low, n.value, n.high))
            for path, n in sorted(scenario.assumed().items())
            if path not in DRAWN_APART
        }
    return Draw(chosen, leakage, capacitance, activity_seed, values)


def _growth(growth: Ranged, health: float, ends: tuple[float, float, float]) -> float:
    """Resistance grows as capacity goes: the range's low end at the best health, linear."""
    share = (ends[2] - health) / (ends[2] - ends[0])
    return growth.low + share * (growth.high - growth.low)
