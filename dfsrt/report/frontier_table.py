"""A frontier: as JSON, as tables for people, and as comma-separated values."""

from __future__ import annotations

import csv
import io

import msgspec

from dfsrt.base.units import format_si
from dfsrt.report.notes import regret_notes
from dfsrt.report.period_table import HEADS, PeriodReport, period_grid, period_rows
from dfsrt.report.schema import SCHEMA_VERSION, Regret
from dfsrt.report.tables import Grid

WORK = "time and energy are a frame's work; energy regret is of a whole period with its idle time"
LONGER = "; with more --time the search is longer"


class FrontierPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A frame on the frontier: no frame under the cap is as fast on less energy, but for ``gap``.

    ``gap`` is a share of the energy; ``certified`` says that it is a thousandth or less.
    ``corner`` marks corners of the convex hull. ``memory_hz`` are the memory's clocks, one for each
    stretch of layers with the same in turn; none where a device has but one.
    """

    time_s: float
    energy_j: float
    gap: float
    certified: bool
    corner: bool
    memory_hz: list[int] = []


class FrontierGovernor(msgspec.Struct, frozen=True, kw_only=True):
    """A governor's own frame beside the frontier."""

    governor: str
    time_s: float
    energy_j: float
    regret: Regret


class FrontierReport(msgspec.Struct, frozen=True, kw_only=True):
    """Time against energy of one frame under a cap, as predicted: the best, and each governor.

    ``period`` is what whole periods take, idle time counted; null without a period.
    """

    schema_version: int = SCHEMA_VERSION
    network: str
    device: str
    power_model: str
    cap_w: float | None
    points: list[FrontierPoint]
    governors: list[FrontierGovernor]
    assumed: list[str]
    notes: list[str] = []
    period: PeriodReport | None = None


def memory_mhz(memory_hz: list[int]) -> str:
    """Return the memory's clocks of a frame as text: in turn, each with its stretch of layers."""
    return " ".join(f"{hz // 1_000_000}" for hz in memory_hz)


def frontier_grids(report: FrontierReport) -> list[Grid]:
    """Return the frontier's points, every governor's place, and a period's energies if asked."""
    grids = [_points(report), _governors(report)]
    return grids if report.period is None else [*grids, period_grid(report.period)]


def _points(report: FrontierReport) -> Grid:
    cap = "no cap" if report.cap_w is None else f"cap {report.cap_w:g} W"
    sure = sum(p.certified for p in report.points)
    lines = [
        f"{report.network} on {report.device}, {cap}, by power model {report.power_model}",
        *(f"note: {note}" for note in report.notes),
        f"note: {sure} of {len(report.points)} points are certified: within 0.1 % of a bound",
        *[f"note: {WORK}"] * (report.period is not None),
        *(f"note: {note}" for note in regret_notes([g.regret for g in report.governors], LONGER)),
    ]
    clocks = any(p.memory_hz for p in report.points)
    rows = [
        (
            format_si(p.time_s, "s", 5),
            format_si(p.energy_j, "J", 5),
            f"{p.gap:.3%}",
            "corner" if p.corner else "",
            *[memory_mhz(p.memory_hz)] * clocks,
        )
        for p in report.points
    ]
    return Grid(("time", "energy", "gap", "<kind", *["<memory MHz"] * clocks), rows, lines)


def _governors(report: FrontierReport) -> Grid:
    rows = [
        (
            g.governor,
            format_si(g.time_s, "s", 5),
            format_si(g.energy_j, "J", 5),
            f"{g.regret.time:.1%}",
            f"{g.regret.energy:.1%}",
            f"{g.regret.layers_over:g}",
        )
        for g in report.governors
    ]
    heads = ("<governor", "time", "energy", "time regret", "energy regret", "layers over the cap")
    return Grid(heads, rows)


def frontier_csv(report: FrontierReport) -> bytes:
    """Return the frontier and the governors as one table, a point a row; then those of a period."""
    text, period = io.StringIO(), report.period
    writer = csv.writer(text, lineterminator="\n")
    clocks = any(p.memory_hz for p in report.points)
    further = (*(() if period is None else HEADS), *["memory_hz"] * clocks)
    blank = ("",) * len(further)
    own = ("what", "time_s", "energy_j", "gap", "time_regret", "energy_regret")
    writer.writerow((*own, *further))
    for p in report.points:
        kind = "corner" if p.corner else "between"
        memory = [" ".join(map(str, p.memory_hz))] * clocks
        writer.writerow((kind, p.time_s, p.energy_j, p.gap, "", "", *blank[clocks:], *memory))
    for g in report.governors:
        row = (g.governor, g.time_s, g.energy_j, "", g.regret.time, g.regret.energy, *blank)
        writer.writerow(row)
    for kind_and_time, figures in () if period is None else period_rows(period):
        writer.writerow((*kind_and_time, "", "", "", "", *figures, *[""] * clocks))
    return text.getvalue().encode()
