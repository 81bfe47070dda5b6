"""Idle time for people: a row of the core table, and a table of states."""

from __future__ import annotations

from dfsrt.base.units import format_si
from dfsrt.report.battery_table import span_text
from dfsrt.report.schema import IdleReport, IdleStateUse
from dfsrt.report.tables import Grid, shares


def idle_row(idle: IdleReport) -> tuple[str, str, str]:
    """Return who put the NPU to sleep, and what that took beside the oracle."""
    return f"idle, {idle.governor}", format_si(idle.spent_j, "J"), ", ".join(_told(idle))


def _told(idle: IdleReport) -> list[str]:
    if not idle.stretches:
        return ["no stretch of idle time has ended"]
    stretches = f"NPU and uncore, {idle.stretches:,} stretch{'es' * (idle.stretches != 1)}"
    return [stretches, regret_text(idle)]


def regret_text(idle: IdleReport) -> str:
    """Return how this compares with what an oracle that delays nobody had spent."""
    oracle = f"the oracle's {format_si(idle.oracle_j, 'J')}"
    if idle.regret is None or idle.regret_j == 0:
        return f"as little as {oracle}"
    if idle.regret < 1:
        return f"{idle.regret:.1%} above {oracle}"
    return f"{1 + idle.regret:.3g} times {oracle}"


def idle_grid(idle: IdleReport) -> Grid:
    """Return the states: time, energy, entries, wakes that came too early, latency added."""
    heads = (
        "<idle state",
        "time",
        "share",
        "NPU",
        "all domains",
        "entries",
        "woken early",
        "added waits",
    )
    return Grid(heads, [_state(number, state) for number, state in enumerate(idle.states)])


def _state(number: int, state: IdleStateUse) -> tuple[str, ...]:
    joules = state.energy_by_domain_j
    head = (
        state.name,
        span_text(state.time_s),
        f"{state.share:.1%}",
        format_si(joules.npu, "J"),
        format_si(joules.total, "J"),
    )
    if not number:  # a stopped clock is neither entered nor left
        return (*head, "", "", "")
    counts = (f"{state.entries:,}", f"{state.woken_early:,}", format_si(state.latency_s, "s"))
    return (*head, *counts)


def asleep_share(idle: IdleReport) -> float:
    """Return the share of the run's time in states deeper than a stopped clock."""
    return sum(state.share for state in idle.states[1:])


def states_text(idle: IdleReport) -> str:
    """Return the shares of the run's time by state."""
    return shares({state.name: state.share for state in idle.states})
