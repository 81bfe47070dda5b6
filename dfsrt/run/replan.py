"""Rules that pick a plan of a family where requests come, leave and take turns.

Scalar functions, the same as plain Python and as machine code. A request's time is what its
layers take under a plan, not cycles over clock. How much a request will do is not known before it
is done: its worst case, less what it has done, is what is left.
Source: Pillai and Shin, SOSP 2001, for all but ``pace``.
"""

from __future__ import annotations

from dfsrt.base.arrays import Ints
from dfsrt.governor.deadline_test import FULL
from dfsrt.run.hold_up import is_safe
from dfsrt.run.machine import Machine
from dfsrt.run.queue_state import ARRIVED, NOBODY, STARTED, Queue, Slot
from dfsrt.run.speeds import MOST_HERE, Speeds
from dfsrt.run.stream import NEVER_NS
from dfsrt.run.work_left import boundary_ns, due_ns, is_after, left_ns, worst_left_ns

# The values of ``Rule``, for compiled code.
PACE, CC_EDF, LA_EDF, CC_RM = 1, 2, 3, 4


def replan(m: Machine, sp: Speeds, q: Queue, request: int) -> None:
    """Pick the plan for what is here, ``request`` at hand."""
    n, again = gather(q, request, sp), m.now_ns >= m.review_ns
    m.review_ns = NEVER_NS
    if n > MOST_HERE:
        row = sp.n_plans - 1
    elif m.rule == PACE:
        row = pace(m, sp, q, n)
    elif m.rule == CC_EDF:
        row = cc_edf(m, sp, q, n)
    elif m.rule == LA_EDF:
        row = la_edf(m, sp, q, n)
    else:
        row = cc_rm(m, sp, q, n, again)
    m.plan = row * sp.stride


def gather(q: Queue, request: int, sp: Speeds) -> int:
    """Line up all that are here, the one at hand first; return how many, or too many."""
    s, line, n = q.state, sp.line, 1
    line[0] = request
    if s.n_waiting + s.n_ready + s.n_asleep > MOST_HERE:
        return MOST_HERE + 1
    for k in range(s.n_ready):
        if q.slots[q.ready[k]].status == STARTED:
            n = put_in(q, line, n, int(q.ready[k]))
    for k in range(s.n_asleep):
        if q.slots[q.asleep[k]].status == STARTED:
            n = put_in(q, line, n, int(q.asleep[k]))
    waiting = int(s.oldest)
    while waiting != NOBODY:
        n = put_in(q, line, n, waiting)
        waiting = int(q.slots[waiting].after)
    return n


def put_in(q: Queue, line: Ints, n: int, slot: int) -> int:
    """Put a slot into the line ``(n,)`` behind the one at hand, by rank, arrival and number."""
    place = n
    while place > 1 and sooner(q.slots[slot], q.slots[line[place - 1]]):
        line[place] = line[place - 1]
        place -= 1
    line[place] = slot
    return n + 1


def sooner(one: Slot, two: Slot) -> bool:
    """Whether a request would get the NPU before another."""
    if one.rank != two.rank:
        return one.rank < two.rank
    if one.arrival_ns != two.arrival_ns:
        return one.arrival_ns < two.arrival_ns
    return one.number < two.number


def pace(m: Machine, sp: Speeds, q: Queue, n: int) -> int:
    """Return the slowest plan that leaves all in the line the time that they need.

    Those behind the one at hand are taken to run at the fastest.
    """
    room, ahead, fastest, now_row = NEVER_NS, 0, sp.n_plans - 1, m.plan // sp.stride
    for k in range(n):
        slot = q.slots[sp.line[k]]
        due = due_ns(sp, slot)
        if k > 0:
            ahead += left_ns(sp, q, fastest, slot)
        if due < NEVER_NS:
            host = sp.host_ns[slot.step] if slot.step != NOBODY else 0
            room = min(room, due - m.now_ns - host - ahead)
    first = q.slots[sp.line[0]]
    for row in range(fastest):
        cost = 0 if row == now_row else sp.switch_ns
        if left_ns(sp, q, row, first) + cost <= room:
            return row
    return fastest


