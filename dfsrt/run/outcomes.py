"""Outcomes: what became of a run's requests, counted and measured piece by piece."""

from __future__ import annotations

import numpy as np

from dfsrt.run.ended import Ended
from dfsrt.run.latencies import Latencies
from dfsrt.run.status import Status
from dfsrt.run.stream import NO_DEADLINE
from dfsrt.run.token_outcomes import TokenOutcomes


class Outcomes:
    """Counts of some requests; those that never came are none of them.

    ``completed + dropped + pending`` is ``total``. A deadline is met to the nanosecond; ``missed``
    counts late, dropped and overdue pending requests, ``undecided`` those whose deadline comes
    after the run's end, ``without`` those that have none.
    """

    def __init__(self) -> None:
        self.total = self.completed = self.dropped = self.pending = 0
        self.met = self.missed = self.undecided = self.without = 0
        self.latency, self.wait = Latencies(), Latencies()
        self.tokens = TokenOutcomes()

    def add(self, ended: Ended, until_ns: int, times: int = 1) -> None:
        """Take in requests that have left, or at the end, ``until_ns``, are still here.

        Each stands for ``times`` like it.
        """
        done = ended.done
        dropped = int((ended.status == Status.DROPPED).sum())
        self.total += len(ended) * times
        self.completed += len(done) * times
        self.dropped += dropped * times
        self.pending += (len(ended) - len(done) - dropped) * times
        self.latency.add(done.finish_ns - done.arrival_ns, times)
        self.wait.add(done.admit_ns - done.arrival_ns, times)
        self.tokens.add(done, times)
        self._add_deadlines(ended, until_ns, times)

    def _add_deadlines(self, ended: Ended, until_ns: int, times: int) -> None:
        has = ended.deadline_ns != NO_DEADLINE
        due_ns = ended.arrival_ns + np.where(has, ended.deadline_ns, 0)
        met = has & (ended.status == Status.DONE) & (ended.finish_ns <= due_ns)
        here = (ended.status == Status.WAITING) | (ended.status == Status.STARTED)
        undecided = has & here & (due_ns > until_ns)
        self.met += int(met.sum()) * times
        self.undecided += int(undecided.sum()) * times
        self.missed += int((has & ~met & ~undecided).sum()) * times
        self.without += int((~has).sum()) * times


class RequestBook:
    """The outcomes of all requests, and of those of each workload."""

    def __init__(self, workloads: int) -> None:
        self.whole = Outcomes()
        self.of_workload = [Outcomes() for _ in range(workloads)]

    def add(self, ended: Ended, until_ns: int, times: int = 1) -> None:
        """Take in requests that have left, or at the end are still here; each stands for many."""
        self.whole.add(ended, until_ns, times)
        if len(self.of_workload) == 1:
            self.of_workload[0] = self.whole
            return
        for workload, outcomes in enumerate(self.of_workload):
            outcomes.add(ended.where(ended.workload == workload), until_ns, times)
