"""Which rule is asked, as scalar functions of the loop."""

from __future__ import annotations

from dfsrt.governor.idle.rule import (
    ASK,
    BREAK_EVEN,
    LADDER,
    MENU,
    NEVER_NS,
    ORACLE,
    PAST,
    STAY,
    TEO,
    TIMEOUT,
    IdleRule,
    Outlook,
)
from dfsrt.governor.idle.rules import (
    by_break_even,
    by_ladder,
    by_menu,
    by_oracle,
    by_teo,
    by_timeout,
    learn_menu,
    learn_teo,
    step_ladder,
)


def choose_state(rule: IdleRule, now: Outlook) -> tuple[int, int, int]:
    """Return the next state to enter, or -1, and when to enter and to leave it unasked.

    Both times count from the stretch's beginning; ``NEVER_NS`` where it is left when a request
    comes. With -1 the second is when to leave the state that one is in, once more.
    """
    kind = rule.kind
    if kind == TIMEOUT:
        return by_timeout(rule, now)
    if kind == BREAK_EVEN:
        return by_break_even(rule, now)
    if kind == LADDER:
        return by_ladder(rule, now)
    if kind == MENU:
        return by_menu(rule, now)
    if kind == TEO:
        return by_teo(rule, now)
    if kind == ORACLE:
        return by_oracle(rule, now)
    return STAY, NEVER_NS, NEVER_NS


def learn(rule: IdleRule, set_point: int, state: int, idle_ns: int, timer_ns: int) -> None:
    """Let a rule remember a stretch that has ended with a request.

    It had lasted ``idle_ns`` when the request came, ``state`` was the deepest that was entered, or
    -1; ``timer_ns`` is what the next known event was when it began.
    """
    kind = rule.kind
    if kind == ASK:
        rule.memory[1 + rule.memory[0] % PAST] = idle_ns
        rule.memory[0] += 1
    elif kind == LADDER:
        step_ladder(rule, idle_ns)
    elif kind == MENU:
        learn_menu(rule, idle_ns, timer_ns)
    elif kind == TEO:
        learn_teo(rule, set_point, state, idle_ns, timer_ns)
