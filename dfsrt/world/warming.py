"""Heat in a tick: mean watts, and air that may change on the way."""

from __future__ import annotations

from dfsrt.world.heat.steps import advance_heat
from dfsrt.world.state import EventKind
from dfsrt.world.world import World


def warm(world: World, begin_ns: int, seconds: float) -> None:
    """Let the tick's watts heat the nodes for ``seconds``; the air changes when it is scheduled."""
    state, k = world.state, world.state.next_event
    end_ns, passed_s = begin_ns + round(seconds * 1e9), 0.0
    while k < len(world.events) and world.events[k].at_ns < end_ns:
        event = world.events[k]
        if event.kind == EventKind.AMBIENT:
            until_s = (event.at_ns - begin_ns) * 1e-9
            _heat(world, state.ambient_c, until_s - passed_s)
            state.ambient_c, passed_s = event.value, until_s
        k += 1
    _heat(world, state.ambient_c, seconds - passed_s)
    for node in range(len(world.temp_c)):
        world.temp_max_c[node] = max(world.temp_max_c[node], world.temp_c[node])


def _heat(world: World, ambient_c: float, seconds: float) -> None:
    advance_heat(world.modes, world.temp_c, world.watts, ambient_c, seconds, world.work)
