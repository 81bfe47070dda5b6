"""The rule of ``ladder``: a state deeper or shallower after what the last stretches were like.

Source: Linux's ladder governor, constants as of 2026: four stretches long enough go one deeper, one
too short goes one shallower.
"""

from __future__ import annotations

from dfsrt.governor.idle.rule import NEVER_NS, STAY, IdleRule, Outlook

STEP, LONG_ONES = range(2)
"""Memory: the state of the step one stands on, -1 for up, and long stretches one after another."""
STRETCHES_UP = 4
"""Long stretches after which one goes a state deeper; one short one goes a state shallower."""


def by_ladder(rule: IdleRule, now: Outlook) -> tuple[int, int, int]:
    """Enter the state of the step one stands on at once."""
    step = rule.memory[STEP]
    if now.state >= 0 or step < 0:
        return STAY, NEVER_NS, NEVER_NS
    return step, now.idle_ns, NEVER_NS


def step_ladder(rule: IdleRule, idle_ns: int) -> None:
    """Go a step by the length of a stretch less the time to leave the step's state."""
    step = rule.memory[STEP]
    exit_ns = 0 if step < 0 else rule.exit_ns[step]
    rest_ns = idle_ns - exit_ns
    if rest_ns < exit_ns:
        rule.memory[STEP] = step - 1
        rule.memory[LONG_ONES] = 0
    elif rest_ns > exit_ns:
        rule.memory[LONG_ONES] += 1
        if rule.memory[LONG_ONES] >= STRETCHES_UP:
            rule.memory[STEP] = min(step + 1, len(rule.power_w) - 1)
            rule.memory[LONG_ONES] = 0
