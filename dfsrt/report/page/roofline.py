"""The roofline: what holds each layer, the arrays or the memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Floats, Ints
from dfsrt.base.units import format_si
from dfsrt.device import Npu
from dfsrt.report.look import BLUE
from dfsrt.report.page.page import Figure
from dfsrt.report.page.style import axis, colour, line, marks
from dfsrt.run.log import HeldBy, RunLog

Names = NDArray[np.str_]
_MARKED = {"type": "log", "dtick": "D2", "tickformat": ",.9~g"}
"""Along an axis: 10, 20, 50, 100; all nine digits of each power of ten would crowd each other."""


def roofline(log: RunLog, whose: str = "") -> Figure | None:
    """Operations a second over operations a DRAM byte, with the device's roofs.

    ``whose`` names the run where a page has several. None for a network without
    multiply-accumulates.
    """
    rows, table = log.last_frame, log.table
    layer = log.layer[rows]
    ops = 2.0 * table.load.macs[layer]
    moved = table.load.dram_bytes[layer].astype(float)
    seconds = (log.end_ns - log.start_ns)[rows] * 1e-9
    keep = (ops > 0) & (moved > 0) & (seconds > 0)
    if not keep.any():
        return None
    points = np.stack([ops[keep], moved[keep], seconds[keep], log.held_by[rows][keep]], axis=1)
    # Layers that are alike are one mark; deep networks repeat theirs a hundred times.
    alike, first, times = np.unique(points, axis=0, return_index=True, return_counts=True)
    names = _names(np.array(table.load.names)[layer][keep][first], times)
    intensity = alike[:, 0] / alike[:, 1]
    waits = int(times[alike[:, 3] == HeldBy.MEMORY].sum())
    return Figure(
        name="roofline",
        title=f"Roofline of the layers{whose and f' under {whose}'}",
        says=f"{int(times.sum())} layers with multiply-accumulates, area by time; {waits} of them "
        "wait for memory; the lines are the roofs at the fastest and the slowest clock",
        data=[
            *_roofs(table.npu, float(intensity.min()), float(intensity.max())),
            *_layers(alike, times, names),
        ],
        layout={
            "xaxis": axis("intensity (operations per DRAM byte)", **_MARKED),
            "yaxis": axis("speed (GOP/s)", **_MARKED),
        },
        height=440,
    )


def _names(names: Names, times: Ints) -> Names:
    """Name each mark by its first layer, and how many more there are."""
    more = (f" and {n - 1} more alike" if n > 1 else "" for n in times.tolist())
    return np.array([f"{name}{rest}" for name, rest in zip(names, more, strict=True)])


def _layers(alike: Floats, times: Ints, names: Names) -> list[dict[str, object]]:
    """Marks by what held the clock; ``alike`` is ``(n_marks, 4)``: ops, bytes, seconds, held by."""
    ops, moved, seconds, held = alike.T
    spent = seconds * times
    size = 5 + 22 * np.sqrt(spent / spent.max())
    return [
        _marks(
            HeldBy(int(h)), ops[own] / moved[own], ops[own] / seconds[own], size[own], names[own]
        )
        for h, own in ((h, held == h) for h in np.unique(held))
    ]


def _marks(
    held: HeldBy, intensity: Floats, speed: Floats, size: Floats, names: Names
) -> dict[str, object]:
    marker = {
        "size": size,
        "color": colour(list(HeldBy).index(held)),
        "opacity": 0.8,
        "line": {"width": 1, "color": "@text"},
    }
    hover = "%{text}<br>%{x:.3g} op/byte<br>%{y:.3g} GOP/s"
    name = f"held by {held.name.lower()}"
    return marks(name, intensity, speed * 1e-9, marker, text=names, hovertemplate=hover)


def _roofs(npu: Npu, low: float, high: float) -> list[dict[str, object]]:
    array, bandwidth = npu.array, npu.bandwidth_bytes_per_s(npu.used_cores)
    per_step = array.cycles_per_step.get(npu.precision) or min(array.cycles_per_step.values())
    per_cycle = 2 * array.rows * array.cols * array.count * npu.used_cores / per_step
    freqs, roofs = npu.opps.freqs_hz, []
    for freq, dash in ((freqs[-1], "solid"), (freqs[0], "dash")):
        peak = per_cycle * freq
        knee = peak / bandwidth if np.isfinite(bandwidth) else low
        x = np.array(sorted({low / 2, min(max(knee, low / 2), high * 2), high * 2}))
        y = np.minimum(x * bandwidth, peak) * 1e-9
        name = f"roof at {format_si(freq, 'Hz')}"
        roofs.append(line(name, x, y, BLUE, line={"dash": dash}, hoverinfo="skip"))
    return roofs
