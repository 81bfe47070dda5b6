"""Energies: what all that was measured takes of a supply, by a device's numbers, in one go.

Rule 5 and the components of ``power/``, as a sum of what each number moves: joules are linear in
energies, leakage and constant power once a row's time is known, and that was measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.device import Domain, Npu
from dfsrt.device.rules import leakage_w
from dfsrt.power.activity import average_activity
from dfsrt.power.components import rates_of
from dfsrt.power.plant import true_leakage
from dfsrt.power.standby import standby_of
from dfsrt.study.calibration.observed import Observation
from dfsrt.study.calibration.times import Numbers, Timer
from dfsrt.study.calibration.work import PRECISION_NAMES

FACTORS = ("energies", "sram_pj_per_byte", "vector_pj_per_op", "leakage")
"""Numbers of ``silicon`` that are factors on what the base says, so 1 in it.

``energies`` is that of multiply-accumulates with their registers; of the buffer and the vector
unit, too, where these have no factor of their own.
"""
_ACTIONS = ("macs", "sram_pj_per_byte", "vector_pj_per_op")


@dataclass(frozen=True, slots=True)
class Joules:
    """Joules of each row that has some measured, by what makes them, each ``(n_rows,)``.

    ``parts`` are those of one unit of a number, or of all that the base says where the number is a
    factor; ``units`` has the base's numbers. ``fixed_j`` is what no number moves: the standby of a
    memory at its highest point.
    """

    parts: Mapping[str, Floats]
    base: Mapping[str, float]
    fixed_j: Floats

    def joules(self, numbers: Numbers) -> Floats:
        """Return the joules of each row, ``(n_rows,)``."""
        total = self.fixed_j
        common = numbers.get("silicon.energies", 1.0)
        for name, part in self.parts.items():
            of_actions = name in _ACTIONS
            default = common if of_actions else self.base[name]
            total = total + part * numbers.get(f"silicon.{name}", default)
        return total

    def kept(self, rows: Sequence[int]) -> Joules:
        """Return those of some ``rows``."""
        parts = {name: part[list(rows)] for name, part in self.parts.items()}
        return Joules(parts, self.base, self.fixed_j[list(rows)])


def joules_of(
    timer: Timer, observed: Sequence[Observation], numbers: Numbers, domain: Domain
) -> Joules:
    """Return the energy of each of ``observed``, whose times ``timer`` predicts by ``numbers``.

    What a domain does not hold has no part. Predicted times are stretched to those measured.

    Limits: activity that was not counted is the device's mean in every layer.
    """
    launch, compute, memory = timer.parts(numbers)
    work, row = timer.work, timer.work.row
    waiting = work.by_row(launch + np.maximum(memory - compute, 0.0))
    predicted = timer.seconds(numbers)
    latency = np.array([o.latency_s for o in observed])
    waits = waiting * latency / predicted
    npus = [o.npu for o in observed]
    volts = np.array([o.npu.opps.points[o.level].rail_uv * 1e-6 for o in observed])
    silicon = npus[0].silicon
    switched = (volts / (silicon.ref_uv * 1e-6)) ** 2 * npus[0].hidden.capacitance_scale * 1e-12
    places = work.places("precision")
    activity = average_activity(npus[0].hidden)
    of_macs = np.array([o.nonzero if o.nonzero is not None else activity for o in observed])
    efficiency = npus[0].rail.efficiency
    mac_pj = {p: pj + silicon.register_pj_per_mac[p] for p, pj in silicon.mac_pj.items()}
    cores = np.array([float(npu.used_cores) for npu in npus])
    clocked = latency - (1 - silicon.clock_stall_share) * waits
    own = {
        "macs": work.by_row(work.column("macs") * _pj(mac_pj)[places] * of_macs[row]),
        "sram_pj_per_byte": work.by_row(work.column("sram_bytes") * silicon.sram_pj_per_byte)
        * activity,
        "vector_pj_per_op": work.by_row(
            work.column("vector_ops") * _pj(silicon.vector_pj_per_op)[places]
        )
        * activity,
    }
    parts = {name: joules * switched / efficiency for name, joules in own.items()}
    scale = npus[0].hidden.capacitance_scale * 1e-9 / efficiency
    parts["clock_nf"] = timer.freq_hz * volts**2 * clocked * cores * scale
    leaking = [_leakage_w(npu, volt) for npu, volt in zip(npus, volts, strict=True)]
    parts["leakage"] = np.array(leaking) * latency / efficiency
    parts["fixed_w"] = latency * cores / efficiency
    if domain is not Domain.NPU:
        parts["dram_pj_per_bit"] = work.by_row(work.column("moved")) * 8e-12
    if domain is Domain.SYSTEM:
        parts["uncore_w"] = latency
    standby_w = 0.0 if domain is Domain.NPU else standby_of(npus[0]).work_w[-1]
    return Joules(parts, energy_numbers(npus[0]), latency * standby_w)


def energy_numbers(npu: Npu) -> dict[str, float]:
    """Return the base's numbers of ``silicon``: those of one core; factors are 1."""
    silicon, rates = npu.silicon, rates_of(npu)
    return {
        **dict.fromkeys(FACTORS, 1.0),
        "clock_nf": silicon.clock_farad / npu.used_cores * 1e9,
        "fixed_w": silicon.fixed_w / npu.used_cores,
        "dram_pj_per_bit": silicon.dram_pj_per_bit,
        "uncore_w": rates.uncore_w,
    }


def _leakage_w(npu: Npu, volt: float) -> float:
    return float(sum(leakage_w(scale, volt**n) for scale, n in true_leakage(npu)))


def _pj(by_precision: Mapping[str, float]) -> Floats:
    return np.array([by_precision.get(p, 0.0) for p in PRECISION_NAMES])
