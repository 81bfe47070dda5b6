"""Which rule is asked, as scalar functions of the loop."""

from __future__ import annotations

from dfsrt.governor.idle.rule import ASK, NEVER_NS, PAST, TIMEOUT, IdleRule, Outlook

STAY = -1


def choose_state(rule: IdleRule, now: Outlook) -> tuple[int, int, int]:
    """Return the next state to enter, or -1, and when to enter and to leave it unasked.

    Both times count from the stretch's beginning; ``NEVER_NS`` where it is left when a request
    comes.
    """
    if rule.kind == TIMEOUT:
        return after_timeout(rule, now)
    return STAY, NEVER_NS, NEVER_NS


def learn(rule: IdleRule, set_point: int, state: int, idle_ns: int, timer_ns: int) -> None:
    """Let a rule remember a stretch that has ended with a request.

    It had lasted ``idle_ns`` when the request came, ``state`` was the deepest that was entered, or
    -1; ``timer_ns`` is what the next known event was when it began.
    """
    if rule.kind == ASK:
        rule.memory[1 + rule.memory[0] % PAST] = idle_ns
        rule.memory[0] += 1


def after_timeout(rule: IdleRule, now: Outlook) -> tuple[int, int, int]:
    """Enter the deepest state after a fixed time."""
    deepest = len(rule.power_w) - 1
    if now.state == deepest:
        return STAY, NEVER_NS, NEVER_NS
    return deepest, rule.params[0], NEVER_NS
