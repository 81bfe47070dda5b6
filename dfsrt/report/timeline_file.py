"""A run's timeline as a file of another tool: layers, clocks, counters and requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from dfsrt.power.components import PLACES
from dfsrt.recording.chrome import ChromeWriter
from dfsrt.recording.perfetto import PerfettoWriter
from dfsrt.report.columns import workload_names
from dfsrt.report.timeline import Timeline, request_slices
from dfsrt.run.job import Job
from dfsrt.run.kept import Requests
from dfsrt.run.log import RunLog

RAIL_PERIOD_NS = 10_000_000
"""Time from one reading of the rails to the next at least."""

Writer = ChromeWriter | PerfettoWriter


class Rails:
    """A consumer that writes the rails' energy counters."""

    def __init__(self, writer: PerfettoWriter) -> None:
        self._writer, self._sum, self._next_ns = writer, np.zeros(len(PLACES)), 0
        writer.rails(PLACES)
        writer.rail_energy(0, self._sum.tolist())

    def add(self, log: RunLog) -> None:
        """Take the next piece of the log."""
        by_rail = np.stack([log.energy_j[:, part].sum(axis=1) for part in PLACES.values()], axis=1)
        whole = self._sum + np.cumsum(by_rail, axis=0)
        period = log.end_ns // RAIL_PERIOD_NS
        last = np.flatnonzero(np.append(np.diff(period) > 0, True)) if len(period) else period
        for row in last.tolist():
            self._writer.rail_energy(int(log.end_ns[row]), whole[row].tolist())
        if len(whole):
            self._sum = whole[-1]


class TimelineFile:
    """A consumer that writes a run's timeline: layers, clocks, counters, and at last requests."""

    def __init__(self, job: Job, writer: Writer) -> None:
        self._job, self._writer = job, writer
        cores = () if job.lanes is None else job.lanes.names
        self._timeline, self._requests = Timeline(job.table, [writer], cores), Requests()
        self._rails = Rails(writer) if isinstance(writer, PerfettoWriter) else None

    def add(self, log: RunLog) -> None:
        """Take the next piece of the log."""
        for consumer in (self._timeline, self._requests, self._rails):
            if consumer is not None:
                consumer.add(log)

    def finish(self, until_ns: int) -> None:
        """Write what is known at the run's end alone."""
        self._timeline.finish(until_ns)
        done, names = self._requests.ended.done, workload_names(self._job)
        called = [names[workload] for workload in done.workload.tolist()]
        self._writer.write(request_slices(called, done.admit_ns, done.finish_ns))


@contextmanager
def open_perfetto(path: Path) -> Iterator[PerfettoWriter]:
    """Open ``path`` as a Perfetto trace."""
    with path.open("wb") as file, PerfettoWriter(file) as writer:
        yield writer


@contextmanager
def open_chrome(path: Path) -> Iterator[ChromeWriter]:
    """Open ``path`` as Chrome's trace JSON."""
    with path.open("w", encoding="utf-8", newline="\n") as file, ChromeWriter(file) as writer:
        yield writer
