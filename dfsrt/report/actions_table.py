"""Where the switching energy goes, run by run: as a table for people."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.power.actions import ACTIONS
from dfsrt.report.energy import ratio
from dfsrt.report.schema import Report
from dfsrt.report.tables import Grid

HEADS = ("MAC", "register", "SRAM", "vector", "switching", "other NPU", "DRAM", "uncore")
"""What stands in a row after the run's name; the first ones are ``ACTIONS``."""

SHOWN = {place: head for place, head in enumerate(HEADS) if head != "switching"}
"""Heads of parts that do not overlap, by their place in ``HEADS``."""


def parts_mj(report: Report) -> list[float]:
    """Return the millijoules of a frame under ``HEADS``, of the run where there is no frame.

    ``switching`` is the sum of what stands before it; what stands from it on adds up to all.
    """
    actions = [report.switching_by_action_j[name] for name in ACTIONS]
    domains, switching = report.energy_by_domain_j, sum(actions)
    parts = [*actions, switching, domains.npu - switching, domains.dram, domains.uncore]
    return [1e3 * joules / (report.frames or 1) for joules in parts]


def actions_grid(names: Sequence[str], reports: Sequence[Report]) -> Grid:
    """Return a row for each named run: its energy by what switches, and beside it all else."""
    rows = [
        [name, *(f"{part:.4g}" for part in parts_mj(report)), _tops_per_w(report)]
        for name, report in zip(names, reports, strict=True)
    ]
    lines = [
        "where the energy goes, mJ of a frame: MAC, register, SRAM and vector are the switching; "
        "other NPU is clock, leakage, fixed power and losses"
    ]
    return Grid(["<", *HEADS, "TOPS/W, all"], rows, lines)


def _tops_per_w(report: Report) -> str:
    """Of all domains, whatever the cap counts."""
    of_domain, whole_j = report.tops_per_w, report.energy_by_domain_j.total
    share = ratio(report.energy_j, whole_j)
    return "" if of_domain is None or share is None else f"{of_domain * share:.3g}"
