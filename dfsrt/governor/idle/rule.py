"""An idle governor as the loop takes it: numbers alone, the same for plain Python and compiled."""

from __future__ import annotations

from typing import NamedTuple

from dfsrt.base.arrays import Floats, Ints

NEVER_NS = 2**62
"""A time that does not come; as a stream's."""
NONE, ASK, TIMEOUT, BREAK_EVEN, LADDER, MENU, TEO, ORACLE = range(8)
"""Kinds of rules; ``ASK`` leaves the loop and asks an object."""

PAST = 16
"""Stretches that an object is told of; its memory is how many there were, then those."""
FOLLOWING, AHEAD, MOST_AHEAD = 0, 1, 8
"""The oracle's memory, written by who asks: how many gaps follow that are known, and those."""
STAY = -1
"""In place of a state's number: none is entered."""


class IdleRule(NamedTuple):
    """Which rule, and what it goes by.

    ``params`` are the rule's own, ``memory`` what it remembers, both whole numbers laid out as the
    rule says. ``up_w`` ``(n_set_points,)`` is what the rail gives while the NPU stays up, and
    ``power_w``, ``entry_j``, ``exit_j``, ``entry_ns``, ``exit_ns`` ``(n_states,)`` are the states'.
    ``residency_ns`` ``(n_set_points * n_states,)`` is the shortest stretch that pays. For the
    oracle they are those of this die, for all others the typical one's.
    """

    kind: int
    params: Ints
    memory: Ints
    up_w: Floats
    power_w: Floats
    entry_ns: Ints
    exit_ns: Ints
    entry_j: Floats
    exit_j: Floats
    residency_ns: Ints


class Outlook(NamedTuple):
    """What is known when a choice is made; times in ns, ``NEVER_NS`` where nothing is known.

    ``set_point`` is where the rail stands, or will by ``--idle-rail``; ``state`` the one the NPU
    is in, -1 while it is up; ``idle_ns`` how long it has had nothing to do. ``timer_ns`` from now
    is the next event that a driver knows of, ``next_ns`` from now the next arrival in truth,
    ``gap_ns`` the idle time that follows that request, as far as one can see. Until ``settles_ns``
    from now the rail moves and no state is entered, in each later stretch for ``later_ns``.
    """

    set_point: int
    state: int
    idle_ns: int
    timer_ns: int
    next_ns: int
    gap_ns: int
    settles_ns: int = 0
    later_ns: int = 0
