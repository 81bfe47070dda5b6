"""What a layer that is not interrupted may cost those who come meanwhile.

A rule of the textbook lets anybody take the processor at once. Here a request that comes waits for
the layer that runs, and at a slow plan for longer than at the one that keeps all deadlines.
"""

from __future__ import annotations

from dfsrt.run.machine import Machine
from dfsrt.run.queue_state import Queue
from dfsrt.run.speeds import Speeds
from dfsrt.run.stream import NEVER_NS
from dfsrt.run.work_left import boundary_ns, due_ns, is_after, worst_left_ns


def is_safe(m: Machine, sp: Speeds, q: Queue, row: int, after: int, n: int, rates: bool) -> bool:
    """Whether plan ``row`` for the one at hand leaves time enough for whoever may come meanwhile.

    From the layer boundary on at which they are met, plan ``after`` is to do what is here and what
    may come by each deadline; with ``rates`` in order of periods, else of deadlines. Where changes
    cost time, longest layers are counted with the worst cases instead.
    """
    if sp.switch_ns > 0:
        return True
    first = q.slots[sp.line[0]]
    left = worst_left_ns(sp, q, row, first)
    for task in range(sp.n_tasks):
        come_ns = coming_ns(m, q, task)
        if sp.deadline_ns[task] > 0 and come_ns - m.now_ns < left:
            span = min(boundary_ns(sp, q, row, first, come_ns - m.now_ns), left)
            rest = worst_left_ns(sp, q, after, first)
            rest -= int(float(rest) * (float(span) / float(left)) + 0.5)
            if not all_in_time(m, sp, q, after, n, rates, m.now_ns + span, rest):
                return False
    return True


def coming_ns(m: Machine, q: Queue, task: int) -> int:
    """Return when the next request of a workload comes at the earliest."""
    work = q.workloads[task]
    if work.here == 0 and work.last < 0:  # none has come yet
        return int(m.now_ns)
    if work.period_ns >= NEVER_NS:
        return NEVER_NS
    return int(max(work.came_ns + work.period_ns, m.now_ns))


def all_in_time(
    m: Machine, sp: Speeds, q: Queue, row: int, n: int, rates: bool, at_ns: int, rest: int
) -> bool:
    """Whether plan ``row`` does all by their deadlines from ``at_ns`` on, ``rest`` of the first."""
    for k in range(n):
        slot = q.slots[sp.line[k]]
        due = due_ns(sp, slot)
        if is_after(m, at_ns + demand_ns(m, sp, q, row, n, rates, slot.workload, due, rest), due):
            return False
    for task in range(sp.n_tasks):
        come_ns = coming_ns(m, q, task)
        if sp.deadline_ns[task] > 0 and come_ns < NEVER_NS:
            due = come_ns + int(sp.deadline_ns[task])
            if is_after(m, at_ns + demand_ns(m, sp, q, row, n, rates, task, due, rest), due):
                return False
    return True


def demand_ns(
    m: Machine, sp: Speeds, q: Queue, row: int, n: int, rates: bool, task: int, due: int, rest: int
) -> int:
    """Return the time of a request of ``task`` that is due then, and of all that go before."""
    total, period = 0, q.workloads[task].period_ns
    for k in range(n):
        slot = q.slots[sp.line[k]]
        sooner = (
            q.workloads[slot.workload].period_ns <= period if rates else due_ns(sp, slot) <= due
        )
        if sooner:
            total += rest if k == 0 else worst_left_ns(sp, q, row, slot)
    for other in range(sp.n_tasks):
        come_ns, every = coming_ns(m, q, other), q.workloads[other].period_ns
        last_ns = due - 1 if rates else due - int(sp.deadline_ns[other])
        if come_ns <= last_ns and (not rates or every <= period):
            times = 1 + (last_ns - come_ns) // every if 0 < every < NEVER_NS else 1
            total += times * int(sp.worst_ns[row * sp.n_tasks + other])
    return total
