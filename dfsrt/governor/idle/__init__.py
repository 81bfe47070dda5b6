"""Idle governors: into which state an NPU goes that has nothing to do, and when."""

from dfsrt.governor.idle.governor import IdleGovernor, IdleView, Sleep
from dfsrt.governor.idle.registry import (
    IDLE_GOVERNORS,
    idle_governor_names,
    idle_label,
    make_idle_governor,
)

__all__ = [
    "IDLE_GOVERNORS",
    "IdleGovernor",
    "IdleView",
    "Sleep",
    "idle_governor_names",
    "idle_label",
    "make_idle_governor",
]
