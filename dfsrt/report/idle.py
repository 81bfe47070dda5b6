"""Idle time of a report: which states it went to, and what the oracle had spent on it."""

from __future__ import annotations

import math

import numpy as np

from dfsrt.device.residual import UP
from dfsrt.governor.idle import idle_label
from dfsrt.report.energy import domain_energy, ratio
from dfsrt.report.schema import IdleReport, IdleStateUse
from dfsrt.run.idle_policy import says_idle
from dfsrt.run.run import Run
from dfsrt.run.sleep_book import SleepBook


def idle_report(run: Run) -> IdleReport | None:
    """Return what became of idle time; None where nobody said what to do with it."""
    if not says_idle(run.job.spec):
        return None
    policy, sleep = run.job.idle, run.book.sleep
    regret_j = max(sleep.spent_j - sleep.oracle_j, 0.0)
    return IdleReport(
        governor=idle_label(policy.governor),
        rail=policy.rail,
        states=idle_states(sleep, run.book.span_ns),
        stretches=sleep.stretches,
        latency_s=math.fsum(sleep.waited_ns.tolist()) * 1e-9,
        spent_j=sleep.spent_j,
        oracle_j=sleep.oracle_j,
        regret_j=regret_j,
        regret=ratio(regret_j, sleep.oracle_j),
    )


def idle_states(sleep: SleepBook, span_ns: int) -> list[IdleStateUse]:
    """Return what became of each state in ``span_ns``, the stopped clock first, then deeper."""
    up_ns, up_j = sleep.up
    counts = np.stack([sleep.entries, sleep.too_early, sleep.waited_ns], axis=1).tolist()
    uses = [(UP, up_ns, up_j, [0, 0, 0])]
    for k, (state, counted) in enumerate(zip(sleep.states, counts, strict=True)):
        codes = sleep.of_phases(k)
        uses.append(
            (
                state.name,
                int(sleep.time_ns[codes].sum()),
                sleep.energy_j[codes].sum(axis=0),
                counted,
            )
        )
    return [
        IdleStateUse(
            name=name,
            time_s=time_ns * 1e-9,
            share=ratio(time_ns, span_ns) or 0.0,
            energy_by_domain_j=domain_energy(component_j),
            entries=entries,
            woken_early=early,
            latency_s=waited_ns * 1e-9,
        )
        for name, time_ns, component_j, (entries, early, waited_ns) in uses
    ]
