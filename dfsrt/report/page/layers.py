"""Figures over layers: clocks as in the paper, and power against the cap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.base.units import format_si
from dfsrt.report.look import LIMIT, PREDICTED, RED
from dfsrt.report.page.page import Figure, Section, Table
from dfsrt.report.page.style import axis, colour, line, rows
from dfsrt.report.scales import is_wide
from dfsrt.run.log import HeldBy, RunLog

Logs = Sequence[tuple[str, RunLog]]

PAPER = "The frequency of every layer, as in Chung et al., ETRI Journal 2022."
FIRST_PASS = "One request of each workload under the first cap, all else left out."
STEPS = {"shape": "hvh"}
FACING = {"hovermode": "x unified", "hoversubplots": "axis"}
ROW_PX = 118
"""Pixels of a run among several."""


def layers_section(logs: Logs, of_the_run: bool) -> Section | None:
    """Return clocks and power over layers of the last frame; None where nothing ran in it.

    ``of_the_run`` says that the logs are the runs' own, else they are first passes.
    """
    logs = [(name, log) for name, log in logs if len(log.times) and len(log.last_frame)]
    if not logs:
        return None
    text = PAPER if of_the_run else f"{PAPER} {FIRST_PASS}"
    caption = "Layers of the last frame" if of_the_run else "Layers of a first request"
    return Section("Clock over layers", text, [clocks(logs, caption), layer_power(logs)])


def clocks(logs: Logs, caption: str) -> Figure:
    """The frequency of each layer of the last frame, and what held it."""
    first = logs[0][1]
    return Figure(
        name="clocks",
        title="Clock of each layer",
        says=f"{len(first.last_frame)} layers from left to right; "
        + "; ".join(_clock_sentence(name, log) for name, log in logs),
        data=[_clock_line(name, log, k) for k, (name, log) in enumerate(logs)],
        layout=_layout(logs, axis("clock (MHz)", rangemode="tozero")),
        height=_height(logs),
        table=_layer_table(first, caption),
    )


def _height(logs: Logs) -> int:
    return 380 if len(logs) == 1 else 90 + ROW_PX * len(logs)


def _layout(logs: Logs, up: dict[str, object]) -> dict[str, object]:
    """Axes over layers: of several runs a row each on one scale, for their lines are often one."""
    layout = {"xaxis": axis("layer", nticks=12), "yaxis": up, **FACING}
    if len(logs) == 1:
        return {**layout, "meta": {"ends": True}}
    places = [axis_of(k) for k in range(len(logs))]
    for k, ((low, high), place) in enumerate(zip(rows(len(logs)), places, strict=True)):
        also = {"matches": "y"} if k else {}
        layout[f"yaxis{place[1:]}"] = {**up, "domain": [low, high], "nticks": 4, **also}
    layout["xaxis"] = axis("layer", nticks=12, anchor=places[-1])
    margin = {"l": 60, "r": 20, "t": 28, "b": 45}
    return {**layout, "margin": margin, "showlegend": False, "annotations": [*_headings(logs)]}


def axis_of(number: int) -> str:
    """Return the name of the ``number``-th row's axis."""
    return f"y{number + 1}" if number else "y"


def _headings(logs: Logs) -> Iterator[dict[str, object]]:
    """The name of each run over its row."""
    for (name, _), (_, high) in zip(logs, rows(len(logs)), strict=True):
        yield {
            "x": 0, "xref": "paper", "xanchor": "left", "y": high, "yref": "paper",
            "yanchor": "bottom", "showarrow": False, "text": f"<b>{name}</b>",
        }  # fmt: skip


def _clock_line(name: str, log: RunLog, number: int) -> dict[str, object]:
    rows = log.last_frame
    held = [HeldBy(h).name.lower() for h in log.held_by[rows]]
    text = [f"{n}<br>held by {h}" for n, h in zip(_names(log), held, strict=True)]
    mhz, hover = log.freq_hz[rows] * 1e-6, "%{text}<br>%{y:.0f} MHz"
    return line(name, np.arange(len(rows)), mhz, colour(number), line=STEPS, text=text,
                hovertemplate=hover, yaxis=axis_of(number))  # fmt: skip


