"""What a gap takes by the state that it is slept through, in whole numbers.

The unit is what staying up takes in a nanosecond, over ``UNIT``: sums of equal energy are equal.
"""

from __future__ import annotations

from dfsrt.governor.idle.rule import NEVER_NS, STAY, IdleRule

UNIT = 2**16
FAR_NS = 2**40
"""A longer gap counts as this, eighteen minutes: costs stay whole numbers of 64 bits."""
LONG = 8
"""A gap so many times as long as any state needs is slept through in the cheapest one."""


def useful(rule: IdleRule, set_point: int, state: int) -> bool:
    """Return whether there are gaps in which a state takes less than staying up."""
    moving_j = rule.entry_j[state] + rule.exit_j[state]
    pays = rule.residency_ns[set_point * len(rule.power_w) + state] < NEVER_NS
    return bool(pays and moving_j < rule.up_w[set_point] * (FAR_NS * 1e-9))


def moving_cost(rule: IdleRule, set_point: int, state: int) -> int:
    """Return what it takes to enter and leave a state."""
    moving_j = rule.entry_j[state] + rule.exit_j[state]
    return int(moving_j * 1e9 / rule.up_w[set_point] * UNIT + 0.5)


def resting_cost(rule: IdleRule, set_point: int, state: int, rest_ns: int) -> int:
    """Return what a time in a state takes, or a time up."""
    if state < 0:
        return rest_ns * UNIT
    return int(rule.power_w[state] / rule.up_w[set_point] * rest_ns * UNIT + 0.5)


def least_cost(rule: IdleRule, set_point: int, gap_ns: int) -> int:
    """Return the least that a gap takes whose end is known, with nobody delayed."""
    least = resting_cost(rule, set_point, STAY, gap_ns)
    for state in range(len(rule.power_w)):
        rest_ns = int(gap_ns - rule.entry_ns[state] - rule.exit_ns[state])
        if rest_ns >= 0 and useful(rule, set_point, state):
            cost = moving_cost(rule, set_point, state)
            least = min(least, cost + resting_cost(rule, set_point, state, rest_ns))
    return least


def cheapest(rule: IdleRule, set_point: int) -> int:
    """Return the state in which the least flows; -1, up, where none ever pays."""
    best, least_w = STAY, float(rule.up_w[set_point])
    for state in range(len(rule.power_w)):
        if useful(rule, set_point, state) and rule.power_w[state] < least_w:
            best, least_w = state, float(rule.power_w[state])
    return best


def long_ns(rule: IdleRule, set_point: int) -> int:
    """Return from where on gaps are all slept through in the cheapest state."""
    longest = 0
    for state in range(len(rule.power_w)):
        if useful(rule, set_point, state):
            longest = max(longest, int(rule.residency_ns[set_point * len(rule.power_w) + state]))
    return min(LONG * longest, FAR_NS)
