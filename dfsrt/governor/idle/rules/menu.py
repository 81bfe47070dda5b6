"""The rule of ``menu``: the state that pays in the length that timers and habit predict.

Source: Linux's menu governor, constants as of 2026. Its factors for requests that wait for input
or output, and its limit on exit latency by them, are for processors: an NPU that is idle has
nobody waiting, so that six of twelve factors are left, and the latency may be all of the
prediction, as it always is: a residency holds it.
"""

from __future__ import annotations

from dfsrt.governor.idle.rule import NEVER_NS, STAY, IdleRule, Outlook
from dfsrt.governor.idle.rules.select import deepest_for, one_more, then_again

DECADES = 6
"""Factors, one for each decade of the time to the next timer: below 10 us, 100 us, ..., 100 ms."""
ONE = 8192
"""A factor of 1: 8 times the 1024 of one observation, as each loses an eighth of what was."""
OBSERVED = 1024
HABIT = 8
"""Last stretches of which a habit is sought."""
ENOUGH = 6
"""Stretches that make a habit at least, once the longest are left out."""
SAME_US2 = 400
"""Variance at or below which stretches are the same."""
SHARE = 36
"""Times the variance that a mean's square is above, if there is a habit."""
MOST_US = 2**29
"""A longer stretch counts as this, nine minutes: squares stay whole numbers of 64 bits."""
COUNT = DECADES
LENGTHS = DECADES + 1
"""Memory: a factor a decade, how many stretches there were, and the last ones in us."""


def by_menu(rule: IdleRule, now: Outlook) -> tuple[int, int, int]:
    """Enter the deepest state that pays in the predicted length at once; its exit is in that."""
    if now.state >= 0 or now.idle_ns > 0:
        return then_again(rule, now, STAY, rule.params[0])
    predicted_ns = min(timer_ns(rule, now.timer_ns), habit_ns(rule))
    chosen = deepest_for(rule, now.set_point, predicted_ns)
    return then_again(rule, now, chosen, rule.params[0])


def timer_ns(rule: IdleRule, known_ns: int) -> int:
    """Return the time to the next timer times what of such times was idle so far."""
    if known_ns >= NEVER_NS:
        return NEVER_NS
    factor = int(rule.memory[decade(known_ns)])
    return known_ns // ONE * factor + known_ns % ONE * factor // ONE


def decade(known_ns: int) -> int:
    """Return which factor belongs to a time to the next timer."""
    bound_ns = 10_000
    for k in range(DECADES - 1):
        if known_ns < bound_ns:
            return k
        bound_ns *= 10
    return DECADES - 1


def habit_ns(rule: IdleRule) -> int:
    """Return the mean of the last stretches, all but the longest two; ``NEVER_NS`` of no habit.

    The longest is left out where all together are no habit, then the second longest.
    """
    known = min(int(rule.memory[COUNT]), HABIT)
    longest, second, total = 0, 0, 0
    for k in range(known):
        length = int(rule.memory[LENGTHS + k])
        total += length
        if length > longest:
            longest, second = length, longest
        elif length > second:
            second = length
    for left_out in range(known - ENOUGH + 1):
        if left_out == 1:
            total -= longest
        elif left_out == 2:
            total -= second
        count = known - left_out
        mean = total // count
        spread = square_sum(rule, known, mean)
        if left_out >= 1:
            spread -= (longest - mean) * (longest - mean)
        if left_out == 2:
            spread -= (second - mean) * (second - mean)
        variance = spread // count
        if variance <= SAME_US2 or mean * mean > SHARE * variance:
            return mean * 1_000
    return NEVER_NS


def square_sum(rule: IdleRule, known: int, mean: int) -> int:
    """Return the sum of the squares of what the last stretches differ by from ``mean``."""
    total = 0
    for k in range(known):
        apart = int(rule.memory[LENGTHS + k]) - mean
        total += apart * apart
    return total


def learn_menu(rule: IdleRule, idle_ns: int, known_ns: int) -> None:
    """Remember a stretch's length, and what share it was of the time to the next timer."""
    rule.memory[LENGTHS + rule.memory[COUNT] % HABIT] = min(idle_ns // 1_000, MOST_US)
    rule.memory[COUNT] = one_more(rule.memory[COUNT], HABIT)
    if known_ns >= NEVER_NS:
        return
    place = decade(known_ns)
    factor = rule.memory[place]
    share = observed(min(idle_ns, known_ns), known_ns)
    rule.memory[place] = max(factor - factor // 8 + share, 1)


def observed(idle_ns: int, known_ns: int) -> int:
    """Return a share of at most 1 in units of 1/1024; a timer that is due now was met."""
    if known_ns <= 0:
        return OBSERVED
    while known_ns > 2**50:  # weeks: as whole numbers of 64 bits, to seven digits
        idle_ns, known_ns = idle_ns // 2, known_ns // 2
    return OBSERVED * idle_ns // known_ns
