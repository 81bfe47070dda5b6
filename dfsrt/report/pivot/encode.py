"""Points as a page's script reads them: texts once each, and by number from then on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dfsrt.base.arrays import Floats
from dfsrt.report.page.style import PALETTE, ramp
from dfsrt.report.pivot.opening import opening_of
from dfsrt.report.pivot.points import Points

SHADES = 16
"""Colours of a dimension with more values than the palette has colours."""


def encoded(points: Points) -> dict[str, object]:
    """Return ``points`` as JSON has them; columns in which no point has a number are left out."""
    return {
        "count": count_of(points),
        "dimensions": [_dimension(name, points) for name in points.varied],
        "metrics": [
            {"label": c.label, "unit": c.unit, "better": c.better, "values": floats(c.values)}
            for c in (points.columns[key] for key in measured(points))
        ],
        "opening": opening_of(points, measured(points)),
        "palette": PALETTE,
        "ramp": [ramp(number, SHADES) for number in range(SHADES)],
    }


def count_of(points: Points) -> int:
    """Return how many points there are."""
    sides = (*points.varied.values(), *(c.values for c in points.columns.values()))
    return max(map(len, sides), default=0)


def measured(points: Points) -> list[str]:
    """Return the keys of columns in which some point has a number."""
    return [key for key, c in points.columns.items() if np.isfinite(floats(c.values)).any()]


def floats(values: Sequence[float]) -> Floats:
    """Return ``values`` as an array, ``(n_points,)``."""
    return np.asarray(values, dtype=np.float64)


def values_of(name: str, points: Points) -> list[str]:
    """Return a dimension's values in the order asked for, then those that nobody asked for."""
    return list(dict.fromkeys([*points.order.get(name, ()), *points.varied[name]]))


def _dimension(name: str, points: Points) -> Mapping[str, object]:
    values = values_of(name, points)
    number = {value: k for k, value in enumerate(values)}
    codes = [number[value] for value in points.varied[name]]
    return {"name": name, "values": values, "codes": codes}
