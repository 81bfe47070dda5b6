"""The lower convex hull of plans in time and energy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from dfsrt.governor.optimum.solution import Solution


def lower_hull(plans: Iterable[Solution], rising: bool = False) -> list[Solution]:
    """Return the corners of the lower hull, fastest first, energy falling or also ``rising``."""
    hull: list[Solution] = []
    for plan in sorted(plans, key=lambda s: (s.time_ns, s.energy_j)):
        if (
            hull
            and plan.energy_j >= hull[-1].energy_j
            and not (rising and plan.time_ns > hull[-1].time_ns)
        ):
            continue
        while len(hull) > 1 and not _turns(hull[-2], hull[-1], plan):
            hull.pop()
        hull.append(plan)
    return hull


def first_after(hull: Sequence[Solution], deadline_ns: int) -> int:
    """Return the number of the first corner that takes longer; of none, how many there are."""
    return next((i for i, s in enumerate(hull) if s.time_ns > deadline_ns), len(hull))


def slopes_w(hull: Sequence[Solution]) -> list[float]:
    """Return watts of the lines between neighbours, those of the widest stretches first."""
    wide = sorted(
        pairwise(hull),
        key=lambda p: (p[0].time_ns - p[1].time_ns) * (p[0].energy_j - p[1].energy_j),
    )
    return [(a.energy_j - b.energy_j) / (b.time_ns - a.time_ns) * 1e9 for a, b in wide]


def slope_at(hull: Sequence[Solution], time_ns: float) -> float:
    """Return watts of the hull's line over a time: infinite before it, 0 where it is a point."""
    after = first_after(hull, int(time_ns))
    if after == 0:
        return float("inf")
    near = hull[max(min(after, len(hull) - 1) - 1, 0) :][:2]
    return slopes_w(near)[0] if len(near) > 1 else 0.0


def _turns(one: Solution, two: Solution, three: Solution) -> bool:
    """Whether the middle of three lies below the line between the others."""
    rise = (two.energy_j - one.energy_j) * (three.time_ns - one.time_ns)
    line = (three.energy_j - one.energy_j) * (two.time_ns - one.time_ns)
    return rise < line - 1e-12 * abs(line)
