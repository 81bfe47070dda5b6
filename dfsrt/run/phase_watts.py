"""What an idle NPU draws: standing with its clock stopped, and in each phase of each state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.device import rules
from dfsrt.device.idle import IdleState
from dfsrt.device.npu import Npu
from dfsrt.power.components import Rates
from dfsrt.run.sleep_state import ASLEEP, ENTERING, EXITING, PhaseWatts, phase_code, phase_codes

Leakage = Sequence[tuple[float, float]]
"""Terms of leakage: watts at 1 V and the exponent of V."""


def leakage_at(leakage: Leakage, uv: int) -> float:
    """Return the leakage of a rail that stands at a voltage."""
    return float(sum(rules.leakage_w(scale, (uv * 1e-6) ** n) for scale, n in leakage))


def phase_watts(npu: Npu, leakage: Leakage, rates: Rates) -> PhaseWatts:
    """Return what flows in each phase of a device's idle states, ``(n_codes,)`` each.

    Of the energy of a way down or up the regulator loses its share. The DRAM's is on top of its
    standby.
    """
    states = npu.idle
    watts = np.zeros((4, phase_codes(len(states))))
    standing = 0.0, rates.uncore_w
    watts[:, 0] = leakage_at(leakage, npu.opps.set_points_uv[0]), rates.fixed_w, *standing
    for k, state in enumerate(states):
        uncore_w = rates.uncore_w if state.uncore_w is None else state.uncore_w
        for before in range(-1, k):
            down_ns, down_j = way_down(states, before, k)
            code = phase_code(ENTERING, before, k, len(states))
            watts[:, code] = 0.0, _mean_w(down_j, down_ns) * rates.efficiency, *standing
        leak_w = state.leakage_share * leakage_at(leakage, state.rail_uv)
        asleep = phase_code(ASLEEP, -1, k, len(states))
        watts[:, asleep] = leak_w, state.power_w, 0.0, uncore_w
        up_w = _mean_w(state.exit_j, state.exit_ns) * rates.efficiency
        dram_w = _mean_w(state.exit_dram_j, state.exit_ns)
        code = phase_code(EXITING, -1, k, len(states))
        watts[:, code] = 0.0, up_w, dram_w, rates.uncore_w
    return PhaseWatts(*watts)


def rates_in(rates: Rates, watts: PhaseWatts, code: int) -> Rates:
    """Return a device's rates as they are in a phase."""
    return Rates(rates.efficiency, rates.dram_j_per_byte, watts.uncore_w[code], watts.fixed_w[code])


def way_down(states: Sequence[IdleState], before: int, state: int) -> tuple[int, float]:
    """Return time and joules of entering ``state`` from ``before``, which is -1 for up.

    What the shallower one's entry has done need not be done again.
    """
    to = states[state]
    if before < 0:
        return to.entry_ns, to.entry_j
    done = states[before]
    down_j = max(to.entry_j - done.entry_j, 0.0)
    return max(to.entry_ns - done.entry_ns, int(down_j > 0)), down_j


def drawn_w(watts: PhaseWatts, efficiency: float) -> Floats:
    """Return what rail and uncore give in each phase, ``(n_codes,)``, the regulator's loss too.

    And the DRAM on top of its standby, for what a state has lost.
    """
    given_w: Floats = (watts.leak_w + watts.fixed_w) / efficiency + watts.uncore_w + watts.dram_w
    return given_w


def up_w(npu: Npu, leakage: Leakage, rates: Rates) -> Floats:
    """Return what rail and uncore give while the NPU stands idle, ``(n_set_points,)``."""
    points: Iterable[int] = npu.opps.set_points_uv
    leaks = np.array([leakage_at(leakage, uv) for uv in points])
    return (leaks + rates.fixed_w) / rates.efficiency + rates.uncore_w


def _mean_w(joules: float, ns: int) -> float:
    return joules / (ns * 1e-9) if ns > 0 else 0.0