def _clock_sentence(name: str, log: RunLog) -> str:
    mhz = log.freq_hz[log.last_frame] * 1e-6
    return f"{name}: {mhz.min():.0f} to {mhz.max():.0f} MHz, {mhz.mean():.0f} on average"


def _names(log: RunLog) -> list[str]:
    return [log.table.load.names[layer] for layer in log.layer[log.last_frame]]


def _layer_table(log: RunLog, caption: str) -> Table:
    rows = log.last_frame.tolist()
    cells = [_layer_row(log, name, r) for name, r in zip(_names(log), rows, strict=True)]
    heads = ("<layer", "time", "clock", "rail", "predicted", "true", "<held by")
    return Table(heads, cells, caption)


def _layer_row(log: RunLog, name: str, row: int) -> tuple[str, ...]:
    return (
        name,
        format_si(float(log.end_ns[row] - log.start_ns[row]) * 1e-9, "s"),
        format_si(float(log.freq_hz[row]), "Hz"),
        format_si(log.rail_uv[row] * 1e-6, "V"),
        format_si(float(log.predicted_w[row]), "W"),
        format_si(float(log.power_w[row]), "W"),
        HeldBy(log.held_by[row]).name.lower(),
    )


def layer_power(logs: Logs) -> Figure:
    """Power of each layer of the last frame, true and predicted, under the cap."""
    first = logs[0][1]
    lines = _one(first) if len(logs) == 1 else _several(logs)
    return Figure(
        name="layer-power",
        title=f"Power of each layer, domain {first.cap.domain}",
        says="; ".join(_power_sentence(name, log) for name, log in logs),
        data=[*lines, *_cap_lines(logs)],
        layout=_layout(logs, _power_axis(logs)),
        height=_height(logs),
    )


def _cap_lines(logs: Logs) -> list[dict[str, object]]:
    """The cap of each run, in its row."""
    caps = [log.cap_w[log.last_frame] for _, log in logs]
    return [
        line("cap", np.arange(len(cap)), cap, "@text", line={"dash": LIMIT}, yaxis=axis_of(k))
        for k, cap in enumerate(caps)
        if np.isfinite(cap).any()
    ]


def _power_axis(logs: Logs) -> dict[str, object]:
    """From 0, or logarithmic where one run's power hides another's."""
    if is_wide([float(log.power_w[log.last_frame].max()) for _, log in logs]):
        return axis("power (W), logarithmic", type="log", dtick=1)
    return axis("power (W)", rangemode="tozero")


def _power_sentence(name: str, log: RunLog) -> str:
    power, cap = log.power_w[log.last_frame], log.cap_w[log.last_frame]
    most = f"{name}: {format_si(float(power.max()), 'W')} in the hungriest layer"
    if not np.isfinite(cap).any():
        return most
    over = int((power > cap * (1 + 1e-9)).sum())
    return f"{most}, {over} of {len(power)} layers over the cap"


def _one(log: RunLog) -> list[dict[str, object]]:
    rows, dotted = log.last_frame, {**STEPS, "dash": PREDICTED}
    predicted = _power_line("predicted", log, log.predicted_w[rows], RED, dotted)
    return [_power_line("true", log, log.power_w[rows], colour(0), STEPS), predicted]


def _several(logs: Logs) -> list[dict[str, object]]:
    return [
        {
            **_power_line(name, log, log.power_w[log.last_frame], colour(k), STEPS),
            "yaxis": axis_of(k),
        }
        for k, (name, log) in enumerate(logs)
    ]


def _power_line(
    name: str, log: RunLog, watts: Floats, shade: str, shape: Mapping[str, str]
) -> dict[str, object]:
    x, hover = np.arange(len(watts)), "%{text}<br>%{y:.3f} W"
    return line(name, x, watts, shade, line=shape, text=_names(log), hovertemplate=hover)
