"""A component in use: the states that it is in, and when."""

from __future__ import annotations

from dataclasses import dataclass

from dfsrt.world.components import Component


@dataclass(frozen=True, slots=True)
class Use:
    """A component in use; ``changes`` are (time in ns, state), repeated every ``repeat_ns``.

    ``while_npu`` and ``while_host`` are states on top of ``state`` while those work;
    ``per_frame`` is an event of each request that finishes, ``rate_hz`` are events at a pace.
    With ``least_w`` it is an actor of thermal zones and can be held down to that.
    """

    name: str
    component: Component
    state: str
    changes: tuple[tuple[int, str], ...]
    repeat_ns: int | None
    while_npu: str | None
    while_host: str | None
    per_frame: str | None
    rate_hz: tuple[tuple[str, float], ...]
    budget_w: float | None
    least_w: float | None
    weight: float

    def used(self) -> tuple[tuple[str, str], ...]:
        """Return the states and events that matter here, each as (kind, name)."""
        states = [*self.states, *(s for s in (self.while_npu, self.while_host) if s)]
        events = [e for e, _ in self.rate_hz] + ([self.per_frame] if self.per_frame else [])
        known = [("states", s) for s in states if s in self.component.states]
        return tuple(dict.fromkeys([*known, *(("events", e) for e in events)]))

    @property
    def states(self) -> tuple[str, ...]:
        """The states that its schedule holds, the first one first."""
        return (self.state, *(state for _, state in self.changes))

    @property
    def rest_w(self) -> float:
        """The least that it may draw, whatever works: its hungriest state may be held down."""
        least_w = min(self.component.state_w(state) for state in self.states)
        return least_w if self.least_w is None else min(least_w, self.least_w)
