"""From a setting's schedules to events in order of time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import islice, takewhile

from dfsrt.base.errors import InputError
from dfsrt.world.setting import Setting
from dfsrt.world.state import Event, EventKind
from dfsrt.world.use import Use

MAX_EVENTS = 2_000_000


def events_of(
    setting: Setting, cap_changes: Sequence[tuple[int, float]], horizon_ns: int
) -> list[Event]:
    """Return all that schedules hold up to a time; at the same time air, cap and parts in order.

    Raises:
        InputError: more events than can be kept.
    """
    ambient = (Event(t, EventKind.AMBIENT, -1, celsius) for t, celsius in setting.ambient_changes)
    caps = (Event(t, EventKind.CAP, -1, watts) for t, watts in cap_changes)
    streams = [ambient, caps, *(_states(k, use) for k, use in enumerate(setting.uses))]
    merged = heapq.merge(*streams, key=lambda event: event.at_ns)
    soon = takewhile(lambda event: event.at_ns <= horizon_ns, merged)
    events = list(islice(soon, MAX_EVENTS + 1))
    if len(events) > MAX_EVENTS:
        raise InputError(
            f"components change state more than {MAX_EVENTS:,} times; let changes be fewer, or "
            "give the mean as a rate"
        )
    return events


def _states(part: int, use: Use) -> Iterator[Event]:
    base_ns = 0
    while use.changes:
        for when_ns, state in use.changes:
            watts = use.component.state_w(state)
            yield Event(base_ns + when_ns, EventKind.STATE, part, watts)
        if use.repeat_ns is None:
            return
        base_ns += use.repeat_ns
        yield Event(base_ns, EventKind.STATE, part, use.component.state_w(use.state))
