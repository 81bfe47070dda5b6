"""Requests and the rules of their queue, laid out as arrays for the queue's functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.run.program import Plot, Step
from dfsrt.run.queue import CURRENT, NEVER_NS, NOBODY, NOW_SIZE, Discipline, Drop, Queue

NO_DEADLINE = -1
"""In place of a deadline: the request may take as long as it likes."""


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests in order of arrival, columns of shape ``(n_requests,)``.

    ``workload`` says which plot each follows, ``deadline_ns`` what time it has from arrival to
    finish or ``NO_DEADLINE``. A higher ``priority`` is more urgent.
    """

    arrival_ns: Ints
    workload: Ints
    deadline_ns: Ints
    priority: Ints
    session: Ints

    def __len__(self) -> int:
        return len(self.arrival_ns)


@dataclass(frozen=True, slots=True)
class Rules:
    """How requests share the NPU.

    ``limit`` is how many may wait under ``Drop.NEWEST`` and ``Drop.OLDEST``. In a ``closed`` loop
    a session's next request comes when the one before has left, whatever its time says.

    Raises:
        InputError: a limit below 1, or one in a closed loop, where nothing ever queues up.
    """

    discipline: Discipline = Discipline.FIFO
    drop: Drop = Drop.NONE
    limit: int = 0
    closed: bool = False

    def __post_init__(self) -> None:
        if self.drop in (Drop.NEWEST, Drop.OLDEST):
            if self.limit < 1:
                raise InputError(f"a queue of {self.limit} waiting requests; give 1 or more")
            if self.closed:
                raise InputError(
                    "in a closed loop no session has two requests; drop 'none' or 'late'"
                )


def make_queue(requests: Requests, plots: Sequence[Plot], rules: Rules) -> Queue:
    """Return the queue before anything has come; times may be repeated, plots may be many."""
    n = len(requests)
    programs = [p for plot in plots for p in (plot.first, plot.key, plot.between)]
    chain = _chains(requests, rules.closed)
    successor = _successors(chain)
    entry = np.flatnonzero(_is_first(chain)) if rules.closed else np.arange(n)
    deadline = np.where(requests.deadline_ns == NO_DEADLINE, NEVER_NS, requests.deadline_ns)
    n_chains = int(chain.max(initial=-1)) + 1

    def zeros() -> Ints:
        return np.zeros(n, dtype=np.int64)

    return Queue(
        step=_step_table(programs),
        program=np.cumsum([0, *(len(p) for p in programs)]),
        base=3 * np.arange(len(plots)),
        every=np.array([plot.every for plot in plots], dtype=np.int64),
        in_order=np.array([plot.in_order for plot in plots], dtype=np.int64),
        rule=np.array([rules.discipline, rules.drop, rules.limit, rules.closed], dtype=np.int64),
        entry=entry.astype(np.int64),
        workload=requests.workload.astype(np.int64),
        deadline_ns=deadline.astype(np.int64),
        priority=requests.priority.astype(np.int64),
        chain=chain,
        successor=successor,
        arrival_ns=requests.arrival_ns.astype(np.int64),
        admit_ns=zeros() - 1,
        finish_ns=zeros() - 1,
        status=zeros(),
        at_step=zeros() + NOBODY,
        at_layer=zeros(),
        last_step=zeros(),
        key=zeros(),
        wake_ns=zeros(),
        ready=zeros(),
        asleep=zeros(),
        served=np.zeros(n_chains, dtype=np.int64),
        taken=np.zeros(n_chains, dtype=np.int64),
        host_calls=np.zeros(sum(len(p) for p in programs), dtype=np.int64),
        now=_start(),
    )


def _start() -> Ints:
    now = np.zeros(NOW_SIZE, dtype=np.int64)
    now[CURRENT] = NOBODY
    return now


def _step_table(programs: Sequence[Sequence[Step]]) -> Ints:
    rows = [(step.first, step.stop, step.host_ns) for program in programs for step in program]
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


def _chains(requests: Requests, closed: bool) -> Ints:
    """Number the chains: a session's requests of one workload; in a closed loop, a session's."""
    key = requests.session.astype(np.int64)
    if not closed:
        _, key = np.unique(key, return_inverse=True)
        key = key * (int(requests.workload.max(initial=0)) + 1) + requests.workload
    return np.unique(key, return_inverse=True)[1].astype(np.int64)


def _successors(chain: Ints) -> Ints:
    """Return for each request the next one of its chain, or ``NOBODY``."""
    order = np.argsort(chain, kind="stable")
    after = np.full(len(chain), NOBODY, dtype=np.int64)
    same = chain[order[1:]] == chain[order[:-1]]
    after[order[:-1][same]] = order[1:][same]
    return after


def _is_first(chain: Ints) -> Ints:
    first = np.zeros(len(chain), dtype=bool)
    first[np.unique(chain, return_index=True)[1]] = True
    return first
