"""Outcomes: what became of a replay's requests, counted and measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dfsrt.base.arrays import Ints
from dfsrt.report.replay_schema import Deadlines, RequestCounts, Spread
from dfsrt.run.queue import NEVER_NS, Queue, Status

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Some requests of a queue that has been served until ``until_ns``; all ``(n_requests,)``."""

    status: Ints
    arrival_ns: Ints
    admit_ns: Ints
    finish_ns: Ints
    deadline_ns: Ints
    until_ns: int

    def of(self, chosen: Mask) -> Outcomes:
        """Return the ``chosen`` requests alone."""
        return Outcomes(
            self.status[chosen],
            self.arrival_ns[chosen],
            self.admit_ns[chosen],
            self.finish_ns[chosen],
            self.deadline_ns[chosen],
            self.until_ns,
        )

    def counts(self) -> RequestCounts:
        """Return how many there are of each."""
        done, dropped = (int((self.status == s).sum()) for s in (Status.DONE, Status.DROPPED))
        total = len(self.status)
        return RequestCounts(total, done, dropped, total - done - dropped)

    def deadlines(self) -> Deadlines:
        """Return how deadlines were kept; one met is met to the nanosecond."""
        has = self.deadline_ns != NEVER_NS
        due_ns = self.arrival_ns + np.where(has, self.deadline_ns, 0)
        done, dropped = self.status == Status.DONE, self.status == Status.DROPPED
        met = has & done & (self.finish_ns <= due_ns)
        undecided = has & ~done & ~dropped & (due_ns > self.until_ns)
        missed = has & ~met & ~undecided
        return Deadlines(*(int(m.sum()) for m in (met, missed, undecided, ~has)))

    def latency_s(self) -> Spread | None:
        """Return the times from arrival to finish; None where nothing completed."""
        done = self.status == Status.DONE
        return spread(self.finish_ns[done] - self.arrival_ns[done])

    def wait_s(self) -> Spread | None:
        """Return the times from arrival to the first work; None where nothing completed."""
        done = self.status == Status.DONE
        return spread(self.admit_ns[done] - self.arrival_ns[done])


def outcomes_of(queue: Queue, until_ns: int) -> Outcomes:
    """Return the outcomes of a queue that has been served until ``until_ns``."""
    return Outcomes(
        queue.status, queue.arrival_ns, queue.admit_ns, queue.finish_ns, queue.deadline_ns, until_ns
    )


def spread(times_ns: Ints) -> Spread | None:
    """Return mean, percentiles (linear between neighbours) and maximum in seconds."""
    if len(times_ns) == 0:
        return None
    p50, p90, p99 = np.percentile(times_ns, [50, 90, 99]).tolist()
    values = (float(times_ns.mean()), p50, p90, p99, float(times_ns.max()))
    return Spread(*(value * 1e-9 for value in values))
