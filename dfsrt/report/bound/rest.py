"""What waiting takes at least: up at the lowest voltage, or asleep for no longer than a gap."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask
from dfsrt.device import rules
from dfsrt.device.idle import IdleState
from dfsrt.power.components import IN_NPU, split
from dfsrt.power.table import LayerTable


def idle_w(
    table: LayerTable, inside: int, states: Sequence[IdleState], longest_ns: Ints, at_end: Mask
) -> Floats:
    """Return the least power of waiting where no pause is longer than ``longest_ns``.

    All are ``(n_intervals,)``; ``at_end`` says where the run's last pause may be, after which
    nothing wakes. ``inside`` is how many of the components count, ``states`` may be entered, from
    shallow to deep. Entry and exit spread over the longest pause: none can spread them over more.
    """
    up_w = _up_w(table, inside)
    least_w, deep_w = np.full(len(longest_ns), up_w), up_w
    for depth, state in enumerate(states):
        deep_w = min(deep_w, _residual_w(table, inside, state))
        base_w, moving_j = _moving(table, inside, states[: depth + 1], deep_w)
        spread_w = moving_j / np.maximum(longest_ns, 1) * 1e9
        there_and_back = longest_ns >= state.entry_ns + state.exit_ns
        asleep_w = base_w + np.where(at_end, 0.0, np.where(there_and_back, spread_w, np.inf))
        least_w = np.minimum(least_w, asleep_w)
    return least_w


def _moving(
    table: LayerTable, inside: int, states: Sequence[IdleState], deep_w: float
) -> tuple[float, float]:
    """Power below which no moment of a pause down to the last state is, and joules beside that.

    A state that is entered from another costs what it exceeds that one's entry by.
    """
    last, entry_ns = states[-1], max(state.entry_ns for state in states)
    beside_w = _beside_w(table, inside, states)
    base_w = min(
        deep_w,
        beside_w + _watts(min(state.entry_j for state in states), entry_ns),
        beside_w + _watts(last.exit_j, last.exit_ns),
    )
    over_w = base_w - beside_w
    entry_j = last.entry_j - over_w * entry_ns * 1e-9
    dram_j = last.exit_dram_j if inside > IN_NPU else 0.0
    exit_j = last.exit_j + dram_j - over_w * last.exit_ns * 1e-9
    return base_w, max(entry_j, 0.0) + max(exit_j, 0.0)


def _watts(joules: float, time_ns: int) -> float:
    return joules / time_ns * 1e9 if time_ns > 0 else math.inf


def _up_w(table: LayerTable, inside: int) -> float:
    """Power with a stopped clock, the rail at the lowest voltage that any clock needs."""
    return _sum_w(table, inside, _leakage_w(table, table.npu.opps.set_points_uv[0]))


def _residual_w(table: LayerTable, inside: int, state: IdleState) -> float:
    """Power in ``state``, from a rail that stood at the lowest voltage."""
    rail_uv = min(state.rail_uv, table.npu.opps.set_points_uv[0])
    leakage_w = _leakage_w(table, rail_uv) if rail_uv > 0 else 0.0
    return _sum_w(table, inside, state.leakage_share * leakage_w, state.power_w, state.uncore_w)


def _beside_w(table: LayerTable, inside: int, states: Sequence[IdleState]) -> float:
    """Power of what is not on the NPU's rail while it moves from state to state."""
    uncore_w = [s.uncore_w for s in states if s.uncore_w is not None]
    own_w = table.plant.rates.uncore_w
    return _sum_w(table, inside, 0.0, 0.0, min([own_w, *uncore_w]))


def _leakage_w(table: LayerTable, rail_uv: int) -> float:
    return math.fsum(rules.leakage_w(w, (rail_uv * 1e-6) ** n) for w, n in table.plant.leakage)


def _sum_w(
    table: LayerTable,
    inside: int,
    leakage_w: float,
    fixed_w: float | None = None,
    uncore_w: float | None = None,
) -> float:
    """The first components of a second in which nothing runs."""
    rates = table.plant.rates
    if fixed_w is not None:
        rates = rates._replace(fixed_w=fixed_w)
    if uncore_w is not None:
        rates = rates._replace(uncore_w=uncore_w)
    standby_w = float(table.plant.standby.idle_w.min())  # nobody waits at less
    return math.fsum(split(0.0, 0.0, leakage_w, standby_w, 1.0, rates)[:inside])
