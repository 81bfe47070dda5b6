"""The rule of ``break-even``: at any time the state that a gap ending now would have wanted.

Entering a state when it has just begun to pay is the classic answer to a gap of unknown length
(ski rental), over several states their lower envelope (Irani, Shukla, Gupta 2003): never above
twice what a gap takes whose length is known, where the way down costs no more than going to the
deepest at once and a transition takes no less than staying up meanwhile.
"""

from __future__ import annotations

from dfsrt.governor.idle.rule import NEVER_NS, STAY, IdleRule, Outlook


def by_break_even(rule: IdleRule, now: Outlook) -> tuple[int, int, int]:
    """Enter the state that is the first to pay, beside what has been entered."""
    best, when = STAY, NEVER_NS
    for state in range(now.state + 1, len(rule.power_w)):
        pays_ns = pays_from_ns(rule, now.set_point, now.state, state)
        if pays_ns < NEVER_NS and pays_ns <= when:
            best, when = state, pays_ns
    return best, when, NEVER_NS


def pays_from_ns(rule: IdleRule, set_point: int, before: int, state: int) -> int:
    """Return from which length of a gap on ``state`` takes no more than ``before``, or than up.

    It is never below the state's residency; ``NEVER_NS`` where it does not pay.
    """
    pays_ns = int(rule.residency_ns[set_point * len(rule.power_w) + state])
    if before < 0 or pays_ns >= NEVER_NS:
        return pays_ns
    saved_w = rule.power_w[before] - rule.power_w[state]
    extra_j = at_zero_j(rule, state) - at_zero_j(rule, before)
    if saved_w <= 0.0 or extra_j >= saved_w * 1e9:  # s: as good as never
        return NEVER_NS
    crossing = extra_j / saved_w * 1e9
    whole = int(crossing)
    return max(pays_ns, whole if whole >= crossing else whole + 1)


def at_zero_j(rule: IdleRule, state: int) -> float:
    """Return where the line of energy over a gap's length begins of a state woken in time."""
    moving_ns = rule.entry_ns[state] + rule.exit_ns[state]
    moving_j = rule.entry_j[state] + rule.exit_j[state]
    return float(moving_j - rule.power_w[state] * (moving_ns * 1e-9))
