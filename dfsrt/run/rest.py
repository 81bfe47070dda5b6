"""What governors are told of idle time: the states by their numbers, on the typical die."""

from __future__ import annotations

import math

from dfsrt.device.npu import Domain, Npu
from dfsrt.governor.idle.rule import NONE, TIMEOUT
from dfsrt.governor.rest import Rest, Way
from dfsrt.power.components import IN_DOMAIN, Rates, rates_of, split
from dfsrt.power.standby import standby_of
from dfsrt.run.idle_tables import IdlePolicy, typical_leakage
from dfsrt.run.phase_watts import leakage_at, phase_watts, rates_in
from dfsrt.run.sleep_state import ASLEEP, ENTERING, EXITING, PhaseWatts, phase_code


def rest_of(npu: Npu, policy: IdlePolicy, domain: Domain) -> Rest:
    """Return what idle time takes in a domain, by a policy, with the memory at its highest."""
    rates, leakage = rates_of(npu), typical_leakage(npu)
    standby_w = float(standby_of(npu).idle_w[-1])
    up_w = tuple(
        _in_domain(leakage_at(leakage, uv), standby_w, rates, domain)
        for uv in npu.opps.set_points_uv
    )
    if policy.lowers:
        up_w = (up_w[0],) * len(up_w)
    if policy.kind == NONE or not npu.idle:
        return Rest(up_w)
    watts, waits = phase_watts(npu, leakage, rates), policy.kind == TIMEOUT
    after_ns = policy.governor.params()[0] if waits else 0  # type: ignore[attr-defined]
    numbers = range(len(npu.idle))[-1 if waits else 0 :]
    watts = watts._replace(dram_w=watts.dram_w + standby_w)
    return Rest(up_w, tuple(_way(npu, watts, k, after_ns, rates, domain) for k in numbers), waits)


def _way(
    npu: Npu, watts: PhaseWatts, number: int, after_ns: int, rates: Rates, domain: Domain
) -> Way:
    state, count = npu.idle[number], len(npu.idle)
    codes = [phase_code(phase, -1, number, count) for phase in (ENTERING, ASLEEP, EXITING)]
    down_w, asleep_w, wake_w = (
        _in_domain(watts.leak_w[k], watts.dram_w[k], rates_in(rates, watts, k), domain)
        for k in codes
    )
    moving_j = (down_w * state.entry_ns + wake_w * state.exit_ns) * 1e-9
    return Way(after_ns, state.entry_ns + state.exit_ns, moving_j, asleep_w)


def _in_domain(leak_w: float, dram_w: float, rates: Rates, domain: Domain) -> float:
    flows = split(0.0, 0.0, float(leak_w), float(dram_w), 1.0, rates)
    return math.fsum(flows[: IN_DOMAIN[domain]])
