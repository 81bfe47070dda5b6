"""Phases of idle states by name."""

from __future__ import annotations

from collections.abc import Sequence

from dfsrt.device.idle import IdleState
from dfsrt.device.residual import UP
from dfsrt.run.sleep_state import ASLEEP, ENTERING, EXITING, phase_code, phase_codes


def phase_names(states: Sequence[IdleState]) -> list[str]:
    """Return what each phase is called, by its code: ``enter``, the state's own name, ``leave``.

    The first is ``clock-gate``: up, with a stopped clock.
    """
    count = len(states)
    names = [UP] * phase_codes(count)
    for k, state in enumerate(states):
        for before in range(-1, count):
            names[phase_code(ENTERING, before, k, count)] = f"enter {state.name}"
        names[phase_code(ASLEEP, -1, k, count)] = state.name
        names[phase_code(EXITING, -1, k, count)] = f"leave {state.name}"
    return names
