"""The rule of ``oracle``: the least energy for a gap whose end is known, and the gap after it."""

from __future__ import annotations

from dfsrt.governor.idle.rule import NEVER_NS, STAY, IdleRule, Outlook

FAR_NS = 10**15
"""A longer gap counts as this, twelve days, so that joules keep their nanoseconds."""
EQUAL, ROUNDED = 1e-12, 1e-14
"""Sums are equal that differ by less than these shares, of themselves and of the next gap's."""
ENDLESS_J = float("inf")


def by_oracle(rule: IdleRule, now: Outlook) -> tuple[int, int, int]:
    """Stay up, or enter a state at once and leave it in time, or when the request comes.

    A state left late delays the request and shortens the gap that follows, which is worth what
    that takes less then. Of the least sums the least delay, of these the deepest state, in time.
    """
    first, last = now.state, now.state
    if now.state < 0:
        last = len(rule.power_w) - 1
    best, in_time = first, False
    least_sum_j, least_delay_ns = ENDLESS_J, NEVER_NS
    rounding_j = ROUNDED * least_j(rule, now.set_point, now.gap_ns)
    for state in range(first, last + 1):
        for early in (False, True):
            sum_j, delay_ns = option_j(rule, now, state, early)
            margin_j = EQUAL * sum_j + rounding_j
            equal = sum_j <= least_sum_j + margin_j and delay_ns <= least_delay_ns
            if sum_j < ENDLESS_J and (sum_j + margin_j < least_sum_j or equal):
                least_sum_j, least_delay_ns = sum_j, delay_ns
                best, in_time = state, early
    wake_ns = NEVER_NS
    if in_time and now.next_ns < NEVER_NS:
        wake_ns = now.idle_ns + now.next_ns - rule.exit_ns[best]
    if best == now.state:
        return STAY, NEVER_NS, wake_ns
    return best, now.idle_ns, wake_ns


def option_j(rule: IdleRule, now: Outlook, state: int, early: bool) -> tuple[float, int]:
    """Return what a way through the gap takes, and how long the request waits for it.

    The delay's worth in the gap that follows is counted. Infinite where there is no time to leave
    ``early``; staying up is left when the request comes.
    """
    gap_ns = min(now.next_ns, FAR_NS)
    if state < 0:
        if early:
            return ENDLESS_J, 0
        return rule.up_w[now.set_point] * (gap_ns * 1e-9), 0
    entry_ns, taken_j = 0, rule.exit_j[state]
    if state != now.state:
        entry_ns = rule.entry_ns[state]
        taken_j += rule.entry_j[state]
    exit_ns = rule.exit_ns[state]
    if early:
        if gap_ns < entry_ns + exit_ns:
            return ENDLESS_J, 0
        return taken_j + rule.power_w[state] * ((gap_ns - entry_ns - exit_ns) * 1e-9), 0
    taken_j += rule.power_w[state] * (max(gap_ns - entry_ns, 0) * 1e-9)
    delay_ns = exit_ns + max(entry_ns - gap_ns, 0)
    left_ns = max(min(now.gap_ns, FAR_NS) - delay_ns, 0)
    spared_j = least_j(rule, now.set_point, now.gap_ns) - least_j(rule, now.set_point, left_ns)
    return taken_j - spared_j, delay_ns


def least_j(rule: IdleRule, set_point: int, gap_ns: int) -> float:
    """Return the least that a gap takes whose end is known, with nobody delayed."""
    length_ns = min(gap_ns, FAR_NS)
    least = rule.up_w[set_point] * (length_ns * 1e-9)
    for state in range(len(rule.power_w)):
        rest_ns = length_ns - rule.entry_ns[state] - rule.exit_ns[state]
        if rest_ns >= 0:
            moving_j = rule.entry_j[state] + rule.exit_j[state]
            least = min(least, moving_j + rule.power_w[state] * (rest_ns * 1e-9))
    return float(least)
