"""Figures over layers: clocks as in the paper, power against the cap, the roofline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dfsrt.base.units import format_si
from dfsrt.report.page.page import Figure, Table
from dfsrt.report.page.style import BLUE, RED, axis, colour, line
from dfsrt.run.log import HeldBy, RunLog

HELD_COLOURS = {h: colour(i) for i, h in enumerate(HeldBy)}


def clocks(runs: Sequence[tuple[str, RunLog]]) -> Figure:
    """The frequency of each layer of the last frame, and what held it."""
    data = []
    for k, (name, log) in enumerate(runs):
        rows = log.last_frame
        held = [HeldBy(h).name.lower() for h in log.held_by[rows]]
        names = _names(log, rows)
        data.append(
            line(
                name,
                np.arange(len(rows)),
                log.freq_hz[rows] * 1e-6,
                colour(k),
                line={"shape": "hvh"},
                text=[f"{n}<br>held by {h}" for n, h in zip(names, held, strict=True)],
                hovertemplate="%{text}<br>%{y:.0f} MHz",
            )
        )
    first = runs[0][1]
    return Figure(
        name="clocks",
        title="Clock of each layer",
        says=f"{len(first.last_frame)} layers from left to right; "
        + "; ".join(_clock_sentence(name, log) for name, log in runs),
        data=data,
        layout={
            "xaxis": axis("layer"),
            "yaxis": axis("clock (MHz)", rangemode="tozero"),
            "hovermode": "x unified",
        },
        table=_layer_table(first),
    )


def _clock_sentence(name: str, log: RunLog) -> str:
    mhz = log.freq_hz[log.last_frame] * 1e-6
    return f"{name}: {mhz.min():.0f} to {mhz.max():.0f} MHz, {mhz.mean():.0f} on average"


def _names(log: RunLog, rows: Any) -> list[str]:
    return [log.table.load.names[layer] for layer in log.layer[rows]]


def _layer_table(log: RunLog) -> Table:
    rows = log.last_frame
    cells = [
        (
            log.table.load.names[log.layer[r]],
            format_si(float(log.freq_hz[r]), "Hz"),
            f"{log.rail_uv[r] * 1e-3:.0f} mV",
            format_si(float(log.end_ns[r] - log.start_ns[r]) * 1e-9, "s"),
            format_si(float(log.predicted_w[r]), "W"),
            format_si(float(log.power_w[r]), "W"),
            HeldBy(log.held_by[r]).name.lower(),
        )
        for r in rows.tolist()
    ]
    heads = ("<layer", "clock", "rail", "time", "predicted", "true", "<held by")
    return Table(heads, cells, "Layers of the last frame")


def layer_power(runs: Sequence[tuple[str, RunLog]]) -> Figure:
    """Power of each layer of the last frame, true and predicted, under the cap."""
    data, alone = [], len(runs) == 1
    for k, (name, log) in enumerate(runs):
        rows = log.last_frame
        x, text = np.arange(len(rows)), _names(log, rows)
        shape: dict[str, Any] = {
            "line": {"shape": "hvh"}, "text": text, "hovertemplate": "%{text}<br>%{y:.3f} W",
        }  # fmt: skip
        data.append(line("true" if alone else name, x, log.power_w[rows], colour(k), **shape))
        if alone:
            dotted = {**shape, "line": {"shape": "hvh", "dash": "dot"}}
            data.append(line("predicted", x, log.predicted_w[rows], RED, **dotted))
    first = runs[0][1]
    rows = first.last_frame
    cap = first.cap_w[rows]
    if np.isfinite(cap).any():
        data.append(line("cap", np.arange(len(rows)), cap, "@text", line={"dash": "dash"}))
    over = int((first.power_w[rows] > cap * (1 + 1e-9)).sum())
    return Figure(
        name="layer-power",
        title=f"Power of each layer, domain {first.cap.domain}",
        says=f"{runs[0][0]}: {first.power_w[rows].max():.3f} W in the hungriest layer; "
        f"{over} of {len(rows)} layers over the cap",
        data=data,
        layout={
            "xaxis": axis("layer"),
            "yaxis": axis("power (W)", rangemode="tozero"),
            "hovermode": "x unified",
        },
    )


def roofline(log: RunLog) -> Figure | None:
    """Operations a second over operations a DRAM byte, with the device's roofs.

    None for a network without multiply-accumulates.
    """
    rows, table, npu = log.last_frame, log.table, log.table.npu
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
    intensity, speed = alike[:, 0] / alike[:, 1], alike[:, 0] / alike[:, 2] * 1e-9
    held = alike[:, 3].astype(np.int64)
    names = _marks(np.array(_names(log, rows))[keep][first], times)
    data = _roofs(npu, float(intensity.min()), float(intensity.max()))
    spent = alike[:, 2] * times
    size = 5 + 22 * np.sqrt(spent / spent.max())
    for h in np.unique(held).tolist():
        own = held == h
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": f"held by {HeldBy(h).name.lower()}",
                "x": intensity[own],
                "y": speed[own],
                "text": names[own],
                "marker": {
                    "size": size[own],
                    "color": HELD_COLOURS[HeldBy(h)],
                    "opacity": 0.65,
                    "line": {"width": 0.5, "color": "@text"},
                },
                "hovertemplate": "%{text}<br>%{x:.3g} op/byte<br>%{y:.3g} GOP/s",
            }
        )
    waits = int(times[held == HeldBy.MEMORY].sum())
    return Figure(
        name="roofline",
        title="Roofline of the layers",
        says=f"{int(times.sum())} layers with multiply-accumulates, area by time; {waits} of them "
        "wait for memory; the lines are the roofs at the fastest and the slowest clock",
        data=data,
        layout={
            "xaxis": axis("operations per DRAM byte", type="log"),
            "yaxis": axis("GOP/s", type="log"),
        },
        height=440,
    )


def _marks(names: Any, times: Any) -> Any:
    """Name each mark by its first layer, and how many more there are."""
    more = (f" and {n - 1} more alike" if n > 1 else "" for n in times.tolist())
    return np.array([f"{name}{rest}" for name, rest in zip(names, more, strict=True)])


def _roofs(npu: Any, low: float, high: float) -> list[dict[str, Any]]:
    array, bandwidth = npu.array, npu.memory.bandwidth_bytes_per_s
    per_step = array.cycles_per_step.get(npu.precision) or min(array.cycles_per_step.values())
    per_cycle = 2 * array.rows * array.cols * array.count / per_step
    freqs = npu.opps.freqs_hz
    found = []
    for freq, dash in ((freqs[-1], "solid"), (freqs[0], "dash")):
        peak = per_cycle * freq
        knee = peak / bandwidth if np.isfinite(bandwidth) else low
        x = np.array(sorted({low / 2, min(max(knee, low / 2), high * 2), high * 2}))
        y = np.minimum(x * bandwidth, peak) * 1e-9
        name = f"roof at {format_si(freq, 'Hz')}"
        found.append(line(name, x, y, BLUE, line={"dash": dash}, hoverinfo="skip"))
    return found
