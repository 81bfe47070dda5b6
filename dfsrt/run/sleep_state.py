"""Sleep: the tables of an NPU that may switch itself off, and where it stands on the way."""

from __future__ import annotations

from typing import NamedTuple

from dfsrt.base.arrays import Floats, Ints
from dfsrt.governor.idle.rule import IdleRule

UP, ENTERING, ASLEEP, EXITING = range(4)
"""Phases: at work or idle with its clock stopped, on the way down, in a state, on the way up."""
NOWHERE = -1
"""In place of a state's number: up."""


class PhaseWatts(NamedTuple):
    """What flows in each phase of each state, ``(n_codes,)`` each; see ``phase_code``.

    Leakage is at the temperature that the table was made for; the regulator's loss comes on top,
    and the DRAM's is on top of its standby.
    """

    leak_w: Floats
    fixed_w: Floats
    dram_w: Floats
    uncore_w: Floats


class Idle(NamedTuple):
    """What an idle NPU may do; ``on`` is 0 where it stands with its clock stopped and no more.

    Of ``states`` the way down from one, or from up, to another takes ``down_ns``
    ``((n_states + 1) * n_states,)``. With ``lowers`` the rail goes down to ``low_uv``, its first
    set point, once nothing is left to do. ``clocked`` is 1 where a driver knows when the next
    request comes. ``rule`` chooses, ``truth`` holds this die's own numbers for the oracle's
    account, ``draws_w`` ``(n_codes,)`` what the rail and the uncore give in each phase.
    ``service_ns`` ``(n_workloads,)`` is how long a request of each takes by the present plan.
    ``orders_ns`` and ``orders`` ``(n,)`` are a schedule of states to be in, -1 for the rule's own
    choice, that begins anew every ``orders_repeat_ns``; empty without one.
    """

    on: int
    states: int
    lowers: int
    low_uv: int
    clocked: int
    rule: IdleRule
    truth: IdleRule
    down_ns: Ints
    exit_ns: Ints
    draws_w: Floats
    service_ns: Ints
    orders_ns: Ints
    orders: Ints
    orders_repeat_ns: int


def phase_code(phase: int, before: int, state: int, states: int) -> int:
    """Return the number of a phase of a state, ``before`` which the NPU was in another, or up.

    0 is up; then the ways down, ``(n_states + 1, n_states)``, states, and ways up.
    """
    if phase == UP:
        return 0
    if phase == ENTERING:
        return 1 + (before + 1) * states + state
    if phase == ASLEEP:
        return 1 + (states + 1) * states + state
    return 1 + (states + 2) * states + state


def phase_codes(states: int) -> int:
    """Return how many such numbers there are."""
    return 1 + (states + 3) * states
