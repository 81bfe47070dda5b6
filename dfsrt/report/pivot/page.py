"""The page of a sweep: one file with a pivot table, small multiples and a Pareto front."""

from __future__ import annotations

from pathlib import Path

from dfsrt.base.errors import InputError
from dfsrt.base.files import write_atomically
from dfsrt.report.page import Page, check_page_path
from dfsrt.report.page.page import rendered
from dfsrt.report.pivot.encode import count_of, encoded, measured
from dfsrt.report.pivot.points import Points

OWN = "dfsrt.report.pivot"
SCRIPTS = (
    *("points.js", "numbers.js", "choices.js", "filters.js", "tiles.js", "table.js", "pivot.js"),
    *(
        "axes.js",
        "around.js",
        "plot.js",
        "zoom.js",
        "tip.js",
        "multiples.js",
        "pareto.js",
        "main.js",
    ),
)
"""In this order: each uses names of those before it."""


def write_pivot(points: Points, path: Path) -> None:
    """Write ``points`` as one file that asks the network for nothing and needs JavaScript.

    Source: decision 0091. Limits: numbers are rounded to six significant digits, before points
    are compared.

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
    page = Page(points.title, "; ".join(points.notes), tiles=[], sections=[])
    return rendered("pivot.html", page, encoded(points), OWN, ("pivot.css",), SCRIPTS)
