"""What a page of points shows when it is opened: chosen, so that most readers need not choose."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dfsrt.report.pivot.points import Points
from dfsrt.report.scales import is_wide

NONE = "none"
MOST_SPLIT = 40
"""Values of a dimension that rows or panels are still split by at first."""
LOG_FROM = 100.0
"""Times the least that the most of a metric is, from where on plots open on log scales."""


def opening_of(points: Points, measured: Sequence[str]) -> dict[str, str]:
    """Return what each choice of the page is at first: ``d0`` is a dimension, ``m0`` a metric.

    Rows and panels are the first dimension that was varied, columns and colours the second;
    metrics are those of ``measured`` that are better high or low, before all others. ``log`` is
    empty where linear scales show all points.
    """
    split = [
        f"d{k}"
        for k, texts in enumerate(points.varied.values())
        if 1 < len(set(texts)) <= MOST_SPLIT
    ]
    aims = sorted(range(len(measured)), key=lambda k: not points.columns[measured[k]].better)
    first, second = f"m{aims[0]}", f"m{aims[min(1, len(aims) - 1)]}"
    shown = [points.columns[measured[k]].values for k in aims[:2]]
    wide = any(is_wide([v for v in values if math.isfinite(v)], LOG_FROM) for values in shown)
    rows, columns = [*split, NONE, NONE][:2]
    return {
        "rows": rows,
        "columns": columns,
        "metric": first,
        "panels": rows if columns != NONE else NONE,
        "colour": columns if columns != NONE else rows,
        "x": second,
        "y": first,
        "front-x": second,
        "front-y": first,
        "log": "log" if wide else "",
    }
