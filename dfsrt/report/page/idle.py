"""Idle time on a page: how long the NPU was in each state, and what that took."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dfsrt.base.units import format_si
from dfsrt.report.idle_table import asleep_share, idle_grid, regret_text
from dfsrt.report.page.grids import table_of
from dfsrt.report.page.page import Figure, Section, Table
from dfsrt.report.page.style import STACKED, axis, bar, colour, si_axis
from dfsrt.report.schema import IdleReport, IdleStateUse, Report

Slept = Sequence[tuple[str, IdleReport]]


def idle_section(runs: Sequence[tuple[str, Report]]) -> Section | None:
    """Return idle time of named runs; None where nobody said what to do with it."""
    slept = [(name, report.idle) for name, report in runs if report.idle is not None]
    if not slept:
        return None
    tables = [table_of(idle_grid(idle), f"Idle states: {name}") for name, idle in slept]
    return Section("Idle time", "", [_time(slept), _energy(slept)], tables)


def _time(slept: Slept) -> Figure:
    """Share of a run's time in each state, a bar for each run."""
    return Figure(
        name="idle-time",
        title="Time in each idle state",
        says=_said(slept, lambda idle: f"asleep {asleep_share(idle):.0%} of its time"),
        data=_bars(slept, {u: [100 * s.share for s in own] for u, own in _by_state(slept).items()},
                   "%{fullData.name}: %{x:.1f} %<extra></extra>"),
        layout={**STACKED, "xaxis": axis("share of the run's time (%)")},
        height=150 + 45 * len(slept),
    )  # fmt: skip


def _energy(slept: Slept) -> Figure:
    """Joules of a run in each state, all domains, a bar for each run."""
    joules = {
        name: [use.energy_by_domain_j.total for use in own]
        for name, own in _by_state(slept).items()
    }
    return Figure(
        name="idle-energy",
        title="Energy in each idle state, all domains",
        says=_said(slept, regret_text),
        data=_bars(slept, joules, "%{fullData.name}: %{x:.4s}J<extra></extra>"),
        layout={**STACKED, "xaxis": si_axis("energy of the run", "J")},
        height=150 + 45 * len(slept),
        table=_accounts(slept),
    )


def _said(slept: Slept, tell: Callable[[IdleReport], str]) -> str:
    """What is told of each run, by name where there are several."""
    if len(slept) == 1:
        return tell(slept[0][1])
    return "; ".join(f"{name}: {tell(idle)}" for name, idle in slept)


def _by_state(slept: Slept) -> dict[str, list[IdleStateUse]]:
    """Return the uses of each state, a run each: all runs are of one device."""
    states = zip(*(idle.states for _, idle in slept), strict=True)
    return {uses[0].name: list(uses) for uses in states}


def _bars(
    slept: Slept, amounts: Mapping[str, Sequence[float]], hover: str
) -> list[dict[str, object]]:
    names = [name for name, _ in slept]
    return [
        bar(state, names, values, colour(k), hovertemplate=hover)
        for k, (state, values) in enumerate(amounts.items())
    ]


def _accounts(slept: Slept) -> Table:
    """What each run spent beside the oracle, and how long requests waited for its wakes."""
    heads = ("<run", "stretches", "NPU and uncore", "oracle", "regret", "added waits")
    rows = [
        (
            name,
            f"{idle.stretches:,}",
            *(format_si(joules, "J") for joules in (idle.spent_j, idle.oracle_j, idle.regret_j)),
            format_si(idle.latency_s, "s"),
        )
        for name, idle in slept
    ]
    return Table(heads, rows, "Idle time and the oracle")
