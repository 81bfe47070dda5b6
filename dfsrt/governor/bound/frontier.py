"""Frontiers: the least energy of some work for every time that it may take, a convex line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats, Ints, freeze_arrays
from dfsrt.base.errors import InputError


@dataclass(frozen=True)
class Frontier:
    """Corners of a convex line, times rising: seconds and joules, ``(n_corners,)`` each.

    Between two corners work runs at one for a while and at the other for the rest, as Ishihara and
    Yasuura's two neighbouring voltages (ISLPED 1998). The arrays cannot be written to.
    """

    time_s: Floats
    energy_j: Floats

    def __post_init__(self) -> None:
        freeze_arrays(self)

    @property
    def slopes_w(self) -> Floats:
        """Joules that a second more adds between corners, rising, ``(n_corners - 1,)``."""
        return np.asarray(np.diff(self.energy_j) / np.diff(self.time_s))

    def times(self, runs: float) -> Frontier:
        """Return the frontier of so many ``runs`` of the work."""
        return Frontier(self.time_s * runs, self.energy_j * runs)

    def least_j(self, time_s: float, idle_w: float = 0.0) -> float:
        """Return the least energy of work and of waiting at ``idle_w`` for ``time_s`` in all.

        Work that ends early waits: below the critical speed slowing down costs more than that.

        Raises:
            InputError: less time than the work takes.
        """
        if time_s < self.time_s[0] * (1 - 1e-12):
            raise InputError(
                f"{time_s:g} s is less than the {self.time_s[0]:g} s that the work takes at least; "
                "give more time"
            )
        own_j = np.interp(time_s, self.time_s, self.energy_j) - idle_w * min(
            time_s, float(self.time_s[-1])
        )
        within = self.time_s <= time_s
        saved_j = self.energy_j[within] - idle_w * self.time_s[within]
        return idle_w * time_s + float(min(own_j, saved_j.min(initial=np.inf)))

    def least_at(self, price_w: Floats) -> Floats:
        """Return the least of energy and time where a second costs ``price_w``, ``(n,)`` each."""
        corner = np.searchsorted(self.slopes_w, -price_w)
        return np.asarray(self.energy_j[corner] + price_w * self.time_s[corner])

    def time_at(self, watts: float) -> float:
        """Return the time that the work would take, in seconds, if each one saved ``watts``."""
        return float(self.time_s[np.searchsorted(self.slopes_w, watts)])

    def coarse(self, most: int) -> Frontier:
        """Return the line through ``most`` of the corners, the first and the last among them."""
        if len(self.time_s) <= most:
            return self
        spread = np.linspace(self.time_s[0], self.time_s[-1], most)
        corners = np.unique(np.searchsorted(self.time_s, spread).clip(0, len(self.time_s) - 1))
        return Frontier(self.time_s[corners], self.energy_j[corners])


def frontier_of(time_s: Floats, energy_j: Floats) -> Frontier:
    """Return the frontier of work that runs at any of some points: their lower convex hull.

    ``time_s`` and ``energy_j`` are ``(n_points,)``: per cycle, per layer, or of a whole network.
    """
    corners = _hull(time_s, energy_j)
    return Frontier(time_s[corners], energy_j[corners])


def joined(parts: Sequence[Frontier]) -> Frontier:
    """Return the frontier of several pieces of work, each at its own best: the Minkowski sum.

    Raises:
        InputError: no work at all.
    """
    if not parts:
        raise InputError("no work given; give at least one frontier")
    begin = np.array([(p.time_s[0], p.energy_j[0]) for p in parts]).sum(axis=0)
    steps = np.concatenate([np.stack([np.diff(p.time_s), np.diff(p.energy_j)], 1) for p in parts])
    steps = steps[np.argsort(steps[:, 1] / steps[:, 0], kind="stable")]
    corners = begin + np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)])
    return Frontier(corners[:, 0].copy(), corners[:, 1].copy())


def _hull(x: Floats, y: Floats) -> Ints:
    """The corners of the lower hull from the least ``x`` to the largest, by number."""
    hull: list[int] = []
    for i in np.lexsort((y, x)).tolist():
        if hull and x[i] <= x[hull[-1]]:
            continue  # the same time for more energy
        while len(hull) > 1:
            a, b = hull[-2], hull[-1]
            if (y[b] - y[a]) * (x[i] - x[a]) < (y[i] - y[a]) * (x[b] - x[a]):
                break
            hull.pop()
        hull.append(i)
    return np.array(hull, dtype=np.int64)
