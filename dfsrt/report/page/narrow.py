"""Values of figures, which are as Plotly's JSON has them, as what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dfsrt.base.arrays import Floats

Values = dict[str, object]
"""A trace, a layout or a part of one."""


def numbers(values: object) -> Floats:
    """Return numbers of any shape ``(...)``, not a number where there is none."""
    return np.asarray(values, dtype=np.float64)


def number(value: object) -> float:
    """Return one number."""
    return float(numbers(value))


def many(values: object) -> list[object]:
    """Return the values of a list or an array; none of anything else."""
    if isinstance(values, np.ndarray):
        return list(values.tolist())
    return list(values) if isinstance(values, Sequence) else []


def part(values: object, name: str) -> Values:
    """Return a part of ``values`` by its name; an empty one where there is none."""
    found = values.get(name) if isinstance(values, Mapping) else None
    return dict(found) if isinstance(found, Mapping) else {}


def parts(values: object, name: str) -> list[Values]:
    """Return the parts of a list by its name, such as annotations."""
    found = values.get(name) if isinstance(values, Mapping) else None
    return [dict(each) for each in many(found) if isinstance(each, Mapping)]


def title_of(axis: Values) -> str:
    """Return what an axis is called."""
    return str(part(axis, "title").get("text", ""))
