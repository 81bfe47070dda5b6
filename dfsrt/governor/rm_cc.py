"""``rm-cc``: cycle-conserving in order of rates: never behind the static speed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.governor.deadline_test import rm_keeps
from dfsrt.governor.family import Rule
from dfsrt.governor.static_speed import ChangingSpeed


@dataclass(frozen=True, slots=True)
class RmCc(ChangingSpeed):
    """Cycle-conserving: as much done by the next deadline as ``rm-static`` would do, no faster.

    At an arrival what the static speed would do by the first deadline is dealt out to those here,
    shortest period first; the speed is the slowest that does what is left of it in time. Late: once
    a deadline has passed, the fastest under the cap runs; ``--drop late`` gives up those whose turn
    comes too late. On devices where a change costs time, it and the longest layer of others are
    counted with each request. Elsewhere a
    slower speed is left out if those who may come during one of its layers would be late for it.
    A workload's period is the least time between two of its arrivals; a request without a deadline
    has its period. One with neither, as back to back, is wanted at once: the fastest speed.
    Source: Pillai and Shin, SOSP 2001.
    """

    name: ClassVar[str] = "rm-cc"
    discipline: ClassVar[str] = "rm"
    keeps = staticmethod(rm_keeps)
    rule: ClassVar[Rule] = Rule.CC_RM
