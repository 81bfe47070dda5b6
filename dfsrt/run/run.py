"""A run: a job executed under a governor, and what is left of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.governor import Governor, make_governor
from dfsrt.governor.governor import reads_power, sees_queue
from dfsrt.governor.queue_view import QueueWorkload
from dfsrt.run.beside import check_plans_for_lanes
from dfsrt.run.book import Book
from dfsrt.run.checks import check_span
from dfsrt.run.corrector import Corrector
from dfsrt.run.detail import CHUNK, Consumer, Detail
from dfsrt.run.ended import Ended
from dfsrt.run.engine import SHIPPED_RUNS, check_machine_code, most_runs, paying_runs
from dfsrt.run.execution import Execution
from dfsrt.run.job import Job
from dfsrt.run.kept import FirstPass, OneRequest, Requests, Rows
from dfsrt.run.lane_execution import LaneExecution, shared_cap
from dfsrt.run.lanes import LaneBook
from dfsrt.run.live_requests import LiveRequests
from dfsrt.run.log import RunLog
from dfsrt.run.rules import Rules
from dfsrt.run.snapshot import queue_workloads
from dfsrt.run.source import NETWORK, TRACE
from dfsrt.run.stream import NEVER_NS, once
from dfsrt.run.surroundings import Surroundings, surroundings_of

MAX_ROWS = 2_000_000
"""Layer executions that one run may hold; they take about 1 GB while the books are closed."""
KEPT_ROWS = 100_000
"""Layer executions that a network's run holds where nobody says what to hold."""
MAX_REQUESTS = 1_000_000
"""Requests that one run holds one by one."""
PLAIN_STREAM = 10_000
"""Requests of one copy up to which a run begins in plain Python, which lays out each of them."""


class Run:
    """A finished run: ``book`` has the sums, ``log`` rows, ``requests`` what became of each.

    ``requests`` is None where they were not held, ``surroundings`` where there were none.
    """

    def __init__(
        self,
        job: Job,
        governor: Governor,
        book: Book,
        rows: RunLog | None,
        requests: Ended | None,
        detail: str,
        surroundings: Surroundings | None = None,
    ) -> None:
        self.job, self.governor, self.book = job, governor, book
        self.requests, self.detail = requests, detail
        self.surroundings = surroundings
        self._rows = rows

    @cached_property
    def log(self) -> RunLog:
        """Every layer execution, or those of the last frame, where they were held.

        Else each layer's first execution where every workload is asked for once, under the first
        cap and at the device's own temperature: what the governor does to single layers.
        """
        return self._first_pass() if self._rows is None else self._rows

    @property
    def has_rows(self) -> bool:
        """Whether ``log`` is of this very run."""
        return self._rows is not None

    def _first_pass(self) -> RunLog:
        job, first = self.job, FirstPass()
        requests = LiveRequests(
            once([plot.chunk for plot in job.mix.plots]), job.mix.plots, Rules()
        )
        workloads = _workloads(job, self.governor)
        cap = job.power_cap if job.lanes is None else shared_cap(job.power_cap, len(job.lanes))
        execution = Execution(
            job.table,
            self.governor,
            cap,
            requests,
            Detail(),
            workloads=workloads,
            memory=job.memory,
        )
        execution.stream([first])
        return first.log


def _workloads(job: Job, governor: Governor) -> tuple[QueueWorkload, ...]:
    """What a governor is told of the workloads, if it sees the queue."""
    if not sees_queue(governor):
        return ()
    return queue_workloads(job.load, job.mix.plots, job.workloads)


