"""The tables by which a run's NPU sleeps: its states in numbers, and the rule that chooses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from dfsrt.base.arrays import Floats, Ints
from dfsrt.base.record import laid_out
from dfsrt.device.npu import Npu
from dfsrt.device.residual import break_even_ns
from dfsrt.governor.idle import IdleGovernor
from dfsrt.governor.idle.builtin import BuiltInIdle
from dfsrt.governor.idle.none import StayUp
from dfsrt.governor.idle.rule import ASK, NEVER_NS, NONE, ORACLE, PAST, IdleRule
from dfsrt.power.components import Rates
from dfsrt.power.plant import true_leakage
from dfsrt.power.table import LayerTable
from dfsrt.run.phase_watts import Leakage, drawn_w, phase_watts, up_w, way_down
from dfsrt.run.program import Plot
from dfsrt.run.sleep_state import ASLEEP, Idle, phase_code

IDLE_RAILS = ("hold", "lowest")


@dataclass(frozen=True, slots=True)
class IdlePolicy:
    """What an idle NPU does: who chooses states, and whether its rail goes down.

    ``clocked`` where a driver knows when the next request comes. With ``accounts`` stretches are
    held against the oracle even where nobody may sleep. ``orders`` are times in ns with the number
    of the state to be in from then on, -1 for the governor's choice, anew every ``repeat_ns``.
    """

    governor: IdleGovernor = field(default_factory=StayUp)
    lowers: bool = False
    clocked: bool = False
    accounts: bool = False
    orders: tuple[tuple[int, int], ...] = ()
    repeat_ns: int | None = None

    @property
    def rail(self) -> str:
        """Where the rail stands meanwhile, as it is typed."""
        return IDLE_RAILS[self.lowers]

    @property
    def kind(self) -> int:
        """Which rule of the loop's, or that it asks an object."""
        inside = isinstance(self.governor, BuiltInIdle)
        return self.governor.kind if inside else ASK  # type: ignore[attr-defined]


def idle_tables(
    table: LayerTable, policy: IdlePolicy, workloads: int, compiled: bool, memory: Ints | None
) -> Idle:
    """Return what the loop sleeps by, laid out for compiled code or not.

    ``memory``, ``(n,)``, is what the rule remembers so far, if anything.
    """
    npu, kind = table.npu, policy.kind
    states = npu.idle
    rates, die = table.plant.rates, table.plant.leakage
    drawn = drawn_w(phase_watts(npu, die, rates), rates.efficiency)
    truth = rule = _rule(policy, npu, die, drawn, rates, compiled, memory)
    on = (kind != NONE and len(states) > 0) or _looks(policy)
    if on and kind != ORACLE:  # all others go by the typical die
        typical = typical_leakage(npu)
        watts = drawn_w(phase_watts(npu, typical, rates), rates.efficiency)
        rule = _rule(policy, npu, typical, watts, rates, compiled, memory)
    downs = [
        way_down(states, before, k)[0] if before < k else 0
        for before in range(-1, len(states))
        for k in range(len(states))
    ]
    return Idle(
        on=int(on),
        states=len(states),
        lowers=int(policy.lowers),
        low_uv=npu.opps.set_points_uv[0],
        clocked=int(policy.clocked),
        rule=rule,
        truth=truth,
        down_ns=_ints(downs, compiled),
        exit_ns=_ints([state.exit_ns for state in states], compiled),
        draws_w=laid_out(drawn, compiled),
        service_ns=_ints([0] * workloads, compiled),
        orders_ns=_ints([at_ns for at_ns, _ in policy.orders], compiled),
        orders=_ints([state for _, state in policy.orders], compiled),
        orders_repeat_ns=NEVER_NS if policy.repeat_ns is None else policy.repeat_ns,
    )


def _looks(policy: IdlePolicy) -> bool:
    """Whether a policy has something to do in idle time, or to say of it, but for states."""
    return policy.lowers or policy.accounts or len(policy.orders) > 0


def typical_leakage(npu: Npu) -> Leakage:
    """Return the leakage of the typical die at the device's own temperature."""
    hidden = replace(npu.hidden, leakage_scale=1.0, temp_c=npu.silicon.ref_temp_c)
    return true_leakage(replace(npu, hidden=hidden))


def _rule(
    policy: IdlePolicy,
    npu: Npu,
    leakage: Leakage,
    drawn: Floats,
    rates: Rates,
    compiled: bool,
    memory: Ints | None,
) -> IdleRule:
    """Return a rule with the numbers that follow from one ``leakage``; phases take ``drawn`` W."""
    states, governor = npu.idle, policy.governor
    standing_w = up_w(npu, leakage, rates)
    n = len(states)
    asleep_w = np.array([drawn[phase_code(ASLEEP, -1, k, n)] for k in range(n)])
    transition_w = rates.uncore_w  # flows on during a way down or up
    entry_j = np.array([s.entry_j + transition_w * s.entry_ns * 1e-9 for s in states])
    exit_j = np.array([s.exit_j + s.exit_dram_j + transition_w * s.exit_ns * 1e-9 for s in states])
    residency = [
        s.residency_ns
        or break_even_ns(w, asleep_w[k], s.entry_ns + s.exit_ns, entry_j[k] + exit_j[k])
        for w in standing_w
        for k, s in enumerate(states)
    ]
    params: tuple[int, ...] = ()
    fresh: tuple[int, ...] = (0,) * (1 + PAST)
    if isinstance(governor, BuiltInIdle):
        params, fresh = governor.params(), governor.memory(n)
    known = fresh if memory is None else memory
    return IdleRule(
        kind=policy.kind,
        params=_ints(params or (0,), compiled),
        memory=_ints(known if len(known) else (0,), compiled),
        up_w=laid_out(standing_w, compiled),
        power_w=laid_out(asleep_w, compiled),
        entry_ns=_ints([s.entry_ns for s in states], compiled),
        exit_ns=_ints([s.exit_ns for s in states], compiled),
        entry_j=laid_out(entry_j, compiled),
        exit_j=laid_out(exit_j, compiled),
        residency_ns=_ints(residency, compiled),
    )


def service_ns(plots: Sequence[Plot], duration_ns: Ints, level: Ints) -> Ints:
    """Return how long a request of each workload takes by a plan, ``(n_workloads,)``.

    ``duration_ns`` is ``(n_layers, n_levels)``, ``level`` ``(n_layers,)``.
    """
    layer_ns = np.take_along_axis(duration_ns, level[:, None], axis=1)[:, 0]
    return np.array(
        [
            sum(int(layer_ns[s.first : s.stop].sum()) + s.host_ns for s in plot.between)
            for plot in plots
        ],
        dtype=np.int64,
    )


def _ints(values: ArrayLike, compiled: bool) -> Ints:
    return laid_out(np.asarray(values, dtype=np.int64), compiled)
