"""Rows of cores in parallel put together: what the device as a whole did, moment by moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from dfsrt.base.arrays import Floats, Ints, Mask
from dfsrt.run.detail import Consumer
from dfsrt.run.kept import joined, rows_of
from dfsrt.run.log import RunLog


class Together:
    """A consumer that hands ``consumer`` rows of all cores as one, without gaps, in order of time.

    A row goes from one moment at which any core's row begins or ends to the next. Its power,
    predicted power, energy and cap are the sums of all, each core's even over its row; clock and
    rail are those of the layer that began last. Only time for which every core has a row is handed
    on; rows that reach further wait.
    """

    def __init__(self, consumer: Consumer, cores: int) -> None:
        self._consumer = consumer
        self._seen_ns: Ints = np.zeros(cores, dtype=np.int64)
        self._done_ns = 0
        self._pending: list[RunLog] = []

    def add(self, log: RunLog) -> None:
        """Take the next piece of the log."""
        np.maximum.at(self._seen_ns, log.lane, log.end_ns)
        rows = joined([*self._pending, log])
        until_ns = int(self._seen_ns.min())
        waits = np.flatnonzero(rows.end_ns > until_ns)
        moments = replace(
            _together(rows, self._done_ns, until_ns),
            left=log.left,
            repeated=log.repeated,
            moves=log.moves,
            moved=log.moved,
            transitions=log.transitions,
            until_ns=log.until_ns,
        )
        self._pending = [replace(rows_of(rows, waits), left=(), repeated=(), moves=log.moves[:0])]
        self._done_ns = max(until_ns, self._done_ns)
        self._consumer.add(moments)


def _together(log: RunLog, from_ns: int, until_ns: int) -> RunLog:
    begin, end = np.maximum(log.begin_ns, from_ns), np.minimum(log.end_ns, until_ns)
    (here,) = np.nonzero(end > begin)
    edges = np.unique([*begin[here], *end[here]])
    count = max(len(edges) - 1, 0)
    spans = np.diff(edges)
    first, last = np.searchsorted(edges, begin[here]), np.searchsorted(edges, end[here])

    def summed(rates: Floats) -> Floats:
        """The sum over all rows of what each has at a time; rates ``(n_here, ...)``."""
        change = np.zeros((count + 1, *rates.shape[1:]))
        np.add.at(change, first, rates)
        np.subtract.at(change, last, rates)
        return np.asarray(np.cumsum(change, axis=0)[:count])

    whole_s = (log.end_ns - log.begin_ns)[here] * 1e-9
    watts = summed(log.energy_j[here] / whole_s[:, None])
    mean_w = summed(log.domain_energy_j()[here] / whole_s)
    predicted = np.where(log.ran, np.nan_to_num(log.predicted_w), 0.0)[here]
    latest = _latest(log.ran[here], first, last, count)
    own = rows_of(log, here[latest])
    return replace(
        own,
        start_ns=edges[:count],
        end_ns=edges[1:],
        stall_ns=np.zeros(count, dtype=np.int64),
        times=np.ones(count, dtype=np.int64),
        cap_w=_caps(summed, log.cap_w[here]),
        predicted_w=summed(predicted),
        power_w=mean_w,
        energy_j=watts * (spans * 1e-9)[:, None],
        cores=(),
    )


def _caps(summed: Callable[[Floats], Floats], cap_w: Floats) -> Floats:
    """The sum of what each may take; no limit where one has none: it leaves no sum as it goes."""
    endless = np.isinf(cap_w)
    finite = summed(np.where(endless, 0.0, cap_w))
    return np.where(summed(endless.astype(float)) > 0, np.inf, finite)


def _latest(ran: Mask, first: Ints, last: Ints, count: int) -> Ints:
    """The row that began last in each moment, ``(count,)``, one in which a layer ran if any did."""
    latest = np.zeros(count, dtype=np.int64)
    for kind in (False, True):
        rows = np.flatnonzero(ran == kind)
        for row in rows[np.argsort(first[rows], kind="stable")].tolist():
            latest[first[row] : last[row]] = row
    return latest
