"""The page of a sweep: one file with a pivot table, small multiples and a Pareto front."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.base.files import write_atomically
from dfsrt.base.units import format_si
from dfsrt.report.page import Page, Tile, check_page_path
from dfsrt.report.page.page import rendered
from dfsrt.report.pivot.encode import count_of, encoded, floats, measured
from dfsrt.report.pivot.points import Column, Points

OWN = "dfsrt.report.pivot"
SCRIPTS = (
    *("points.js", "numbers.js", "choices.js", "filters.js", "table.js", "pivot.js", "axes.js"),
    *("plot.js", "zoom.js", "tip.js", "multiples.js", "pareto.js", "main.js"),
)
MOST_TILES = 5


def write_pivot(points: Points, path: Path) -> None:
    """Write ``points`` as one file that asks the network for nothing and needs JavaScript.

    Source: decision 0091. Limits: numbers are rounded to six significant digits.

    Raises:
        InputError: a name without ``.html``, or no point with any number.
        OutputError: ``path`` cannot be written.
    """
    check_page_path(path)
    html = pivot_html(points)
    write_atomically(path, lambda beside: beside.write_text(html, encoding="utf-8"))


def pivot_html(points: Points) -> str:
    """Return the page's HTML.

    Raises:
        InputError: no point has any number.
    """
    if not measured(points):
        raise InputError(
            f"page of '{points.title}': none of its {count_of(points):,} points has a number to "
            "draw; leave the page out, or see in the points' own errors why"
        )
    page = Page(points.title, "; ".join(points.notes), list(_tiles(points)), [])
    return rendered("pivot.html", page, encoded(points), OWN, ("pivot.css",), SCRIPTS)


def _tiles(points: Points) -> Iterator[Tile]:
    yield Tile("points", f"{count_of(points):,}")
    aims = [c for key in measured(points) if (c := points.columns[key]).better]
    yield from (_best(points, column) for column in aims[:MOST_TILES])


def _best(points: Points, column: Column) -> Tile:
    """The best point by ``column``, and which of the values that were varied it has."""
    values = floats(column.values)
    usable = np.where(np.isfinite(values), values, np.nan)
    best = int(np.nanargmax(usable) if column.better == "high" else np.nanargmin(usable))
    spec = [texts[best] for texts in points.varied.values() if len(set(texts)) > 1]
    text = format_si(float(values[best]), column.unit) if column.unit else f"{values[best]:.4g}"
    name = f"{'highest' if column.better == 'high' else 'lowest'} {column.label}"
    return Tile(name, text, ", ".join(spec))