def cc_edf(m: Machine, sp: Speeds, q: Queue, n: int) -> int:
    """Return the slowest plan at which the shares of all workloads fit, and those here keep time.

    A workload with a request here has its worst case over its interval as its share, another what
    its last one took, until that one's interval has passed.
    """
    for row in range(sp.n_plans - 1):
        if share(m, sp, q, row) > FULL or not keeps_time(m, sp, q, row, n):
            continue
        if row >= sp.static or is_safe(m, sp, q, row, sp.static, n, False):
            return row
    return sp.n_plans - 1


def share(m: Machine, sp: Speeds, q: Queue, row: int) -> float:
    """Return the sum of all shares under a plan; beyond all where one has no time at all."""
    total = 0.0
    for task in range(sp.n_tasks):
        work, interval = q.workloads[task], sp.interval_ns[task]
        if work.here > 0:
            if interval <= 0:
                return 2.0
            total += float(sp.worst_ns[row * sp.n_tasks + task]) / float(interval)
        elif work.last != NOBODY and interval > 0 and m.now_ns < work.came_ns + interval:
            total += float(sp.done_ns[row * (sp.n_steps + 1) + work.last]) / float(interval)
    return total


def keeps_time(m: Machine, sp: Speeds, q: Queue, row: int, n: int) -> bool:
    """Whether those in the line keep their deadlines if nobody else comes.

    They do at a plan that the shares allow, but for time lost because layers are not interrupted.
    """
    at = m.now_ns
    for k in range(n):
        slot = q.slots[sp.line[k]]
        at += worst_left_ns(sp, q, row, slot)
        if is_after(m, at, due_ns(sp, slot)):
            return False
    return True


def la_edf(m: Machine, sp: Speeds, q: Queue, n: int) -> int:
    """Return the slowest plan for what must be done by the first deadline, all else deferred."""
    fastest = sp.n_plans - 1
    first = add_up(m, sp, q, fastest, n)
    if first <= m.now_ns:
        return fastest
    total = 0.0
    for task in range(sp.n_tasks):
        total += reserved(sp, fastest, task)
        put_later(sp, task)
    for k in range(sp.n_tasks):
        task = sp.order[k]
        total -= reserved(sp, fastest, task)
        gap, left = float(sp.due_ns[task] - first), sp.part_ns[task]
        now = min(max(left - (1.0 - total) * gap, 0.0), left)
        if gap > 0:
            total += (left - now) / gap
        sp.part_ns[task] = now
    m.review_ns = first
    row = least_plan(sp, fastest, first - m.now_ns)
    while row < fastest and not (
        mends(m, sp, q, row, n, first) and is_safe(m, sp, q, row, fastest, n, False)
    ):
        row += 1
    return row


def mends(m: Machine, sp: Speeds, q: Queue, row: int, n: int, first_ns: int) -> bool:
    """Whether the fastest plan is soon enough from the first deadline on, after ``row`` till then.

    A layer that is under way there ends first; and those come that are expected. It is at a plan
    for the work deferred, but for time lost because layers are not interrupted.
    """
    at, turn, rest, fastest = m.now_ns, n, 0, sp.n_plans - 1
    for k in range(n):
        slot = q.slots[sp.line[k]]
        left = worst_left_ns(sp, q, row, slot)
        if at + left > first_ns:
            turn, rest = k, worst_left_ns(sp, q, fastest, slot)
            if at < first_ns:
                till = at + min(left, boundary_ns(sp, q, row, slot, first_ns - at))
                rest -= int(float(rest) * (float(till - at) / float(left)) + 0.5)
                at = till
            break
        at += left
        if is_after(m, at, due_ns(sp, slot)):
            return False
    for k in range(turn, n):
        due = due_ns(sp, q.slots[sp.line[k]])
        if is_after(m, at + till_due(sp, q, turn, rest, n, first_ns, due), due):
            return False
    at = max(at, first_ns)
    for task in range(sp.n_tasks):
        if is_expected(sp, q, task, first_ns):
            due = first_ns + int(sp.interval_ns[task])
            if is_after(m, at + till_due(sp, q, turn, rest, n, first_ns, due), due):
                return False
    return True


