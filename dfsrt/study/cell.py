"""Cells: one network under one cap with one seed, and what a point does in them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias, cast

from dfsrt.base.errors import InputError
from dfsrt.network.load import fitting
from dfsrt.network.reading import Reading
from dfsrt.network.reading_table import ReadingTable
from dfsrt.report.api import Job
from dfsrt.run.fields import RunFields, said_of
from dfsrt.run.source import NETWORK, TRACE, kind_of
from dfsrt.study.metric import figures
from dfsrt.study.study import Over, Study

Setting: TypeAlias = tuple[tuple[str, object], ...]
"""Fields of a job with their values, in the order of a study."""
KEPT_JOBS = 64
"""Layer tables that a worker keeps; one takes about a megabyte."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One network under one cap with one seed; no cap means the device's own."""

    network: str
    cap: str | float | None
    seed: int


@dataclass(frozen=True, slots=True)
class Point:
    """What a trial tries: governors of clocks and of idle time as they are typed, on a device.

    ``confidence`` is the one that the power model plans at, ``memory`` the memory's clock or who
    sets it.
    """

    governor: str
    device: str
    confidence: str | float | None
    idle: str | None = None
    memory: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Work for one worker: a trial's point in some cells. ``setting`` holds fields of Job."""

    trial: int
    point: Point
    cells: tuple[Cell, ...]
    setting: Setting


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a task: figures for each cell, or why there are none.

    ``engine_s`` is the worker's time in runs, ``tables_s`` that for building layer tables.
    """

    trial: int
    figures: tuple[dict[str, float], ...]
    error: str = ""
    engine_s: float = 0.0
    tables_s: float = 0.0


def cells_of(study: Study) -> tuple[Cell, ...]:
    """Return the cells in their order: networks, within them caps, within them seeds."""
    over = study.over
    caps: Sequence[str | float | None] = over.caps or [None]
    return tuple(Cell(n, c, s) for n in over.networks for c in caps for s in over.seeds)


_OF_CELLS = ("networks", "caps", "seeds")
_OF_POINTS = ("device", "confidence", "idle", "memory")
SHARED = tuple(
    name
    for name in Over.__struct_fields__
    if name not in (*_OF_CELLS, *_OF_POINTS, *ReadingTable.__struct_fields__)
)
"""Fields of what a study runs on that all of its trials share, named as those of a run are."""


def setting_of(study: Study) -> Setting:
    """Return the fields of Job that are the same for all trials."""
    over = study.over
    return (*((name, getattr(over, name)) for name in SHARED), ("reading", over.reading))


def evaluate(task: Task) -> Outcome:
    """Run ``task``'s point in each of its cells; a point that cannot run says why."""
    found, engine_s, tables_s = [], 0.0, 0.0
    try:
        for cell in task.cells:
            begin = time.perf_counter()
            job = _job(cell, task.point, task.setting)
            ready = time.perf_counter()
            found.append(figures(job.run(task.point.governor).report))
            tables_s += ready - begin
            engine_s += time.perf_counter() - ready
    except InputError as error:
        return Outcome(task.trial, (), str(error), engine_s, tables_s)
    return Outcome(task.trial, tuple(found), "", engine_s, tables_s)


def _job(cell: Cell, point: Point, setting: Setting) -> Job:
    said = (*setting, ("device", point.device), ("memory", point.memory))
    shared = _shared(cell.network, cell.seed, (*said, ("confidence", point.confidence)))
    return shared.changed(cap=cell.cap, idle=point.idle)


@lru_cache(maxsize=KEPT_JOBS)
def _shared(network: str, seed: int, setting: Setting) -> Job:
    """A job without its cap, whose layer table all runs of this worker share."""
    said = dict(setting)
    reading = cast(Reading, said.pop("reading"))
    reading = fitting(network, reading) if kind_of(network) == NETWORK else reading
    fields = cast(RunFields, said)
    fields |= said_of(reading)
    if kind_of(network) == TRACE:
        fields.pop("frames", None)
    fields["seed"] = seed
    return Job(network, **fields)


def changed(point: Point, governor: str) -> Point:
    """Return ``point`` with another governor."""
    return replace(point, governor=governor)
