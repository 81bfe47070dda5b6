"""Demand: which programs a run has served, and in which windows any governor could have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.run.ended import Ended
from dfsrt.run.job import Job
from dfsrt.run.program import Plot, Step
from dfsrt.run.status import Status
from dfsrt.run.stream import NO_DEADLINE

Program = tuple[Step, ...]


@dataclass(frozen=True)
class Demand:
    """Programs and when they may run; columns ``(n_requests,)``, of those that were served.

    ``late`` is how many had to be allowed the time that they took, for they missed their deadline,
    ``left_out`` how many were not served.
    """

    programs: Sequence[Program]
    program: Ints
    release_ns: Ints
    due_ns: Ints
    span_ns: int
    late: int
    left_out: int

    @property
    def key(self) -> bytes:
        """What two demands have in common that are the same."""
        columns = (self.program, self.release_ns, self.due_ns, np.array([self.span_ns]))
        return b"".join(column.tobytes() for column in columns)


def demand_of(job: Job, ended: Ended, span_ns: int) -> Demand:
    """Return what a run of ``span_ns`` has served of ``job``.

    A deadline that was missed is as late as the request was; without one there is the run's end.
    Time on the host comes before and after all layers.
    """
    served = ended.where(np.flatnonzero(ended.status == Status.DONE))
    served = served.where(np.argsort(served.number, kind="stable"))
    programs, program = _programs(job, served)
    before = np.array([_host_ns(p) for p in programs], dtype=np.int64)
    after = np.array([_host_ns(p[::-1]) for p in programs], dtype=np.int64)
    has = served.deadline_ns != NO_DEADLINE
    due_ns = served.arrival_ns + np.where(has, served.deadline_ns, span_ns)
    late = has & (served.finish_ns > due_ns)
    due_ns = np.minimum(np.maximum(due_ns, served.finish_ns), span_ns)
    works = np.array([any(s.stop > s.first for s in p) for p in programs], dtype=bool)[program]
    return Demand(
        programs=programs,
        program=program[works],
        release_ns=(served.arrival_ns + before[program])[works],
        due_ns=(due_ns - after[program])[works],
        span_ns=span_ns,
        late=int(late.sum()),
        left_out=len(ended) - len(served),
    )


def _host_ns(steps: Sequence[Step]) -> int:
    """Time on the host before the first layer."""
    host_ns = 0
    for step in steps:
        if step.stop > step.first:
            break
        host_ns += step.host_ns
    return host_ns


def _programs(job: Job, served: Ended) -> tuple[list[Program], Ints]:
    """All programs, three a workload, and the number of each request's, ``(n_requests,)``."""
    plots = job.mix.plots
    programs = [p for plot in plots for p in (plot.first, plot.key, plot.between)]
    chain = job.load.chains[served.number % len(job.load.arrival_ns)]
    rank = _ranks_within(chain)
    number = np.empty(len(served), dtype=np.int64)
    for workload, plot in enumerate(plots):
        mine = served.workload == workload
        number[mine] = 3 * workload + _turn(plot, rank[mine])
    return programs, number


def _turn(plot: Plot, rank: Ints) -> Ints:
    """0 for a session's first request, 1 for a key one, 2 for one between, ``(n_requests,)``."""
    return np.asarray(np.where(rank == 0, 0, np.where(rank % plot.every == 0, 1, 2)))


def _ranks_within(chain: Ints) -> Ints:
    """How many requests of its chain come before each, ``(n_requests,)``."""
    order = np.argsort(chain, kind="stable")
    ordered = chain[order]
    begins = np.flatnonzero(np.diff(ordered, prepend=-1))
    sizes = np.diff(np.append(begins, len(ordered)))
    rank = np.empty(len(chain), dtype=np.int64)
    rank[order] = np.arange(len(chain)) - np.repeat(begins, sizes)
    return rank
