"""A component: a camera, a display, a radio, with what it draws in each of its states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from dfsrt.base.errors import InputError
from dfsrt.base.names import unknown_name
from dfsrt.base.ranged import Ranged


@dataclass(frozen=True, slots=True)
class Component:
    """A part with power ``states`` in W and ``events`` in J, and the heat ``node`` it warms.

    ``at`` says where its watts were measured: at the ``battery``, conversion included, or at its
    own ``rail``, to which the PMIC's loss comes on top. One that ``is_memory`` holds what the
    device's memory points draw by themselves.
    """

    name: str
    what: str
    node: str
    at: Literal["battery", "rail"]
    states: Mapping[str, Ranged]
    events: Mapping[str, Ranged]
    is_memory: bool = False

    def state_w(self, state: str) -> float:
        """Return the watts of ``state``; ``off`` is none.

        Raises:
            InputError: no such state.
        """
        if state not in self.states:
            if state == "off":
                return 0.0
            known = unknown_name(f"state of {self.name}", state, [*self.states, "off"])
            raise InputError(f"{known}; give one of these")
        return self.states[state].value

    def event_j(self, event: str) -> float:
        """Return the joules of ``event``.

        Raises:
            InputError: no such event.
        """
        if event not in self.events:
            known = unknown_name(f"event of {self.name}", event, self.events)
            raise InputError(f"{known}; give one of these")
        return self.events[event].value
