"""What must be known of idle time: who had nothing to do, and what sleep could save."""

from __future__ import annotations

import math

from dfsrt.base.units import format_si
from dfsrt.device import Npu
from dfsrt.device.residual import UP, residual_w, transition_j, transition_ns
from dfsrt.governor.idle import idle_label
from dfsrt.report.energy import domain_energy
from dfsrt.run.idle_policy import STAYS_UP, says_idle
from dfsrt.run.run import Run
from dfsrt.run.source import NETWORK

WORTH_IT = 0.05
"""Share of a frame's energy in all domains from which on sleep is worth a note."""


def idle_notes(run: Run) -> list[str]:
    """Return what must be known of idle time, one line each."""
    if not says_idle(run.job.spec):
        return _could_save(run)
    return [*_nothing_to_do(run), *_at_what_heat(run), *_over_the_cap(run)]


def _at_what_heat(run: Run) -> list[str]:
    """Say at which temperature idle time is held against the oracle, where heat changes it."""
    if run.job.setting is None or not run.book.sleep.stretches:
        return []
    return [
        f"idle time is held against the oracle as at a die of {run.job.npu.hidden.temp_c:g} C; the "
        "energy of each idle state follows the die's heat"
    ]


def _over_the_cap(run: Run) -> list[str]:
    """Say which way of a state that was entered gives more than the cap on the NPU's rail alone."""
    cap, sleep = run.job.power_cap, run.book.sleep
    if cap.window_ns:  # an average has it in it
        return []
    ways = [
        (joules / ns * 1e9, ns, f"{verb} {state.name}")
        for state, entries in zip(sleep.states, sleep.entries.tolist(), strict=True)
        for joules, ns, verb in (
            (state.entry_j, state.entry_ns, "entering"),
            (state.exit_j, state.exit_ns, "leaving"),
        )
        if entries and ns
    ]
    watts, ns, way = max(ways, default=(0.0, 0, ""))
    if watts <= min(step.limit_w for step in cap.steps):
        return []
    return [
        f"{way} takes {format_si(watts, 'W')} for {format_si(ns * 1e-9, 's')}, which is over the "
        "cap and no clock can change; figures of the cap are of layers"
    ]


def _nothing_to_do(run: Run) -> list[str]:
    """Say why an idle governor that was named entered no state."""
    name = idle_label(run.job.idle.governor)
    if name == STAYS_UP:
        return []
    if not run.job.npu.idle:
        return [f"{run.job.npu.name} has no idle states: {name} could not put it to sleep"]
    if not run.book.idle_ns:
        return [f"the NPU was never idle, so {name} had nothing to do; give a period or a trace"]
    if not run.book.sleep.entries.sum():
        return [f"no idle state was entered: no stretch of idle time was long enough for {name}"]
    return []


def _could_save(run: Run) -> list[str]:
    """Say what a frame clock's gaps would take in the best state; nothing where that is little.

    Gaps of the same length in all save least, so that what is said is not too much.
    """
    job, book = run.job, run.book
    if job.kind != NETWORK or job.period_ns is None or job.setting is not None:
        return []
    if not (job.npu.idle and book.idle_ns and book.frames):
        return []
    gap_ns = book.idle_ns / book.frames
    standing = domain_energy(book.idle_j)
    least_j = _least_j(job.npu, gap_ns)
    saved_j = (standing.npu + standing.uncore) / book.frames - least_j
    if saved_j < WORTH_IT * float(book.component_j.sum()) / book.frames:
        return []
    gap = format_si(gap_ns * 1e-9, "s")
    return [
        f"{gap} of each frame are idle time in {UP}; asleep, a frame would take some "
        f"{format_si(saved_j, 'J')} less in all domains: see --idle teo"
    ]


def _least_j(npu: Npu, gap_ns: float) -> float:
    """Return what rail and uncore of the typical die give in a gap in the best state for it."""
    return min(
        (
            transition_j(npu, state)
            + residual_w(npu, state) * (gap_ns - transition_ns(state)) * 1e-9
            for state in npu.idle
            if transition_ns(state) <= gap_ns
        ),
        default=math.inf,
    )
