"""Axes of amounts in an SI unit: drawn in the prefix that their most asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from dfsrt.base.units import format_si
from dfsrt.report.page.narrow import Values, many, number, numbers, part, parts, title_of

PREFIXES = (
    (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""),
    (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"), (1e-12, "p"),
)  # fmt: skip
FEW = 1e4
"""Range of a logarithmic axis below which powers of ten are too few marks."""


def in_its_unit(traces: Sequence[Values], layout: Values, key: str) -> None:
    """Give the axis ``key`` of ``layout`` its unit, and scale all that lies along it.

    A logarithmic axis goes over many prefixes: each of its marks has its own. A linear axis
    without ``unit`` stays as it is.
    """
    axis = part(layout, key)
    layout[key], unit = axis, axis.pop("unit", None)
    is_log = axis.get("type") == "log"
    if is_log and not {"dtick", "tickvals"} & set(axis):
        axis |= _marked(axis, traces, key, "" if unit is None else str(unit))
    if unit is None:
        return
    title = title_of(axis)
    if is_log:
        marked = {} if "tickvals" in axis else {"tickformat": "~s", "ticksuffix": unit}
        axis |= {"title": {"text": f"{title} ({unit})"}, **marked}
        return
    scale, prefix = _prefix(_most(traces, key))
    axis["title"] = {"text": f"{title} ({prefix}{unit})"}
    if "range" in axis:
        axis["range"] = [number(end) / scale for end in many(axis["range"])]
    for trace, side in _along(traces, key):
        _scale(trace, side, scale, f"{prefix}{unit}", str(unit))
    layout["annotations"] = [_moved(note, key, scale) for note in parts(layout, "annotations")]


def _marked(axis: Values, traces: Sequence[Values], key: str, unit: str) -> Values:
    """Marks of a logarithmic axis with their numbers in full: at 1, 2 and 5 of every ten.

    Only at powers of ten where it goes over many.
    """
    if "range" in axis:
        low, high = (10 ** number(end) for end in many(axis["range"]))
    else:
        along = [numbers(trace[side]).ravel() for trace, side in _along(traces, key)]
        lying = np.concatenate([np.empty(0), *along])
        lying = lying[np.isfinite(lying) & (lying > 0)]
        if not len(lying):
            return {}
        low, high = float(lying.min()), float(lying.max())
    steps = (1, 2, 5) if high < FEW * low else (1,)
    tens = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    at = [float(f"{step}e{ten}") for ten in tens for step in steps]
    texts = [format_si(value, unit, 1).strip() if unit else f"{value:,g}" for value in at]
    return {"tickmode": "array", "tickvals": at, "ticktext": texts}


def _moved(note: Values, key: str, scale: float) -> Values:
    """An annotation where its place is now, if it lies along the axis ``key``."""
    side, own = key[0], key[0] + key[5:]
    if note.get(f"{side}ref", own) != own:
        return note
    return {**note, side: number(note[side]) / scale}


def _prefix(most: float) -> tuple[float, str]:
    if not most:
        return 1.0, ""
    return next((pair for pair in PREFIXES if most >= 0.9995 * pair[0]), PREFIXES[-1])


def _along(traces: Sequence[Values], key: str) -> Iterator[tuple[Values, str]]:
    """The traces that lie along an axis, and which of their coordinates does."""
    side, name = key[0], key[0] + key[5:]
    return ((t, side) for t in traces if t.get(f"{side}axis", side) == name and side in t)


def _most(traces: Sequence[Values], key: str) -> float:
    """The most that lies along an axis; of what is stacked, the highest stack."""
    ends = [np.abs(np.nan_to_num(numbers(t[side]) + numbers(t.get("base", 0.0))))
            for t, side in _along(traces, key)]  # fmt: skip
    return max((float(each.max(initial=0.0)) for each in ends), default=0.0)


def _scale(trace: Values, side: str, scale: float, sign: str, unit: str) -> None:
    trace[side] = numbers(trace[side]) / scale
    if trace.get("type") == "bar" and "base" in trace:
        trace["base"] = numbers(trace["base"]) / scale
    if "hovertemplate" in trace:
        si = f"%{{{side}:.4s}}{unit}"
        trace["hovertemplate"] = str(trace["hovertemplate"]).replace(si, f"%{{{side}:.4g}} {sign}")
