"""``edf-cc``: cycle-conserving: what a request did not use slows the others down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.governor.deadline_test import edf_keeps
from dfsrt.governor.family import Rule
from dfsrt.governor.static_speed import ChangingSpeed


@dataclass(frozen=True, slots=True)
class EdfCc(ChangingSpeed):
    """Cycle-conserving: the slowest speed for what requests may take, or have taken when done.

    While a request is here its workload counts with its worst case over its interval, the shorter
    of period and deadline; when done, with what it took, until that interval has passed. Those here
    also keep their deadlines at the speed if nobody else comes. Late: the fastest under the cap
    runs until all that are here can be in time again; ``--drop late`` gives up those whose turn
    comes too late. On devices where a change costs time, it and the longest layer of others are
    counted with each request. Elsewhere a
    slower speed is left out if those who may come during one of its layers would be late for it.
    A workload's period is the least time between two of its arrivals; a request without a deadline
    has its period. One with neither, as back to back, is wanted at once: the fastest speed.
    Source: Pillai and Shin, SOSP 2001.
    """

    name: ClassVar[str] = "edf-cc"
    discipline: ClassVar[str] = "edf"
    keeps = staticmethod(edf_keeps)
    rule: ClassVar[Rule] = Rule.CC_EDF
