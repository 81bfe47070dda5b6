"""Axes of amounts in an SI unit: drawn in the prefix that their most asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from dfsrt.report.page.narrow import Values, many, number, numbers, part, parts, title_of

PREFIXES = (
    (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""),
    (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"), (1e-12, "p"),
)  # fmt: skip


def in_its_unit(traces: Sequence[Values], layout: Values, key: str) -> None:
    """Give the axis ``key`` of ``layout`` its unit, and scale all that lies along it.

    A logarithmic axis goes over many prefixes: each of its marks has its own. An axis without
    ``unit`` stays as it is.
    """
    axis = part(layout, key)
    layout[key], unit = axis, axis.pop("unit", None)
    if unit is None:
        return
    title = title_of(axis)
    if axis.get("type") == "log":
        axis |= {"title": {"text": f"{title} ({unit})"}, "tickformat": "~s", "ticksuffix": unit}
        axis["labelalias"] = _between(str(unit))
        return
    scale, prefix = _prefix(_most(traces, key))
    axis["title"] = {"text": f"{title} ({prefix}{unit})"}
    if "range" in axis:
        axis["range"] = [number(end) / scale for end in many(axis["range"])]
    for trace, side in _along(traces, key):
        _scale(trace, side, scale, f"{prefix}{unit}", str(unit))
    layout["annotations"] = [_moved(note, key, scale) for note in parts(layout, "annotations")]


def _between(unit: str) -> dict[str, str]:
    """Marks between powers of ten with their unit: to those Plotly gives no suffix."""
    bare = [f"{digit * ten}{sign}" for _, sign in PREFIXES for ten in (1, 10, 100)
            for digit in range(2, 10)]  # fmt: skip
    return {text: f"{text}{unit}" for text in bare}


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
