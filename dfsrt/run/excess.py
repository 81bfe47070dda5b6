"""How well a run kept its cap: by each layer's own average, and by the running average."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.run.cap import CapStep, PowerCap
from dfsrt.run.log import RunLog

TOLERANCE = 1e-9
"""Relative rounding that does not count as an excess."""


@dataclass(frozen=True, slots=True)
class Excess:
    """Time above the limit, and the most watts above it at any time."""

    time_s: float
    max_w: float

    def joined(self, other: Excess) -> Excess:
        """Return the excess of both stretches of time."""
        return Excess(self.time_s + other.time_s, max(self.max_w, other.max_w))


def layer_limits(log: RunLog) -> Floats:
    """Return the lowest limit in force while each row ran, ``(n_rows,)``."""
    limits = np.full(len(log.layer), np.inf)
    for step, end in _in_force(log):
        touches = (log.end_ns > step.start_ns) & (log.start_ns < end)
        limits = np.where(touches, np.minimum(limits, step.limit_w), limits)
    return limits


def _in_force(log: RunLog) -> Iterator[tuple[CapStep, float]]:
    """Yield each step of the cap that rows may touch, with the time at which it ends, in ns."""
    first_ns, last_ns = log.start_ns.min(initial=0), log.end_ns.max(initial=0)
    steps = log.cap.between(int(first_ns), int(last_ns))
    ends = [*(step.start_ns for step in steps[1:]), np.inf]
    return zip(steps, ends, strict=True)


def layers_over(log: RunLog) -> int:
    """Return how many layer executions drew more than the limit on their own average."""
    over = log.ran & (log.power_w > layer_limits(log) * (1 + TOLERANCE))
    return int(log.executions[over].sum())


def layer_excess(log: RunLog) -> Excess:
    """Return the excess of layers' own average power: window 0."""
    time_s = max_w = 0.0
    for step, end in _in_force(log):
        inside = np.minimum(log.end_ns, end) - np.maximum(log.start_ns, step.start_ns)
        over = log.ran & (inside > 0) & (log.power_w > step.limit_w * (1 + TOLERANCE))
        time_s += float((inside * log.times)[over].sum()) * 1e-9
        if over.any():
            max_w = max(max_w, float(np.max(log.power_w[over])) - step.limit_w)
    return Excess(time_s, max_w)


def window_excess(log: RunLog) -> Excess:
    """Return the excess of the running average over the cap's window; window 0 is per layer."""
    if log.cap.window_ns == 0:
        return layer_excess(log)
    average = RunningAverage(log.cap)
    average.add(log)
    return average.excess


class RunningAverage:
    """Follows the running average over a cap's window, log piece by log piece.

    Exact for power that is constant within a layer or stall. Before the run nothing was drawn.
    It remembers one window's worth of rows; rows that stand for many runs cannot be followed.
    """

    def __init__(self, cap: PowerCap) -> None:
        self._cap = cap
        self._edges: Ints = np.zeros(1, dtype=np.int64)
        self._energy_j: Floats = np.zeros(1)
        self.excess = Excess(0.0, 0.0)

    def add(self, log: RunLog) -> None:
        """Take the next piece of the log."""
        if len(log.layer) == 0:
            return
        window, done = self._cap.window_ns, self._edges[-1]
        edges, energy_j = _cumulative_energy(log)
        self._edges = np.concatenate([self._edges, edges[1:]])
        self._energy_j = np.concatenate([self._energy_j, self._energy_j[-1] + energy_j[1:]])
        steps = self._cap.between(int(done), int(self._edges[-1]))
        starts = [step.start_ns for step in steps]
        points = np.unique(np.concatenate([self._edges, self._edges + window, starts, [done]]))
        points = points[(points >= done) & (points <= self._edges[-1])]
        until = np.interp(points, self._edges, self._energy_j)
        before = np.interp(points - window, self._edges, self._energy_j)
        average = (until - before) / (window * 1e-9)
        self.excess = self.excess.joined(_linear_excess(points, average, steps))
        self._forget(int(self._edges[-1]) - window)

    def _forget(self, before_ns: int) -> None:
        """Drop edges before a time, all but the last of them."""
        first = max(0, int(np.searchsorted(self._edges, before_ns, side="right")) - 1)
        self._edges = self._edges[first:]
        self._energy_j = self._energy_j[first:] - self._energy_j[first]


def _cumulative_energy(log: RunLog) -> tuple[Ints, Floats]:
    """Return time edges and the capped domain's energy up to each of them.

    A stall and the layer after it are pieces of their own.
    """
    row_j = log.domain_energy_j()
    run_j = log.power_w * (log.end_ns - log.start_ns) * 1e-9
    pieces = np.stack([row_j - run_j, run_j], axis=1).ravel()
    ends = np.stack([log.start_ns, log.end_ns], axis=1).ravel()
    edges = np.concatenate([log.begin_ns[:1], ends])
    cumulative = np.concatenate([[0.0], np.cumsum(pieces)])
    keep = np.concatenate([[True], np.diff(edges) > 0])
    return edges[keep], cumulative[keep]


def _linear_excess(points: Ints, average: Floats, steps: Sequence[CapStep]) -> Excess:
    """Return the excess of a piecewise linear average over a limit of ``steps``."""
    starts, limits = (np.array([getattr(s, n) for s in steps]) for n in ("start_ns", "limit_w"))
    limit = limits[np.searchsorted(starts, points[:-1], side="right") - 1] * (1 + TOLERANCE)
    limit = np.where(np.isfinite(limit), limit, np.finfo(np.float64).max)  # inf - inf is no number
    left, right = average[:-1] - limit, average[1:] - limit
    high, low = np.maximum(left, right), np.minimum(left, right)
    crossing = np.divide(high, high - low, out=np.zeros_like(high), where=high > low)
    share = np.where(low > 0, 1.0, np.where(high > 0, crossing, 0.0))
    time_s = float((share * np.diff(points)).sum()) * 1e-9
    return Excess(time_s, max(0.0, float(np.max(high)) if len(high) else 0.0))
