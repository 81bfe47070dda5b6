"""``rm-static``: one speed, the slowest that keeps all deadlines in order of rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.governor.deadline_test import rm_keeps
from dfsrt.governor.static_speed import StaticSpeed


@dataclass(frozen=True, slots=True)
class RmStatic(StaticSpeed):
    """The slowest speed at which the shortest period first keeps all deadlines in the worst case.

    The worst case is each workload's largest program at every arrival; the longest layer of others
    is counted, for it is not interrupted. Where no speed is enough the fastest under the cap runs,
    and requests are late, or dropped where ``--drop late`` says so.
    A workload's period is the least time between two of its arrivals; a request without a deadline
    has its period. One with neither, as back to back, is wanted at once: the fastest speed.
    Source: Pillai and Shin, SOSP 2001.
    """

    name: ClassVar[str] = "rm-static"
    discipline: ClassVar[str] = "rm"
    keeps = staticmethod(rm_keeps)