def is_expected(sp: Speeds, q: Queue, task: int, at_ns: int) -> bool:
    """Whether a workload of which nothing is here is expected then."""
    return q.workloads[task].here == 0 and sp.due_ns[task] == at_ns


def till_due(sp: Speeds, q: Queue, turn: int, rest: int, n: int, first_ns: int, due: int) -> int:
    """Return the time, at the fastest, of all with deadlines up to ``due``.

    They are those in the line from ``turn`` on, the first with its ``rest``, and those expected.
    """
    total, fastest = 0, sp.n_plans - 1
    for k in range(turn, n):
        slot = q.slots[sp.line[k]]
        if due_ns(sp, slot) <= due:
            total += rest if k == turn else worst_left_ns(sp, q, fastest, slot)
    for task in range(sp.n_tasks):
        if is_expected(sp, q, task, first_ns) and first_ns + sp.interval_ns[task] <= due:
            total += int(sp.worst_ns[fastest * sp.n_tasks + task])
    return total


def cc_rm(m: Machine, sp: Speeds, q: Queue, n: int, again: bool) -> int:
    """Return the slowest plan that does as much by the first deadline as the static one would.

    At an arrival, and where one is expected, that much is dealt out, shortest period first.
    """
    first = add_up(m, sp, q, sp.static, n)
    if first <= m.now_ns:
        return sp.n_plans - 1
    m.review_ns = first
    room = float(first - m.now_ns)
    for k in range(sp.n_tasks):
        task = sp.by_rate[k]
        work, left = q.workloads[task], sp.part_ns[task]
        if again or q.state.news & ARRIVED:
            dealt = min(left, room)
            room -= dealt
            work.spare_ns = int(dealt - left)
        sp.part_ns[task] = max(left + work.spare_ns, 0.0) if left > 0 else 0.0
    row = min(least_plan(sp, sp.static, first - m.now_ns), sp.static)
    while row < sp.static and not is_safe(m, sp, q, row, sp.static, n, True):
        row += 1
    return row


def add_up(m: Machine, sp: Speeds, q: Queue, row: int, n: int) -> int:
    """Write each workload's next deadline and what is left of it; return the first deadline.

    One with nothing here has its next where its interval ends; 0 is returned where somebody is
    here who has no time at all.
    """
    for task in range(sp.n_tasks):
        work, interval = q.workloads[task], sp.interval_ns[task]
        sp.part_ns[task] = 0.0
        if interval <= 0 or work.here > 0:
            sp.due_ns[task] = NEVER_NS
        else:
            ends = work.came_ns + interval
            sp.due_ns[task] = ends if ends > m.now_ns else m.now_ns + interval
    for k in range(n):
        slot = q.slots[sp.line[k]]
        due = due_ns(sp, slot)
        if due == NEVER_NS:
            return 0
        sp.part_ns[slot.workload] += worst_left_ns(sp, q, row, slot)
        sp.due_ns[slot.workload] = min(sp.due_ns[slot.workload], due)
    first = NEVER_NS
    for task in range(sp.n_tasks):
        first = min(first, sp.due_ns[task])
    return first


def reserved(sp: Speeds, row: int, task: int) -> float:
    """Return a workload's worst case over its interval."""
    if sp.interval_ns[task] <= 0:
        return 0.0
    return float(sp.worst_ns[row * sp.n_tasks + task]) / float(sp.interval_ns[task])


def put_later(sp: Speeds, task: int) -> None:
    """Put a workload among those before it, the latest deadline first."""
    place = task
    while place > 0 and sp.due_ns[sp.order[place - 1]] < sp.due_ns[task]:
        sp.order[place] = sp.order[place - 1]
        place -= 1
    sp.order[place] = task


def least_plan(sp: Speeds, row: int, room_ns: int) -> int:
    """Return the slowest plan that does all parts, which are times under plan ``row``, in time."""
    for plan in range(sp.n_plans - 1):
        need = 0.0
        for task in range(sp.n_tasks):
            whole = sp.worst_ns[row * sp.n_tasks + task]
            if sp.part_ns[task] > 0 and whole > 0:
                need += sp.part_ns[task] * (float(sp.worst_ns[plan * sp.n_tasks + task]) / whole)
        if need <= float(room_ns) * FULL:
            return plan
    return sp.n_plans - 1
