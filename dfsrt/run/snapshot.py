"""The queue as it stands, for a governor; and what is known of each workload beforehand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dfsrt.governor.queue_view import (
    Program,
    QueuedRequest,
    QueueView,
    QueueWorkload,
    WorkStep,
)
from dfsrt.run.program import Plot, Step
from dfsrt.run.queue_state import NOBODY, STARTED, WAITING, Queue, Slot
from dfsrt.run.stream import NEVER_NS, NO_DEADLINE, Load


def queue_workloads(
    load: Load, plots: Sequence[Plot], names: Sequence[str]
) -> tuple[QueueWorkload, ...]:
    """Return what is known of each workload of a load."""
    periods = least_gaps_ns(load, len(plots))
    return tuple(
        QueueWorkload(name, _programs(plot), periods[k], _least_deadline_ns(load, k))
        for k, (plot, name) in enumerate(zip(plots, names, strict=True))
    )


def least_gaps_ns(load: Load, workloads: int) -> tuple[int | None, ...]:
    """Return the least time between two arrivals of each workload.

    None where it comes once, or where a request comes when the one before it has left.
    """
    return tuple(_least_gap_ns(load, k) for k in range(workloads))


def _least_gap_ns(load: Load, workload: int) -> int | None:
    if load.closed:
        return None
    at = load.arrival_ns[load.workload == workload]
    if load.copies > 1 and len(at):
        at = np.append(at, at[0] + load.span_ns)
    return int(np.diff(at).min()) if len(at) > 1 else None


def _least_deadline_ns(load: Load, workload: int) -> int | None:
    of_it = (load.workload == workload) & (load.deadline_ns != NO_DEADLINE)
    return int(load.deadline_ns[of_it].min()) if of_it.any() else None


def _programs(plot: Plot) -> tuple[Program, Program, Program]:
    return _program(plot.first), _program(plot.key), _program(plot.between)


def _program(steps: Sequence[Step]) -> Program:
    return tuple(WorkStep(step.first, step.stop, step.host_ns) for step in steps)


def queue_view(q: Queue, workloads: tuple[QueueWorkload, ...], now_ns: int) -> QueueView:
    """Return the queue as it stands, the request that has the NPU first."""
    s, slots = q.state, q.slots
    current = int(s.current)
    ready = [int(k) for k in q.ready[: int(s.n_ready)] if slots[k].status in (WAITING, STARTED)]
    line = [] if current == NOBODY else [current]
    line += _in_order(slots, ready)
    rest = {k for k in range(len(slots)) if slots[k].status in (WAITING, STARTED)} - set(line)
    line += sorted(rest, key=lambda k: (slots[k].rank, slots[k].arrival_ns, slots[k].number))
    return QueueView(now_ns, tuple(_request(q, slots[k]) for k in line), workloads)


def _in_order(slots: Sequence[Slot], ready: list[int]) -> list[int]:
    """Return slots in the order of the line that they stand in."""
    return sorted(ready, key=lambda k: (slots[k].key, slots[k].arrival_ns, slots[k].number))


def _request(q: Queue, slot: Slot) -> QueuedRequest:
    deadline = int(slot.deadline_ns)
    return QueuedRequest(
        int(slot.workload),
        int(slot.arrival_ns),
        None if deadline >= NEVER_NS else int(slot.arrival_ns) + deadline,
        int(q.stream[slot.place].priority),
        int(slot.status) == STARTED,
        _left(q, slot),
    )


def _left(q: Queue, slot: Slot) -> Program:
    """Return the steps still to do; of one that has no program yet, its session's next one."""
    if slot.step == NOBODY:
        begin, end = _next_program(q, slot)
    else:
        begin, end = int(slot.step), int(slot.last_step)
    steps = [WorkStep(int(t.first), int(t.stop), int(t.host_ns)) for t in q.steps[begin:end]]
    if steps and slot.step != NOBODY and not steps[0].host_ns:
        steps[0] = WorkStep(int(slot.layer), steps[0].stop)
    return tuple(steps)


def _next_program(q: Queue, slot: Slot) -> tuple[int, int]:
    """Return where the program begins and ends of one that waits for others of its session."""
    work, before = q.workloads[slot.workload], int(q.chains[slot.chain].served)
    before += sum(
        other.chain == slot.chain and other.number < slot.number
        for other in q.slots
        if other.status in (WAITING, STARTED)
    )
    if before == 0:
        return int(work.first), int(work.key)
    if before % int(work.every) == 0:
        return int(work.key), int(work.between)
    return int(work.between), int(work.end)
