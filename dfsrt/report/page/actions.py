"""Where the energy of several devices goes, by what switches."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.report.actions_table import HEADS, SHOWN, parts_mj
from dfsrt.report.page.aims import Named
from dfsrt.report.page.grids import table_of
from dfsrt.report.page.page import Figure, Section
from dfsrt.report.page.style import STACKED, bar, colour, si_axis
from dfsrt.report.tables import Grid


def actions_section(runs: Named, grids: Sequence[Grid]) -> Section | None:
    """Return the section of ``grids``, the table and its lines; None where there is none."""
    if not grids:
        return None
    table = table_of(grids[0], "Where the energy goes, mJ of a frame")
    return Section("Where the energy goes", "", [_stacked(runs)], [table])


def _stacked(runs: Named) -> Figure:
    """A bar for each run, of parts that do not overlap."""
    names = [name for name, _ in runs]
    parts = [[mj * 1e-3 for mj in parts_mj(report)] for _, report in runs]
    hover = "%{fullData.name}: %{x:.4s}J<extra></extra>"
    bars = [
        bar(head, names, [each[k] for each in parts], colour(place), hovertemplate=hover)
        for place, (k, head) in enumerate(SHOWN.items())
    ]
    return Figure(
        name="actions",
        title="Energy by what takes it",
        says="; ".join(f"{name}: {_most(each)}" for name, each in zip(names, parts, strict=True)),
        data=bars,
        layout={**STACKED, "xaxis": si_axis("energy per frame", "J")},
        height=150 + 45 * len(runs),
    )


def _most(parts: Sequence[float]) -> str:
    """Who takes most, and how much of all."""
    most, whole = max(SHOWN, key=parts.__getitem__), sum(parts[k] for k in SHOWN)
    return f"{HEADS[most]} takes most, {parts[most] / whole:.0%}" if whole > 0 else "nothing"
