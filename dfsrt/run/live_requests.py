"""The queue of a run: made, enlarged, emptied of what has left."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from dfsrt.base.arrays import Ints
from dfsrt.base.errors import InputError
from dfsrt.base.notice import notice
from dfsrt.base.record import State, as_record, as_records, columns_as_records, laid_out
from dfsrt.run.ended import ENDED_COLUMNS, Ended, joined_requests
from dfsrt.run.program import Plot
from dfsrt.run.queue import write_ended
from dfsrt.run.queue_state import (
    ENDED_MARGIN,
    NOBODY,
    STARTED,
    WAITING,
    Chain,
    Queue,
    QueueState,
    Request,
    Slot,
    StepState,
    Workload,
)
from dfsrt.run.rules import Drop, Rules
from dfsrt.run.snapshot import least_gaps_ns
from dfsrt.run.stream import NEVER_NS, NO_DEADLINE, Load

ENDED, FEW_ENDED = 8_192, 256
"""Requests that leave before they are handed on, compiled and in plain Python."""
FIRST_SLOTS = 256
MANY_WAITING = 2**16
"""Requests that wait at once of which it is said that they are many."""
MOST_WAITING = 2**21
"""Requests that may wait at once: each takes memory until it is served."""
WAY_ON = (
    "let them come less often (a longer --period, a larger --time-scale), drop some of a trace "
    "(--drop newest=100), or end earlier (--until)"
)


@cache
def _say_once() -> None:
    notice(
        f"{MANY_WAITING:,} requests wait at once, for more come than are served; each that waits "
        f"takes memory, and with {MOST_WAITING:,} the run is refused: {WAY_ON}"
    )


class LiveRequests:
    """A load's queue while it is served: plain for Python, or compiled; see ``queue``.

    ``plots`` are what its workloads do. It can be compiled in between, once those that have left
    are taken.

    ``stop_done`` is how many requests are served at the most. ``lanes`` are those that each
    workload may run on, as bits: all, unless told.
    """

    def __init__(
        self,
        load: Load,
        plots: Sequence[Plot],
        rules: Rules,
        stop_done: int = NEVER_NS,
        compiled: bool = False,
        lanes: Sequence[int] = (),
    ) -> None:
        self._compiled, self.plots, self._most = compiled, plots, rules.batch.requests
        chain = load.chains
        n_slots = max(FIRST_SLOTS, int(chain.max()) + 3)
        first = np.zeros(int(chain.max()) + 1, dtype=np.int64)
        first[chain[::-1]] = np.arange(len(chain))[::-1]  # the last that is written stays
        entry = np.sort(first) if load.closed else np.arange(len(chain))
        state = _state(load, rules, stop_done)
        steps, workloads = _programs(plots)
        for workload, gap in zip(workloads, least_gaps_ns(load, len(plots)), strict=True):
            workload.period_ns = NEVER_NS if gap is None else gap
        for workload, bits in zip(workloads, lanes, strict=False):
            workload.lanes = bits
            state.masked |= bits != -1
        self.queue = Queue(
            as_record(state) if compiled else state,
            self._stream(load, chain),
            self._ints(entry),
            self._states([Chain(first=place) for place in first.tolist()], Chain),
            self._states(steps, StepState),
            self._states(workloads, Workload),
            self._states(_free_slots(0, n_slots), Slot),
            self._ints(np.zeros(n_slots)),
            self._ints(np.zeros(n_slots)),
            self._ints(np.zeros(n_slots)),
            self._ended(self._places(ENDED if compiled else FEW_ENDED)),
        )

    def compile(self) -> None:
        """Go on in machine code, as things stand."""
        self._compiled, q = True, self.queue
        self.queue = Queue(
            as_record(q.state),
            as_records(q.stream, Request),
            self._ints(q.entry),
            as_records(q.chains, Chain),
            as_records(q.steps, StepState),
            as_records(q.workloads, Workload),
            as_records(q.slots, Slot),
            self._ints(q.ready),
            self._ints(q.asleep),
            self._ints(q.batch),
            self._ended(self._places(ENDED)),
        )

    def make_room(self) -> None:
        """Enlarge the slots if they are used up.

        Raises:
            InputError: ``MOST_WAITING`` requests wait already.
        """
        q = self.queue
        if q.state.free != NOBODY:
            return
        size = len(q.slots)
        if size >= MOST_WAITING:
            raise InputError(f"{size:,} requests wait, for more come than are served; {WAY_ON}")
        if size == MANY_WAITING:
            _say_once()
        q.state.free = size
        slots = self._states([*q.slots, *_free_slots(size, size)], Slot)
        lines = [
            self._ints(np.append(line, np.zeros(size))) for line in (q.ready, q.asleep, q.batch)
        ]
        self.queue = q._replace(slots=slots, ready=lines[0], asleep=lines[1], batch=lines[2])

    def take_ended(self) -> Ended:
        """Return the requests that have left since the last call, in order of their end."""
        count = int(self.queue.state.n_ended)
        columns = [np.array(column[:count], dtype=np.int64) for column in self.queue.ended]
        self.queue.state.n_ended = 0
        deadline = columns[ENDED_COLUMNS.index("deadline_ns")]
        deadline[deadline == NEVER_NS] = NO_DEADLINE
        return Ended(*columns)

    def take_those_here(self) -> Ended:
        """Return the requests that are still here, as they stand."""
        slots = self.queue.slots
        here = [k for k in range(len(slots)) if slots[k].status in (WAITING, STARTED)]
        pieces, room = [], len(self.queue.ended[0])
        for slot in sorted(here, key=lambda k: int(slots[k].number)):
            if int(self.queue.state.n_ended) == room:
                pieces.append(self.take_ended())
            write_ended(self.queue, slot)
        return joined_requests([*pieces, self.take_ended()])

    @property
    def host_calls(self) -> Ints:
        """How often each step ran on the host, ``(n_steps,)``."""
        return np.array([step.host_calls for step in self.queue.steps], dtype=np.int64)

    def _stream(self, load: Load, chain: Ints) -> Sequence[Request]:
        columns = _stream(load, chain)
        if self._compiled:
            return columns_as_records(columns, Request)
        rows = zip(*(column.tolist() for column in columns.values()), strict=True)
        return [Request(*row) for row in rows]

    def _states(self, states: Sequence[State], kind: type[State]) -> Sequence[State]:
        return as_records(states, kind) if self._compiled else states

    def _ints(self, values: ArrayLike) -> Ints:
        return laid_out(np.asarray(values, dtype=np.int64), self._compiled)

    def _places(self, least: int) -> int:
        """Places for requests that have left: all of a batch may leave at once."""
        return max(least, 2 * (self._most + ENDED_MARGIN))

    def _ended(self, capacity: int) -> Sequence[Ints]:
        columns = np.zeros((len(ENDED_COLUMNS), capacity), dtype=np.int64)
        return cast(Sequence[Ints], laid_out(columns, self._compiled))


def _state(load: Load, rules: Rules, stop_done: int) -> QueueState:
    bounded = rules.drop in (Drop.NEWEST, Drop.OLDEST)
    return QueueState(
        discipline=int(rules.discipline),
        drop=int(rules.drop),
        limit=rules.limit if bounded else NEVER_NS,
        closed=load.closed,
        stop_done=stop_done,
        copies=load.copies,
        span_ns=load.span_ns,
        budget=rules.batch.budget,
        most_batch=rules.batch.requests,
        cache_limit=rules.cache_limit,
    )


def _stream(load: Load, chain: Ints) -> dict[str, Ints]:
    """The columns of a stream's first copy, ``(n_requests,)`` each."""
    order = np.argsort(chain, kind="stable")
    successor = np.full(len(chain), NOBODY, dtype=np.int64)
    same = chain[order[1:]] == chain[order[:-1]]
    successor[order[:-1][same]] = order[1:][same]
    deadline = np.where(load.deadline_ns == NO_DEADLINE, NEVER_NS, load.deadline_ns)
    return {
        "arrival_ns": load.arrival_ns,
        "workload": load.workload,
        "deadline_ns": deadline,
        "priority": load.priority,
        "chain": chain,
        "successor": successor,
        "prompt": load.prompt,
        "tokens": load.tokens,
    }


def _programs(plots: Sequence[Plot]) -> tuple[list[StepState], list[Workload]]:
    """Return all steps, and where each workload's programs begin among them."""
    steps: list[StepState] = []
    workloads = []
    for plot in plots:
        begins = []
        for program in (plot.first, plot.key, plot.between):
            begins.append(len(steps))
            steps += [
                StepState(step.first, step.stop, step.host_ns, tokens=step.tokens)
                for step in program
            ]
        first, key, between = begins
        end, every, in_order = len(steps), plot.every, plot.in_order
        workloads.append(Workload(first, key, between, end, every, in_order, chunk=plot.chunk))
    return steps, workloads


def _free_slots(first: int, count: int) -> list[Slot]:
    """Return slots ``first`` to before ``first + count``, all free and linked by ``after``."""
    slots = [Slot(after=k + 1) for k in range(first, first + count)]
    slots[-1].after = NOBODY
    return slots
