"""Axes of amounts in an SI unit: drawn in the prefix that their most asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from dfsrt.base.arrays import Floats

Trace = dict[str, Any]
PREFIXES = (
    (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""),
    (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"), (1e-12, "p"),
)  # fmt: skip


def in_its_unit(traces: Sequence[Trace], layout: dict[str, Any], key: str) -> None:
    """Give the axis ``key`` of ``layout`` its unit, and scale all that lies along it.

    A logarithmic axis goes over many prefixes: each of its marks has its own. An axis without
    ``unit`` stays as it is.
    """
    axis = dict(layout[key])
    layout[key], unit = axis, axis.pop("unit", None)
    if unit is None:
        return
    title = axis["title"]["text"]
    if axis.get("type") == "log":
        axis |= {"title": {"text": f"{title} ({unit})"}, "tickformat": "~s", "ticksuffix": unit}
        return
    scale, prefix = _prefix(_most(traces, key))
    axis["title"] = {"text": f"{title} ({prefix}{unit})"}
    if "range" in axis:
        axis["range"] = [end / scale for end in axis["range"]]
    for trace, side in _along(traces, key):
        _scale(trace, side, scale, f"{prefix}{unit}", unit)
    own = key[0] + key[5:]
    layout["annotations"] = [
        {**note, key[0]: note[key[0]] / scale} if note.get(f"{key[0]}ref", own) == own else note
        for note in layout.get("annotations", ())
    ]


def _prefix(most: float) -> tuple[float, str]:
    if not most:
        return 1.0, ""
    return next((pair for pair in PREFIXES if most >= 0.9995 * pair[0]), PREFIXES[-1])


def _along(traces: Sequence[Trace], key: str) -> Iterator[tuple[Trace, str]]:
    """The traces that lie along an axis, and which of their coordinates does."""
    side, name = key[0], key[0] + key[5:]
    return ((t, side) for t in traces if t.get(f"{side}axis", side) == name and side in t)


def numbers(values: object) -> Floats:
    """Return values of a trace, not a number where there is none."""
    return np.asarray(values, dtype=np.float64)


def _most(traces: Sequence[Trace], key: str) -> float:
    """The most that lies along an axis; of what is stacked, the highest stack."""
    ends = [np.abs(np.nan_to_num(numbers(t[side]) + numbers(t.get("base", 0.0))))
            for t, side in _along(traces, key)]  # fmt: skip
    return max((float(each.max(initial=0.0)) for each in ends), default=0.0)


def _scale(trace: Trace, side: str, scale: float, sign: str, unit: str) -> None:
    trace[side] = numbers(trace[side]) / scale
    if trace.get("type") == "bar" and "base" in trace:
        trace["base"] = numbers(trace["base"]) / scale
    if "hovertemplate" in trace:
        si = f"%{{{side}:.4s}}{unit}"
        trace["hovertemplate"] = trace["hovertemplate"].replace(si, f"%{{{side}:.4g}} {sign}")
