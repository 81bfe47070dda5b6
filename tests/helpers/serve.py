"""Runs of small scenes, without a specification around them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from dfsrt.run.detail import Detail
from dfsrt.run.execution import Execution
from dfsrt.run.live_requests import LiveRequests
from dfsrt.run.program import plain
from dfsrt.run.rules import Rules
from dfsrt.run.stream import NEVER_NS, NO_DEADLINE, Load, steady


def frames_of(
    table, governor, cap, frames=1, period_ns=None, *, times_ns=None, corrector=None,
    compiled=False, every_row=True, rows_from=NEVER_NS, chunk=200_000, on_done=None, memory=None,
    multiplies=False,
):  # fmt: skip
    """Return the execution of a lone network's frames: back to back, periodic, or at times."""
    load = steady(frames, period_ns) if times_ns is None else listed(times_ns)
    plots = [plain(0, len(table.load.names))]
    requests = LiveRequests(load, plots, Rules(closed=load.closed), compiled=compiled)
    return Execution(
        table, governor, cap, requests,
        Detail(every_row, rows_from, compiled, chunk, multiplies),
        least_ns=load.duration_ns if times_ns is None else 0, period_ns=period_ns,
        corrector=corrector, on_done=on_done, memory=memory,
    )  # fmt: skip


def run_frames(table, governor, cap, frames=1, period_ns=None, **options):
    """Return the log of a lone network's frames."""
    return frames_of(table, governor, cap, frames, period_ns, **options).run()


def listed(times_ns):
    """Return requests of one workload at these times."""
    zero = np.zeros(len(times_ns), dtype=np.int64)
    return Load(np.array(times_ns, dtype=np.int64), zero, zero + NO_DEADLINE, zero, zero)


def load_of(arrival, workload=None, deadline=None, priority=None, session=None, **stream):
    """Return requests by column; what is not given is 0, or no deadline."""
    n = len(arrival)

    def column(values, default=0):
        return np.full(n, default) if values is None else np.array(values, dtype=np.int64)

    return Load(
        np.array(arrival, dtype=np.int64), column(workload), column(deadline, NO_DEADLINE),
        column(priority), column(session), **stream,
    )  # fmt: skip


@dataclass
class Served:
    """What became of requests: columns by the request's number, and the log."""

    log: object
    state: object
    host_calls: object
    columns: dict = field(default_factory=dict)

    def __getattr__(self, name):
        return self.columns[name]


def serve(
    table, governor, cap, load, plots, rules, *, least_ns=0, until_ns=NEVER_NS, compiled=False,
    every_row=True, stop_done=NEVER_NS,
):  # fmt: skip
    """Serve ``load`` and return what became of it; a request that never came is PENDING."""
    requests = LiveRequests(load, plots, rules, stop_done, compiled)
    detail = Detail(every_row, compiled=compiled)
    log = Execution(
        table, governor, cap, requests, detail, least_ns=least_ns, until_ns=until_ns
    ).run()
    served = Served(log, requests.queue.state, requests.host_calls)
    ended, n = log.requests, load.requests
    for name, nothing in (("status", 0), ("arrival_ns", -1), ("admit_ns", -1), ("finish_ns", -1)):
        column = np.full(n, nothing, dtype=np.int64)
        column[ended.number] = getattr(ended, name)
        served.columns[name] = column
    return served
