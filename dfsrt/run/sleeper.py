"""The sleeper: asks an idle governor that is an object, where the loop has no rule for it."""

from __future__ import annotations

from typing import SupportsInt, cast

import numpy as np

from dfsrt.base.errors import InputError
from dfsrt.governor.idle import IdleGovernor, IdleView, Sleep
from dfsrt.governor.idle.rule import AHEAD, MOST_AHEAD, NEVER_NS, PAST, IdleRule
from dfsrt.run.machine import Device, Machine
from dfsrt.run.outlook_ahead import known_ns, write_following
from dfsrt.run.queue import next_event_ns
from dfsrt.run.queue_state import Queue
from dfsrt.run.sleep import plan_sleep


class Sleeper:
    """Asks ``governor`` for one run."""

    def __init__(self, governor: IdleGovernor) -> None:
        self._governor = governor

    def choose(self, m: Machine, device: Device, queue: Queue) -> None:
        """Let the governor choose for a machine that asks."""
        sleep = checked(self._governor.choose(self._view(m, device, queue)), device.idle.states)
        wake_ns = NEVER_NS if sleep.wake_ns is None else sleep.wake_ns
        if sleep.state <= m.state and m.state >= 0 and sleep.wake_ns is None:
            wake_ns = int(m.wake_ns)
            wake_ns = wake_ns if wake_ns >= NEVER_NS else wake_ns - int(m.idle_since_ns)
        plan_sleep(m, sleep.state, sleep.after_ns, wake_ns)
        m.asks = False

    def _view(self, m: Machine, device: Device, queue: Queue) -> IdleView:
        idle, rule, now_ns = device.idle, device.idle.rule, int(m.now_ns)
        point = 0 if idle.lowers else int(m.set_point)
        known, event = known_ns(queue, idle.clocked, now_ns), next_event_ns(queue)
        sees = bool(getattr(self._governor, "sees_next", False))
        first = point * idle.states
        return IdleView(
            state=int(m.state),
            idle_ns=now_ns - int(m.idle_since_ns),
            up_w=float(rule.up_w[point]),
            power_w=tuple(map(float, rule.power_w)),
            entry_ns=tuple(map(int, rule.entry_ns)),
            exit_ns=tuple(map(int, rule.exit_ns)),
            residency_ns=tuple(map(int, rule.residency_ns[first : first + idle.states])),
            entry_j=tuple(map(float, rule.entry_j)),
            exit_j=tuple(map(float, rule.exit_j)),
            timer_ns=None if known >= NEVER_NS else int(known),
            next_ns=int(event) - now_ns if sees and event < NEVER_NS else None,
            past_ns=_past_ns(rule),
            gap_ns=_following_ns(queue, device) if sees else None,
        )


def checked(sleep: object, states: int) -> Sleep:
    """Return an idle governor's choice where it is one, in whole numbers that the loop can hold.

    Raises:
        InputError: no ``Sleep``, a state that is not there, or a time that is none.
    """
    if not all(hasattr(sleep, name) for name in ("state", "after_ns", "wake_ns")):
        raise InputError(
            f"the idle governor returned {sleep!r}; return a Sleep with state, after_ns and wake_ns"
        )
    given = cast(Sleep, sleep)
    state, after_ns = _whole(given.state, "state"), _whole(given.after_ns, "after_ns")
    wake_ns = None if given.wake_ns is None else _whole(given.wake_ns, "wake_ns")
    if not -1 <= state < states:
        raise InputError(
            f"the idle governor chose state {state}; this device has 0 to {states - 1}, and -1 is "
            "none"
        )
    if after_ns < 0 or (wake_ns is not None and wake_ns < 0):
        raise InputError(
            f"the idle governor gave {'after_ns' if after_ns < 0 else 'wake_ns'} "
            f"{after_ns if after_ns < 0 else wake_ns}; give a time from the stretch's beginning, "
            "0 or more"
        )
    return Sleep(
        state, min(after_ns, NEVER_NS), None if wake_ns is None else min(wake_ns, NEVER_NS)
    )


def _whole(value: object, name: str) -> int:
    try:
        whole = int(cast(SupportsInt, value))
        is_whole = not isinstance(value, str) and whole == value
    except (TypeError, ValueError, OverflowError):
        is_whole = False
    if not is_whole:
        raise InputError(f"the idle governor gave {name} {value!r}; give a whole number")
    return whole


def _following_ns(queue: Queue, device: Device) -> int | None:
    """The idle time that follows the next request; None where nothing does."""
    known = np.zeros(AHEAD + MOST_AHEAD, dtype=np.int64)
    write_following(queue, device.idle.service_ns, known)
    return None if known[AHEAD] >= NEVER_NS else int(known[AHEAD])


def _past_ns(rule: IdleRule) -> tuple[int, ...]:
    """The lengths of the last stretches, newest first."""
    count = int(rule.memory[0])
    return tuple(
        int(rule.memory[1 + k % PAST]) for k in range(count - 1, max(count - PAST, 0) - 1, -1)
    )
