"""The rule of ``timeout``: the deepest state after a fixed time, as runtime power management."""

from __future__ import annotations

from dfsrt.governor.idle.rule import NEVER_NS, STAY, IdleRule, Outlook


def by_timeout(rule: IdleRule, now: Outlook) -> tuple[int, int, int]:
    """Enter the deepest state after ``params[0]`` nanoseconds."""
    deepest = len(rule.power_w) - 1
    if now.state == deepest:
        return STAY, NEVER_NS, NEVER_NS
    return deepest, rule.params[0], NEVER_NS
