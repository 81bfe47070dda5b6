"""What rules that predict have in common: the state for a length, and a second look."""

from __future__ import annotations

from dfsrt.governor.idle.rule import NEVER_NS, STAY, IdleRule, Outlook


def deepest_for(rule: IdleRule, set_point: int, length_ns: int) -> int:
    """Return the deepest state that pays within ``length_ns``, or -1."""
    states = len(rule.power_w)
    for state in range(states - 1, -1, -1):
        pays_ns = rule.residency_ns[set_point * states + state]
        if pays_ns <= length_ns and pays_ns < NEVER_NS:
            return state
    return STAY


def then_again(rule: IdleRule, now: Outlook, state: int, tick_ns: int) -> tuple[int, int, int]:
    """Enter ``state`` at once; where there is none left to enter, look again at the tick.

    A stretch that lasts until then was taken for a shorter one: now the next timer alone counts.
    ``tick_ns`` 0 is no second look.
    """
    if state > now.state:
        return state, now.idle_ns, NEVER_NS
    if tick_ns == 0:
        return STAY, NEVER_NS, NEVER_NS
    at_ns = max(tick_ns, now.idle_ns)
    left_ns = now.timer_ns
    if left_ns < NEVER_NS:
        left_ns -= at_ns - now.idle_ns
    deeper = deepest_for(rule, now.set_point, left_ns)
    return (deeper, at_ns, NEVER_NS) if deeper > now.state else (STAY, NEVER_NS, NEVER_NS)


def one_more(count: int, places: int) -> int:
    """Return a count after one more, for a ring of ``places``; at twice as many it turns back.

    So that days which are alike leave a memory that is alike.
    """
    return places if count + 1 == 2 * places else count + 1
