"""What a budget says in words."""

from __future__ import annotations

import math

from dfsrt.base.units import format_si
from dfsrt.study.budget.life import Life, Refused
from dfsrt.study.budget.schema import CapAnswer
from dfsrt.study.budget.search import Search
from dfsrt.study.budget.target import Target

HELD = {
    "cap": "limits by heat or charge",
    "voltage": "the rail's voltage",
    "memory": "the memory",
    "range": "the highest clock",
    "policy": "the governor",
}
"""What holds an NPU's clock without a cap, in words."""
BUSY = 0.98
"""An NPU that works for less of the time has served all that the load asks for."""


def answer_text(
    target: Target, cap: CapAnswer, one: Search, present: Life, rest: Life | Refused | None
) -> str:
    """Return a target's answer in a line; ``rest`` is the life of an NPU at rest, if it ran."""
    if cap.verdict == "always":
        return _always(target, cap)
    if cap.verdict == "just" and cap.cap_w is not None:
        which = "at least" if target.more_with_watts else "at most"
        now = "met" if target.met(present) else "missed"
        return (
            f"{target.text}: the NPU may draw {which} {format_si(cap.cap_w, 'W')}, with "
            f"{target.written(cap.reached or 0.0)}; {now} at present"
        )
    return _never(target, one, rest)


def _always(target: Target, cap: CapAnswer) -> str:
    reached = target.written(cap.reached or 0.0)
    if target.more_with_watts:
        return f"{target.text}: is met already: {reached} even at the lowest clocks"
    return f"{target.text}: is met already: {reached} without any cap"


def _never(target: Target, one: Search, rest: Life | Refused | None) -> str:
    best = one.best()
    if best is None:
        return f"{target.text}: cannot be reached: the battery cannot feed the scenario at any cap"
    cap_w, life = best
    reached = target.written(target.of(life))
    if target.more_with_watts:
        return (
            f"{target.text}: cannot be reached: {reached} is the most, "
            f"{_at_cap(cap_w)}; held by {_holder(life)}"
        )
    least = f"{target.text}: cannot be reached by a cap: {reached} at best, {_at_cap(cap_w)}"
    if not isinstance(rest, Life):
        return least
    at_rest = target.written(target.of(rest))
    if target.met(rest):
        return f"{least}; {at_rest} with the NPU at rest: serve fewer requests"
    return f"{least}, and {at_rest} even with the NPU at rest: cut another component"


def _at_cap(cap_w: float) -> str:
    return "without a cap" if math.isinf(cap_w) else f"at a cap of {format_si(cap_w, 'W')}"


def _holder(life: Life) -> str:
    """What holds the speed of a life."""
    if life.busy_share < BUSY:
        return f"the load, for which the NPU works {life.busy_share:.0%} of the time"
    return HELD.get(life.held_by or "", "nothing that was looked at")
