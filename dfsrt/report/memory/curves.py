"""Curves of bytes over the buffer's size: policies that move the same are one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dfsrt.report.memory.compare_table import Policy, points_of, policies_of
from dfsrt.report.memory.policies import LAYERWISE
from dfsrt.report.memory.schema import MemoryComparisonReport, MemoryPoint

APART, BESIDE_MOST = 0.05, 0.5
"""Octaves between marks of curves at one size, and from the first to the last of them."""
BESIDE = 2**0.25
"""How far a curve of one size goes on to each side, so that it is seen."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Policies that move the same in every buffer: their name in a legend, and the points."""

    name: str
    alone: bool
    sizes: tuple[int, ...]
    moved: tuple[int, ...]


def curves_of(report: MemoryComparisonReport) -> list[Curve]:
    """Return a curve for each set of policies that move the same: none hides another.

    Mappers layer by layer (``alone``) come first; policies for which no buffer has room have none.
    """
    sets: dict[tuple[bool, tuple[tuple[int, int], ...]], list[Policy]] = {}
    for policy in policies_of(report):
        points = points_of(report, policy)
        moved = tuple((p.buffer_bytes, p.dram_bytes) for p in points if p.dram_bytes is not None)
        if moved:
            sets.setdefault((policy[1] == LAYERWISE, moved), []).append(policy)
    return [
        Curve(_name(alike), alone, *zip(*moved, strict=True))
        for (alone, moved), alike in sets.items()
    ]


def beside(sizes: Sequence[int], number: int, count: int) -> list[float]:
    """Return where the ``number``-th of ``count`` curves marks ``sizes``: side by side."""
    apart = min(APART, BESIDE_MOST / max(count - 1, 1))
    return [size * 2 ** (apart * (number - (count - 1) / 2)) for size in sizes]


def _name(alike: Sequence[Policy]) -> str:
    """Return the mappers layer by layer, or the schedules and their mapper, in one name."""
    mapper, schedule = alike[0]
    if schedule == LAYERWISE:
        return ", ".join(mapper for mapper, _ in alike)
    return f"{', '.join(schedule for _, schedule in alike)} ({mapper})"


def stretched(points: Sequence[MemoryPoint]) -> tuple[list[float], list[MemoryPoint]]:
    """Return the sizes of points and the points; one alone goes on to both sides of its size."""
    sizes = [float(p.buffer_bytes) for p in points]
    if len(points) != 1:
        return sizes, list(points)
    return [sizes[0] / BESIDE, sizes[0] * BESIDE], [points[0]] * 2