def _check_span(job: Job) -> None:
    """Check that so many frames end, each at the slowest clock or a period after the one before.

    Of a trace, that it comes so often before the end of time, unless the run is to end earlier.
    """
    if job.trace is not None and job.spec.repeat is not None and job.spec.until is None:
        duration_ns = job.trace.card.duration_ns
        check_span(job.spec.repeat, duration_ns, NEVER_NS // 2, "times a trace")
    if job.frames is not None:
        table = job.table
        slowest = table.duration_ns.max(axis=1) * np.where(table.grows > 0, job.most_units, 1)
        passes = -(-job.most_runs // len(slowest))  # of a layer in a loop there are more
        frame_ns = max(int(slowest.sum()) * passes, job.period_ns or 0)
        check_span(job.frames, frame_ns, NEVER_NS // 2)


def execute(
    job: Job,
    governor: str | Governor | None = None,
    *,
    consumers: Sequence[Consumer] = (),
    every_row: bool = False,
    on_done: Callable[[int], None] | None = None,
    chunk: int = CHUNK,
    walks: bool = False,
) -> Run:
    """Run ``job`` under ``governor``, else its own, and return what is left of it.

    ``consumers`` are given the log piece by piece, with ``every_row`` each layer execution. What
    repeats is multiplied, unless it ``walks`` all the way: the same results, only later.

    Raises:
        InputError: a governor or a detail that cannot be had.
    """
    _check_span(job)
    chosen = make_governor(job.spec.governor or "dfs" if governor is None else governor)
    detail = _detail(job, streams=every_row)
    holds_rows = detail == "layer" and job.layer_runs <= MAX_ROWS
    rows = Rows() if holds_rows else _last_frame(job)
    requests = Requests() if _holds_requests(job, detail) else None
    book = _book(job)
    held: list[Consumer] = [c for c in (book, rows, requests) if c is not None]
    multiplies = requests is None and not consumers and not walks
    execution = _execution(job, chosen, every_row or holds_rows, on_done, chunk, multiplies)
    execution.stream([*held, *consumers])
    queue, around = execution.requests, execution.surroundings
    m = execution.machine
    changes = int(m.memory_changes), int(m.memory_unseen)
    book.close(queue.queue.state, queue.host_calls, int(m.level), execution.sleeps, changes)
    if around is not None:
        book.read(around.meter, around.world, int(execution.machine.moves))
    kept = None if rows is None else rows.log
    ended = None if requests is None else requests.ended
    return Run(job, chosen, book, kept, ended, detail, around)


def _book(job: Job) -> Book:
    """An empty book for a job."""
    cap, workloads = job.power_cap, len(job.workloads)
    if job.lanes is not None:
        return LaneBook(job.table, cap, workloads, job.lanes)
    return Book(job.table, cap, workloads, job.setting is not None)


def _lane_execution(
    job: Job, governor: Governor, on_done: Callable[[int], None] | None, chunk: int
) -> Execution:
    """The execution of a job whose cores work side by side."""
    check_plans_for_lanes(governor)
    setup, rules = job.deployment.lane_setup, job.rules_under(governor)
    compiled, plain_runs = _code(job)
    detail = Detail(True, NEVER_NS, compiled, chunk, False, plain_runs)
    plots, bits = job.mix.plots, setup.lanes.bits
    return LaneExecution(
        job.table,
        governor,
        job.power_cap,
        LiveRequests(job.load, plots, rules, job.stop.requests, detail.begins_compiled, bits),
        detail,
        setup,
        least_ns=job.least_ns,
        until_ns=job.stop.at_ns,
        period_ns=job.period_ns if job.kind == NETWORK else None,
        on_done=on_done,
    )


def _execution(
    job: Job,
    governor: Governor,
    every_row: bool,
    on_done: Callable[[int], None] | None,
    chunk: int,
    multiplies: bool,
) -> Execution:
    if job.lanes is not None:
        return _lane_execution(job, governor, on_done, chunk)
    compiled, plain_runs = _code(job)
    detail = Detail(every_row, _last_number(job), compiled, chunk, multiplies, plain_runs)
    begins = detail.begins_compiled
    if job.setting is not None and reads_power(governor):
        raise InputError(
            "a governor that reads the power meter needs every layer run as a row, too many "
            "for a battery's life; take another, like dfs or power_allocator's zones"
        )
    return Execution(
        job.table,
        governor,
        job.power_cap,
        LiveRequests(job.load, job.mix.plots, job.rules_under(governor), job.stop.requests, begins),
        detail,
        least_ns=job.least_ns,
        until_ns=job.stop.at_ns,
        period_ns=job.period_ns if job.kind == NETWORK else None,
        corrector=Corrector(job.table.typical_w) if job.spec.correct else None,
        on_done=on_done,
        surroundings=surroundings_of(job, begins),
        workloads=_workloads(job, governor),
        idle=job.idle,
        memory=job.memory,
    )


def _code(job: Job) -> tuple[bool, int]:
    """Whether there is machine code, and the layer executions in plain Python before it takes over.

    Most runs repeat soon, and need none.
    """
    if job.spec.step == "kernel":
        check_machine_code(job)
        return True, 0
    if job.spec.step != "auto":
        return False, 0
    most = most_runs(job)
    if most <= SHIPPED_RUNS:  # few runs are not worth a look at the disk
        return False, 0
    pays = paying_runs(job)
    if most <= pays:
        return False, 0
    small = job.setting is None and len(job.load.arrival_ns) <= PLAIN_STREAM
    return True, int(pays) if small else 0


def _detail(job: Job, streams: bool) -> str:
    """What is held of a run.

    Raises:
        InputError: layers, where they are too many and nothing takes them.
    """
    if job.spec.detail is None:
        keeps = job.kind == NETWORK and (streams or job.layer_runs <= KEPT_ROWS)
        return "layer" if keeps else "summary"
    fits = job.layer_runs <= MAX_ROWS
    if job.spec.detail == "layer" and not (fits or streams):
        runs = "endless" if math.isinf(job.layer_runs) else f"{job.layer_runs:,.0f}"
        raise InputError(
            f"{runs} layer executions are too many to keep; allowed is {MAX_ROWS:,}: "
            "write them to a file (log), or ask for detail 'request' or 'summary'"
        )
    return job.spec.detail


def _holds_requests(job: Job, detail: str) -> bool:
    """Whether all requests are held one by one: a trace's, and few of any other load.

    None are where only sums are asked for.
    """
    asked = job.kind == TRACE or job.setting is not None or job.layer_runs <= KEPT_ROWS
    wanted = detail != "summary" or (asked and job.spec.detail is None)
    return wanted and job.holds_requests(MAX_REQUESTS)


def _last_number(job: Job) -> int:
    """The last frame's number, where a network's frames are counted; else none."""
    return NEVER_NS if job.kind != NETWORK or job.load.endless else job.load.requests - 1


def _last_frame(job: Job) -> OneRequest | None:
    number = _last_number(job)
    return None if number == NEVER_NS or job.stop.at_ns != NEVER_NS else OneRequest(number)
