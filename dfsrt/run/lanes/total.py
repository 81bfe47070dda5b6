"""Total power of all lanes over time, held against the cap of all."""

from __future__ import annotations

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.run.cap import PowerCap
from dfsrt.run.excess import TOLERANCE, Excess
from dfsrt.run.log import RunLog


class TotalPower:
    """Adds up what lanes draw in the cap's domain, log piece by log piece.

    Power is constant within a row's stall, and within the rest of it. Only time for which every
    lane has a row is looked at; rows that reach further wait. ``max_w`` is the most that was drawn
    at once, ``layers_over`` how many layers ended on whose average all lanes drew too much.
    """

    def __init__(self, cap: PowerCap, lanes: int) -> None:
        self._cap = cap
        self._seen_ns: Ints = np.zeros(lanes, dtype=np.int64)
        self._done_ns = 0
        self._pending: Floats = np.zeros((0, 6))
        self.max_w, self.layers_over = 0.0, 0
        self.excess = Excess(0.0, 0.0)

    def add(self, log: RunLog) -> None:
        """Take the next piece of the log."""
        np.maximum.at(self._seen_ns, log.lane, log.end_ns)
        rows = np.concatenate([self._pending, _rows(log)])
        until_ns = int(self._seen_ns.min())
        if until_ns > self._done_ns:
            self._look(rows, until_ns)
            rows = rows[rows[:, 2] > until_ns]
        self._pending = rows

    def _look(self, rows: Floats, until_ns: int) -> None:
        """Look at all time up to ``until_ns``; rows are ``(n_rows, 6)``."""
        starts = [step.start_ns for step in self._cap.between(self._done_ns, until_ns)]
        edges = np.unique([self._done_ns, until_ns, *starts, *rows[:, :3].ravel()])
        edges = edges[(edges >= self._done_ns) & (edges <= until_ns)]
        watts, limit_w = _levels(rows, edges), self._limits(edges[:-1])
        spans = np.diff(edges)
        over = watts > limit_w * (1 + TOLERANCE)
        above = float(np.max((watts - limit_w)[over], initial=0.0))
        self.excess = self.excess.joined(Excess(float(spans[over].sum()) * 1e-9, above))
        self.max_w = max(self.max_w, float(np.max(watts, initial=0.0)))
        drawn = np.concatenate([[0.0], np.cumsum(watts * spans)])
        rows[:, 5] += np.interp(rows[:, 2], edges, drawn) - np.interp(rows[:, 0], edges, drawn)
        ended = rows[(rows[:, 2] <= until_ns) & (rows[:, 2] > rows[:, 0]) & (rows[:, 4] > 0)]
        mean_w = ended[:, 5] / (ended[:, 2] - ended[:, 0])
        self.layers_over += int((mean_w > self._limits(ended[:, 0]) * (1 + TOLERANCE)).sum())
        self._done_ns = until_ns

    def _limits(self, at_ns: Floats) -> Floats:
        steps = self._cap.steps
        starts, limits = (np.array([getattr(s, n) for s in steps]) for n in ("start_ns", "limit_w"))
        return np.asarray(limits[np.searchsorted(starts, at_ns, side="right") - 1])


def _rows(log: RunLog) -> Floats:
    """Begin, start and end of each row, its watts in the stall and while running, ``(n_rows, 6)``.

    The watts while running are negative where no layer ends. Last is what all lanes have drawn so
    far since the row began, in nanojoules.
    """
    run_j = log.power_w * (log.end_ns - log.start_ns) * 1e-9
    stall_j, stall_s = log.domain_energy_j() - run_j, log.stall_ns * 1e-9
    stall_w = np.divide(stall_j, stall_s, out=np.zeros(len(stall_s)), where=stall_s > 0)
    ends = np.where(log.ran & (log.ends > 0), 1.0, -1.0)
    columns = (log.begin_ns, log.start_ns, log.end_ns, stall_w, ends * log.power_w, 0 * ends)
    return np.stack([np.asarray(c, dtype=np.float64) for c in columns], axis=1)


def _levels(rows: Floats, edges: Floats) -> Floats:
    """The watts between each two edges, ``(n_edges - 1,)``: all rows added up."""
    change = np.zeros(len(edges) + 1)
    for first, last, watts in ((0, 1, rows[:, 3]), (1, 2, np.abs(rows[:, 4]))):
        np.add.at(change, np.searchsorted(edges, rows[:, first]), watts)
        np.add.at(change, np.searchsorted(edges, rows[:, last]), -watts)
    return np.asarray(np.cumsum(change)[: len(edges) - 1])
