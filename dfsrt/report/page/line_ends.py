"""Names of lines beside their ends, in place of a legend."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dfsrt.report.apart import apart
from dfsrt.report.page.narrow import Values, many, number, numbers, part

LINE_PX = 15.0
LETTER_PX = 7.0
MARGINS_PX = 90.0
"""What of a figure's height its axes do not have."""
MOST = 9
"""Lines that are named at their ends; more have a legend."""


def name_lines(traces: Sequence[Values], layout: Values) -> None:
    """Write the name of each line of ``layout["meta"]["ends"]`` beside its end, in its colour.

    The legend stays for screens that are too narrow: the page's script shows the one or the other.
    """
    meta = part(layout, "meta")
    if not meta.get("ends"):
        return
    lines = [t for t in traces if t.get("type") == "scatter" and "lines" in str(t["mode"])]
    ends = [(t, end) for t in lines if (end := _end(t, layout)) is not None]
    if not 0 < len(ends) <= MOST or len(ends) < len(traces):
        return
    axis = part(layout, "yaxis")
    low, high = _span(traces, axis)
    heights = [(y - low) / (high - low or 1.0) for _, (_, y) in ends]
    gap = LINE_PX / (number(layout["height"]) - MARGINS_PX)
    placed = apart(np.clip(heights, 0.0, 1.0), gap)
    notes = [
        _note(trace, x, share) for (trace, (x, _)), share in zip(ends, placed.tolist(), strict=True)
    ]
    layout["xaxis"] = {"range": _reach(lines, part(layout, "xaxis")), **part(layout, "xaxis")}
    width = max(len(str(trace["name"])) for trace, _ in ends)
    layout["meta"] = {**meta, "ends": notes, "room": round(LETTER_PX * width + 24)}


def _end(trace: Values, layout: Values) -> tuple[float, float] | None:
    """The last point of a line, as its axes place it; None where it has none."""
    x, y = numbers(trace["x"]), numbers(trace["y"])
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if not len(known) or trace.get("yaxis", "y") != "y":
        return None
    at, height = float(x[known[-1]]), float(y[known[-1]])
    return _placed(at, part(layout, "xaxis")), _placed(height, part(layout, "yaxis"))


def _placed(value: float, axis: Values) -> float:
    return math.log10(max(value, 1e-300)) if axis.get("type") == "log" else value


def _reach(lines: Sequence[Values], axis: Values) -> list[float]:
    """From where the lines begin to where they end: names beside them ask for no axis of theirs."""
    known = [x for t in lines for x in numbers(t["x"]).tolist() if math.isfinite(x)]
    return [_placed(min(known), axis), _placed(max(known), axis)]


def _span(traces: Sequence[Values], axis: Values) -> tuple[float, float]:
    """The ends of the axis, as far as they are known before it is drawn."""
    if "range" in axis:
        low, high = map(number, many(axis["range"]))
        return low, high
    ends = [_placed(float(v), axis) for t in traces for v in _limits(t)]
    low, high = min(ends), max(ends)
    return (min(low, 0.0) if axis.get("rangemode") == "tozero" else low), high


def _limits(trace: Values) -> list[float]:
    known = numbers(trace["y"])
    known = known[np.isfinite(known)]
    return [float(known.min()), float(known.max())] if len(known) else []


def _note(trace: Values, x: float, share: float) -> Values:
    return {
        "x": x, "xref": "x", "xanchor": "left", "xshift": 4, "y": share, "yref": "paper",
        "yanchor": "middle", "showarrow": False, "text": trace["name"],
        "font": {"color": part(trace, "line")["color"], "size": 12},
    }  # fmt: skip
