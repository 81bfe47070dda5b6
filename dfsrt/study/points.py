"""Points: runs of many specifications, each a brief of what came out, over workers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dfsrt.base.errors import InputError
from dfsrt.report.brief import Brief, brief_of
from dfsrt.report.core import report_of
from dfsrt.run.job import Job, job_of
from dfsrt.run.run import execute
from dfsrt.run.spec import RunSpec
from dfsrt.study.pool import open_pool


@dataclass(frozen=True, slots=True)
class PointTask:
    """A specification to run; ``number`` is its place among those that were asked for."""

    number: int
    spec: RunSpec


@dataclass(frozen=True, slots=True)
class PointOutcome:
    """What came of a point: its brief and notes, or in ``error`` why there are none.

    ``tables_s`` is the worker's time for networks and layer tables, ``engine_s`` that for the run.
    """

    number: int
    brief: Brief | None
    notes: tuple[str, ...] = ()
    error: str = ""
    tables_s: float = 0.0
    engine_s: float = 0.0


def run_points(
    specs: Sequence[RunSpec], workers: int = 1, dask: str | None = None
) -> Iterator[PointOutcome]:
    """Yield the outcome of each of ``specs`` as it is ready, in no order.

    Raises:
        InputError: fewer workers than one, or a scheduler that does not answer.
    """
    tasks = [PointTask(number, spec) for number, spec in enumerate(specs)]
    with open_pool(workers, dask, evaluate_point) as pool:
        yield from pool.outcomes(tasks)


def evaluate_point(task: PointTask) -> PointOutcome:
    """Run one point; a point that cannot run says why."""
    begin = time.perf_counter()
    try:
        job = _job(task.spec)
        ready = time.perf_counter()
        report = report_of(execute(job))
    except InputError as error:
        return PointOutcome(task.number, None, error=str(error))
    spent = (ready - begin, time.perf_counter() - ready)
    return PointOutcome(task.number, brief_of(report), tuple(report.notes), "", *spent)


def _job(spec: RunSpec) -> Job:
    """The job of a specification with its layer table worked out."""
    job = job_of(spec)
    _ = job.table
    return job
