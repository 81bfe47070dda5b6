"""The contract of an idle governor: one method, asked when nothing is left to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from dfsrt.governor.idle.rule import STAY


@dataclass(frozen=True, slots=True)
class IdleView:
    """What an idle governor may know when an idle stretch begins, or a state has been entered.

    States are numbered from 0, shallow to deep; ``state`` is the one the NPU is in, -1 while it is
    up, and ``idle_ns`` how long the stretch has lasted. ``up_w`` is what the NPU's rail gives
    while it stays up, ``power_w`` ``(n_states,)`` in each state, on the typical die.
    ``entry_ns``, ``exit_ns`` and ``residency_ns`` ``(n_states,)``: the last is the shortest
    stretch that pays, declared or break-even. ``entry_j`` and ``exit_j`` likewise are joules.
    ``timer_ns`` is how long until the next event that a driver knows of, such as a frame clock's
    or the end of a step on the host; None where it knows none. ``next_ns`` is when the next
    request really comes, for a governor that ``sees_next``; else None; ``gap_ns`` then is the idle
    time that follows that request. ``past_ns`` are the lengths of the last stretches, newest first,
    16 at most.
    """

    state: int
    idle_ns: int
    up_w: float
    power_w: tuple[float, ...]
    entry_ns: tuple[int, ...]
    exit_ns: tuple[int, ...]
    residency_ns: tuple[int, ...]
    entry_j: tuple[float, ...]
    exit_j: tuple[float, ...]
    timer_ns: int | None = None
    next_ns: int | None = None
    past_ns: tuple[int, ...] = ()
    gap_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Sleep:
    """A choice: the next ``state`` to enter, -1 for none, ``after_ns`` of the stretch.

    ``wake_ns``, from the stretch's beginning as well, is when to leave it unasked; None: when a
    request comes.
    """

    state: int = STAY
    after_ns: int = 0
    wake_ns: int | None = None


@runtime_checkable
class IdleGovernor(Protocol):
    """Anything with ``choose``.

    It may also carry ``name`` (for reports) and ``sees_next`` (True: it is told the future).
    """

    def choose(self, view: IdleView) -> Sleep:
        """Return the next state to enter, if any, given what is known now."""
        ...
