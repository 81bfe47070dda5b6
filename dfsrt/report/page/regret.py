"""Regret of several governors: how far each is from the best plan, in time and in energy."""

from __future__ import annotations

from dfsrt.report.look import BLUE, GREEN
from dfsrt.report.notes import regret_notes
from dfsrt.report.page.aims import Named
from dfsrt.report.page.page import Figure
from dfsrt.report.page.style import STACKED, axis, bar

WHAT = (
    "how far each is, by prediction, from the least time under the cap, and from the least energy "
    "in the time it takes; below 0 where a governor breaks the cap"
)


def regrets(runs: Named) -> list[Figure]:
    """Return bars of time and energy regret, of the runs that have one; none where none has."""
    known = [(name, report.regret) for name, report in runs if report.regret is not None]
    if not known:
        return []
    names = [name for name, _ in known]
    time = [100 * regret.time for _, regret in known]
    energy = [100 * regret.energy for _, regret in known]
    notes = [note.removeprefix("regret: ") for note in regret_notes([r for _, r in known])]
    hover = "%{fullData.name} of %{y}: %{x:.1f} %<extra></extra>"
    return [
        Figure(
            name="regret",
            title="Regret",
            says="; ".join([WHAT, *notes]),
            data=[
                bar("time", names, time, BLUE, hovertemplate=hover),
                bar("energy", names, energy, GREEN, hovertemplate=hover),
            ],
            layout={**STACKED, "barmode": "group", "xaxis": axis("regret (%)")},
            height=150 + 52 * len(known),
        )
    ]
