"""Points as a page takes them: what was varied, as text, and what came out, as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """Numbers of one metric, ``(n_points,)``, NaN where a point has none.

    ``label`` is what people call it, ``unit`` its SI unit, empty for none; ``better`` is ``high``,
    ``low`` or empty where neither is.
    """

    label: str
    unit: str
    better: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Points:
    """Points of a sweep: ``varied`` holds each dimension's text by point, ``(n_points,)`` each.

    ``order`` gives each dimension's values in the order in which they were asked for.
    """

    title: str
    notes: Sequence[str]
    varied: Mapping[str, Sequence[str]]
    order: Mapping[str, Sequence[str]]
    columns: Mapping[str, Column]
