"""Phases of idle states by name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dfsrt.base.arrays import Ints
from dfsrt.device.idle import IdleState
from dfsrt.device.residual import UP
from dfsrt.run.log import RunLog
from dfsrt.run.sleep_state import ASLEEP, ENTERING, EXITING, phase_code, phase_codes


def sleeping_uv(log: RunLog) -> Ints:
    """Return the rail at each row's start, ``(n_rows,)``, as a meter shows it while it sleeps.

    No state raises a rail that stands lower than its own.
    """
    states = log.table.npu.idle
    most_uv = np.full(phase_codes(len(states)), np.iinfo(np.int64).max)
    for k, state in enumerate(states):
        most_uv[phase_code(ASLEEP, -1, k, len(states))] = state.rail_uv
    return np.asarray(np.minimum(log.rail_uv, most_uv[log.phase]))


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
