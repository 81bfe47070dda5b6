"""What an idle state draws, and how long a stay in it has to be to pay: arithmetic of its numbers.

All of it is by the data sheet: the typical die at the reference temperature, as a governor may
know it. The DRAM's standby, the same in every state, is left out.
"""

from __future__ import annotations

import math

from dfsrt.device.idle import IdleState
from dfsrt.device.npu import Npu

UP = "clock-gate"
"""What reports call the state that every device has: up, with a stopped clock."""
NEVER_NS = 2**62
"""A stay that nothing outlasts: a state that draws as much as staying up never pays."""


def leakage_at(npu: Npu, rail_uv: int) -> float:
    """Return the typical die's leakage at a voltage and the reference temperature, in watts."""
    ref_v, volts = npu.silicon.ref_uv * 1e-6, rail_uv * 1e-6
    return math.fsum(t.power_w * (volts / ref_v) ** t.exponent for t in npu.silicon.leakage)


def standing_w(npu: Npu, rail_uv: int) -> float:
    """Return what staying up with a stopped clock takes: the rail with its loss, and the uncore."""
    rail_w = npu.silicon.fixed_w + leakage_at(npu, rail_uv)
    return rail_w / npu.rail.efficiency + npu.silicon.uncore_w


def residual_w(npu: Npu, state: IdleState) -> float:
    """Return what ``state`` draws: the rail with its loss, and the uncore."""
    leakage_w = state.leakage_share * leakage_at(npu, state.rail_uv)
    uncore_w = npu.silicon.uncore_w if state.uncore_w is None else state.uncore_w
    return (state.power_w + leakage_w) / npu.rail.efficiency + uncore_w


def transition_ns(state: IdleState) -> int:
    """Return how long entry and exit take together."""
    return state.entry_ns + state.exit_ns


def transition_j(npu: Npu, state: IdleState) -> float:
    """Return what entry and exit take: what rail and DRAM give, and the uncore, which flows on."""
    uncore_j = npu.silicon.uncore_w * transition_ns(state) * 1e-9
    return state.entry_j + state.exit_j + state.exit_dram_j + uncore_j


def break_even_ns(up_w: float, power_w: float, transition_ns: int, transition_j: float) -> int:
    """Return the shortest gap in which a state takes no more than staying up, transitions in it.

    ``up_w`` is what staying up draws, ``power_w`` what the state does, and its entry and exit take
    ``transition_ns`` and ``transition_j``. ``NEVER_NS`` where it saves nothing; rounded up.

    Source: the gap at which two straight lines meet; waiting so long before sleeping never costs
    more than twice the least, the ski rental argument (Karlin et al., 1988; recalled).
    """
    if power_w >= up_w:
        return NEVER_NS
    paid_ns = (transition_j - power_w * transition_ns * 1e-9) / (up_w - power_w) * 1e9
    return max(transition_ns, math.ceil(min(paid_ns, float(NEVER_NS))))


def break_even_of(npu: Npu, state: IdleState, rail_uv: int) -> int:
    """Return the break-even time of one of a device's states where its rail stands at a voltage."""
    return break_even_ns(
        standing_w(npu, rail_uv),
        residual_w(npu, state),
        transition_ns(state),
        transition_j(npu, state),
    )


def residency_of(npu: Npu, state: IdleState, rail_uv: int) -> int:
    """Return the shortest stay that a state is worth: its file's, else its break-even time.

    Entry and exit are in it.
    """
    return state.residency_ns or break_even_of(npu, state, rail_uv)
