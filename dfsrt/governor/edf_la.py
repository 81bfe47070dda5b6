"""``edf-la``: look-ahead: work is deferred as far as later deadlines allow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dfsrt.governor.deadline_test import edf_keeps
from dfsrt.governor.family import Rule
from dfsrt.governor.static_speed import ChangingSpeed


@dataclass(frozen=True, slots=True)
class EdfLa(ChangingSpeed):
    """Look-ahead: the slowest speed for what must be done by the first deadline, all else deferred.

    From the latest deadline to the earliest, each workload's work is put after the first deadline
    as far as the others leave room there. Late: once a deadline has passed, the fastest under the
    cap runs; ``--drop late`` gives up those whose turn comes too late. On devices where a change
    costs time, it and the longest layer of others are counted with each request. Elsewhere a
    slower speed is left out if those who may come during one of its layers would be late for it.
    A workload's period is the least time between two of its arrivals; a request without a deadline
    has its period. One with neither, as back to back, is wanted at once: the fastest speed.
    Limits: it expects requests on time: one that does not come leaves a slow speed as it is.
    Source: Pillai and Shin, SOSP 2001.
    """

    name: ClassVar[str] = "edf-la"
    discipline: ClassVar[str] = "edf"
    keeps = staticmethod(edf_keeps)
    rule: ClassVar[Rule] = Rule.LA_EDF
