"""Points: runs of many specifications, each a brief of what came out, over workers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from uuid import uuid4

from dfsrt.base.errors import InputError
from dfsrt.report.brief import Brief, brief_of
from dfsrt.report.core import report_of
from dfsrt.run.run import execute
from dfsrt.run.sharing import SharedDeployments, deployment_key
from dfsrt.run.spec import RunSpec
from dfsrt.study.at_work import AtWork
from dfsrt.study.pool import check_workers, open_pool

MOST_PER_TASK = 16
"""Points of a task: a kill loses what a worker has of it, and a task costs about a millisecond."""
TASKS_PER_WORKER = 4


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


@dataclass(frozen=True, slots=True)
class PointTasks:
    """Points for one worker; those of the same ``call`` share deployments there."""

    call: str
    tasks: tuple[PointTask, ...]


RunPoints = Callable[..., Iterator[PointOutcome]]
"""As ``run_points``; a test gives its own."""


def run_points(
    specs: Sequence[RunSpec], workers: int = 1, dask: str | None = None
) -> Iterator[PointOutcome]:
    """Yield the outcome of each of ``specs`` as it is ready, in no order.

    Points that have a load, a device and a power model in common share their layer table. More
    ``workers`` than points are not begun.

    Raises:
        InputError: fewer workers than one or more than ``most_workers``, or a scheduler that does
            not answer.
    """
    check_workers(workers)
    with open_pool(min(workers, max(len(specs), 1)), dask, evaluate_points) as pool:
        for outcomes in pool.outcomes(_tasks(specs, pool.workers)):
            yield from outcomes


def _tasks(specs: Sequence[RunSpec], workers: int) -> list[PointTasks]:
    """Points that share a deployment, side by side, in tasks of a few."""
    places: dict[object, list[int]] = {}
    for number, spec in enumerate(specs):
        places.setdefault(deployment_key(spec), []).append(number)
    most = -(-len(specs) // (TASKS_PER_WORKER * workers))
    size = 1 if workers == 1 else max(1, min(MOST_PER_TASK, most))
    call = uuid4().hex
    return [
        PointTasks(call, tuple(PointTask(k, specs[k]) for k in alike[first : first + size]))
        for alike in places.values()
        for first in range(0, len(alike), size)
    ]


_AT_WORK = AtWork[SharedDeployments]()


def evaluate_points(work: PointTasks) -> list[PointOutcome]:
    """Run each point of ``work``; a point that cannot run says why."""
    shared = _AT_WORK.of(work.call, SharedDeployments)
    return [evaluate_point(task, shared) for task in work.tasks]


def evaluate_point(task: PointTask, shared: SharedDeployments) -> PointOutcome:
    """Run one point; a point that cannot run says why."""
    begin = time.perf_counter()
    try:
        job = shared.job(task.spec)
        ready = time.perf_counter()
        report = report_of(execute(job))
    except InputError as error:
        return PointOutcome(task.number, None, error=str(error))
    spent = (ready - begin, time.perf_counter() - ready)
    return PointOutcome(task.number, brief_of(report), tuple(report.notes), "", *spent)
