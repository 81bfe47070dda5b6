"""A rule of the loop asked as an object: its numbers and its memory from a view."""

from __future__ import annotations

import numpy as np

from dfsrt.governor.idle.dispatch import choose_state, learn
from dfsrt.governor.idle.governor import IdleView, Sleep
from dfsrt.governor.idle.rule import NEVER_NS, IdleRule, Outlook


def choice(kind: int, params: tuple[int, ...], memory: tuple[int, ...], view: IdleView) -> Sleep:
    """Return the choice of a rule with such numbers, once it has seen the view's past.

    Limits: what drivers knew of past stretches is not in a view; the rule learns from their
    lengths alone.
    """
    if not view.power_w:
        return Sleep()
    rule = rule_of(kind, params, memory, view)
    for idle_ns in reversed(view.past_ns):
        _relive(rule, idle_ns)
    state, after_ns, wake_ns = choose_state(rule, outlook_of(view))
    return Sleep(state, 0 if state < 0 else after_ns, None if wake_ns >= NEVER_NS else wake_ns)


def rule_of(
    kind: int, params: tuple[int, ...], memory: tuple[int, ...], view: IdleView
) -> IdleRule:
    """Return a rule with the numbers of a view, as if its rail stood at the one set point."""
    whole = np.int64
    return IdleRule(
        kind=kind,
        params=np.array(params or (0,), whole),
        memory=np.array(memory or (0,), whole),
        up_w=np.array([view.up_w]),
        power_w=np.array(view.power_w),
        entry_ns=np.array(view.entry_ns, whole),
        exit_ns=np.array(view.exit_ns, whole),
        entry_j=np.array(view.entry_j),
        exit_j=np.array(view.exit_j),
        residency_ns=np.array(view.residency_ns, whole),
    )


def outlook_of(view: IdleView) -> Outlook:
    """Return what a view knows of what comes."""
    timer, next_ns, gap = (
        NEVER_NS if value is None else value for value in (view.timer_ns, view.next_ns, view.gap_ns)
    )
    return Outlook(0, view.state, view.idle_ns, timer, next_ns, gap)


def _relive(rule: IdleRule, idle_ns: int) -> None:
    """Let a rule choose for a stretch that was, and learn from it."""
    state, after_ns, _ = choose_state(rule, Outlook(0, -1, 0, NEVER_NS, idle_ns, NEVER_NS))
    learn(rule, 0, state if after_ns < idle_ns else -1, idle_ns, NEVER_NS)
