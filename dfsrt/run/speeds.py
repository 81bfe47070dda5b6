"""What a rule picks plans by: a family's times, laid out flat for plain Python and machine code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dfsrt.base.arrays import Floats, Ints
from dfsrt.base.record import laid_out
from dfsrt.governor.deadline_test import task_times
from dfsrt.governor.family import Family, RowTimes, Rule, row_times
from dfsrt.governor.queue_view import Program, QueueWorkload
from dfsrt.governor.view import View
from dfsrt.run.stream import NEVER_NS

MOST_HERE = 64
"""Requests here that a rule looks at one by one; where there are more it takes the fastest plan."""


class Speeds(NamedTuple):
    """Tables of a family; sequences are lists or arrays, all flat.

    ``until_ns`` ``(n_plans * (n_layers + 1),)`` is the time of the layers before each. ``tail_ns``
    ``(n_plans * n_steps,)`` is the time on the NPU of the steps after each in its program, and
    ``host_ns`` ``(n_steps,)`` that on the host from its begin on. ``done_ns``
    ``(n_plans * (n_steps + 1),)`` is the time of the program that ends there, ``worst_ns``
    ``(n_plans * n_tasks,)`` that of each workload's largest, with what a change of plan may cost,
    ``longest_ns`` that of its longest layer.
    ``interval_ns`` and ``deadline_ns`` ``(n_tasks,)`` are the shorter of period and deadline, and
    the deadline, 0 where there is neither; ``by_rate`` has the tasks, shortest period first.
    ``line``, ``order``, ``due_ns`` and ``part_ns`` are for a rule's own use. ``switch_ns`` is what
    another plan may cost, ``static`` the plan for the worst case. Wishes of plans lie ``stride``
    apart: times are those at one point of the memory, wishes at all.
    """

    n_plans: int
    n_layers: int
    n_steps: int
    n_tasks: int
    static: int
    stride: int
    switch_ns: int
    until_ns: Ints
    tail_ns: Ints
    host_ns: Ints
    done_ns: Ints
    worst_ns: Ints
    longest_ns: Ints
    interval_ns: Ints
    deadline_ns: Ints
    by_rate: Ints
    line: Ints
    order: Ints
    due_ns: Ints
    part_ns: Floats


def no_speeds(compiled: bool) -> Speeds:
    """Return the tables where no rule picks anything."""
    none = np.zeros(1, dtype=np.int64)
    few = (none, none, none, none, none, none)
    return laid_out_speeds(Speeds(0, 0, 0, 0, 0, 0, 0, *few, *few, np.zeros(1)), compiled)


def laid_out_speeds(speeds: Speeds, compiled: bool) -> Speeds:
    """Return tables laid out for machine code, else as lists."""

    def ints(values: Ints) -> Ints:
        return laid_out(np.asarray(values, dtype=np.int64), compiled)

    return speeds._replace(
        until_ns=ints(speeds.until_ns),
        tail_ns=ints(speeds.tail_ns),
        host_ns=ints(speeds.host_ns),
        done_ns=ints(speeds.done_ns),
        worst_ns=ints(speeds.worst_ns),
        longest_ns=ints(speeds.longest_ns),
        interval_ns=ints(speeds.interval_ns),
        deadline_ns=ints(speeds.deadline_ns),
        by_rate=ints(speeds.by_rate),
        line=ints(speeds.line),
        order=ints(speeds.order),
        due_ns=ints(speeds.due_ns),
        part_ns=laid_out(np.asarray(speeds.part_ns, dtype=np.float64), compiled),
    )


def speeds_of(view: View, family: Family, tasks: Sequence[QueueWorkload], n_memory: int) -> Speeds:
    """Return the tables of a family whose plans are clamped, as arrays, at one memory point."""
    times = row_times(view, family.plans)
    steps = [step for task in tasks for program in task.programs for step in program]
    tails = [_tails(p, times) for task in tasks for p in task.programs]
    switch_ns = _switch_ns(view, family)
    worst = np.array([times.worst(task) for task in tasks]).T
    longest = np.array([times.longest(task) for task in tasks]).T
    if family.rule != Rule.PACE and switch_ns:
        worst = worst + 2 * switch_ns + _of_others(longest)
    periods, deadlines = np.array([task_times(task) for task in tasks]).T
    interval, size = np.minimum(periods, deadlines), max(MOST_HERE, len(tasks)) + 1
    return Speeds(
        len(family.plans),
        view.n_layers,
        len(steps),
        len(tasks),
        family.static,
        n_memory * view.n_layers,
        switch_ns,
        times.until_ns.ravel(),
        np.concatenate([npu for npu, _ in tails], axis=1).ravel(),
        np.concatenate([host for _, host in tails]),
        _done(tasks, times).ravel(),
        worst.ravel(),
        longest.ravel(),
        _whole(interval),
        _whole(deadlines),
        np.argsort(periods, kind="stable"),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros(size),
    )


def _whole(times_ns: Floats) -> Ints:
    return np.minimum(times_ns, float(NEVER_NS)).astype(np.int64)


def _tails(program: Program, times: RowTimes) -> tuple[Ints, Ints]:
    """Return the NPU's time after each step ``(n_plans, n_steps)``, the host's from its begin."""
    after = [times.of(program[k + 1 :]) for k in range(len(program))]
    host = [sum(step.host_ns for step in program[k:]) for k in range(len(program))]
    shape = len(times.stall_ns), len(program)
    return np.array(after, dtype=np.int64).T.reshape(shape), np.array(host, dtype=np.int64)


def _done(tasks: Sequence[QueueWorkload], times: RowTimes) -> Ints:
    """Return the time of the program that ends at each place, ``(n_plans, n_steps + 1)``."""
    done, place = [np.zeros(len(times.stall_ns), dtype=np.int64)], 0
    for program in (program for task in tasks for program in task.programs):
        done += [done[0]] * len(program)
        place += len(program)
        done[place] = times.of(program)
    return np.array(done).T


def _of_others(longest_ns: Ints) -> Ints:
    """Return for each task the longest layer of any other, both ``(n_plans, n_tasks)``."""
    n = longest_ns.shape[1]
    others = [np.delete(longest_ns, k, axis=1).max(axis=1, initial=0) for k in range(n)]
    return np.array(others).T


def _switch_ns(view: View, family: Family) -> int:
    """Return what another plan may cost: a stall, and the old clock while the rail climbs."""
    rails = sorted({int(uv) for plan in family.plans for uv in plan.rail_uv})
    levels = {int(level) for plan in family.plans for level in plan.level}
    points = np.searchsorted(view.set_points_uv, rails)
    climb = np.triu(view.move_ns()[np.ix_(points, points)])
    pairs = np.ix_(sorted(levels), sorted(levels))
    return int(climb.max(initial=0) + view.stall_ns[pairs].max(initial=0))
