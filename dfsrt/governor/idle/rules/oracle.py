"""The rule of ``oracle``: the least energy for gaps that are known beforehand.

A state that is left when the request comes, not before, delays it and shortens what follows. So
all ways through the next gaps are followed together, each known by the delay that it leaves.
"""

from __future__ import annotations

from dfsrt.governor.idle.rule import AHEAD, FOLLOWING, NEVER_NS, STAY, IdleRule, Outlook
from dfsrt.governor.idle.rules.gap_cost import (
    FAR_NS,
    cheapest,
    least_cost,
    long_ns,
    moving_cost,
    resting_cost,
    useful,
)
from dfsrt.governor.idle.rules.ways import (
    CODE,
    COST,
    DELAY,
    ROOT,
    START,
    add_way,
    best_way,
    way_at,
)


def by_oracle(rule: IdleRule, now: Outlook) -> tuple[int, int, int]:
    """Stay up, or enter a state at once and leave it in time, or when the request comes.

    Of the ways that take the least the one that delays this request least, of these the deepest.
    """
    state, early = now.state, False
    if rule.up_w[now.set_point] > 0.0:
        code = best_option(rule, now)
        state, early = code // 2 - 1, code % 2 == 1
    wake_ns = NEVER_NS
    if early and now.next_ns < NEVER_NS:
        wake_ns = now.idle_ns + now.next_ns - int(rule.exit_ns[state])
    if state == now.state:
        return STAY, NEVER_NS, wake_ns
    return state, now.idle_ns, wake_ns


def best_option(rule: IdleRule, now: Outlook) -> int:
    """Return twice a state's number from 1 on, 0 for up, plus 1 where it is left in time.

    A long gap ends the look ahead: in it everyone sleeps in the cheapest state, however delayed.
    """
    bank, count = 0, begin_ways(rule, now)
    known = int(rule.memory[FOLLOWING])
    for k in range(max(known, 1)):
        gap_ns = int(rule.memory[AHEAD + k]) if known > 0 else now.gap_ns
        if k >= known - 1 or gap_ns >= long_ns(rule, now.set_point):
            end_ways(rule, now.set_point, bank, count, gap_ns)
            break
        count = step_ways(rule, now.set_point, bank, count, gap_ns, now.later_ns)
        bank = 1 - bank
    return best_way(rule, bank, count)


def begin_ways(rule: IdleRule, now: Outlook) -> int:
    """Write down the ways through the gap at hand, and return how many there are."""
    gap_ns, point = min(now.next_ns, FAR_NS), now.set_point
    if now.state < 0:
        return branch(rule, point, 0, 0, gap_ns, 0, ROOT, 0, now.settles_ns)
    exit_ns, code = int(rule.exit_ns[now.state]), 2 * (now.state + 1)
    cost, count = resting_cost(rule, point, now.state, gap_ns), 0
    if gap_ns >= exit_ns:
        spared = resting_cost(rule, point, now.state, exit_ns)
        count = add_way(rule, 0, 0, 0, cost - spared, code + 1, 0)
    return add_way(rule, 0, count, exit_ns, cost, code, exit_ns)


def step_ways(
    rule: IdleRule, point: int, bank: int, count: int, gap_ns: int, settles_ns: int
) -> int:
    """Follow ways through one more gap into the other bank, and return how many there are."""
    further = 0
    for k in range(count):
        way = way_at(bank, k)
        left_ns = gap_ns - int(rule.memory[way + DELAY])
        cost, code = int(rule.memory[way + COST]), int(rule.memory[way + CODE])
        start_ns = int(rule.memory[way + START])
        if left_ns > 0:
            further = branch(
                rule, point, 1 - bank, further, left_ns, cost, code, start_ns, settles_ns
            )
        else:
            further = add_way(rule, 1 - bank, further, -left_ns, cost, code, start_ns)
    return further


def branch(
    rule: IdleRule,
    point: int,
    bank: int,
    count: int,
    gap_ns: int,
    cost: int,
    code: int,
    start_ns: int,
    settles_ns: int,
) -> int:
    """Go on from one way by all options for a gap, and return how many ways the bank has then.

    Until the rail has settled the NPU is up.
    """
    up = cost + resting_cost(rule, point, STAY, gap_ns)
    count = add_way(rule, bank, count, 0, up, max(code, 0), start_ns)
    for state in range(len(rule.power_w)):
        if not useful(rule, point, state) or gap_ns <= settles_ns:
            continue
        entry_ns, exit_ns = settles_ns + int(rule.entry_ns[state]), int(rule.exit_ns[state])
        moved, own = cost + moving_cost(rule, point, state), 2 * (state + 1)
        moved += resting_cost(rule, point, STAY, settles_ns)
        if gap_ns >= entry_ns + exit_ns:
            early = moved + resting_cost(rule, point, state, gap_ns - entry_ns - exit_ns)
            name = own + 1 if code == ROOT else code
            count = add_way(rule, bank, count, 0, early, name, start_ns)
        late = moved + resting_cost(rule, point, state, max(gap_ns - entry_ns, 0))
        delay_ns = exit_ns + max(entry_ns - gap_ns, 0)
        name, begin_ns = (own, delay_ns) if code == ROOT else (code, start_ns)
        count = add_way(rule, bank, count, delay_ns, late, name, begin_ns)
    return count


def end_ways(rule: IdleRule, point: int, bank: int, count: int, gap_ns: int) -> None:
    """Add to each way what the last gap that is looked at takes, with nobody delayed in it."""
    for k in range(count):
        way = way_at(bank, k)
        delay_ns = int(rule.memory[way + DELAY])
        if gap_ns >= long_ns(rule, point):
            spared = resting_cost(rule, point, cheapest(rule, point), delay_ns)
            rule.memory[way + COST] -= spared
        else:
            rule.memory[way + COST] += least_cost(rule, point, max(gap_ns - delay_ns, 0))
