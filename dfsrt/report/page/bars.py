"""Figures of named amounts."""

from __future__ import annotations

from collections.abc import Mapping

from dfsrt.report.look import BLUE
from dfsrt.report.page.page import Figure, Table
from dfsrt.report.page.style import axis, bar


def bars(
    name: str,
    title: str,
    says: str,
    along: Mapping[str, object],
    amounts: Mapping[str, float],
    table: Table | None = None,
) -> Figure:
    """Return named amounts as bars from the top down, on an axis that says what they are."""
    return Figure(
        name=name,
        title=title,
        says=says,
        data=[bar(title, list(amounts), list(amounts.values()), BLUE)],
        layout={"xaxis": along, "yaxis": axis("", autorange="reversed")},
        height=120 + 34 * len(amounts),
        table=table,
    )
