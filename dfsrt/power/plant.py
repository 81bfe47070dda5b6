"""The plant: the device's own, true power. No governor sees it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats, freeze_arrays
from dfsrt.base.errors import InputError
from dfsrt.device import rules
from dfsrt.device.npu import Npu
from dfsrt.power.components import Rates, rates_of
from dfsrt.power.standby import Standby, standby_of
from dfsrt.power.workload import Workload, per_time


@dataclass(frozen=True, slots=True)
class Plant:
    """True power of a workload on one die, by rule 5.

    ``switched_farad`` is what each layer really switches, shape ``(n_layers,)``; ``leakage``
    holds (watts at 1 V, exponent of V) at this die's temperature and bin; ``standby`` is the
    memory's. The array cannot be written to.

    Limits: temperature is constant during a run; activity does not vary from frame to frame.
    """

    switched_farad: Floats
    clock_farad: float
    leakage: tuple[tuple[float, float], ...]
    rates: Rates
    standby: Standby

    def __post_init__(self) -> None:
        freeze_arrays(self)

    @property
    def exponents(self) -> tuple[float, ...]:
        """Powers of V that the rail's power is made of: V² first, then each leakage term."""
        return (2.0, *(exponent for _, exponent in self.leakage))


def build_plant(
    npu: Npu, load: Workload, seed: int, place: int = 0, nonzero: Floats | None = None
) -> Plant:
    """Return the die that ``seed`` picks: the hidden activity of each layer of ``load``.

    ``nonzero`` is what was measured, the share of each layer's multiply-accumulates without a zero,
    ``(n_layers,)``, NaN where nothing was: it takes the place of hidden activity in the array and
    its registers. Buffers and the vector unit keep theirs: nobody has measured what they carry.

    ``place`` numbers the different networks that share the die, from 0: activity is a fact of a
    network, so each draws its own. The first one draws as it would alone.

    Raises:
        InputError: a ``place`` below 0.
    """
    silicon, hidden = npu.silicon, npu.hidden
    ref_v = silicon.ref_uv * 1e-6
    activity = _activity(len(load.names), npu, _draws(seed, place))
    switched_farad = load.dynamic_pj * 1e-12 / ref_v**2 * activity * hidden.capacitance_scale
    if nonzero is not None:
        pj = _measured_pj(load, activity, rules.mac_activity(nonzero, silicon.zero_gating))
        measured = pj * 1e-12 / ref_v**2 * hidden.capacitance_scale
        switched_farad = np.where(np.isnan(nonzero), switched_farad, measured)
    return Plant(
        switched_farad=switched_farad,
        clock_farad=silicon.clock_farad * hidden.capacitance_scale,
        leakage=true_leakage(npu),
        rates=rates_of(npu),
        standby=standby_of(npu),
    )


def true_leakage(npu: Npu) -> tuple[tuple[float, float], ...]:
    """Return this die's leakage at its temperature: (watts at 1 V, exponent of V) per term."""
    silicon, hidden = npu.silicon, npu.hidden
    heat = rules.leakage_at_temperature(silicon.leakage_per_c, hidden.temp_c, silicon.ref_temp_c)
    ref_v = silicon.ref_uv * 1e-6
    return tuple(
        (t.power_w * hidden.leakage_scale * heat / ref_v**t.exponent, t.exponent)
        for t in silicon.leakage
    )


def _draws(seed: int, place: int) -> np.random.Generator:
    """The stream of a network's hidden activity."""
    if place < 0:
        raise InputError(f"place {place} is below 0; number the networks of a mix from 0")
    return np.random.default_rng(seed if place == 0 else [seed, place])


def _activity(layers: int, npu: Npu, draws: np.random.Generator) -> Floats:
    """Share of the counted switching that happens, ``(layers,)``, log-normal, at most 1."""
    spread = draws.standard_normal(layers)
    return np.minimum(npu.hidden.activity_mean * np.exp(npu.hidden.activity_sigma * spread), 1.0)


def _measured_pj(load: Workload, hidden: Floats, of_macs: Floats) -> Floats:
    """Energy of each layer's actions by the activity of its products and by that of the rest."""
    products = (load.mac_pj + load.register_pj) * of_macs
    return products + (load.sram_pj + load.vector_pj) * hidden


def true_npu_w(plant: Plant, load: Workload, freqs_hz: Floats, volts: Floats) -> Floats:
    """Return true power of domain ``npu`` at constant voltage.

    ``freqs_hz`` is ``(n_levels,)``, ``volts`` broadcasts against ``(n_layers, n_levels)``.
    """
    switched = per_time(plant.switched_farad, load.duration_ns)
    busy = load.duration_ns > 0
    clock = np.where(busy, plant.clock_farad, 0.0)
    dynamic = rules.dynamic_w(switched, clock, freqs_hz * load.clock_share) * volts**2
    leakage = sum(rules.leakage_w(scale, volts**n) for scale, n in plant.leakage)
    static = np.where(busy, leakage + plant.rates.fixed_w, 0.0)
    return np.asarray((dynamic + static) / plant.rates.efficiency)
