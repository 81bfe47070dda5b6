"""A period: what clocks and plans take of work and idle time, by running them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

import msgspec
import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.base.units import format_si
from dfsrt.governor.expected_run import expected_frame
from dfsrt.governor.governor import BaseGovernor
from dfsrt.governor.idle.registry import idle_label
from dfsrt.governor.joint import chooses
from dfsrt.governor.plan import Plan, uniform
from dfsrt.governor.view import View
from dfsrt.report.period_table import PeriodPoint, PeriodReport, best_of, in_words
from dfsrt.run.book import Book
from dfsrt.run.job import Job
from dfsrt.run.run import execute

SETTLED, COUNTED = 128, 128
"""Frames until clocks, rail and idle governors have settled, and frames that are looked at."""


@dataclass(frozen=True, slots=True)
class Planned(BaseGovernor):
    """A plan as a governor."""

    name: ClassVar[str] = "plan"
    sees_cap: ClassVar[bool] = False
    chosen: Plan = field(default_factory=lambda: Plan(np.zeros(0, int), np.zeros(0, int)))

    def plan(self, view: View) -> Plan:
        """Return it."""
        return self.chosen


def period_report(job: Job, view: View, plans: Sequence[Plan]) -> PeriodReport:
    """Return what a period takes at every clock, of the memory too, and with each of some plans.

    Each is run by the one engine until frames are alike, and on: true energies, nothing predicted.

    Raises:
        InputError: nothing fits in the period under the cap.
    """
    clocks = [plan for _, plan in _held(view)]
    plans = [p for k, p in enumerate(plans) if not any(_same(p, q) for q in [*clocks, *plans[:k]])]
    of_clocks = [_point(job, view, plan, *hz) for hz, plan in _held(view)]
    points = [*of_clocks, *(_point(job, view, plan) for plan in plans)]
    best, best_clock = best_of(points, clocks=False), best_of(points, clocks=True)
    if best is None:
        raise InputError(_nothing_fits(job, points))
    return PeriodReport(
        period_s=(view.period_ns or 0) * 1e-9,
        idle=idle_label(job.idle.governor),
        idle_rail=job.idle.rail,
        domain=str(job.cap_domain),
        points=points,
        best=best,
        says=in_words(points, best),
        best_clock=best_clock,
        clock_says=None if best_clock is None else in_words(points, best_clock),
    )


def _held(view: View) -> list[tuple[tuple[int, int | None], Plan]]:
    """Each clock held for all layers, with each of the memory's where that is free: Hz and plan."""
    levels = range(view.top + 1)
    if view.memory is None or not chooses(view):
        return [((int(view.freqs_hz[k]), None), uniform(view, k)) for k in levels]
    points = enumerate(view.memory.freqs_hz.tolist())
    held = [
        ((int(view.freqs_hz[k]), hz), replace(uniform(view, k), memory=np.full(view.n_layers, m)))
        for m, hz in points
        for k in levels
    ]
    return sorted(held, key=lambda one: expected_frame(view, one[1]).time_ns, reverse=True)


def _same(one: Plan, other: Plan) -> bool:
    pairs = ((one.level, other.level), (one.rail_uv, other.rail_uv), (one.memory, other.memory))
    return all(np.array_equal(a, b) for a, b in pairs if a is not None and b is not None)


def _nothing_fits(job: Job, points: Sequence[PeriodPoint]) -> str:
    period_ns, cap_w = job.period_ns or 0, job.power_cap.first_w
    kept = [p for p in points if p.layers_over == 0]
    fastest_s = min(p.time_s for p in kept)
    under = "" if np.isinf(cap_w) else f" under the cap of {cap_w:g} W"
    woken = ", and the NPU has to wake first" if fastest_s * 1e9 <= period_ns else ""
    return (
        f"no frame of {job.table.network} fits in a period of {format_si(period_ns * 1e-9, 's')}"
        f"{under}: the fastest takes {format_si(fastest_s, 's', 4)}{woken}; give a longer --period"
    )


def _point(
    job: Job, view: View, plan: Plan, freq_hz: int | None = None, memory_hz: int | None = None
) -> PeriodPoint:
    frame, period_ns = expected_frame(view, plan), view.period_ns or 0
    point = PeriodPoint(
        freq_hz=freq_hz,
        memory_hz=memory_hz,
        time_s=frame.time_ns * 1e-9,
        fits=False,
        layers_over=frame.over_cap,
    )
    if frame.time_ns > period_ns:
        return point
    some, more = (_book(job, plan, frames) for frames in (SETTLED, SETTLED + COUNTED))
    latency_s = more.requests.whole.latency.max_s
    if round(latency_s * 1e9) > period_ns:
        return point
    found = _measured(frame.over_cap, latency_s, some, more)
    return msgspec.structs.replace(found, freq_hz=freq_hz, memory_hz=memory_hz)


def _book(job: Job, plan: Plan, frames: int) -> Book:
    return execute(job.changed(frames=frames, detail="summary"), Planned(plan)).book


def _measured(over: float, latency_s: float, some: Book, more: Book) -> PeriodPoint:
    """What the frames took that one book has more than the other, each."""
    inside = more.inside
    all_j, idle_j = more.component_j - some.component_j, more.idle_j - some.idle_j
    slept, before = more.sleep, some.sleep
    phases_ns = slept.time_ns - before.time_ns
    entries = slept.entries - before.entries
    names = [state.name for state in slept.states]
    states = {n: float(phases_ns[slept.of_phases(k)].sum()) for k, n in enumerate(names)}
    return PeriodPoint(
        freq_hz=None,
        time_s=(more.busy_ns - some.busy_ns) * 1e-9 / COUNTED,
        fits=True,
        layers_over=over,
        latency_s=latency_s,
        energy_j=float(all_j[:inside].sum()) / COUNTED,
        idle_j=float(idle_j[:inside].sum()) / COUNTED,
        all_domains_j=float(all_j.sum()) / COUNTED,
        states_s={name: ns * 1e-9 / COUNTED for name, ns in states.items()},
        entries={name: float(entries[k]) / COUNTED for k, name in enumerate(names)},
    )
