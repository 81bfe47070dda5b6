"""Cores in parallel for people: a row of the core table, and a table of cores."""

from __future__ import annotations

from dfsrt.base.units import format_si
from dfsrt.report.schema import LaneReport, ParallelReport
from dfsrt.report.tables import Grid


def parallel_row(parallel: ParallelReport) -> tuple[str, str, str]:
    """Return what cores side by side had of the memory, and how much longer layers took for it."""
    used = f"{format_si(parallel.used_bytes_per_s, 'B')}/s"
    share = "" if parallel.used_share is None else f"memory busy {parallel.used_share:.1%}"
    longer = parallel.stretch
    notes = [share, "" if longer is None else f"layers take {longer:.2f} times what they do alone"]
    return "DRAM, all cores", used, ", ".join(note for note in notes if note)


def parallel_grid(parallel: ParallelReport) -> Grid:
    """Return the cores: how busy each was, layers, energy and bytes."""
    heads = ("<core", "busy", "layer runs", "energy", "DRAM bytes")
    return Grid(heads, [_lane(lane) for lane in parallel.lanes])


def _lane(lane: LaneReport) -> tuple[str, ...]:
    return (
        lane.cores,
        f"{lane.busy_share:.1%}",
        f"{lane.layer_runs:,}",
        format_si(lane.energy_j, "J"),
        format_si(lane.dram_bytes, "B"),
    )
