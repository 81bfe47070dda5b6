"""What an idle state draws, and how long a stay in it has to be to pay: arithmetic of its numbers.

All of it is by the data sheet: the typical die at the reference temperature, as a governor may
know it. The DRAM's standby, the same in every state, is left out.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from dfsrt.device.idle import IdleState
from dfsrt.device.npu import Npu

UP = "clock-gate"
"""What reports call the state that every device has: up, with a stopped clock."""
NEVER_NS = 2**62
"""A stay that nothing outlasts: a state that draws as much as staying up never pays."""


class Reload(NamedTuple):
    """What is fetched again on exit, once the NPU is up: time, and joules of the whole device."""

    reload_ns: int = 0
    reload_j: float = 0.0


NOTHING = Reload()
"""No weights were on chip, or the state keeps them."""


def leakage_at(npu: Npu, rail_uv: int) -> float:
    """Return the typical die's leakage at a voltage and the reference temperature, in watts."""
    ref_v, volts = npu.silicon.ref_uv * 1e-6, rail_uv * 1e-6
    return math.fsum(t.power_w * (volts / ref_v) ** t.exponent for t in npu.silicon.leakage)


def standing_w(npu: Npu, rail_uv: int) -> float:
    """Return what staying up with a stopped clock takes: the rail with its loss, and the uncore."""
    rail_w = npu.silicon.fixed_w + leakage_at(npu, rail_uv)
    return rail_w / npu.rail.efficiency + npu.silicon.uncore_w


def state_uv(state: IdleState, rail_uv: int) -> int:
    """Return where the rail is in ``state`` if it stood at ``rail_uv``: no state raises it."""
    return min(state.rail_uv, rail_uv)


def residual_w(npu: Npu, state: IdleState, rail_uv: int) -> float:
    """Return what ``state`` draws where the rail stood at ``rail_uv``: rail, loss and uncore."""
    leakage_w = state.leakage_share * leakage_at(npu, state_uv(state, rail_uv))
    uncore_w = npu.silicon.uncore_w if state.uncore_w is None else state.uncore_w
    return (state.power_w + leakage_w) / npu.rail.efficiency + uncore_w


def transition_ns(state: IdleState) -> int:
    """Return how long entry and exit take together, with nothing to reload."""
    return state.entry_ns + state.exit_ns


def transition_j(npu: Npu, state: IdleState) -> float:
    """Return what entry and exit take: what the rail gives, and the uncore, which flows on."""
    uncore_j = npu.silicon.uncore_w * transition_ns(state) * 1e-9
    return state.entry_j + state.exit_j + uncore_j


def break_even_ns(npu: Npu, state: IdleState, rail_uv: int, reload: Reload = NOTHING) -> int:
    """Return the shortest gap, entry and exit in it, for which ``state`` takes no more than up.

    ``rail_uv`` is where the rail stands; ``reload`` comes on top of the exit, where the state
    loses what was on chip. ``NEVER_NS`` where it never pays. Rounded up to a nanosecond.
    """
    least_ns = transition_ns(state) + reload.reload_ns
    moving_j = transition_j(npu, state) + reload.reload_j
    up_w, down_w = standing_w(npu, rail_uv), residual_w(npu, state, rail_uv)
    if down_w >= up_w:
        return NEVER_NS
    paid_ns = (moving_j - down_w * least_ns * 1e-9) / (up_w - down_w) * 1e9
    return max(least_ns, math.ceil(min(paid_ns, float(NEVER_NS))))


def residency_ns(npu: Npu, state: IdleState, rail_uv: int, reload: Reload = NOTHING) -> int:
    """Return the shortest stay that ``state`` is worth: its file's, else its break-even time.

    Entry and exit are in it, and ``reload`` where there is one.
    """
    if state.residency_ns:
        return max(state.residency_ns, transition_ns(state) + reload.reload_ns)
    return break_even_ns(npu, state, rail_uv, reload)
