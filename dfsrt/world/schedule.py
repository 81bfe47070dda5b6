"""What schedules hold: the air, the cap and the states of parts, from a time on."""

from __future__ import annotations

from dfsrt.world.state import EventKind
from dfsrt.world.world import World


def come_true(world: World, now_ns: int) -> None:
    """Let what the schedules hold up to now come true; the books are closed up to then."""
    state = world.state
    while state.next_event < len(world.events) and world.events[state.next_event].at_ns <= now_ns:
        event = world.events[state.next_event]
        if event.kind == EventKind.AMBIENT:
            state.ambient_c = event.value
        elif event.kind == EventKind.CAP:
            state.schedule_w = event.value
        else:
            world.parts[event.part].base_w = event.value
        state.next_event += 1


def set_next(world: World, now_ns: int) -> None:
    """Say when the books are to be closed next: a tick on, or at what comes before that."""
    state = world.state
    next_ns = (now_ns // world.tick_ns + 1) * world.tick_ns
    if state.next_event < len(world.events):
        next_ns = min(next_ns, world.events[state.next_event].at_ns)
    state.next_ns = max(min(next_ns, world.stop_ns), now_ns + 1)
