"""Task sets on an ideal device, and what textbook governors make of them, in exact fractions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dfsrt.device.rail import Rail
from dfsrt.governor import make_governor
from dfsrt.run.cap import constant_cap
from dfsrt.run.detail import Detail
from dfsrt.run.execution import Execution
from dfsrt.run.live_requests import LiveRequests
from dfsrt.run.program import Plot, Step
from dfsrt.run.rules import Discipline, Drop, Rules
from dfsrt.run.snapshot import queue_workloads
from tests.helpers.serve import load_of
from tests.helpers.tiny import tiny_npu, tiny_table

UNIT_NS = 1_000_000
"""A unit of work takes 1 ms at the fastest clock."""
POINTS = ((500_000_000, 3_000_000), (750_000_000, 4_000_000), (1_000_000_000, 5_000_000))


@dataclass(frozen=True)
class TaskSet:
    """Periodic tasks: what each invocation does of its worst case, the last for all after it.

    All in units of work and time; an invocation comes at each multiple of its period up to ``end``.
    """

    tasks: tuple[tuple[int, int], ...]
    actual: tuple[tuple[int, ...], ...]
    end: int

    def work(self, task: int, number: int) -> int:
        """What invocation ``number`` of a task does."""
        return self.actual[task][min(number, len(self.actual[task]) - 1)]

    def arrivals(self) -> list[tuple[int, int, int]]:
        """Time, task and number of each invocation."""
        return sorted(
            (at, task, at // period)
            for task, (_, period) in enumerate(self.tasks)
            for at in range(0, self.end, period)
        )


PILLAI_SHIN = TaskSet(((3, 8), (3, 10), (1, 14)), ((2, 1), (1, 1), (1, 1)), 16)


def ideal_npu(points=POINTS):
    """A device whose energy is work times voltage squared, and nothing else takes any."""
    rail = Rail("instant", 0, float("inf"), 0, 1.0)
    return tiny_npu(
        points, freq_switch_ns=0, rail=rail, leakage=(), clock_farad=0.0, uncore_w=0.0
    )  # fmt: skip


def ideal_table(layers, pieces, points=POINTS):
    """A table of ``layers`` units of work, each cut into so many ``pieces``; 1 J a unit at 1 V."""
    cycles = [UNIT_NS // pieces] * (layers * pieces)
    return tiny_table(ideal_npu(points), cycles, [0] * len(cycles), [1e6 / pieces] * len(cycles))


def run_task_set(tasks, governor, *, pieces=100, compiled=False, drop=Drop.NONE, points=POINTS):
    """Return energy in joules and requests, of a task set run by dfsrt's own engine.

    Each program is the first so many units of its task's own layers; the worst case is the key
    program's, the first invocation's the first one's, all others run between.
    """
    plots, first = [], 0
    for (worst, _), actual in zip(tasks.tasks, tasks.actual, strict=True):
        one, later = actual[0], actual[-1]
        programs = [(Step(first, first + n * pieces),) for n in (one, worst, later)]
        plots.append(Plot(*programs, every=2**40, in_order=True))
        first += worst * pieces
    arrivals = tasks.arrivals()
    load = load_of(
        [at * UNIT_NS for at, _, _ in arrivals],
        [task for _, task, _ in arrivals],
        [tasks.tasks[task][1] * UNIT_NS for _, task, _ in arrivals],
    )
    chosen = make_governor(governor)
    order = Discipline[(getattr(chosen, "discipline", "") or "fifo").upper()]
    requests = LiveRequests(load, plots, Rules(order, drop), compiled=compiled)
    names = [f"task{k}" for k in range(len(plots))]
    periods = {k: period * UNIT_NS for k, (_, period) in enumerate(tasks.tasks)}
    known = tuple(
        type(w)(w.name, w.programs, periods[k], w.deadline_ns)
        for k, w in enumerate(queue_workloads(load, plots, names))
    )
    execution = Execution(
        ideal_table(first // pieces, pieces, points), chosen, constant_cap(np.inf), requests,
        Detail(compiled=compiled), workloads=known,
    )  # fmt: skip
    return execution.run()


def energy_j(log):
    return float(log.energy_j.sum())
