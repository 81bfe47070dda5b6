"""The rule of ``teo``: the state for the next timer, unless stretches mostly end before.

Source: Linux's timer events oriented governor, constants as of 2026. Bins are the states, staying
up first; a length belongs to the deepest state that pays within it.
"""

from __future__ import annotations

from dfsrt.governor.idle.rule import STAY, IdleRule, Outlook
from dfsrt.governor.idle.rules.select import deepest_for, one_more, then_again

PULSE = 1024
"""What a stretch adds to its bin; each stretch takes an eighth of all bins first."""
RECENT = 9
"""Last stretches that are remembered one by one."""
MANY = 5
"""Of the recent ones, how many have to have ended early."""
HIT = -1
"""In place of a recent stretch's bin: it lasted as long as the timer had said."""


def by_teo(rule: IdleRule, now: Outlook) -> tuple[int, int, int]:
    """Enter the state of the next timer, or a shallower one that most early ends fall to."""
    if now.state >= 0 or now.idle_ns > 0:
        return then_again(rule, now, STAY, rule.params[0])
    candidate = deepest_for(rule, now.set_point, now.timer_ns) + 1
    chosen = shallower(rule, candidate) if candidate > 0 else 0
    return then_again(rule, now, chosen - 1, rule.params[0])


def shallower(rule: IdleRule, candidate: int) -> int:
    """Return the bin instead of a ``candidate``, or that itself.

    Early ends outweigh where they weigh more than all else from the candidate on, or were the most
    of the recent ones. The nearest bin then stands in, from which on to the candidate there are
    more than half of them, by each of the two that says so.
    """
    bins = len(rule.power_w) + 1
    early, rest = 0, 0
    for k in range(bins):
        if k < candidate:
            early += rule.memory[bins + k]
        else:
            rest += rule.memory[k] + rule.memory[bins + k]
    recent = recent_in(rule, 0, candidate)
    by_weight, by_recent = early > rest, recent >= MANY
    if not by_weight and not by_recent:
        return candidate
    weight = 0
    for k in range(candidate - 1, 0, -1):
        weight += rule.memory[bins + k]
        enough = not by_weight or 2 * weight > early
        if enough and (not by_recent or 2 * recent_in(rule, k, candidate) > recent):
            return k
    return 0


def recent_in(rule: IdleRule, first: int, stop: int) -> int:
    """Return how many recent stretches ended early in bins from ``first`` up to ``stop``."""
    begin = 2 * (len(rule.power_w) + 1) + 1
    count = 0
    for k in range(RECENT):
        if first <= rule.memory[begin + k] < stop:
            count += 1
    return count


def learn_teo(rule: IdleRule, set_point: int, state: int, idle_ns: int, known_ns: int) -> None:
    """Remember whether a stretch, less half the time to leave its state, ended early, and where."""
    bins = len(rule.power_w) + 1
    exit_ns = rule.exit_ns[state] if state >= 0 else 0
    measured = deepest_for(rule, set_point, max(idle_ns - exit_ns // 2, 0)) + 1
    expected = deepest_for(rule, set_point, known_ns) + 1
    for k in range(2 * bins):
        rule.memory[k] -= rule.memory[k] // 8
    early = measured < expected
    rule.memory[measured + bins if early else expected] += PULSE
    count = rule.memory[2 * bins]
    rule.memory[2 * bins + 1 + count % RECENT] = measured if early else HIT
    rule.memory[2 * bins] = one_more(count, RECENT)
