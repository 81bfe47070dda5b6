"""``edf-static``: one speed, the slowest that keeps all deadlines in the worst case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.governor.deadline_test import edf_keeps
from dfsrt.governor.static_speed import StaticSpeed


@dataclass(frozen=True, slots=True)
class EdfStatic(StaticSpeed):
    """The slowest speed at which the earliest deadline first keeps all deadlines in the worst case.

    The worst case is each workload's largest program at every arrival; the longest layer of others
    is counted, for it is not interrupted. Where no speed is enough the fastest under the cap runs,
    and requests are late, or dropped where ``--drop late`` says so.
    A workload's period is the least time between two of its arrivals; a request without a deadline
    has its period. One with neither, as back to back, is wanted at once: the fastest speed.
    Source: Pillai and Shin, SOSP 2001; the demand test is Baruah's.
    """

    name: ClassVar[str] = "edf-static"
    discipline: ClassVar[str] = "edf"
    keeps = staticmethod(edf_keeps)
