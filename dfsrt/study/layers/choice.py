"""Which point of the Pareto set a search chooses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dfsrt.base.errors import InputError
from dfsrt.report.optimize.verdict import THRESHOLD
from dfsrt.study.layers.fidelity import fidelity_of
from dfsrt.study.layers.schema import LayerPoint
from dfsrt.study.result import nearest_to_ideal


def chosen_point(
    front: Sequence[LayerPoint], fidelity: str, at_least: float | None, widest_j: float
) -> LayerPoint:
    """Return the point of least energy that keeps ``at_least``, else the nearest to both ends.

    ``front`` is the Pareto set, the least energy first; ``widest_j`` the energy of all bits.

    Raises:
        InputError: no point keeps so much.
    """
    if at_least is None:
        # Wider maps may lie far off: they would make all other points look alike.
        near = [p for p in front if p.energy_j <= widest_j]
        if _saves_nothing(front, widest_j):
            return max(near, key=lambda p: fidelity_of(p, fidelity))
        return near[nearest_to_ideal([(p.energy_j, -fidelity_of(p, fidelity)) for p in near])]
    kept = [p for p in front if fidelity_of(p, fidelity) >= at_least]
    if not kept:
        best = fidelity_of(front[-1], fidelity)
        raise InputError(
            f"no point keeps {fidelity} of {at_least:g}; the best has {best:.4g}: ask for less, or "
            "give more --trials"
        )
    return kept[0]


def choice_notes(
    front: Sequence[LayerPoint], at_least: float | None, widest_j: float
) -> Iterator[str]:
    """Yield what must be known of the choice."""
    if at_least is None and _saves_nothing(front, widest_j):
        yield (
            f"no point saves {THRESHOLD:.0%} of the energy of the widest: chosen is the most "
            "faithful that takes no more"
        )


def _saves_nothing(front: Sequence[LayerPoint], widest_j: float) -> bool:
    """Whether all points take the energy of the widest, by what a meter tells."""
    return min(p.energy_j for p in front) > widest_j * (1 - THRESHOLD)
