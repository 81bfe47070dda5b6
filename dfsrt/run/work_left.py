"""What requests have still to do, and by when: the ground of rules that pick plans."""

from __future__ import annotations

from dfsrt.governor.deadline_test import FULL
from dfsrt.run.machine import Machine
from dfsrt.run.queue_state import NOBODY, Queue, Slot
from dfsrt.run.speeds import Speeds
from dfsrt.run.stream import NEVER_NS


def left_ns(sp: Speeds, q: Queue, row: int, slot: Slot) -> int:
    """Return the time on the NPU that a request has still to take under a plan."""
    if slot.step == NOBODY:  # it waits for another of its session, and has no program yet
        return int(sp.worst_ns[row * sp.n_tasks + slot.workload])
    own, step = 0, q.steps[slot.step]
    if step.host_ns == 0:
        begin = row * (sp.n_layers + 1)
        own = sp.until_ns[begin + step.stop] - sp.until_ns[begin + slot.layer]
    return int(own + sp.tail_ns[row * sp.n_steps + slot.step])


def worst_left_ns(sp: Speeds, q: Queue, row: int, slot: Slot) -> int:
    """Return what a request may still take under a plan, by what its workload does at the most."""
    left, worst = left_ns(sp, q, row, slot), int(sp.worst_ns[row * sp.n_tasks + slot.workload])
    if slot.step == NOBODY:
        return worst
    done = int(sp.done_ns[row * (sp.n_steps + 1) + slot.last_step]) - left
    return max(worst - done, left)


def due_ns(sp: Speeds, slot: Slot) -> int:
    """Return by when a request is to finish; one without a deadline has its workload's period."""
    if slot.deadline_ns < NEVER_NS:
        return slot.arrival_ns + slot.deadline_ns
    interval = int(sp.interval_ns[slot.workload])
    return slot.arrival_ns + interval if interval > 0 else NEVER_NS


def is_after(m: Machine, at_ns: int, due: int) -> bool:
    """Whether a time is after a deadline by more than rounding."""
    return float(at_ns - m.now_ns) > float(due - m.now_ns) * FULL


def boundary_ns(sp: Speeds, q: Queue, row: int, slot: Slot, span_ns: int) -> int:
    """Return how long a request runs to its first layer boundary from ``span_ns`` on."""
    if slot.step != NOBODY and q.steps[slot.step].host_ns == 0:
        place = row * (sp.n_layers + 1)
        low, high = slot.layer + 1, q.steps[slot.step].stop
        begin = sp.until_ns[place + slot.layer]
        if span_ns <= sp.until_ns[place + high] - begin:
            while low < high:
                middle = (low + high) // 2
                if sp.until_ns[place + middle] - begin >= span_ns:
                    high = middle
                else:
                    low = middle + 1
            return int(sp.until_ns[place + low] - begin)
    return span_ns + int(sp.longest_ns[row * sp.n_tasks + slot.workload])
